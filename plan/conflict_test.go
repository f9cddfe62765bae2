package plan_test

import (
	"context"
	"strings"
	"testing"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// What is remembered is compared as if it were live.
func TestR3_ADesiredRefundThatDiffersFromTheLedgerIsAConflict(t *testing.T) {
	vendor := func(amount string) []refund.Split {
		return []refund.Split{{VendorID: "v", Amount: inr(t, amount)}}
	}
	for name, c := range map[string]struct {
		setup func(*bench)
		want  []string
	}{
		"two API refunds under one id": {func(b *bench) {
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Settled, refund.Success)
			b.finish(state.Outcome{ID: identity("o1", "r1"), Attempt: 1, Phase: state.Settled, Amount: inr(t, "10"), CfRefundID: "1", Status: refund.Success, How: "status"})
			b.finish(state.Outcome{ID: identity("o1", "r1"), Attempt: 1, Phase: state.Settled, Amount: inr(t, "10"), CfRefundID: "2", Status: refund.Success, How: "status"})
		}, []string{"! r1 two_refunds"}},
		"an id that another parent has at the API": {func(b *bench) {
			b.want("o1", "r1", "10")
			b.intend("o1", "r1", "10")
			b.finish(state.Outcome{ID: identity("o1", "r1"), Attempt: 1, Phase: state.Refused, Amount: inr(t, "10"), How: "absent", Code: plan.IDOnOtherParent})
		}, []string{"! r1 refund_id_on_other_parent"}},
		"splits that were not sent": {func(b *bench) {
			b.remember("o1", "r1", "10", state.Settled, refund.Success)
			b.want("o1", "r1", "10", func(s *refund.Spec) { s.Splits = vendor("4") })
		}, []string{"! r1 splits_differ"}},
		"splits that are live": {func(b *bench) {
			b.live("o1", "r1", "10", refund.Success, func(l *refund.Live) { l.Splits = vendor("4") })
			b.want("o1", "r1", "10", func(s *refund.Spec) { s.Splits = vendor("5") })
		}, []string{"! r1 splits_differ"}},
		"failed with an unknown status": {func(b *bench) {
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Failed, "RETURNED")
		}, []string{"x r1 dead"}},
		"paid, then dead": {func(b *bench) {
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Settled, refund.Success)
			b.finish(state.Outcome{ID: identity("o1", "r1"), Attempt: 1, Phase: state.Failed, Amount: inr(t, "10"), How: "status", Status: refund.Cancelled})
		}, []string{"x r1 dead reversed"}},
		"paid in the ledger, and dead at the API": {func(b *bench) {
			b.in.Refresh = plan.All
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Settled, refund.Success)
			b.live("o1", "r1", "10", refund.Reversed)
		}, []string{"x r1 dead reversed"}},
		"recorded as missing, and not read": {func(b *bench) {
			b.in.Refresh = plan.None
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Settled, refund.Success)
			b.finish(state.Outcome{ID: identity("o1", "r1"), Attempt: 1, Phase: state.Settled, Amount: inr(t, "10"), How: state.Missing})
		}, []string{"! r1 missing_live"}},
		"recorded as missing, and live again": {func(b *bench) {
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Settled, refund.Success)
			b.finish(state.Outcome{ID: identity("o1", "r1"), Attempt: 1, Phase: state.Settled, Amount: inr(t, "10"), How: state.Missing})
			b.live("o1", "r1", "10", refund.Success)
		}, []string{"= r1"}},
		"accepted and not read": {func(b *bench) {
			b.in.Refresh = plan.None
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Accepted, refund.Pending)
		}, []string{"… r1"}},
		"sent, live and no longer in a manifest": {func(b *bench) {
			b.in.Refresh = plan.All
			b.remember("o1", "r1", "10", state.Accepted, refund.Pending)
			b.live("o1", "r1", "10", refund.Success)
		}, []string{"o r1 not_in_manifest"}},
		"tried, live and no longer in a manifest": {func(b *bench) {
			b.remember("o1", "r1", "10", state.Intended, "")
			b.live("o1", "r1", "10", refund.Success)
		}, []string{"o r1 not_in_manifest"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			c.setup(b)
			b.expect(c.want...)
		})
	}
}

func TestR3_ThePaymentOfASubscriptionIsCompared(t *testing.T) {
	of := func(payment string) func(*refund.Spec) {
		return func(s *refund.Spec) { s.Kind, s.PaymentID = refund.Subscription, payment }
	}
	t.Run("with what is live", func(t *testing.T) {
		b := newBench(t)
		b.want("s1", "r1", "10", of("pay_2"))
		b.live("s1", "r1", "10", refund.Success, func(l *refund.Live) { l.ParentID, l.PaymentID = "", "pay_1" })
		b.expect("! r1 payment_differs")
	})
	t.Run("with what the ledger holds", func(t *testing.T) {
		b := newBench(t)
		b.want("s1", "r1", "10", of("pay_2"))
		id := refund.Identity{Parent: refund.Parent{Account: merchant, Kind: refund.Subscription, ID: "s1"}, RefundID: "r1"}
		err := b.sess.Finish(context.Background(), state.Outcome{AccountName: "default", ID: id, PaymentID: "pay_1", Attempt: 0, Phase: state.Settled,
			Amount: inr(t, "10"), Status: refund.Success, How: "adopted"})
		if err != nil {
			t.Fatal(err)
		}
		b.expect("! r1 payment_differs")
	})
	t.Run("a read that fails blocks", func(t *testing.T) {
		b := newBench(t)
		b.in.Readers = map[string]plan.Reader{merchant: failingReads{b.world}}
		b.want("s1", "r1", "10", of("pay_1"))
		b.want("s1", "r2", "20", of("pay_1"))
		b.expect("# r1 unread (not_checkable)", "# r2 unread (not_checkable)")
	})
}

type failingReads struct{ *world }

func (failingReads) Refund(context.Context, refund.Identity) (refund.Live, error) {
	return refund.Live{}, &refund.ReadError{Class: refund.Unreachable, HTTP: 502}
}

func TestAChangeMadeByTheAPIIsAttentionNotConflict(t *testing.T) {
	b := newBench(t)
	b.want("o1", "r1", "10", func(s *refund.Spec) { s.Speed, s.Note = "INSTANT", "Size exchange, June" })
	b.live("o1", "r1", "10", refund.Success, func(l *refund.Live) { l.Speed.Accepted, l.Note = "STANDARD", "Size exchange" })
	p := b.expect("= r1 (speed_differs) (note_differs)")
	if text := p.Changes[0].Attention[1].Message; !strings.HasSuffix(text, "Size exchange[-, June-]") {
		t.Error(text)
	}
}
