package sheet

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"refundctl/internal/money"
)

// AmountError says why a cell is no amount and what to write instead.
type AmountError struct{ Problem, Hint string }

// Error is the problem.
func (e *AmountError) Error() string { return "amount " + e.Problem }

// Amount reads a cell as people write amounts: with the currency's sign or code before or behind it,
// with Indian or western thousands marks, and with the /- of Indian bills. What could mean two
// amounts is refused. It is exact and more than zero; every refusal is an *AmountError.
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

// Signed reads a cell of a statement: an amount as Amount has it, or zero, with zeros before and behind
// it that say nothing, and with a minus before it or brackets around it. The amount is the one without
// the minus; every refusal is an *AmountError.
func Signed(cell string, c money.Currency) (amount money.Amount, minus bool, err error) {
	digits, minus, err := number(cell, c)
	if err != nil {
		return money.Amount{}, minus, err
	}
	digits = needed(digits, c)
	if zero.MatchString(digits) {
		return money.Amount{Currency: c}, minus, nil
	}
	amount, err = parsed(digits, c)
	return amount, minus, err
}

var zero = regexp.MustCompile(`^0(\.0+)?$`)

// needed are the digits without zeros that say nothing.
func needed(digits string, c money.Currency) string {
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

// number is what stands between the currency's signs, without its thousands marks and its minus or brackets.
func number(cell string, c money.Currency) (digits string, minus bool, err error) {
	text := trim(cell)
	if inner, open := strings.CutPrefix(text, "("); open && strings.HasSuffix(inner, ")") {
		text, minus = trim(strings.TrimSuffix(inner, ")")), true
	}
	if !minus {
		text, minus = cutMinus(text)
	}
	text = bare(text, c)
	if !minus {
		text, minus = cutMinus(text)
	}
	if refusal := odd(text, c); refusal != nil {
		return "", minus, refusal
	}
	return strings.ReplaceAll(text, ",", ""), minus, nil
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
	return &AmountError{"is negative, or no number", "write how much goes back, without a sign, or take the row out"}
}

// bare is what stands between the currency's signs.
func bare(cell string, c money.Currency) string {
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

// signs are what people write for a currency.
func signs(c money.Currency) []string {
	if c == money.INR {
		return []string{"₹", "rs.", "rs", "inr"}
	}
	return []string{string(c)}
}

// signed tells whether what is bare has a sign of the currency left: one more than an amount has.
func signed(text string, c money.Currency) bool {
	return slices.ContainsFunc(signs(c), func(sign string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(sign)) })
}

// wordy tells what is neither a digit nor a mark between digits.
func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.Sc, r) }

func trim(text string) string { return strings.TrimFunc(text, unicode.IsSpace) }

var (
	indian  = regexp.MustCompile(`^[0-9]{1,2}(,[0-9]{2})*,[0-9]{3}$`)
	western = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})+$`)
	comma   = regexp.MustCompile(`^([0-9]+|[0-9]{1,3}(\.[0-9]{3})+),([0-9]{1,2})$`)
)

// odd finds what spreadsheets write and a refund cannot be, and commas of which nobody knows what they
// stand for.
func odd(text string, c money.Currency) *AmountError {
	whole, _, point := strings.Cut(text, ".")
	switch {
	case Shortened(text):
		return &AmountError{"was turned into a number with an exponent", "format the column as a number with two decimals, and export the sheet again"}
	case strings.ContainsAny(text, "-−()"):
		return negative()
	case comma.MatchString(text):
		m := comma.FindStringSubmatch(text)
		return &AmountError{"has a comma that may be a decimal point or a thousands mark", fmt.Sprintf("write %s.%s if that is meant", strings.ReplaceAll(m[1], ".", ""), m[3])}
	case strings.HasSuffix(text, "%"):
		return &AmountError{"is a percentage", "write how much goes back, in " + string(c)}
	case signed(text, c):
		return &AmountError{"has two currency signs", "keep one of them, or none"}
	case strings.Contains(text, ",") && strings.ContainsFunc(text, wordy):
		return &AmountError{"holds more than a number", "write an amount such as 1149.75"}
	case !strings.Contains(text, ","):
		return nil
	case !indian.MatchString(whole) && !western.MatchString(whole) || strings.Count(text, ",") > strings.Count(whole, ","):
		return &AmountError{"has thousands marks where none belong", "write it without them"}
	case c.Decimals() == 3 && !point:
		return &AmountError{"has a comma that may be a decimal point or a thousands mark", "write it without thousands marks"}
	}
	return nil
}
