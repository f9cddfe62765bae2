package money

import (
	"errors"
	"math"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The oracle is math/big.Rat: these tests know nothing of how the package counts.

var currencies = []Currency{INR, "JPY", "BHD"}

// wellWritten is what a manifest may hold, by the currency's decimals.
var wellWritten = map[int]*regexp.Regexp{
	0: regexp.MustCompile(`^(0|[1-9][0-9]*)$`),
	2: regexp.MustCompile(`^(0|[1-9][0-9]*)(\.[0-9]{1,2})?$`),
	3: regexp.MustCompile(`^(0|[1-9][0-9]*)(\.[0-9]{1,3})?$`),
}

// jsonNumber is the number of RFC 8259, section 6.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

func rat(t tester, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("the oracle cannot read %q", text)
	}
	return r
}

// minorUnits is the value times ten to the currency's decimals.
func minorUnits(r *big.Rat, c Currency) *big.Rat {
	scale := map[Currency]int64{INR: 100, "JPY": 1, "BHD": 1000}[c]
	return new(big.Rat).Mul(r, new(big.Rat).SetInt64(scale))
}

// fits leaves out the one number that stands for what cannot be added up.
func fits(r *big.Rat) bool {
	return r.IsInt() && r.Num().IsInt64() && r.Num().Int64() != math.MaxInt64
}

// checkParse holds Parse against the oracle, and every proposal against Parse.
func checkParse(t tester, text string, c Currency) {
	t.Helper()
	got, err := Parse(text, c)
	if !wellWritten[c.Decimals()].MatchString(text) {
		checkRefusal(t, text, c, got, err)
		return
	}
	want := minorUnits(rat(t, text), c)
	switch {
	case want.Sign() == 0 || !fits(want):
		checkRefusal(t, text, c, got, err)
	case err != nil:
		t.Fatalf("Parse(%q, %s): %v", text, c, err)
	case got.Currency != c || new(big.Rat).SetInt64(got.Minor).Cmp(want) != 0:
		t.Fatalf("Parse(%q, %s) = %+v, want %s minor units", text, c, got, want.RatString())
	}
	if err == nil {
		if again, err := Parse(got.String(), c); err != nil || again != got {
			t.Fatalf("Parse(%q, %s) writes %s, which reads %+v, %v", text, c, got, again, err)
		}
	}
}

func checkRefusal(t tester, text string, c Currency, got Amount, err error) {
	t.Helper()
	var refusal *ParseError
	if !errors.As(err, &refusal) || got != (Amount{}) || refusal.Text != text || refusal.Problem == "" {
		t.Fatalf("Parse(%q, %s) = %+v, %v; want a ParseError with the text and a problem", text, c, got, err)
	}
	if refusal.Instead == "" {
		return
	}
	if _, err := Parse(refusal.Instead, c); err != nil {
		t.Fatalf("Parse(%q, %s) proposes %q, which is refused: %v", text, c, refusal.Instead, err)
	}
	digits := strings.NewReplacer(",", "", "_", "").Replace(text)
	if strings.HasPrefix(digits, ".") || strings.HasSuffix(digits, ".") {
		digits = "0" + digits + "0"
	}
	if rat(t, digits).Cmp(rat(t, refusal.Instead)) != 0 {
		t.Fatalf("Parse(%q, %s) proposes %q, another number", text, c, refusal.Instead)
	}
}

// checkParseNumber holds ParseNumber against the grammar of JSON and the oracle. Only numbers of
// unreasonable length or exponent may be refused although they would fit.
func checkParseNumber(t tester, text string, c Currency) {
	t.Helper()
	got, err := ParseNumber(text, c)
	reasonable := len(text) <= 40 && !regexp.MustCompile(`[eE][+-]?0*([4-9][0-9]|3[1-9]|[1-9][0-9]{2,})`).MatchString(text)
	if !jsonNumber.MatchString(text) || !reasonable {
		if err == nil || got != (Amount{}) {
			t.Fatalf("ParseNumber(%q, %s) = %+v, %v; want an error", text, c, got, err)
		}
		return
	}
	want := minorUnits(rat(t, text), c)
	switch {
	case want.Sign() < 0 || !fits(want):
		if err == nil || got != (Amount{}) {
			t.Fatalf("ParseNumber(%q, %s) = %+v, %v; want an error", text, c, got, err)
		}
	case err != nil || got.Currency != c || new(big.Rat).SetInt64(got.Minor).Cmp(want) != 0:
		t.Fatalf("ParseNumber(%q, %s) = %+v, %v; want %s minor units", text, c, got, err, want.RatString())
	}
}

