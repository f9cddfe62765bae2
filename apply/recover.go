package apply

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Recovered is what reading back found out about the refunds that earlier runs left in doubt.
type Recovered struct {
	Settled []Event                         // no longer in doubt
	Open    []Event                         // still in doubt; SettlesAt says until when
	Proofs  map[refund.Identity]state.Proof // absent now: may go again if it is still wanted
}

// Recover settles what earlier runs left in doubt, by reads alone (R8, R11): present is accepted,
// absent for good is not sent, the rest stays open. again says which of the open ones are worth a
// second read, so that they may go again in this run; nil is none. The error is the ledger's.
func (r *Run) Recover(ctx context.Context, again func(state.Entry) bool) (Recovered, error) {
	var mu sync.Mutex
	all := Recovered{Proofs: map[refund.Identity]state.Proof{}}
	var eg errgroup.Group
	eg.SetLimit(max(r.Parallelism, 1))
	doubts := r.State.InDoubt()
	progress := r.Progress.Begin(r.readableAccounts(doubts))
	for _, entry := range doubts {
		if _, ours := r.Gateways[entry.ID.Account]; !ours {
			e := r.doubtEvent(entry)
			e.Code, e.Message = "other_account", otherAccount(entry)
			mu.Lock()
			all.Open = append(all.Open, e)
			mu.Unlock()
			continue
		}
		eg.Go(func() error {
			e, proof, err := r.recoverOne(ctx, entry, again)
			mu.Lock()
			defer mu.Unlock()
			if e.Kind == Settled {
				all.Settled = append(all.Settled, e)
			} else {
				all.Open = append(all.Open, e)
			}
			if proof != nil {
				all.Proofs[entry.ID] = *proof
			}
			r.Observer.Observe(e)
			progress.Done(entry.AccountName)
			return err
		})
	}
	err := eg.Wait()
	byID := func(a, b Event) int { return a.ID.Compare(b.ID) }
	slices.SortFunc(all.Settled, byID)
	slices.SortFunc(all.Open, byID)
	return all, err
}

func otherAccount(e state.Entry) string {
	if e.Elsewhere() {
		return fmt.Sprintf("account %s used another address then (%s): give it that base_url again to settle it", e.AccountName, e.Environment)
	}
	return fmt.Sprintf("account %s (%s) is not among those of this run", e.AccountName, e.Environment)
}

// own are the names of the accounts of those entries that this run can read.
func (r *Run) readableAccounts(entries []state.Entry) (names []string) {
	for _, e := range entries {
		if _, ours := r.Gateways[e.ID.Account]; ours {
			names = append(names, e.AccountName)
		}
	}
	return names
}

// recoverOne reads one refund back and records what that settles.
func (r *Run) recoverOne(ctx context.Context, entry state.Entry, again func(state.Entry) bool) (Event, *state.Proof, error) {
	e := r.doubtEvent(entry)
	first := plan.Relist(ctx, r.Gateways[entry.ID.Account].Reader, entry.ID, r.Clock)
	seen, done := judgeRead(first, entry.ID)
	due := !r.Clock().Before(e.SettlesAt)
	if !done && (due || again != nil && mayGoAgain(entry) && again(entry)) {
		// Also what is absent for good is read twice: a clock that jumped must not settle it early.
		seen = r.proveAbsent(ctx, entry.ID, time.Time{}, first)
	}
	switch {
	case seen.live != nil:
		return r.recordPresent(ctx, e, entry, *seen.live)
	case seen.err != nil:
		e.Code, e.Message = "unread", seen.err.Error()
		return e, nil, nil
	case due && seen.proof != nil:
		return r.recordAbsent(ctx, e, entry, *seen.proof)
	}
	return e, seen.proof, nil
}

// Doubts are the refunds that the ledger holds in doubt, sorted by identity.
func (r *Run) Doubts() []Event {
	var events []Event
	for _, e := range r.State.InDoubt() {
		events = append(events, r.doubtEvent(e))
	}
	return events
}

func (r *Run) doubtEvent(entry state.Entry) Event {
	return Event{Kind: InDoubt, At: r.Clock(), AccountName: entry.AccountName, ID: entry.ID, Amount: entry.Amount, Attempt: entry.Attempt,
		Try: entry.Try, Key: entry.Key, Class: Class(entry.LastClass), Code: entry.Code, Message: entry.Message,
		Since: entry.TriedAt, SettlesAt: entry.TriedAt.Add(r.Recovery.SettleAfter)}
}

