package money_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/money"
)

func TestR16_TheSmallerOfTwoBudgetsHasEveryCurrencyOfBoth(t *testing.T) {
	of := func(inr, usd int64) money.Budget {
		b := money.Budget{}
		for c, minor := range map[money.Currency]int64{"INR": inr, "USD": usd} {
			if minor > 0 {
				b[c] = money.Amount{Minor: minor, Currency: c}
			}
		}
		return b
	}
	for _, c := range []struct{ a, b, want money.Budget }{
		{of(100, 0), of(50, 7), of(50, 7)}, {of(50, 9), of(100, 7), of(50, 7)}, {of(100, 0), nil, of(100, 0)}, {nil, of(0, 7), of(0, 7)}, {nil, nil, nil},
	} {
		for _, got := range []money.Budget{c.a.Smaller(c.b), c.b.Smaller(c.a)} {
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s and %s: %s", c.a, c.b, diff)
			}
		}
	}
}

func TestR16_ABudgetLimitsOnlyItsOwnCurrencies(t *testing.T) {
	b := money.BudgetOf(money.Amount{Minor: 500, Currency: "USD"}, money.Amount{Minor: 10050, Currency: money.INR})
	for _, c := range []struct {
		a               money.Amount
		exceeded, lacks bool
	}{
		{money.Amount{Minor: 10050, Currency: money.INR}, false, false}, {money.Amount{Minor: 10051, Currency: money.INR}, true, false},
		{money.Amount{Minor: 1, Currency: "JPY"}, false, true}, {money.Largest("USD"), true, false},
	} {
		if b.Exceeded(c.a) != c.exceeded || b.Lacks(c.a.Currency) != c.lacks || (money.Budget)(nil).Lacks(c.a.Currency) || (money.Budget)(nil).Exceeded(c.a) {
			t.Errorf("%s in %s", c.a.Human(), b)
		}
	}
	if got := b.String(); got != "{INR: 100.50, USD: 5.00}" {
		t.Errorf("it is written %s", got)
	}
}
