package sheet_test

import (
	"errors"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"refundctl/internal/money"
	"refundctl/internal/sheet"
)

func TestAmount_AsPeopleWriteIt(t *testing.T) {
	for text, want := range map[string]string{
		"1149.75": "1149.75", "1,20,450.00": "120450.00", "120,450.00": "120450.00", "₹1,149.75": "1149.75", "₹ 1,149.75": "1149.75", "Rs. 1149.75": "1149.75",
		"Rs.1149.75": "1149.75", "rs 1149": "1149.00", "RS.5": "5.00", "INR 1149.75": "1149.75", "1149.75 INR": "1149.75", "inr1149.75": "1149.75", "1149/-": "1149.00",
		"Rs. 1,149/-": "1149.00", " 299 ": "299.00", "\u00a0299.5\u202f": "299.50", "1,00,00,000": "10000000.00", "10,000,000.01": "10000000.01", "0.05": "0.05",
		"12,345": "12345.00", "1,234": "1234.00", "99,999.99": "99999.99", "1,149.75₹": "1149.75",
	} {
		got, err := sheet.Amount(text, money.INR)
		if err != nil || got.String() != want {
			t.Errorf("%q is %s, %v; want %s", text, got, err, want)
		}
	}
}

func TestAmount_RejectsWhatIsAmbiguousOrNoAmount(t *testing.T) {
	for text, want := range map[string]struct{ problem, hint string }{
		"1,2,3":                 {"thousands separators in the wrong places", "without them"},
		"1,20,45":               {"thousands separators in the wrong places", "without them"},
		"12,34,56":              {"thousands separators in the wrong places", "without them"},
		"1,2345":                {"thousands separators in the wrong places", "without them"},
		"1234,567":              {"thousands separators in the wrong places", "without them"},
		",123":                  {"thousands separators in the wrong places", "without them"},
		"1,,234":                {"thousands separators in the wrong places", "without them"},
		"1,234.5,6":             {"thousands separators in the wrong places", "without them"},
		"1149,75":               {"could be a decimal point", "write 1149.75 if"},
		"1,5":                   {"could be a decimal point", "write 1.5 if"},
		"1.149,75":              {"could be a decimal point", "write 1149.75 if"},
		"-5":                    {"is negative", "without a sign"},
		"−5":                    {"is negative", "without a sign"},
		"₹-5":                   {"is negative", "without a sign"},
		"(5.00)":                {"is negative", "without a sign"},
		"5-":                    {"is negative", "without a sign"},
		"-":                     {"is negative or not a number", "without a sign"},
		"+5":                    {"must have no sign", "1149.75"},
		"0":                     {"must be more than zero", ""},
		"0.00":                  {"must be more than zero", ""},
		"₹0":                    {"must be more than zero", ""},
		"":                      {"is empty", ""},
		"₹":                     {"is empty", ""},
		"1\u00a0500.00":         {"contains U+00A0, a kind of space, as character 2", "remove it"},
		"₹\u00a01,149\u202f.75": {"contains U+202F, a kind of space, as character 8", "remove it"},
		"1\u200b5":              {"contains U+200B, which is invisible, as character 2", "remove it"},
		"1.5E+05":               {"scientific notation", "format the column as a number"},
		"1.5E-05":               {"scientific notation", "format the column as a number"},
		"1,5E+05":               {"scientific notation", "format the column as a number"},
		"1e3":                   {"exponent", ""},
		"1149.755":              {"has 3 decimals", ""},
		"1,149.7500":            {"has 4 decimals", ""},
		"010.50":                {"must not begin with a zero", "write 10.50"},
		"0,100":                 {"must not begin with a zero", ""},
		".5":                    {"digit before the point", "write 0.5"},
		"10.":                   {"digit after the point", "write 10"},
		"1 149.75":              {"is not a number", ""},
		"$5":                    {"is not a number", ""},
		"5 USD":                 {"is not a number", ""},
		"five":                  {"is not a number", ""},
		"१२":                    {"is not a number", ""},
		"5%":                    {"is a percentage", "write the amount to refund"},
		"₹₹5":                   {"has two currency signs", "keep one or none"},
		"Rs. ₹7,584.14":         {"has two currency signs", "keep one or none"},
		"INR 7,584.14 rs ₹":     {"has two currency signs", "keep one or none"},
		"$7,584.14":             {"contains more than a number", "write an amount such as 1149.75"},
		"7,584.14 CR":           {"contains more than a number", "write an amount such as 1149.75"},
		"12,50 %":               {"is a percentage", "write the amount to refund"},
		"92233720368547758.08":  {"is larger than any amount", ""},
	} {
		got, err := sheet.Amount(text, money.INR)
		var refusal *sheet.AmountError
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Problem, want.problem) || !strings.Contains(refusal.Hint, want.hint) || got != (money.Amount{}) {
			t.Errorf("%q is %v, %+v; want %+v", text, got, refusal, want)
		}
	}
	if got, err := sheet.Amount("1,149", "BHD"); err == nil {
		t.Errorf("of a currency with three decimals 1,149 is %s", got)
	}
}

