package money

import (
	"errors"
	"flag"
	"math"
	"os"
	"testing"
)

// TestMain gives the property tests the same seed in every run; -rapid.seed chooses another.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "1"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestParseReadsTheDigitsAsWritten(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency Currency
		minor    int64
	}{
		{"1149.75", INR, 114975},
		{"299", INR, 29900},
		{"299.5", INR, 29950},
		{"0.05", INR, 5},
		{"0.5", INR, 50},
		{"1200", "JPY", 1200},
		{"1.234", "BHD", 1234},
		{"1.2", "BHD", 1200},
		{"131072.01", INR, 13107201},
		{"92233720368547758.06", INR, math.MaxInt64 - 1},
		{"9223372036854775806", "JPY", math.MaxInt64 - 1},
	} {
		got, err := Parse(c.text, c.currency)
		if err != nil || got != (Amount{c.minor, c.currency}) {
			t.Errorf("Parse(%q, %s) = %v, %v; want %d minor units", c.text, c.currency, got, err, c.minor)
		}
	}
}

func TestParseErrorsSuggestACorrection(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency Currency
		problem  string
		instead  string
	}{
		{"", INR, "is empty", ""},
		{"0", INR, "must be more than zero", ""},
		{"0.00", INR, "must be more than zero", ""},
		{"010.50", INR, "must not begin with a zero", "10.50"},
		{"00.50", INR, "must not begin with a zero", "0.50"},
		{"00", INR, "must not begin with a zero", ""},
		{"0120", INR, "must not begin with a zero", "120"},
		{"10.", INR, "must have a digit after the point", "10"},
		{".5", INR, "must have a digit before the point", "0.5"},
		{".5", "JPY", "must have a digit before the point", ""},
		{".", INR, "must have a digit before the point", ""},
		{"1e3", INR, "must be written without an exponent", ""},
		{"1.5E+2", INR, "must be written without an exponent", ""},
		{"-5", INR, "must have no sign", ""},
		{"+5", INR, "must have no sign", ""},
		{"1,20,450.00", INR, "must have no thousands separators", "120450.00"},
		{"1,150", INR, "must have no thousands separators", "1150"},
		{"1,50", INR, "must have no thousands separators", ""},
		{"1,150", "BHD", "must have no thousands separators", ""},
		{"1,150.5", "BHD", "must have no thousands separators", "1150.5"},
		{"1,150.755", INR, "must have no thousands separators", ""},
		{"1,15o", INR, "must have no thousands separators", ""},
		{"1_000", INR, "must have no underscores", "1000"},
		{"1_000.755", INR, "must have no underscores", ""},
		{"0x1F", INR, "must be written in decimal digits", ""},
		{"0o17", INR, "must be written in decimal digits", ""},
		{"0b11", INR, "must be written in decimal digits", ""},
		{"1.2.3", INR, "is not a number: write digits and at most one point", ""},
		{"₹5", INR, "is not a number: write digits and at most one point", ""},
		{" 5", INR, "is not a number: write digits and at most one point", ""},
		{"5\n", INR, "is not a number: write digits and at most one point", ""},
		{"５", INR, "is not a number: write digits and at most one point", ""},
		{".inf", INR, "is not a number: write digits and at most one point", ""},
		{"1.234", INR, "has 3 decimals, but INR has 2", ""},
		{"1.2345", "BHD", "has 4 decimals, but BHD has 3", ""},
		{"5.0", "JPY", "has decimals, but JPY has none", ""},
		{"92233720368547758.07", INR, "is larger than any amount that can be refunded", ""},
		{"9223372036854775807", "JPY", "is larger than any amount that can be refunded", ""},
	} {
		got, err := Parse(c.text, c.currency)
		var refusal *ParseError
		if !errors.As(err, &refusal) {
			t.Errorf("Parse(%q, %s) = %v, %v; want a ParseError", c.text, c.currency, got, err)
			continue
		}
		if want := (ParseError{c.text, c.problem, c.instead}); *refusal != want || got != (Amount{}) {
			t.Errorf("Parse(%q, %s) = %v, %+v; want %+v", c.text, c.currency, got, *refusal, want)
		}
	}
}

