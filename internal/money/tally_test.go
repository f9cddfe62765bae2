package money_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"refundctl/internal/money"
)

func TestATallyIsExactPerCurrencyInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amounts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) money.Amount {
			return money.Amount{Minor: rapid.Int64Range(0, math.MaxInt64/64).Draw(t, "minor"), Currency: rapid.SampledFrom([]money.Currency{"USD", "INR", "BHD"}).Draw(t, "currency")}
		}), 0, 60).Draw(t, "amounts")
		want := map[money.Currency]*big.Int{}
		var whole, first, second money.Tally
		for i, a := range amounts {
			if want[a.Currency] == nil {
				want[a.Currency] = new(big.Int)
			}
			want[a.Currency].Add(want[a.Currency], big.NewInt(a.Minor))
			half := &first
			if i%2 == 1 {
				half = &second
			}
			whole.Add(a)
			half.Add(a)
		}
		second.Join(first)
		if whole.Count != len(amounts) || second.Count != len(amounts) || !slices.Equal(whole.Amounts, second.Amounts) || len(whole.Amounts) != len(want) {
			t.Fatalf("%v, and joined %v", whole, second)
		}
		if !slices.IsSortedFunc(whole.Amounts, func(a, b money.Amount) int { return slices.Compare([]byte(a.Currency), []byte(b.Currency)) }) {
			t.Fatalf("not sorted: %v", whole.Amounts)
		}
		for _, a := range whole.Amounts {
			if want[a.Currency].Cmp(big.NewInt(a.Minor)) != 0 {
				t.Fatalf("%v, not %v", a, want[a.Currency])
			}
		}
	})
}

func TestR16_AnOverflowedSumStaysOverflowed(t *testing.T) {
	most := money.Amount{Minor: math.MaxInt64 - 1, Currency: "INR"}
	for name, more := range map[string]money.Amount{"by one": {Minor: 1, Currency: "INR"}, "by far": most} {
		sum := money.Tally{Count: 1, Amounts: []money.Amount{most}}
		sum.Add(more)
		joined := money.Tally{Count: 1, Amounts: []money.Amount{most}}
		joined.Join(money.Tally{Count: 1, Amounts: []money.Amount{more}})
		for _, tally := range []money.Tally{sum, joined} {
			tally.Add(money.Amount{Minor: -5, Currency: "INR"})
			if a := tally.Amounts[0]; tally.Count != 3 || len(tally.Amounts) != 1 || !a.Uncountable() || a != money.Largest("INR") {
				t.Errorf("%s: %+v", name, tally)
			}
		}
	}
	if got, want := money.Largest(money.INR).Human(), "more than ₹92,23,37,20,36,85,47,758.06"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}
