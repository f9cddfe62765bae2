package reconcile

import (
	"errors"
	"fmt"
	"strings"

	"refundctl/internal/money"
	"refundctl/internal/sheet"
)

// amount fills in the line's money and its direction. It returns false if they cannot be read.
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
	amount, minus, err := sheet.Signed(get("amount"), currency)
	if err != nil {
		b.problem(l.Row, column, "amount", fmt.Sprintf("the %v: %q", err, get("amount")), "write it as 1149.75 or 1,20,450.00")
		return false
	}
	l.Amount = amount
	l.Back, err = b.direction(get, minus, l.Row)
	if err != nil {
		b.problem(l.Row, column, "way", err.Error(), "write DEBIT for money that went out and CREDIT for money that came back")
		return false
	}
	return true
}

// direction reports whether the money came back. If no column says so it went out, with or without a minus.
func (b *bankReader) direction(get func(string) string, minus bool, row int) (back bool, err error) {
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
