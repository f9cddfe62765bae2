package plan_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// from writes an intent whose row stood in a file and, unless phase is Intended, its outcome.
func (b *bench) from(file, order, id, amount string, phase state.Phase) {
	b.t.Helper()
	spec := refund.Spec{Kind: refund.Order, ParentID: order, RefundID: id, Amount: inr(b.t, amount)}
	request, err := spec.Request()
	if err != nil {
		b.t.Fatal(err)
	}
	in := state.Intent{AccountName: "default", ID: identity(order, id), Amount: spec.Amount, Attempt: 1, Try: 1, Key: refund.Key(identity(order, id), 1),
		Request: request, Source: diag.Place{File: file, Line: 3, Column: 5}}
	if err := b.sess.Begin(context.Background(), in); err != nil {
		b.t.Fatal(err)
	}
	if phase == state.Intended {
		return
	}
	status := map[state.Phase]refund.Status{state.Accepted: refund.Pending, state.Settled: refund.Success, state.Failed: refund.Cancelled}[phase]
	err = b.sess.Finish(context.Background(), state.Outcome{AccountName: "default", ID: in.ID, Attempt: 1, Phase: phase, Amount: in.Amount, Status: status, How: "answered"})
	if err != nil {
		b.t.Fatal(err)
	}
}