func TestSigned(t *testing.T) {
	for _, one := range []struct {
		cell  string
		c     money.Currency
		want  string
		minus bool
	}{
		{"₹ 1,20,450.00", money.INR, "120450.00", false}, {"0", money.INR, "0.00", false}, {"0.00", money.INR, "0.00", false}, {"-0", money.INR, "0.00", true},
		{"0100", money.INR, "100.00", false}, {"1149.7500", money.INR, "1149.75", false}, {"5.00", "JPY", "5", false}, {"0.00", "JPY", "0", false},
		{"-5", money.INR, "5.00", true}, {"−5", money.INR, "5.00", true}, {"- 5", money.INR, "5.00", true}, {"₹-5", money.INR, "5.00", true},
		{"-₹5", money.INR, "5.00", true}, {"(₹5)", money.INR, "5.00", true}, {"USD 1,234.50", "USD", "1234.50", false},
	} {
		got, minus, err := sheet.Signed(one.cell, one.c)
		if err != nil || got.String() != one.want || got.Currency != one.c || minus != one.minus {
			t.Errorf("%q is %s %s, %t, %v; want %+v", one.cell, got, got.Currency, minus, err, one)
		}
	}
	for _, cell := range []string{"", "-", "()", "(5", "--5", "-(5)", "(-5)", "5-", "+5", "1,50", "5.", "0.", ".5", ".0", "1.005", "1 149.75", "₹5 USD", "1e3"} {
		got, _, err := sheet.Signed(cell, money.INR)
		var refusal *sheet.AmountError
		if !errors.As(err, &refusal) || got != (money.Amount{}) {
			t.Errorf("%q is %s, %v", cell, got, err)
		}
	}
	if got, _, err := sheet.Signed("₹5", "USD"); err == nil {
		t.Errorf("rupees are read as %s dollars", got)
	}
}

// written matches every amount in rupees that is accepted. It shares no code with the reader.
var written = regexp.MustCompile(`^(?i:₹|rs\.?|inr)?[\s\p{Zs}]*([0-9]+|[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}|[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]{1,2})?[\s\p{Zs}]*(?:/-)?[\s\p{Zs}]*(?i:₹|rs\.?|inr)?$`)

// checkAmount compares one reading with exact rational numbers.
func checkAmount(t *testing.T, cell string) {
	got, err := sheet.Amount(cell, money.INR)
	if same, minus, _ := sheet.Signed(cell, money.INR); err == nil && (same != got || minus) {
		t.Fatalf("%q is %s, and in a statement %s, %t", cell, got, same, minus)
	}
	m := written.FindStringSubmatch(strings.TrimSpace(cell))
	if m == nil {
		if err == nil {
			t.Fatalf("%q is read as %s", cell, got)
		}
		return
	}
	digits := strings.ReplaceAll(m[1], ",", "") + m[2]
	want, ok := new(big.Rat).SetString(digits)
	if !ok {
		t.Fatalf("%q is no number for the oracle", digits)
	}
	want.Mul(want, big.NewRat(100, 1))
	readable := want.Sign() > 0 && want.Num().IsInt64() && (digits[0] != '0' || len(digits) == 1 || digits[1] == '.')
	if readable != (err == nil) || readable && want.Cmp(new(big.Rat).SetInt64(got.Minor)) != 0 {
		t.Fatalf("%q is read as %s, %v; the oracle has %s", cell, got, err, want.RatString())
	}
}

func FuzzAmount(f *testing.F) {
	for _, text := range []string{"1149.75", "1,20,450.00", "₹1,149.75", "Rs. 1149/-", "1,2,3", "1149,75", "-5", "1.5E+05", "0", "INR 5 INR", "0,100", "92233720368547758.08",
		"Rs.", "rs..5", "12,34,567.5 ₹", "/-", "5/-/-"} {
		f.Add(text)
	}
	f.Fuzz(checkAmount)
}
