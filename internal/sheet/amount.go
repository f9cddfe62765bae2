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
	text := bare(cell, c)
	if refusal := odd(text, c); refusal != nil {
		return money.Amount{}, refusal
	}
	amount, err := money.Parse(strings.ReplaceAll(text, ",", ""), c)
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
	case exponent.MatchString(text):
		return &AmountError{"was turned into a number with an exponent", "format the column as a number with two decimals, and export the sheet again"}
	case strings.ContainsAny(text, "-−()"):
		return &AmountError{"is negative, or no number", "write how much goes back, without a sign, or take the row out"}
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
