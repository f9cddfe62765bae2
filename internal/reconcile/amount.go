package reconcile

import (
	"errors"
	"fmt"
	"strings"

	"refundctl/internal/money"
)

// amount fills in the line's money and its way. It returns false where it cannot be read.
func (b *bankReader) amount(get func(string) string, l *Line) bool {
	column := b.columns["amount"] + 1
	currency := money.INR
	if code := get("currency"); code != "" {
		c, err := money.ParseCurrency(strings.ToUpper(code))
		if err != nil {
			b.problem(l.Row, b.columns["currency"]+1, "currency", err.Error(), "write it as INR")
			return false
		}
		currency = c
	}
	text, minus, err := unsigned(get("amount"))
	if err == nil {
		l.Amount, err = parse(text, currency)
	}
	if err != nil {
		b.problem(l.Row, column, "amount", fmt.Sprintf("the amount %q %v", get("amount"), err), "write it as 1149.75 or 1,20,450.00")
		return false
	}
	l.Back, err = b.way(get, minus, l.Row)
	if err != nil {
		b.problem(l.Row, column, "way", err.Error(), "write DEBIT for what went out and CREDIT for what came back")
		return false
	}
	return true
}

// way tells whether the money came back. Where no column says so it went out, with or without a minus.
func (b *bankReader) way(get func(string) string, minus bool, row int) (back bool, err error) {
	back = strings.Contains(strings.ToUpper(get("event_type")), "REVERS")
	sale := get("sale_type")
	switch strings.ToUpper(letters(sale)) {
	case "DEBIT", "DR", "D":
		return back, nil
	case "CREDIT", "CR", "C":
		if minus {
			return false, errors.New("a CREDIT has a minus")
		}
		return true, nil
	case "":
	default:
		return false, fmt.Errorf("%q is neither DEBIT nor CREDIT", sale)
	}
	i := 0
	if minus {
		i = 1
	}
	if b.signs[i] == 0 && !back {
		b.signs[i] = row
	}
	return back, nil
}

// unsigned takes the currency's sign off an amount, and the minus before or behind it or its brackets.
func unsigned(text string) (digits string, minus bool, err error) {
	text = strings.Join(strings.Fields(text), "")
	if inner, open := strings.CutPrefix(text, "("); open {
		inner, closed := strings.CutSuffix(inner, ")")
		if !closed {
			return "", false, errors.New("has a bracket that is not closed")
		}
		text, minus = inner, true
	}
	for _, sign := range []string{"-", "\u2212"} {
		if rest, has := strings.CutPrefix(text, sign); has && !minus {
			text, minus = rest, true
		}
	}
	for _, sign := range []string{"₹", "Rs.", "Rs", "INR"} {
		if len(text) >= len(sign) && strings.EqualFold(text[:len(sign)], sign) {
			text = text[len(sign):]
			break
		}
	}
	if rest, has := strings.CutPrefix(text, "-"); has && !minus {
		text, minus = rest, true
	}
	return text, minus, nil
}

// parse reads digits with the marks of India or of elsewhere, exactly. What could be two amounts is none.
func parse(text string, c money.Currency) (money.Amount, error) {
	if text == "" {
		return money.Amount{}, errors.New("is empty")
	}
	if strings.ContainsAny(text, "eE") {
		return money.Amount{}, errors.New("was rounded by a spreadsheet")
	}
	whole, frac, point := strings.Cut(text, ".")
	if strings.Contains(whole, ",") {
		if !grouped(whole) {
			return money.Amount{}, errors.New("has commas that group nothing")
		}
		whole = strings.ReplaceAll(whole, ",", "")
	}
	if strings.Trim(whole+frac, "0123456789") != "" || whole == "" || point && frac == "" {
		return money.Amount{}, errors.New("is not a number")
	}
	whole = strings.TrimLeft(whole[:len(whole)-1], "0") + whole[len(whole)-1:]
	if point {
		whole += "." + frac
	}
	a, err := money.ParseNumber(whole, c)
	if err != nil {
		return money.Amount{}, fmt.Errorf("does not fit: %w", err)
	}
	return a, nil
}

// grouped tells whether the commas stand after groups of three, or of two and at the end three.
func grouped(whole string) bool {
	groups := strings.Split(whole, ",")
	last := len(groups) - 1
	if len(groups[last]) != 3 || groups[0] == "" || len(groups[0]) > 3 {
		return false
	}
	for _, width := range []int{2, 3} {
		fits := len(groups[0]) <= width || last == 0
		for _, g := range groups[1:last] {
			fits = fits && len(g) == width
		}
		if fits {
			return true
		}
	}
	return false
}
