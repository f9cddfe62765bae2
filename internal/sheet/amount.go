package sheet

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"refundctl/internal/money"
	"refundctl/schema/yamltree"
)

// AmountError says why a cell is not an amount, and what to write instead.
type AmountError struct{ Problem, Hint string }

// Error returns the problem.
func (e *AmountError) Error() string { return "amount " + e.Problem }

// Amount reads an amount as people write it: with the currency's sign or code before or after it, with
// Indian or western thousands separators, and with the /- of Indian bills. The amount is exact and
// more than zero. A cell that could mean two amounts is an error; every error is an *AmountError.
func Amount(cell string, c money.Currency) (money.Amount, error) {
	digits, minus, err := number(cell, c)
	switch {
	case err != nil:
		return money.Amount{}, err
	case minus:
		return money.Amount{}, negative()
	}
	return parsed(digits, c)
}

// Signed reads a cell of a bank statement: an amount that Amount accepts, or zero, also with redundant
// zeros, and with a minus before it or parentheses around it. It returns the absolute amount. Every
// error is an *AmountError.
func Signed(cell string, c money.Currency) (amount money.Amount, minus bool, err error) {
	digits, minus, err := number(cell, c)
	if err != nil {
		return money.Amount{}, minus, err
	}
	digits = trimZeros(digits, c)
	if zero.MatchString(digits) {
		return money.Amount{Currency: c}, minus, nil
	}
	amount, err = parsed(digits, c)
	return amount, minus, err
}

var zero = regexp.MustCompile(`^0(\.0+)?$`)

// trimZeros removes redundant zeros.
func trimZeros(digits string, c money.Currency) string {
	whole, frac, _ := strings.Cut(digits, ".")
	for len(whole) > 1 && whole[0] == '0' {
		whole, digits = whole[1:], digits[1:]
	}
	if frac == "" {
		return digits
	}
	for len(frac) > c.Decimals() && strings.HasSuffix(frac, "0") {
		frac = frac[:len(frac)-1]
	}
	if frac == "" {
		return whole
	}
	return whole + "." + frac
}

func parsed(digits string, c money.Currency) (money.Amount, error) {
	amount, err := money.Parse(digits, c)
	var p *money.ParseError
	if !errors.As(err, &p) {
		return amount, err
	}
	hint := "write an amount such as 1149.75"
	if p.Instead != "" {
		hint = "write " + p.Instead
	}
	return money.Amount{}, &AmountError{p.Problem, hint}
}

// number returns the digits and the decimal point, without currency signs, thousands separators, minus
// and parentheses.
func number(cell string, c money.Currency) (digits string, minus bool, err error) {
	text := trim(cell)
	if inner, open := strings.CutPrefix(text, "("); open && strings.HasSuffix(inner, ")") {
		text, minus = trim(strings.TrimSuffix(inner, ")")), true
	}
	if !minus {
		text, minus = cutMinus(text)
	}
	text = trimSigns(text, c)
	if !minus {
		text, minus = cutMinus(text)
	}
	if wrong := oddBlank(cell, text); wrong != nil {
		return "", minus, wrong
	}
	if wrong := check(text, c); wrong != nil {
		return "", minus, wrong
	}
	return strings.ReplaceAll(text, ",", ""), minus, nil
}

// oddBlank names a character between the digits that cannot be seen. The position is counted in the cell.
func oddBlank(cell, text string) *AmountError {
	r, position := yamltree.FindBlank(text)
	if r < 0 {
		return nil
	}
	before, _, _ := strings.Cut(cell, text)
	return &AmountError{fmt.Sprintf("contains %s, as character %d", yamltree.NameBlank(r), utf8.RuneCountInString(before)+position), "remove it"}
}

func cutMinus(text string) (string, bool) {
	for _, sign := range []string{"-", "\u2212"} {
		if rest, has := strings.CutPrefix(text, sign); has {
			return trim(rest), true
		}
	}
	return text, false
}

func negative() *AmountError {
	return &AmountError{"is negative or not a number", "write the amount to refund without a sign, or remove the row"}
}

// trimSigns removes the currency's signs before and after a number.
func trimSigns(cell string, c money.Currency) string {
	text := trim(cell)
	for _, sign := range signs(c) {
		if n := len(sign); len(text) >= n && strings.EqualFold(text[:n], sign) {
			text = trim(text[n:])
			break
		}
	}
	text = trim(strings.TrimSuffix(text, "/-"))
	for _, sign := range signs(c) {
		if n := len(text) - len(sign); n >= 0 && strings.EqualFold(text[n:], sign) {
			return trim(text[:n])
		}
	}
	return text
}

// signs returns what people write for a currency.
func signs(c money.Currency) []string {
	if c == money.INR {
		return []string{"₹", "rs.", "rs", "inr"}
	}
	return []string{string(c)}
}

// containsSign reports whether a sign is left after trimSigns: then there is one too many.
func containsSign(text string, c money.Currency) bool {
	return slices.ContainsFunc(signs(c), func(sign string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(sign)) })
}

// isWord reports whether a rune is a letter or a currency sign.
func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.Sc, r) }

func trim(text string) string { return strings.TrimFunc(text, unicode.IsSpace) }

var (
	indian  = regexp.MustCompile(`^[0-9]{1,2}(,[0-9]{2})*,[0-9]{3}$`)
	western = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})+$`)
	comma   = regexp.MustCompile(`^([0-9]+|[0-9]{1,3}(\.[0-9]{3})+),([0-9]{1,2})$`)
)

// check rejects what spreadsheets write and a refund cannot be, and ambiguous commas.
func check(text string, c money.Currency) *AmountError {
	whole, _, point := strings.Cut(text, ".")
	switch {
	case Shortened(text):
		return &AmountError{"was converted to scientific notation", "format the column as a number with two decimals and export the sheet again"}
	case strings.ContainsAny(text, "-−()"):
		return negative()
	case comma.MatchString(text):
		m := comma.FindStringSubmatch(text)
		return &AmountError{"has a comma that could be a decimal point or a thousands separator", fmt.Sprintf("write %s.%s if that is what you mean", strings.ReplaceAll(m[1], ".", ""), m[3])}
	case strings.HasSuffix(text, "%"):
		return &AmountError{"is a percentage", "write the amount to refund in " + string(c)}
	case containsSign(text, c):
		return &AmountError{"has two currency signs", "keep one or none"}
	case strings.Contains(text, ",") && strings.ContainsFunc(text, isWord):
		return &AmountError{"contains more than a number", "write an amount such as 1149.75"}
	case !strings.Contains(text, ","):
		return nil
	case !indian.MatchString(whole) && !western.MatchString(whole) || strings.Count(text, ",") > strings.Count(whole, ","):
		return &AmountError{"has thousands separators in the wrong places", "write it without them"}
	case c.Decimals() == 3 && !point:
		return &AmountError{"has a comma that could be a decimal point or a thousands separator", "write it without thousands separators"}
	}
	return nil
}
