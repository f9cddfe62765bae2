package apply_test

import (
	"context"
	"testing"
	"testing/synctest"

	"refundctl/apply"
	"refundctl/state"
)

// crashingLedger panics after the n-th outcome is durable.
type crashingLedger struct {
	apply.Ledger
	n *int
}

func (l crashingLedger) Finish(ctx context.Context, o state.Outcome) error {
	err := l.Ledger.Finish(ctx, o)
	if *l.n--; *l.n == 0 {
		panic("after the outcome")
	}
	return err
}

func TestR12_ACrashAfterTheOutcomeDoesNotHideWhatWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newProject(t, "order_1/r_1", "order_1/r_2").stage()
		defer s.session.Close()
		n := 1
		s.run.Ledger = crashingLedger{s.run.Ledger, &n}
		result, err := s.run.Perform(s.ctx, s.prepare())
		if err == nil {
			t.Fatal("the crash was lost")
		}
		if result.Sent.Count != 1 || result.NotSent.Count != 1 || result.InDoubt.Count+result.Refused.Count != 0 {
			t.Errorf("sent %+v, not sent %+v", result.Sent, result.NotSent)
		}
		s.expect(s.log, "stopping", "sent r_1 internal_error", "not_sent r_2 internal_error")
	})
}
