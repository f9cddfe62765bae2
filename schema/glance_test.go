package schema

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/money"
)

// What a glance shows of an ordinary manifest is what reading it gives.
func TestAGlanceShowsWhatIsRead(t *testing.T) {
	folders, err := filepath.Glob("../examples/*")
	if err != nil || len(folders) == 0 {
		t.Fatal(folders, err)
	}
	total := 0
	for _, folder := range folders {
		var want []Glimpse
		for _, s := range loadPaths(t, folder, "refunds").Specs {
			want = append(want, Glimpse{ParentID: s.ParentID, RefundID: s.RefundID, Amount: s.Amount.String(), Hold: s.Hold})
		}
		got := Glance(context.Background(), []string{"refunds"}, folder)
		for i, g := range got {
			if a, err := money.Parse(g.Amount, money.INR); err == nil {
				got[i].Amount = a.String()
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-read +seen):\n%s", folder, diff)
		}
		total += len(got)
	}
	if total < 10 {
		t.Errorf("only %d refunds in the examples", total)
	}
}

func TestAGlanceShowsWhatCanBeReadOfAWrongManifest(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"a.yaml": `version: 1
account: [
refunds:
  - {refund_id: "r_1", order_id: o_1, refund_amount: 5, refund_currency: USD} # sent by Asha
  -
    payment_id: pay_1
    subscription_id: sub_1
    refund_id: r_2
    not_duplicate_of:
      - r_1
    refund_splits:
      - {vendor_id: v, amount: 1}
      - vendor_id: w
        amount: 2
    hold: true
  # - {refund_id: r_commented, order_id: o_9}
  - refund_note: nobody named it
  - {payment_id: pay_2, refund_id: r_3, refund_amount: 0x10}
	- refund_id: r_4
`, "b.yaml": "\xff\xfe\x00"})
	want := []Glimpse{
		{ParentID: "o_1", RefundID: "r_1", Amount: "5", Currency: "USD"},
		{ParentID: "sub_1", RefundID: "r_2", Hold: true},
		{ParentID: "pay_2", RefundID: "r_3", Amount: "0x10"},
		{RefundID: "r_4"},
	}
	if diff := cmp.Diff(want, Glance(context.Background(), []string{"."}, root)); diff != "" {
		t.Error(diff)
	}
}

// ending is a context that ends when it has been asked so often.
type ending struct {
	context.Context
	left *atomic.Int32
}

func (e ending) Err() error {
	if e.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestAGlanceEndsWithItsContextAndKeepsWhatItFound(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"a.yaml": "refunds:\n- refund_id: r_1\n", "b.yaml": "refunds:\n- refund_id: r_2\n", "c.yaml": "refunds:\n- refund_id: r_3\n"})
	seen := map[int]bool{}
	for asked := range int32(20) {
		ctx := ending{context.Background(), &atomic.Int32{}}
		ctx.left.Store(asked)
		seen[len(Glance(ctx, []string{"."}, root))] = true
	}
	if !seen[0] || !seen[1] || !seen[2] || !seen[3] {
		t.Errorf("what is seen is none, some or all, not %v", seen)
	}
}
