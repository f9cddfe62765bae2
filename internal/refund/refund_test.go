package refund

import (
	"flag"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"refundctl/internal/money"
)

// TestMain gives the property tests the same seed in every run; -rapid.seed chooses another.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "1"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestR3_IdentityIsAccountKindParentAndRefundID(t *testing.T) {
	want := Identity{Parent{"fingerprint", Order, "order_summer_fashion_001"}, "refund_summer_fashion_001_size"}
	if got := full().Identity("fingerprint"); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestCompareOrdersByAccountKindParentRefund(t *testing.T) {
	ordered := []Identity{
		{Parent{"a", Order, "o1"}, "r1"},
		{Parent{"a", Order, "o1"}, "r2"},
		{Parent{"a", Order, "o2"}, "r1"},
		{Parent{"a", Payment, "o1"}, "r1"},
		{Parent{"a", Subscription, "o1"}, "r1"},
		{Parent{"b", Order, "o1"}, "r1"},
	}
	rapid.Check(t, func(t *rapid.T) {
		got := rapid.Permutation(ordered).Draw(t, "shuffled")
		slices.SortFunc(got, Identity.Compare)
		if !slices.Equal(got, ordered) {
			t.Fatalf("sorted %+v", got)
		}
	})
	for _, id := range ordered {
		if id.Compare(id) != 0 {
			t.Errorf("%+v differs from itself", id)
		}
	}
}

func TestSameSplitsIgnoresTheOrderAndNothingElse(t *testing.T) {
	a, b := Split{"Vendor01", inr(10012)}, Split{"Vendor02", inr(5)}
	for _, c := range []struct {
		name string
		x, y []Split
		same bool
	}{
		{"none and none", nil, []Split{}, true},
		{"in another order", []Split{a, b}, []Split{b, a}, true},
		{"none and one", nil, []Split{a}, false},
		{"one and two", []Split{a}, []Split{a, b}, false},
		{"once and twice", []Split{a, b}, []Split{a, a, b}, false},
		{"another one twice", []Split{a, a, b}, []Split{a, b, b}, false},
		{"another amount", []Split{a}, []Split{{"Vendor01", inr(10013)}}, false},
		{"another vendor", []Split{a}, []Split{{"vendor01", inr(10012)}}, false},
		{"another currency", []Split{a}, []Split{{"Vendor01", money.Amount{Minor: 10012, Currency: "USD"}}}, false},
	} {
		if SameSplits(c.x, c.y) != c.same || SameSplits(c.y, c.x) != c.same {
			t.Errorf("%s: not %v both ways", c.name, c.same)
		}
	}
}
