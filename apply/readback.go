package apply

import (
	"context"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// sighting is what reading back found: the refund, or since when it is known to be absent.
type sighting struct {
	live  *refund.Live
	proof *state.Proof // absent now; nil while that is not shown
	err   error        // why nothing is known
	read  plan.ParentRead
}

// absentNow reads until the refund is seen, or absent in two good reads, the second begun at least
// ReadDelay after the first was there and after ended, the end of the last try. Counting from the
// first one's end keeps them apart also where it was waiting or tried several times. first may be a
// good read that this run made before; its zero value is none. A failed read gives up.
func (r *Run) absentNow(ctx context.Context, id refund.Identity, ended time.Time, first plan.ParentRead) sighting {
	reader, read := r.Gateways[id.Account].Reader, first
	if !read.Good() {
		read = plan.Relist(ctx, reader, id, r.Clock)
	}
	if s, done := seen(read, id); done {
		return s
	}
	now := r.Clock()
	if err := sleep(ctx, r.Recovery.ReadDelay-min(now.Sub(read.DoneAt), now.Sub(ended))); err != nil {
		return sighting{err: err}
	}
	second := plan.Relist(ctx, reader, id, r.Clock)
	if s, done := seen(second, id); done {
		return s
	}
	return sighting{proof: &state.Proof{FirstRead: read.DoneAt, SecondRead: second.ListedAt, SettledBy: "two_reads"}, read: second}
}

// seen ends a reading back: the refund is there, or the read was not good.
func seen(read plan.ParentRead, id refund.Identity) (sighting, bool) {
	if found := read.Find(id.RefundID); len(found) > 0 {
		return sighting{live: &found[0], read: read}, true
	}
	return sighting{err: read.Err, read: read}, read.Err != nil
}

// sleep waits on the monotonic clock, or until ctx is done.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// found is the outcome of a refund that a read showed.
func found(name string, id refund.Identity, attempt int, how string, l refund.Live) state.Outcome {
	return state.Outcome{
		AccountName: name, ID: id, PaymentID: l.PaymentID, Attempt: attempt, Phase: state.PhaseOf(l.Status), Amount: l.Amount,
		Splits: l.Splits, Status: l.Status, CfRefundID: l.CfRefundID, ARN: l.ARN, How: how,
		CreatedAt: l.CreatedAt, ProcessedAt: l.ProcessedAt,
	}
}