// mayGoAgain passes over what a further try could not bring on: the API says that the id or the
// key is taken, or answered about something else. What it accepted under a lower attempt, as merged
// ledgers may tell, was sent (R2).
func mayGoAgain(e state.Entry) bool {
	switch Class(e.LastClass) {
	case Exists, OtherBytes, Mismatch, Conflicting:
		return false
	}
	return e.Request != nil && e.AcceptedAt.IsZero()
}

func (r *Run) recordPresent(ctx context.Context, e Event, entry state.Entry, l refund.Live) (Event, *state.Proof, error) {
	if code, message := plan.Differs(specOfEntry(entry), l); code != "" {
		e.Class, e.Code, e.Message = Conflicting, code, "another refund lives under this id: "+message
		return e, nil, nil
	}
	o := liveOutcome(entry.AccountName, entry.ID, entry.Attempt, "read_back", l)
	e.Kind, e.Class, e.Code, e.Message, e.Status, e.CfRefundID = Settled, Accepted, "", "found at the API", l.Status, l.CfRefundID
	return e, nil, r.Ledger.Finish(ctx, o)
}

// asked is what an intent in doubt asked for, in the form that live refunds are compared with.
func specOfEntry(e state.Entry) refund.Spec {
	return refund.Spec{ParentID: e.ID.ID, PaymentID: e.PaymentID, Amount: e.Amount, Splits: e.Splits}
}

// absent closes an intent that is proved absent for good. Where the API had said that the id is
// taken, something else has it: no further attempt can help, and plan asks for a person.
func (r *Run) recordAbsent(ctx context.Context, e Event, entry state.Entry, proof state.Proof) (Event, *state.Proof, error) {
	proof.SettledBy = "settle_after"
	o := state.Outcome{AccountName: entry.AccountName, ID: entry.ID, PaymentID: entry.PaymentID, Attempt: entry.Attempt, Phase: state.NotSent,
		Amount: entry.Amount, How: "absent", Class: entry.LastClass, Proof: &proof}
	e.Kind, e.Message = Settled, "absent at the API: it was not sent"
	if Class(entry.LastClass) == Exists {
		o.Phase, o.Code = state.Refused, plan.IDOnOtherParent
		e.Message = "the API knows this refund_id under another parent"
	}
	e.Code, o.Message = o.Code, e.Message
	return e, nil, r.Ledger.Finish(ctx, o)
}

// Record writes the live facts of a plan into the ledger: wanted refunds that were found live are
// adopted, and statuses that moved are noted. It returns how many events that took. What says that the
// ledger may be old is not adopted while that holds creates back (R22).
func (r *Run) Record(ctx context.Context, p *plan.Plan) (int, error) {
	var eg errgroup.Group
	eg.SetLimit(recorders)
	n := 0
	for _, c := range p.Changes {
		if c.Live == nil || c.Action == plan.Unmanaged || c.ID.RefundID == "" || !isNews(c) || c.AdoptionWaits() {
			continue
		}
		n++
		o := liveOutcome(c.AccountName, c.ID, 0, "adopted", *c.Live)
		if c.Entry != nil {
			o.Attempt, o.How = c.Entry.Attempt, "status"
		}
		eg.Go(func() error {
			r.Observer.Observe(Event{Kind: Recorded, At: r.Clock(), AccountName: c.AccountName, ID: c.ID, Amount: c.Amount,
				Status: c.Live.Status, CfRefundID: c.Live.CfRefundID, Message: o.How})
			return r.Ledger.Finish(ctx, o)
		})
	}
	return n, eg.Wait()
}

// recorders is how many appends wait for the disk together; they share its fsync.
const recorders = 64

// news tells whether the live refund says something that the ledger does not hold. A read that lags
// behind a settled status is none.
func isNews(c plan.Change) bool {
	e, l := c.Entry, c.Live
	switch {
	case c.Action == plan.Conflict && (e == nil || !e.Phase.Sent() || e.CfRefundID != l.CfRefundID):
		return false // an edit that came too late leaves the refund that was sent, and its status, as they are
	case e == nil || e.Phase == state.Refused || e.Phase == state.NotSent:
		return true // what an attempt asked for that is over binds nobody
	case e.Amount != l.Amount:
		return false // another refund than the one that the ledger knows
	case !e.Phase.Sent():
		return true
	case e.Phase != state.Accepted && state.PhaseOf(l.Status) == state.Accepted:
		return false
	}
	return e.Status != l.Status || l.ARN != "" && e.ARN != l.ARN || l.CfRefundID != "" && e.CfRefundID != l.CfRefundID
}
