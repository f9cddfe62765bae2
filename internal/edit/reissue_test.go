package edit

import (
	"context"
	"strings"
	"testing"

	"refundctl/internal/refund"
	"refundctl/state"
)

const june = `version: 1
refunds:
  - {order_id: order_1, refund_id: refund_1, refund_amount: 10, refund_note: size}
`

// A second refund beside one that may be paid would be paid as well.
func TestOnlyARefundThatTheLedgerKnowsAsFailedIsReissued(t *testing.T) {
	for name, c := range map[string]struct {
		known []outcome
		want  Why
	}{
		"not in the ledger": {nil, UnknownRefund},
		"in doubt":          {[]outcome{{"order_1", "refund_1", state.Intended, ""}}, InDoubt},
		"pending":           {[]outcome{{"order_1", "refund_1", state.Accepted, refund.Pending}}, MayBePaid},
		"paid":              {[]outcome{{"order_1", "refund_1", state.Settled, refund.Success}}, Paid},
		"refused":           {[]outcome{{"order_1", "refund_1", state.Refused, ""}}, NeverAccepted},
		"another order":     {[]outcome{{"order_2", "refund_1", state.Failed, "CANCELLED"}}, RowChanged},
	} {
		t.Run(name, func(t *testing.T) {
			p := project(t, map[string]string{"refunds/june.yaml": june})
			_, err := editor(t, p, c.known...).Reissue(context.Background(), "refund_1", Reissue{})
			refusedFor(t, err, c.want)
			if text := read(t, p, "refunds/june.yaml"); text != june {
				t.Errorf("the manifest is now\n%s", text)
			}
		})
	}
	_, err := editor(t, project(t, map[string]string{"refunds/june.yaml": june})).Reissue(context.Background(), "nobody", Reissue{})
	refusedFor(t, err, UnknownRefund)
}

func TestAReissueAsksForTheSameUnderANewID(t *testing.T) {
	p := project(t, map[string]string{"refunds/june.yaml": june})
	e := editor(t, p, outcome{"order_1", "refund_1", state.Failed, "FAILED"})
	d, err := e.Reissue(context.Background(), "refund_1", Reissue{})
	must(t, err)
	must(t, d.Write())
	want := june + `  - order_id: order_1
    refund_id: refund_1_r2
    refund_amount: 10.00
    refund_note: size
    supersedes: refund_1
`
	if got := read(t, p, "refunds/june.yaml"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if d.Duplicate != nil {
		t.Errorf("the row that failed is reported as a duplicate: %s", d.Duplicate.RefundID)
	}
	_, err = editor(t, p, outcome{"order_1", "refund_1", state.Failed, "FAILED"}).Reissue(context.Background(), "refund_1", Reissue{})
	refusedFor(t, err, AlreadyReissued)
}

// The row of a reissue may be deleted; the ledger remembers the reissue.
func TestAReissueWithoutARowIsNotRepeatedIfItMayBePaid(t *testing.T) {
	p := project(t, map[string]string{"refunds/june.yaml": june})
	failed := outcome{"order_1", "refund_1", state.Failed, "FAILED"}
	for phase, want := range map[state.Phase]string{
		state.Intended: "", state.Accepted: "", state.Settled: "", // refused
		state.Failed: "refund_1_r3", state.Refused: "refund_1_r3",
	} {
		status := map[state.Phase]refund.Status{state.Accepted: refund.Pending, state.Settled: refund.Success, state.Failed: "FAILED"}[phase]
		d, err := editor(t, p, failed, outcome{"order_1", "refund_1_r2", phase, status}).Reissue(context.Background(), "refund_1", Reissue{})
		if want == "" {
			refusedFor(t, err, AlreadyReissuedLost)
			continue
		}
		must(t, err)
		if d.Refund.RefundID != want {
			t.Errorf("after a reissue that is %s: %s, want %s", phase, d.Refund.RefundID, want)
		}
	}
}

func TestTheIDOfAReissueCountsUp(t *testing.T) {
	long := strings.Repeat("x", 40)
	for id, want := range map[string]string{
		"refund_1": "refund_1_r2", "refund_1_r2": "refund_1_r3", "refund_1_r9": "refund_1_r10",
		"refund_r": "refund_r_r2", "refund_1_r0": "refund_1_r0_r2", long: long[3:] + "_r2",
	} {
		e := editor(t, project(t, nil), outcome{"order_1", id, state.Failed, "FAILED"})
		entries := e.State.Entries()
		if got, err := e.successor(entries[0]); err != nil || got != want {
			t.Errorf("%s is followed by %s, %v; want %s", id, got, err, want)
		}
	}
}

// Without a row, the ledger says what was asked for.
func TestARefundWithoutARowIsReissuedAsItWasSent(t *testing.T) {
	p := project(t, map[string]string{"refunds/june.yaml": "version: 1\nrefunds: []\n"})
	d, err := editor(t, p, outcome{"order_1", "refund_1", state.Failed, "FAILED"}).Reissue(context.Background(), "refund_1", Reissue{Note: "again", Hold: true})
	must(t, err)
	got := d.Refund
	if got.ParentID != "order_1" || got.Amount != inr(10) || got.Note != "again" || !got.Hold || got.Supersedes != "refund_1" {
		t.Errorf("%+v", got)
	}
}
