package money_test

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"refundctl/internal/money"
)

func TestATallyIsTheExactSumOfEachCurrencyInWhateverOrder(t *testing.T) {
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
			if err := errors.Join(whole.Add(a), half.Add(a)); err != nil {
				t.Fatal(err)
			}
		}
		if err := second.Join(first); err != nil {
			t.Fatal(err)
		}
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

func TestATallyThatDoesNotFitIsAnError(t *testing.T) {
	full := money.Tally{Count: 1, Amounts: []money.Amount{{Minor: math.MaxInt64, Currency: "INR"}}}
	one := money.Amount{Minor: 1, Currency: "INR"}
	other := money.Tally{Count: 1, Amounts: []money.Amount{one}}
	if err := full.Add(one); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("Add: %v", err)
	}
	if err := full.Join(other); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("Join: %v", err)
	}
}
