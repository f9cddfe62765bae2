package state_test

import (
	"errors"
	"testing"

	"refundctl/internal/refund"
	"refundctl/state"
	"refundctl/state/statetest"
)

func TestR2_TheLedgerForbidsWhatItHasRecorded(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	defer s.Close()
	attempt := func(in state.Intent, n, try int) state.Intent {
		in.Attempt, in.Try, in.Key = n, try, refund.Key(in.ID, n)
		return in
	}
	sent, doubtful, refused := statetest.Intent("order_1", "r_sent"), statetest.Intent("order_1", "r_doubt"), statetest.Intent("order_1", "r_refused")
	no := statetest.Accepted(attempt(refused, 2, 1))
	no.Phase, no.CfRefundID, no.Status = state.Refused, "", ""
	must(t, s.Begin(ctx, sent))
	must(t, s.Finish(ctx, statetest.Accepted(sent)))
	must(t, s.Begin(ctx, doubtful))
	must(t, s.Begin(ctx, attempt(refused, 2, 1)))
	must(t, s.Finish(ctx, no))
	for name, in := range map[string]state.Intent{
		"a refund that was sent":               attempt(sent, 2, 1),
		"an earlier attempt":                   attempt(refused, 1, 1),
		"an attempt that is over":              attempt(refused, 2, 2),
		"a refund_id in doubt at another":      statetest.Intent("order_2", "r_doubt"),
		"a refund_id that was sent at another": statetest.Intent("order_2", "r_sent"),
	} {
		var forbidden *state.ForbiddenError
		if err := s.Begin(ctx, in); !errors.As(err, &forbidden) || forbidden.ID != in.ID {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, in := range map[string]state.Intent{
		"another try of an attempt in doubt": attempt(doubtful, 1, 2),
		"the next attempt":                   attempt(refused, 3, 1),
		"a refused refund_id at another":     statetest.Intent("order_2", "r_refused"),
	} {
		if err := s.State().Forbids(in); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
