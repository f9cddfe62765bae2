package state

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func scanned(e Entry) ScannedRefund {
	return ScannedRefund{ParentID: e.ID.ID, RefundID: e.ID.RefundID, Amount: e.Amount.String(), Currency: string(e.Amount.Currency), Phase: e.Phase, Status: e.Status}
}

// A quick scan shows what the fold shows, also while refunds are in doubt.
func TestQuickScanShowsWhatTheFoldShows(t *testing.T) {
	ledger := ledgerOf(t, 20)
	for _, cut := range []int{len(lines(ledger)), 40, 39, 38, 4, 2} {
		part := []byte(strings.Join(lines(ledger)[:cut], ""))
		s, _, err := foldAll(context.Background(), bytes.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		var want []ScannedRefund
		for _, e := range s.Entries() {
			want = append(want, scanned(e))
		}
		if diff := cmp.Diff(want, QuickScan(context.Background(), bytes.NewReader(part))); diff != "" || len(want) == 0 {
			t.Errorf("of %d lines (-folded +seen):\n%s", cut, diff)
		}
	}
}

func TestQuickScanSkipsWhatIsNotAnEvent(t *testing.T) {
	text := `{"type":"intent","parent_id":"o","refund_id":"r_1","amount":"1.00","currency":"INR","request":{"body":"{\"refund_id\":\"r_inner\"}"}}
<<<<<<< HEAD
{"type":"outcome","parent_id":"o","refund_id":"
` + strings.Repeat(`{"refund_id":"`, 100_000) + `
{"type":"outcome","parent_id":"o","refund_id":"r_1","phase":"settled","status":"SUCCESS"}
{"type":"cancel","parent_id":"o","refund_id":"r_1"}
{"type":"outcome","parent_id":"o","refund_id":"r_torn","phase":"sett`
	want := []ScannedRefund{{ParentID: "o", RefundID: "r_1", Amount: "1.00", Currency: "INR", Phase: Settled, Status: "SUCCESS"}}
	if diff := cmp.Diff(want, QuickScan(context.Background(), strings.NewReader(text))); diff != "" {
		t.Error(diff)
	}
}

func TestQuickScanEndsWithItsContextOrAFailedRead(t *testing.T) {
	ledger := ledgerOf(t, 3000)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if got := QuickScan(ctx, bytes.NewReader(ledger)); len(got) > 0 {
		t.Errorf("%d refunds were looked for in vain", len(got))
	}
	broken := iotest.TimeoutReader(bytes.NewReader(ledger)) // its second read fails
	if got := QuickScan(context.Background(), broken); len(got) == 0 || len(got) == 3000 {
		t.Errorf("%d refunds of a reader that failed", len(got))
	}
}
