package schema

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"refundctl/internal/diag"
	"refundctl/internal/money"
)

func (d finding) badType() {
	hint := d.example()
	switch {
	case firstType(d.rule) == "array" && d.value.Kind == mappingNode:
		hint = "begin each entry of the list with - and a space"
	case firstType(d.rule) == "string" && isTruth(d.value):
		hint = quoteHint
	}
	d.out.add(d.value, codeType, fmt.Sprintf("%s must be %s, not %s", d.name(), d.what(), written(d.value)), hint)
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
	d.out.add(d.value, codeLength, fmt.Sprintf("%s has %d characters, it must have %d to %d", d.name(), n, least, most), hint)
}

// inCurrency is the currency next to an amount; otherwise that of the whole.
func (d finding) inCurrency() money.Currency {
	if d.key != nil { // an amount under its currency
		if c, err := money.ParseCurrency(d.key.Value); err == nil {
			return c
		}
	}
	if d.holder == nil || d.holder.Kind != mappingNode {
		return d.currency
	}
	for _, field := range []string{"refund_currency", "order_currency", "payment_currency"} {
		if _, v := child(d.holder, field); v != nil {
			return currencyOf(target(v))
		}
	}
	return d.currency
}

// badAmount lets the money package say what is wrong with the digits. It reports whether there was
// something to say.
func (d finding) badAmount() bool {
	var p *money.ParseError
	c := d.inCurrency()
	_, err := money.Parse(d.value.Value, c)
	switch {
	case d.keyword == "minProperties":
		d.out.add(d.value, codeAmount, d.name()+" needs an amount for at least one currency", d.example())
	case d.value.Kind != scalarNode:
		d.out.add(d.value, codeAmount, fmt.Sprintf("%s must be an amount, not %s", d.name(), written(d.value)), d.example())
	case errors.As(err, &p):
		d.out.add(d.value, codeAmount, d.name()+" "+p.Problem, amountHint(d.prefix(), p, c))
	default:
		return false
	}
	return true
}

// amountHint offers the spelling that was probably meant only where it would itself be read.
func amountHint(prefix string, p *money.ParseError, c money.Currency) string {
	if _, err := money.Parse(p.Instead, c); err == nil {
		return "write " + prefix + p.Instead
	}
	if c.Decimals() == 0 {
		return "write an amount such as 1150"
	}
	return "write an amount such as 1149.75"
}

func (d finding) badWord() {
	if strings.HasSuffix(d.name(), "currency") {
		d.badCurrency()
		return
	}
	var words []string
	for _, w := range d.rule.Enum {
		words = append(words, fmt.Sprint(w))
	}
	hint := "write " + d.prefix() + listed(words)
	if near := diag.Nearest(d.value.Value, words); near != "" {
		hint = "did you mean " + near + "?"
	}
	d.out.add(d.value, codeValue, fmt.Sprintf("%s cannot be %s", d.name(), shown(d.value.Value)), hint)
}

func (d finding) badCurrency() {
	message := d.name() + " is not " + d.what()
	if text := d.value.Value; len(text) == 3 && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		message = fmt.Sprintf("%s %s is not a currency of ISO 4217", d.name(), text)
	}
	d.out.add(d.value, codeCurrency, message, currencyHint(d.prefix(), d.value.Value))
}

func (d finding) badPattern() {
	if d.value.Value == "" && d.rule.MinLength > 0 {
		d.empty() // as its length says
		return
	}
	if isID(d.rule) {
		badCharacters(d.out, d.name(), d.value)
		return
	}
	message := d.name() + " is not " + d.what()
	if strings.TrimSpace(d.value.Value) == "" {
		message = d.name() + " is blank"
	}
	d.out.add(d.value, codeFormat, message, d.example())
}