func TestParseErrorQuotesWhatWasWritten(t *testing.T) {
	_, err := Parse("1\x1b[31m", INR)
	if want := `amount "1\x1b[31m" is not a number: write digits and at most one point`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestParseNumberReadsEveryFormOfTheSameNumber(t *testing.T) {
	for _, c := range []struct {
		text     string
		currency Currency
		minor    int64
	}{
		{"1", INR, 100},
		{"1.0", INR, 100},
		{"1.00", INR, 100},
		{"1.000000", INR, 100},
		{"2E2", INR, 20000},
		{"2e+2", INR, 20000},
		{"114975e-2", INR, 114975},
		{"100.81", INR, 10081},
		{"0", INR, 0},
		{"-0", INR, 0},
		{"0e-30", INR, 0},
		{"0e30", INR, 0},
		{"1.00000000000000000000000000000000000000", INR, 100}, // 40 characters
		{"1.234", "BHD", 1234},
		{"1200.0", "JPY", 1200},
		{"92233720368547758.06", INR, math.MaxInt64 - 1},
	} {
		got, err := ParseNumber(c.text, c.currency)
		if err != nil || got != (Amount{c.minor, c.currency}) {
			t.Errorf("ParseNumber(%q, %s) = %v, %v; want %d minor units", c.text, c.currency, got, err, c.minor)
		}
	}
}

func TestParseNumberRefusesOtherText(t *testing.T) {
	for _, text := range []string{
		"", "-1", "-0.01", "1.001", "1e-3", "1/2", "0x10", "0b11", "0o17", "010", "1_000", "+5", ".5", "5.", " 5", "5 ", "1e", "1e1e1",
		"NaN", "Infinity", "null", "true", `"5"`, "1p4", "1e31", "0e31", "0e-31", "1.000000000000000000000000000000000000000", "1e999999999", "1e99999999999999999999",
		"11111111111111111111111111111111111111111", "92233720368547758.08",
	} {
		if got, err := ParseNumber(text, INR); err == nil || got != (Amount{}) {
			t.Errorf("ParseNumber(%q) = %v, %v; want an error", text, got, err)
		}
	}
	if _, err := ParseNumber("92233720368547758.07", INR); !errors.Is(err, ErrOverflow) {
		t.Errorf("one paisa too much: %v, want ErrOverflow", err)
	}
}

func TestAddAndSubReportOverflow(t *testing.T) {
	inr := func(minor int64) Amount { return Amount{minor, INR} }
	for _, c := range []struct {
		name string
		got  func() (Amount, error)
		want error
	}{
		{"largest + 1", func() (Amount, error) { return inr(math.MaxInt64).Add(inr(1)) }, ErrOverflow},
		{"smallest + -1", func() (Amount, error) { return inr(math.MinInt64).Add(inr(-1)) }, ErrOverflow},
		{"smallest - 1", func() (Amount, error) { return inr(math.MinInt64).Sub(inr(1)) }, ErrOverflow},
		{"largest - -1", func() (Amount, error) { return inr(math.MaxInt64).Sub(inr(-1)) }, ErrOverflow},
		{"0 - smallest", func() (Amount, error) { return inr(0).Sub(inr(math.MinInt64)) }, ErrOverflow},
		{"rupees + yen", func() (Amount, error) { return inr(1).Add(Amount{1, "JPY"}) }, ErrMixed},
		{"no rupees + yen", func() (Amount, error) { return inr(0).Add(Amount{1, "JPY"}) }, ErrMixed},
		{"rupees - yen", func() (Amount, error) { return inr(1).Sub(Amount{1, "JPY"}) }, ErrMixed},
	} {
		if got, err := c.got(); !errors.Is(err, c.want) || got != (Amount{}) {
			t.Errorf("%s = %v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

func TestZeroValueIsNeutral(t *testing.T) {
	five := Amount{500, INR}
	for name, got := range map[string]func() (Amount, error){
		"nothing + five": func() (Amount, error) { return Amount{}.Add(five) },
		"five + nothing": func() (Amount, error) { return five.Add(Amount{}) },
		"five - nothing": func() (Amount, error) { return five.Sub(Amount{}) },
	} {
		if a, err := got(); err != nil || a != five {
			t.Errorf("%s = %v, %v", name, a, err)
		}
	}
	if a, err := (Amount{}).Sub(five); err != nil || a != (Amount{-500, INR}) {
		t.Errorf("nothing - five = %v, %v", a, err)
	}
}

func TestWrittenForms(t *testing.T) {
	for _, c := range []struct {
		amount Amount
		text   string
		human  string
	}{
		{Amount{12045000, INR}, "120450.00", "₹1,20,450.00"},
		{Amount{5, INR}, "0.05", "₹0.05"},
		{Amount{50, INR}, "0.50", "₹0.50"},
		{Amount{0, INR}, "0.00", "₹0.00"},
		{Amount{-5, INR}, "-0.05", "-₹0.05"},
		{Amount{-12045000, INR}, "-120450.00", "-₹1,20,450.00"},
		{Amount{99999, INR}, "999.99", "₹999.99"},
		{Amount{100000, INR}, "1000.00", "₹1,000.00"},
		{Amount{1234567890, INR}, "12345678.90", "₹1,23,45,678.90"},
		{Amount{math.MaxInt64 - 1, INR}, "92233720368547758.06", "₹92,23,37,20,36,85,47,758.06"},
		{Amount{math.MinInt64, INR}, "-92233720368547758.08", "-₹92,23,37,20,36,85,47,758.08"},
		{Amount{1200, "JPY"}, "1200", "JPY 1,200"},
		{Amount{-1234567, "JPY"}, "-1234567", "JPY -1,234,567"},
		{Amount{0, "JPY"}, "0", "JPY 0"},
		{Amount{1234567, "BHD"}, "1234.567", "BHD 1,234.567"},
		{Amount{5, "BHD"}, "0.005", "BHD 0.005"},
		{Amount{114975, "USD"}, "1149.75", "USD 1,149.75"},
		{Amount{}, "0.00", "0.00"},
	} {
		if got := c.amount.String(); got != c.text {
			t.Errorf("%#v.String() = %s, want %s", c.amount, got, c.text)
		}
		if got := c.amount.Human(); got != c.human {
			t.Errorf("%#v.Human() = %s, want %s", c.amount, got, c.human)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := Parse("120450.75", INR); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseNumber(b *testing.B) {
	for b.Loop() {
		if _, err := ParseNumber("120450.75", INR); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	x, y := Amount{12045075, INR}, Amount{5, INR}
	for b.Loop() {
		if _, err := x.Add(y); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkString(b *testing.B) {
	for b.Loop() {
		_ = Amount{12045075, INR}.String()
	}
}

func BenchmarkHuman(b *testing.B) {
	for b.Loop() {
		_ = Amount{12045075, INR}.Human()
	}
}
