package refund

import (
	"slices"
	"testing"

	"refundctl/internal/money"
)

func TestR3_RefundsAreTheSameIfParentPaymentAmountAndSplitsMatch(t *testing.T) {
	inr := func(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: money.INR} }
	vendors := []Split{{VendorID: "v1", Amount: inr(300)}, {VendorID: "v2", Amount: inr(200)}}
	base := Terms{Kind: Subscription, ParentID: "sub_1", PaymentID: "pay_1", Amount: inr(1000), Splits: vendors, KnowsSplits: true}
	for name, c := range map[string]struct {
		change func(*Terms)
		want   []Difference
	}{
		"the same":                        {func(*Terms) {}, nil},
		"splits in another order":         {func(x *Terms) { x.Splits = []Split{vendors[1], vendors[0]} }, nil},
		"a source without the parent":     {func(x *Terms) { x.ParentID = "" }, nil},
		"a source without the kind":       {func(x *Terms) { x.Kind = "" }, nil},
		"a source without the payment":    {func(x *Terms) { x.PaymentID = "" }, nil},
		"a source without the splits":     {func(x *Terms) { x.Splits, x.KnowsSplits = nil, false }, nil},
		"another parent":                  {func(x *Terms) { x.ParentID = "sub_2" }, []Difference{ParentDiffers}},
		"the same id, another kind":       {func(x *Terms) { x.Kind = Payment }, []Difference{ParentDiffers}},
		"another payment":                 {func(x *Terms) { x.PaymentID = "pay_2" }, []Difference{PaymentDiffers}},
		"one paisa more":                  {func(x *Terms) { x.Amount.Minor++ }, []Difference{AmountDiffers}},
		"another currency":                {func(x *Terms) { x.Amount.Currency = "USD" }, []Difference{AmountDiffers}},
		"no amount":                       {func(x *Terms) { x.Amount = money.Amount{} }, []Difference{AmountDiffers}},
		"certainly no splits":             {func(x *Terms) { x.Splits = nil }, []Difference{SplitsDiffer}},
		"another vendor":                  {func(x *Terms) { x.Splits = []Split{vendors[0], {"v3", inr(200)}} }, []Difference{SplitsDiffer}},
		"another parent, payment, amount": {func(x *Terms) { x.ParentID, x.PaymentID, x.Amount = "sub_2", "pay_2", inr(1) }, []Difference{ParentDiffers, PaymentDiffers, AmountDiffers}},
	} {
		other := base
		c.change(&other)
		if got, back := Differences(base, other), Differences(other, base); !slices.Equal(got, c.want) || !slices.Equal(back, c.want) {
			t.Errorf("%s: %q and %q, want %q", name, got, back, c.want)
		}
	}
}

func TestR3_ALiveRefundWithoutSplitsMatchesAnySplits(t *testing.T) {
	vendor := []Split{{VendorID: "v1", Amount: money.Amount{Minor: 300, Currency: money.INR}}}
	with, without := Spec{Splits: vendor}, Spec{}
	if got := Differences(with.Terms(), Live{}.Terms()); got != nil {
		t.Errorf("an answer that omits the splits: %q", got)
	}
	if got := Differences(without.Terms(), Live{Splits: vendor}.Terms()); !slices.Equal(got, []Difference{SplitsDiffer}) {
		t.Errorf("an answer with splits that nobody asked for: %q", got)
	}
}
