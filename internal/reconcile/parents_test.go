package reconcile_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "refundctl/internal/reconcile"
	"refundctl/internal/refund"
	"refundctl/state"
)

func TestParentsAreReadOldestFirstWithEveryKnownRefund(t *testing.T) {
	at := func(days int) time.Time { return now.AddDate(0, 0, days) }
	on := func(parent refund.Parent, id string, since time.Time) state.Entry {
		return state.Entry{AccountName: "its old name", ID: refund.Identity{Parent: parent, RefundID: id}, CreatedAt: since}
	}
	desired := func(account, order, id string) refund.Spec {
		return refund.Spec{Account: account, Kind: refund.Order, ParentID: order, RefundID: id}
	}
	foreign := refund.Parent{Account: "another merchant", Kind: refund.Order, ID: "order_9"}
	second := refund.Parent{Account: "fp2", Kind: refund.Order, ID: "order_1"}
	specs := []refund.Spec{desired("default", "order_0", "new"), desired("default", "order_1", "r"), desired("default", "order_1", "a"), desired("elsewhere", "order_1", "r")}
	entries := []state.Entry{on(shop, "r", at(-1)), on(shop, "b", at(-3)), on(other, "x", at(-2)), on(sub, "s", at(-2)), on(foreign, "f", at(-9)), on(second, "y", at(-9))}
	want := []Parent{
		{Parent: shop, AccountName: "default", RefundIDs: []string{"a", "b", "r"}, Since: at(-3)},
		{Parent: other, AccountName: "default", RefundIDs: []string{"x"}, Since: at(-2)},
		{Parent: sub, AccountName: "default", RefundIDs: []string{"s"}, Since: at(-2)},
		{Parent: refund.Parent{Account: "fp", Kind: refund.Order, ID: "order_0"}, AccountName: "default", RefundIDs: []string{"new"}},
		{Parent: second, AccountName: "second", RefundIDs: []string{"y"}, Since: at(-9)},
	}
	for range 2 {
		if diff := cmp.Diff(want, Parents(map[string]string{"default": "fp", "second": "fp2"}, specs, entries)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		slices.Reverse(specs)
		slices.Reverse(entries)
	}
}
