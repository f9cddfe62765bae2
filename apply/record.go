package apply

import (
	"context"
	"time"

	"refundctl/internal/refund"
	"refundctl/internal/task"
	"refundctl/plan"
	"refundctl/state"
)

// maxWriters is how many appends wait for the disk at a time; they share its fsync.
const maxWriters = 64

// Record writes the live facts of a plan into the ledger: it adopts desired refunds that were found live,
// and notes statuses that changed and refunds that the API no longer lists. It returns the number of events. A
// live refund that suggests an old ledger is not adopted as long as it keeps creates back (R22).
func (r *Run) Record(ctx context.Context, p *plan.Plan) (int, error) {
	eg := task.New()
	eg.SetLimit(maxWriters)
	n := 0
	for _, c := range p.Changes {
		if e := c.Entry; e != nil && p.Parents[c.ID.Parent].Misses(*e, p.CreatedAt, r.Recovery.SettleAfter) && becomesMissing(*e) {
			eg.Go(func() error { return r.recordMissing(ctx, *e) })
			continue
		}
		if c.Live == nil || c.Action == plan.Unmanaged || c.ID.RefundID == "" || !isNews(c) || c.AdoptionWaits() {
			continue
		}
		n++
		o := liveOutcome(c.AccountName, c.ID, 0, "adopted", *c.Live)
		if c.Entry != nil {
			o = newsOutcome(*c.Entry, "status", *c.Live)
			o.AccountName = c.AccountName
		}
		eg.Go(func() error {
			r.Observer.Observe(Event{Kind: Recorded, At: r.Clock(), AccountName: c.AccountName, ID: c.ID, Amount: c.Amount,
				Status: c.Live.Status, CfRefundID: c.Live.CfRefundID, Message: o.How})
			return r.Ledger.Finish(ctx, o)
		})
	}
	return n, eg.Wait()
}

// becomesMissing reports whether a refund that a read misses is a finding that the ledger does not have. A dead
// refund owes nobody anything.
func becomesMissing(e state.Entry) bool {
	return e.MissingSince.IsZero() && (e.Phase == state.Accepted || e.Phase == state.Settled)
}

// recordMissing records that a good list misses a refund. If the API has no list, a single answer is weak
// evidence, and two more reads must not find it either.
func (r *Run) recordMissing(ctx context.Context, e state.Entry) error {
	if e.ID.Kind != refund.Order && r.proveAbsent(ctx, e.ID, time.Time{}, plan.ParentRead{}).proof == nil {
		return nil
	}
	return r.finishMissing(ctx, e)
}

func (r *Run) finishMissing(ctx context.Context, e state.Entry) error {
	return r.Ledger.Finish(ctx, state.Outcome{AccountName: e.AccountName, ID: e.ID, PaymentID: e.PaymentID, Attempt: e.Attempt, Phase: e.Phase,
		Amount: e.Amount, Status: e.Status, How: state.Missing})
}

// RecordReads writes what was read without the lock into the ledger, unless the ledger, which others may
// have written since, already has it. A refund in doubt that was found live is resolved by it. missing are
// refunds that reads proved to be no longer listed. The error is the ledger's.
func (r *Run) RecordReads(ctx context.Context, live map[refund.Identity]refund.Live, missing map[refund.Identity]bool) error {
	eg := task.New()
	eg.SetLimit(maxWriters)
	for id := range missing {
		if e, known := r.State.Entry(id); known && becomesMissing(e) {
			eg.Go(func() error { return r.finishMissing(ctx, e) })
		}
	}
	for id, l := range live {
		e, known := r.State.Entry(id)
		if !known || !hasNews(e, l) {
			continue
		}
		how := "status"
		if e.Phase == state.Intended {
			how = "read_back"
		}
		o := newsOutcome(e, how, l)
		eg.Go(func() error { return r.Ledger.Finish(ctx, o) })
	}
	return eg.Wait()
}

// hasNews reports whether the live refund is the entry's and shows something that the ledger does not have.
func hasNews(e state.Entry, l refund.Live) bool {
	if e.Phase == state.Intended {
		code, _ := differs(e, l)
		return code == ""
	}
	return isNews(plan.Change{Entry: &e, Live: &l})
}

// isNews reports whether the live refund of a change shows something that the ledger does not have. A read
// that lags behind a settled status does not.
func isNews(c plan.Change) bool {
	e, l := c.Entry, c.Live
	switch {
	case c.Action == plan.Conflict && (e == nil || !e.Phase.Sent() || e.CfRefundID != l.CfRefundID):
		return false // an edit that came too late changes neither the refund that was sent nor its status
	case e == nil || e.Phase == state.Refused || e.Phase == state.NotSent:
		return true // what an attempt asked for does not matter once the attempt is over
	case e.Amount != l.Amount:
		return false // not the refund that the ledger has
	case !e.Phase.Sent(), !e.MissingSince.IsZero():
		return true
	case e.Phase != state.Accepted && state.PhaseOf(l.Status) == state.Accepted:
		return false
	}
	return e.Status != l.Status || l.ARN != "" && e.ARN != l.ARN || l.CfRefundID != "" && e.CfRefundID != l.CfRefundID || saysMore(*e, *l)
}

// saysMore reports whether a live refund has details that differ from those of the ledger.
func saysMore(e state.Entry, l refund.Live) bool {
	var have refund.Details
	if e.Details != nil {
		have = *e.Details
	}
	return l.Known(e.Details, e.Status) != have
}
