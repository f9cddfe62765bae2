package schema

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/schema/yamltree"
)

func (d finding) badType() {
	hint := d.example()
	switch {
	case firstType(d.rule) == "array" && d.value.Kind == yamltree.MappingNode:
		hint = "begin each entry of the list with - and a space"
	case firstType(d.rule) == "string" && yamltree.IsBool(d.value):
		hint = yamltree.QuoteHint
	}
	d.out.Error(d.value, CodeType, fmt.Sprintf("%s must be %s, not %s", d.name(), d.expected(), actual(d.value)), hint)
}

func (d finding) badLength() {
	least, most, n := max(d.rule.MinLength, 0), d.rule.MaxLength, utf8.RuneCountInString(d.value.Value)
	if n == 0 {
		d.empty()
		return
	}
	hint := d.example()
	if n > most {
		hint = fmt.Sprintf("shorten it to at most %d characters", most)
	}
	has := fmt.Sprintf("%d characters", n)
	if n == 1 {
		has = "1 character"
	}
	d.out.Error(d.value, CodeLength, fmt.Sprintf("%s has %s; it must have %d to %d", d.name(), has, least, most), hint)
}

// amountCurrency is the currency written next to an amount, or else the one of the document.
func (d finding) amountCurrency() money.Currency {
	if d.key != nil { // an amount under its currency
		if c, err := money.ParseCurrency(d.key.Value); err == nil {
			return c
		}
	}
	if d.holder == nil || d.holder.Kind != yamltree.MappingNode {
		return d.currency
	}
	for _, field := range []string{"refund_currency", "order_currency", "payment_currency"} {
		if _, v := yamltree.Child(d.holder, field); v != nil {
			return currencyOf(yamltree.Resolve(v))
		}
	}
	return d.currency
}

// badAmount reports what package money finds wrong with the digits. The result says whether anything is.
func (d finding) badAmount() bool {
	var p *money.ParseError
	c := d.amountCurrency()
	_, err := money.Parse(d.value.Value, c)
	switch {
	case d.keyword == "minProperties":
		d.out.Error(d.value, CodeAmount, d.name()+" needs an amount for at least one currency", d.example())
	case d.value.Kind != yamltree.ScalarNode:
		d.out.Error(d.value, CodeAmount, fmt.Sprintf("%s must be an amount, not %s", d.name(), actual(d.value)), d.example())
	case errors.As(err, &p):
		d.out.Error(d.value, CodeAmount, d.name()+" "+p.Problem, amountHint(d.prefix(), p, c))
	default:
		return false
	}
	return true
}

// amountHint offers the spelling that was probably meant, but only if it is valid.
func amountHint(prefix string, p *money.ParseError, c money.Currency) string {
	if _, err := money.Parse(p.Instead, c); err == nil {
		return "write " + prefix + p.Instead
	}
	if c.Decimals() == 0 {
		return "write an amount such as 1150"
	}
	return "write an amount such as 1149.75"
}

func (d finding) badEnum() {
	if strings.HasSuffix(d.name(), "currency") {
		d.badCurrency()
		return
	}
	var words []string
	for _, w := range d.rule.Enum {
		words = append(words, fmt.Sprint(w))
	}
	hint := "write " + d.prefix() + orList(words)
	if near := diag.Nearest(d.value.Value, words); near != "" {
		hint = "did you mean " + near + "?"
	}
	d.out.Error(d.value, CodeValue, fmt.Sprintf("%s cannot be %s", d.name(), yamltree.Printable(d.value.Value)), hint)
}

func (d finding) badCurrency() {
	message := d.name() + " is not " + d.expected()
	if text := d.value.Value; len(text) == 3 && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		message = fmt.Sprintf("%s %s is not an ISO 4217 currency", d.name(), text)
	}
	d.out.Error(d.value, CodeCurrency, message, currencyHint(d.prefix(), d.value.Value))
}

func (d finding) badPattern() {
	if d.value.Value == "" && d.rule.MinLength > 0 {
		d.empty()
		return
	}
	if isID(d.rule) {
		badCharacters(d.out, d.name(), d.value)
		return
	}
	message := d.name() + " is not " + d.expected()
	if strings.TrimSpace(d.value.Value) == "" {
		message = d.name() + " is blank"
	}
	d.out.Error(d.value, CodeFormat, message, d.example())
}