// Each case has a refund r_old that no row of refunds/a.yaml asks for any more, and a create on its order.
func TestR23_ARowThatMayReplaceASentOneIsBlocked(t *testing.T) {
	for name, c := range map[string]struct {
		setup func(*bench)
		want  string
	}{
		"accepted":                     {func(b *bench) { b.from("refunds/a.yaml", "o1", "r_old", "10", state.Accepted) }, "# r1 replacement_suspected"},
		"settled":                      {func(b *bench) { b.from("refunds/a.yaml", "o1", "r_old", "10", state.Settled) }, "# r1 replacement_suspected"},
		"in doubt":                     {func(b *bench) { b.from("refunds/a.yaml", "o1", "r_old", "10", state.Intended) }, "# r1 parent_in_doubt replacement_suspected"},
		"failed in the ledger":         {func(b *bench) { b.from("refunds/a.yaml", "o1", "r_old", "10", state.Failed) }, "+ r1"},
		"refused":                      {func(b *bench) { b.from("refunds/a.yaml", "o1", "r_old", "10", state.Refused) }, "+ r1"},
		"its manifest was removed":     {func(b *bench) { b.from("refunds/may.yaml", "o1", "r_old", "10", state.Settled) }, "+ r1"},
		"adopted without a known file": {func(b *bench) { b.from("", "o1", "r_old", "10", state.Settled) }, "# r1 replacement_suspected"},
		"on another order":             {func(b *bench) { b.from("refunds/a.yaml", "o2", "r_old", "10", state.Settled) }, "+ r1"},
		"no manifests":                 {func(b *bench) { b.from("refunds/a.yaml", "o1", "r_old", "10", state.Settled); b.in.Files = nil }, "+ r1"},
		"moved to another file": {func(b *bench) {
			b.from("refunds/a.yaml", "o1", "r_old", "10", state.Settled)
			b.want("o1", "r_old", "10")
		}, "+ r1"},
		"desired on another order": {func(b *bench) {
			b.from("refunds/a.yaml", "o1", "r_old", "10", state.Settled)
			b.want("o2", "r_old", "10")
		}, "+ r1"},
		"a plan file without its row": {func(b *bench) {
			b.from("refunds/a.yaml", "o1", "r_old", "10", state.Settled)
			b.in.Asked = append([]refund.Spec{{Account: "default", RefundID: "r_old"}}, b.in.Specs...)
		}, "+ r1"},
		"failed at the API": {func(b *bench) {
			b.from("refunds/a.yaml", "o1", "r_old", "10", state.Accepted)
			b.live("o1", "r_old", "10", refund.Failed)
		}, "+ r1"},
		"cleared": {func(b *bench) {
			b.from("refunds/a.yaml", "o1", "r_old", "10", state.Accepted)
			b.in.Specs[0].NotDuplicateOf = []string{"r_old"}
		}, "+ r1"},
		"one of two cleared": {func(b *bench) {
			b.from("refunds/a.yaml", "o1", "r_old", "10", state.Accepted)
			b.from("refunds/a.yaml", "o1", "r_older", "11", state.Accepted)
			b.in.Specs[0].NotDuplicateOf = []string{"r_old"}
		}, "# r1 replacement_suspected"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.in.Files = []string{"refunds/a.yaml"}
			b.want("o1", "r1", "9.75")
			c.setup(b)
			if got, _, _ := strings.Cut(rows(b.plan()), "\n"); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestR23_AReplacementNamesTheOldRefundItsAmountAndItsFile(t *testing.T) {
	b := newBench(t)
	b.in.Files = []string{"refunds/a.yaml"}
	b.from("refunds/a.yaml", "o1", "r_old", "10", state.Accepted)
	b.want("o1", "r1", "9.75")
	r := b.plan().Changes[0].Reasons[0]
	if r.Message != "refund r_old of ₹10.00 on the same order was sent and is no longer in refunds/a.yaml: if this one replaces it, both would be paid" ||
		r.Hint != "put r_old back and remove this row, or change it to the difference; if both are intended, write not_duplicate_of: [r_old]" {
		t.Errorf("%+v", r)
	}
}

func TestR23_NoHintOfAConflictAsksForTheRefundAgain(t *testing.T) {
	for name, c := range map[string]struct {
		setup func(*bench)
		want  string
	}{
		"amount_differs: less desired, paid": {func(b *bench) {
			b.live("o1", "r1", "10.25", refund.Success)
		}, "restore 10.25: what was sent cannot be changed; if too much was paid, ask Cashfree's support"},
		"amount_differs: less desired, pending": {func(b *bench) {
			b.live("o1", "r1", "10.25", refund.OnHold)
			b.remember("o1", "r1", "10.25", state.Accepted, refund.OnHold)
			b.in.Accounts[0].Cancels = true
		}, "restore 10.25: what was sent cannot be changed; to pay less, refundctl cancel r1 while it is ONHOLD, or ask Cashfree's support"},
		"amount_differs: unknown to the ledger, which cancel needs": {func(b *bench) {
			b.live("o1", "r1", "10.25", refund.OnHold)
			b.in.Accounts[0].Cancels = true
		}, "restore 10.25: what was sent cannot be changed; if too much was paid, ask Cashfree's support"},
		"amount_differs: failed": {func(b *bench) {
			b.live("o1", "r1", "9.50", refund.Failed)
		}, "restore 9.50: what was sent cannot be changed; it will not be paid, and once its row is as it was, plan says how to ask for it again"},
		"amount_differs: a version that cannot cancel": {func(b *bench) {
			b.live("o1", "r1", "10.25", refund.Pending)
		}, "restore 10.25: what was sent cannot be changed; if too much was paid, ask Cashfree's support"},
		"amount_differs: more desired": {func(b *bench) {
			b.live("o1", "r1", "9.50", refund.Success)
		}, "restore 9.50: what was sent cannot be changed; to pay more, add a row for the difference of ₹0.50"},
		"amount_differs: in doubt": {func(b *bench) {
			b.remember("o1", "r1", "9.50", state.Intended, "")
		}, "restore 9.50: what was sent cannot be changed; refundctl recover finds out whether it was sent"},
		"amount_differs: another currency": {func(b *bench) {
			b.live("o1", "r1", "10", refund.Success, func(l *refund.Live) { l.Amount.Currency = "USD" })
		}, "restore refund_amount: 10.00 and refund_currency: USD: what was sent cannot be changed"},
		"missing_live: accepted earlier": {func(b *bench) {
			b.remember("o1", "r1", "10", state.Settled, refund.Success)
			b.in.Refresh = plan.All
		}, "check the account, run refundctl explain r1, then ask Cashfree's support; it is not sent again"},
		"splits_differ: others": {func(b *bench) {
			b.live("o1", "r1", "10", refund.Success, func(l *refund.Live) {
				l.Splits = []refund.Split{{VendorID: "V1", Amount: money.Amount{Minor: 100, Currency: money.INR}}}
			})
		}, "restore refund_splits as sent (splits V1=₹1.00): what was sent cannot be changed"},
		"live_twice: two": {func(b *bench) {
			b.live("o1", "r1", "10", refund.Success)
			b.live("o1", "r1", "10", refund.Success)
		}, "money may have gone out twice: run refundctl explain r1, then ask Cashfree's support; it is not sent again"},
		"parent_differs: an odd answer": {func(b *bench) {
			b.live("o1", "r1", "10", refund.Success, func(l *refund.Live) { l.ParentID = "o2" })
		}, "check the account, run refundctl explain r1, then ask Cashfree's support; it is not sent again"},
		"refund_id_moved: sent": {func(b *bench) {
			b.remember("o2", "r1", "10", state.Settled, refund.Success)
		}, "restore order_id: o2, where the refund is; if that was the wrong one, ask Cashfree's support; it is not sent again"},
		"refund_id_moved: in doubt": {func(b *bench) {
			b.remember("o2", "r1", "10", state.Intended, "")
		}, "restore order_id: o2, where the refund is; refundctl recover finds out whether it was sent"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.in.Clock = func() time.Time { return noon.AddDate(0, 0, 1) }
			b.want("o1", "r1", "10")
			c.setup(b)
			code, _, _ := strings.Cut(name, ":")
			row := b.plan().Changes[0]
			if row.Action != plan.Conflict || row.Reasons[0].Code != code || row.Reasons[0].Hint != c.want {
				t.Errorf("%c %+v", row.Action, row.Reasons)
			}
		})
	}
}
