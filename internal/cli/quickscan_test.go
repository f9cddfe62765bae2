package cli

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/money"
	"refundctl/schema"
)

func writeManifests(t *testing.T, files map[string]string) (root string) {
	t.Helper()
	root = t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// A quick scan of an ordinary manifest shows what loading it gives.
func TestAQuickScanShowsWhatIsLoaded(t *testing.T) {
	folders, err := filepath.Glob("../../examples/*")
	if err != nil || len(folders) == 0 {
		t.Fatal(folders, err)
	}
	total := 0
	for _, folder := range folders {
		loaded, err := schema.Load(t.Context(), []string{"refunds"}, schema.Options{Root: folder})
		if err != nil {
			t.Fatal(err)
		}
		var want []scannedRefund
		for _, s := range loaded.Specs {
			want = append(want, scannedRefund{parentID: s.ParentID, refundID: s.RefundID, amount: s.Amount.String(), hold: s.Hold})
		}
		got := quickScan(t.Context(), []string{"refunds"}, folder)
		for i, r := range got {
			if a, err := money.Parse(r.amount, money.INR); err == nil {
				got[i].amount = a.String()
			}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(scannedRefund{})); diff != "" {
			t.Errorf("%s (-loaded +scanned):\n%s", folder, diff)
		}
		total += len(got)
	}
	if total < 10 {
		t.Errorf("only %d refunds in the examples", total)
	}
}

func TestAQuickScanShowsWhatItCanReadOfAnInvalidManifest(t *testing.T) {
	root := writeManifests(t, map[string]string{"a.yaml": `version: 1
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
	want := []scannedRefund{
		{parentID: "o_1", refundID: "r_1", amount: "5", currency: "USD"},
		{parentID: "sub_1", refundID: "r_2", hold: true},
		{parentID: "pay_2", refundID: "r_3", amount: "0x10"},
		{refundID: "r_4"},
	}
	if diff := cmp.Diff(want, quickScan(t.Context(), []string{"."}, root), cmp.AllowUnexported(scannedRefund{})); diff != "" {
		t.Error(diff)
	}
}

// countdown is a context that ends after its error was asked for so many times.
type countdown struct {
	context.Context
	left *atomic.Int32
}

func (c countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestAQuickScanEndsWithItsContextAndKeepsWhatItFound(t *testing.T) {
	root := writeManifests(t, map[string]string{"a.yaml": "refunds:\n- refund_id: r_1\n", "b.yaml": "refunds:\n- refund_id: r_2\n", "c.yaml": "refunds:\n- refund_id: r_3\n"})
	seen := map[int]bool{}
	for asked := range int32(20) {
		ctx := countdown{context.Background(), &atomic.Int32{}}
		ctx.left.Store(asked)
		seen[len(quickScan(ctx, []string{"."}, root))] = true
	}
	if !seen[0] || !seen[1] || !seen[2] || !seen[3] {
		t.Errorf("a scan that ends early should show none, some or all, not %v", seen)
	}
}
