// Package money contains exact amounts: a whole number of minor units and a currency.
//
// It never uses floating point and never rounds: a number that does not fit is an error. Every package
// that handles an amount uses it. It knows nothing about refunds, files or the API.
package money

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// ErrOverflow is returned if a sum is out of the range of int64 minor units.
var ErrOverflow = errors.New("amount out of range")

// ErrMixed is returned if the amounts to add have different currencies.
var ErrMixed = errors.New("amounts of different currencies cannot be added")

// Amount is a number of minor units (paise for INR) of a currency. The zero value is no money, without a
// currency.
type Amount struct {
	Minor    int64
	Currency Currency
}

// ParseError says why a written amount is refused and, if known, what to write instead.
type ParseError struct {
	Text    string
	Problem string
	Instead string
}

// Error quotes the text, so that control characters in it stay harmless.
func (e *ParseError) Error() string { return fmt.Sprintf("amount %q %s", e.Text, e.Problem) }

// Parse reads an amount from a manifest, in major units: digits without a leading zero and, if the
// currency has decimals, a point and at most that many decimals. The amount must be more than zero. Every
// error is a *ParseError.
func Parse(text string, c Currency) (Amount, error) {
	if problem, instead := spelling(text, c); problem != "" {
		return Amount{}, &ParseError{Text: text, Problem: problem, Instead: offer(instead, c)}
	}
	whole, frac, _ := strings.Cut(text, ".")
	minor, err := strconv.ParseInt(whole+frac+strings.Repeat("0", c.Decimals()-len(frac)), 10, 64)
	switch {
	case err != nil || minor == math.MaxInt64:
		return Amount{}, &ParseError{Text: text, Problem: "is larger than any amount that can be refunded"}
	case minor == 0:
		return Amount{}, &ParseError{Text: text, Problem: "must be more than zero"}
	}
	return Amount{minor, c}, nil
}

// ParseNumber reads a JSON number from an API answer, in major units, such as 200, 1.00 or 2E2. It refuses
// negative numbers and numbers with more decimals than the currency.
func ParseNumber(text string, c Currency) (Amount, error) {
	const longest = 40
	if len(text) > longest || !smallExponent(text) {
		return Amount{}, fmt.Errorf("amount in the answer is not readable (%d characters)", len(text))
	}
	r, ok := new(big.Rat).SetString(text) // accepts more than JSON: 1/2, 0b11, .5
	if !ok || !json.Valid([]byte(text)) || r.Sign() < 0 {
		return Amount{}, fmt.Errorf("amount %q in the answer is not a plain number", text)
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(c.Decimals())), nil)
	r.Mul(r, new(big.Rat).SetInt(scale))
	if !r.IsInt() {
		return Amount{}, fmt.Errorf("amount %q in the answer has more decimals than %s", text, c)
	}
	if !r.Num().IsInt64() || r.Num().Int64() == math.MaxInt64 {
		return Amount{}, ErrOverflow
	}
	return Amount{r.Num().Int64(), c}, nil
}

// smallExponent protects big.Rat, which builds a number with as many digits as the exponent says.
func smallExponent(text string) bool {
	i := strings.IndexAny(text, "eE")
	if i < 0 {
		return true
	}
	exp, err := strconv.Atoi(text[i+1:])
	return err == nil && -30 <= exp && exp <= 30
}

// Largest represents every sum that is out of range. No amount that is read has this value.
func Largest(c Currency) Amount { return Amount{math.MaxInt64, c} }

// Uncountable reports whether a is Largest.
func (a Amount) Uncountable() bool { return a.Minor == math.MaxInt64 }

// Plus returns a + b, two amounts of one currency, or Largest if the sum is out of range. Largest plus
// anything is Largest.
func (a Amount) Plus(b Amount) Amount {
	sum, err := a.Add(b)
	switch {
	case a.Uncountable():
		return a
	case b.Uncountable(), err != nil:
		return Largest(b.Currency)
	}
	return sum
}

// Add returns a + b, ErrMixed, or ErrOverflow. The zero value is neutral.
func (a Amount) Add(b Amount) (Amount, error) {
	switch {
	case a == Amount{}:
		return b, nil
	case b == Amount{}:
		return a, nil
	case a.Currency != b.Currency:
		return Amount{}, ErrMixed
	case b.Minor > 0 && a.Minor > math.MaxInt64-b.Minor, b.Minor < 0 && a.Minor < math.MinInt64-b.Minor:
		return Amount{}, ErrOverflow
	}
	return Amount{a.Minor + b.Minor, a.Currency}, nil
}

// Sub returns a - b under the rules of Add; the result may be negative.
func (a Amount) Sub(b Amount) (Amount, error) {
	if b.Minor == math.MinInt64 {
		return Amount{}, ErrOverflow
	}
	return a.Add(Amount{-b.Minor, b.Currency})
}

// String returns the amount in major units with all decimals of its currency: 1149.75. Requests, ledger
// and plans use this form.
func (a Amount) String() string {
	sign, whole, frac := a.parts()
	if frac == "" {
		return sign + whole
	}
	return sign + whole + "." + frac
}

// Human returns the amount for people: ₹1,20,450.00 in INR, JPY 1,200 in other currencies. Largest is
// "more than" the amount below it.
func (a Amount) Human() string {
	if a.Uncountable() {
		return "more than " + Amount{a.Minor - 1, a.Currency}.Human()
	}
	sign, whole, frac := a.parts()
	if frac != "" {
		frac = "." + frac
	}
	if a.Currency == INR {
		return sign + "₹" + group(whole, 2) + frac
	}
	return strings.TrimSpace(string(a.Currency) + " " + sign + group(whole, 3) + frac)
}

func (a Amount) parts() (sign, whole, frac string) {
	digits := strconv.FormatInt(a.Minor, 10)
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	d := a.Currency.Decimals()
	if len(digits) <= d {
		digits = strings.Repeat("0", d-len(digits)+1) + digits
	}
	return sign, digits[:len(digits)-d], digits[len(digits)-d:]
}

// Grouped returns a count with the commas of an INR amount: 1,20,450.
func Grouped(n int) string { return group(strconv.Itoa(n), 2) }

// group inserts commas: before the last three digits, and before each group of every digits to their left.
func group(whole string, every int) string {
	if len(whole) <= 3 {
		return whole
	}
	head, tail := whole[:len(whole)-3], whole[len(whole)-3:]
	for len(head) > every {
		tail = head[len(head)-every:] + "," + tail
		head = head[:len(head)-every]
	}
	return head + "," + tail
}
