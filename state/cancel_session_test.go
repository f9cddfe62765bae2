package state_test

import (
	"errors"
	"testing"

	"refundctl/internal/refund"
	"refundctl/state"
	"refundctl/state/statetest"
)

func TestOnlyAnAcceptedRefundCanBeCancelledAndTheIntentIsOnTheDiskFirst(t *testing.T) {
	in := statetest.Intent("order_1", "refund_1")
	cancel := state.Cancel{AccountName: in.AccountName, ID: in.ID, Amount: in.Amount, Status: refund.Pending,
		Request: refund.Request{Method: "PUT", Path: "/orders/order_1/refunds/refund_1", Body: []byte(`{"refund_status":"CANCELLED"}`)}}
	for _, phase := range []state.Phase{"", state.Intended, state.Accepted, state.Settled, state.Failed, state.Refused, state.NotSent} {
		disk := &statetest.Disk{}
		s := statetest.Open(t, disk.Backend())
		if phase != "" {
			must(t, s.Begin(ctx, in))
			must(t, s.Finish(ctx, state.Outcome{AccountName: in.AccountName, ID: in.ID, Attempt: in.Attempt, Phase: phase, Amount: in.Amount}))
		}
		var forbidden *state.ForbiddenError
		err := s.BeginCancel(ctx, cancel)
		disk.Crash(0)
		e, _ := load(t, disk).Entry(in.ID)
		switch {
		case phase == state.Accepted && (err != nil || e.CancelSent.IsZero() || e.Phase != state.Accepted):
			t.Errorf("accepted: %v, the disk holds %+v", err, e)
		case phase != state.Accepted && (!errors.As(err, &forbidden) || !e.CancelSent.IsZero()):
			t.Errorf("%s: %v, the disk holds %+v", phase, err, e)
		}
	}
}