func anyCurrency() *rapid.Generator[Currency] { return rapid.SampledFrom(currencies) }

func anyAmount(c Currency) *rapid.Generator[Amount] {
	return rapid.Map(rapid.Int64(), func(minor int64) Amount { return Amount{minor, c} })
}

// written are texts that are amounts, or nearly.
func written() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`(0|[1-9][0-9]{0,17})(\.[0-9]{1,3})?`),
		rapid.StringMatching(`[0-9]{0,20}\.?[0-9]{0,4}`),
		rapid.StringMatching(`[0-9]{1,3}(,[0-9]{2,3}){0,4}(\.[0-9]{0,3})?`),
		rapid.StringMatching(`-?[0-9]{1,5}(\.[0-9]{0,5})?[eE][+-]?[0-9]{1,3}`),
		rapid.StringOf(rapid.RuneFrom([]rune("0123456789.,_+-eExXbo ₹\n"))),
	)
}

func TestParseAgreesWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkParse(t, written().Draw(t, "text"), anyCurrency().Draw(t, "currency")) })
}

func TestParseNumberAgreesWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkParseNumber(t, written().Draw(t, "text"), anyCurrency().Draw(t, "currency")) })
}

func TestStringIsExactAndReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCurrency().Draw(t, "currency")
		a := anyAmount(c).Draw(t, "amount")
		text := a.String()
		if minorUnits(rat(t, text), c).Cmp(new(big.Rat).SetInt64(a.Minor)) != 0 {
			t.Fatalf("%#v is written %s", a, text)
		}
		if _, frac, _ := strings.Cut(text, "."); len(frac) != c.Decimals() {
			t.Fatalf("%s has not the decimals of %s", text, c)
		}
		if got, err := ParseNumber(text, c); a.Minor >= 0 && (err != nil || got != a) {
			t.Fatalf("%s reads back as %v, %v", text, got, err)
		}
	})
}

func TestAddAndSubAgreeWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyAmount(INR).Draw(t, "a"), anyAmount(INR).Draw(t, "b")
		sum, err := a.Add(b)
		checkResult(t, "sum", new(big.Int).Add(big.NewInt(a.Minor), big.NewInt(b.Minor)), sum, err)
		difference, err := a.Sub(b)
		checkResult(t, "difference", new(big.Int).Sub(big.NewInt(a.Minor), big.NewInt(b.Minor)), difference, err)
	})
}

func checkResult(t *rapid.T, name string, want *big.Int, got Amount, err error) {
	switch {
	case !want.IsInt64() && (!errors.Is(err, ErrOverflow) || got != (Amount{})):
		t.Fatalf("%s = %v, %v; want ErrOverflow", name, got, err)
	case want.IsInt64() && (err != nil || got != (Amount{want.Int64(), INR})):
		t.Fatalf("%s = %v, %v; want %s", name, got, err, want)
	}
}

func TestHumanGroupsLakhsForRupeesAndThousandsForOthers(t *testing.T) {
	grouped := map[Currency]*regexp.Regexp{
		INR:   regexp.MustCompile(`^-?₹([0-9]{1,3}|[0-9]{1,2}(,[0-9]{2})*,[0-9]{3})\.[0-9]{2}$`),
		"JPY": regexp.MustCompile(`^JPY -?[0-9]{1,3}(,[0-9]{3})*$`),
		"BHD": regexp.MustCompile(`^BHD -?[0-9]{1,3}(,[0-9]{3})*\.[0-9]{3}$`),
	}
	rapid.Check(t, func(t *rapid.T) {
		c := anyCurrency().Draw(t, "currency")
		a := anyAmount(c).Draw(t, "amount")
		human := a.Human()
		bare := strings.NewReplacer(",", "", "₹", "", string(c)+" ", "").Replace(human)
		if !grouped[c].MatchString(human) || bare != a.String() {
			t.Fatalf("%#v reads %s", a, human)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"1149.75", "299", "0.05", "010.50", "10.", ".5", "1e3", "-5", "1,20,450.00", "1,50", "1_000", "0x1F", "1.234", "5.0", "92233720368547758.08"} {
		for i := range currencies {
			f.Add(text, uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, text string, i uint8) { checkParse(t, text, currencies[int(i)%len(currencies)]) })
}

func FuzzParseNumber(f *testing.F) {
	for _, text := range []string{"1", "1.00", "2E2", "114975e-2", "-0", "-1", "1.001", "1/2", "0x10", "0b11", "+5", ".5", "1e31", "1e999999999", "92233720368547758.08"} {
		for i := range currencies {
			f.Add(text, uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, text string, i uint8) {
		checkParseNumber(t, text, currencies[int(i)%len(currencies)])
	})
}
