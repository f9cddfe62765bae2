package apply

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Recovered is what reading back found out about the refunds that earlier runs left in doubt.
type Recovered struct {
	Resolved []Event                         // no longer in doubt
	Open     []Event                         // still in doubt, each with its ResolvesAt
	Proofs   map[refund.Identity]state.Proof // absent now: may be sent again if still desired
}

// Recover resolves the refunds that earlier runs left in doubt, by reads alone (R8, R11). A refund that a
// read shows was accepted, one that is absent for good was not sent, and the rest stays open. again
// chooses the open ones that are worth a second read, so that this run may send them again; nil chooses
// none. The error is the ledger's.
func (r *Run) Recover(ctx context.Context, again func(state.Entry) bool) (Recovered, error) {
	all := Recovered{Proofs: map[refund.Identity]state.Proof{}}
	var readable []state.Entry
	for _, entry := range r.State.InDoubt() {
		if _, ours := r.Gateways[entry.ID.Account]; ours {
			readable = append(readable, entry)
			continue
		}
		e := r.doubtEvent(entry)
		e.Code, e.Message = "other_account", otherAccount(entry)
		all.Open = append(all.Open, e)
		if r.counts(entry) {
			r.Observer.Observe(e)
		}
	}
	var mu sync.Mutex
	var failed error
	how := plan.Reading[state.Entry]{Parallelism: r.Parallelism, Account: accountOf, Progress: r.Progress}
	// If ctx ends, the remaining reads fail at once: no doubt is left out of the result.
	_, _ = plan.ReadAll(context.WithoutCancel(ctx), readable, how, func(_ context.Context, entry state.Entry) (struct{}, error) {
		e, proof, err := r.recoverOne(ctx, entry, again)
		mu.Lock()
		defer mu.Unlock()
		if e.Kind == Resolved {
			all.Resolved = append(all.Resolved, e)
		} else {
			all.Open = append(all.Open, e)
		}
		if proof != nil {
			all.Proofs[entry.ID] = *proof
		}
		if failed == nil {
			failed = err
		}
		r.Observer.Observe(e)
		return struct{}{}, nil
	})
	byID := func(a, b Event) int { return a.ID.Compare(b.ID) }
	slices.SortFunc(all.Resolved, byID)
	slices.SortFunc(all.Open, byID)
	return all, failed
}

func accountOf(e state.Entry) string { return e.AccountName }

// otherAccount says why this run cannot read a refund back.
func otherAccount(e state.Entry) string {
	if e.Elsewhere() {
		return fmt.Sprintf("account %s used another address then (%s): set that base_url again to resolve it", e.AccountName, e.Environment)
	}
	return fmt.Sprintf("account %s (%s) is not among the accounts of this run", e.AccountName, e.Environment)
}

// recoverOne reads one refund back and records what that resolves. The proof is for a refund that may be
// sent again.
func (r *Run) recoverOne(ctx context.Context, entry state.Entry, again func(state.Entry) bool) (Event, *state.Proof, error) {
	e := r.doubtEvent(entry)
	first := plan.Relist(ctx, r.Gateways[entry.ID.Account].Reader, entry.ID, r.Clock)
	result, done := judgeRead(first, entry.ID)
	due := !r.Clock().Before(e.ResolvesAt)
	if !done && (due || again != nil && mayGoAgain(entry) && again(entry)) {
		// Absence for good takes two reads as well: a clock that jumped must not resolve a doubt too early.
		result = r.proveAbsent(ctx, entry.ID, time.Time{}, first)
	}
	switch {
	case result.live != nil:
		return r.recordPresent(ctx, e, entry, *result.live)
	case result.err != nil:
		e.Code, e.Message = plan.ParentRead{Parent: entry.ID.Parent, Err: result.err}.Failure()
		e.ReadID = refund.RequestID(result.err)
		return e, nil, nil
	case due && result.proof != nil:
		return r.recordAbsent(ctx, e, entry, *result.proof)
	}
	return e, result.proof, nil
}

// Doubts returns the refunds that the ledger has in doubt, sorted by identity.
func (r *Run) Doubts() []Event {
	var events []Event
	for _, e := range r.State.InDoubt() {
		events = append(events, r.doubtEvent(e))
	}
	return events
}

func (r *Run) doubtEvent(entry state.Entry) Event {
	e := entryEvent(InDoubt, r.Clock(), entry)
	e.Try, e.Class, e.Code, e.Message = entry.Try, Class(entry.LastClass), entry.Code, entry.Message
	e.RequestID = entry.RequestID
	e.Since, e.ResolvesAt = entry.TriedAt, entry.ResolvesAt(r.Recovery.SettleAfter)
	return e
}

// mayGoAgain reports whether another try could help a refund in doubt. It could not if the API says that
// the id or the key is taken, or answered about something else. A refund that the API accepted under a
// lower attempt, as merged ledgers may have it, was sent (R2).
func mayGoAgain(e state.Entry) bool {
	switch Class(e.LastClass) {
	case Exists, OtherBytes, Mismatch, Conflicting:
		return false
	}
	return e.Request != nil && e.AcceptedAt.IsZero()
}

// recordPresent records a doubt that a read resolved: the refund is there. If a different one is there,
// the refund stays in doubt.
func (r *Run) recordPresent(ctx context.Context, e Event, entry state.Entry, l refund.Live) (Event, *state.Proof, error) {
	if code, message := differs(entry, l); code != "" {
		e.Class, e.Code, e.Message = Conflicting, code, differentRefund+message
		return e, nil, nil
	}
	o := liveOutcome(entry.AccountName, entry.ID, entry.Attempt, "read_back", l)
	e.Kind, e.Class, e.Code, e.Message, e.Status, e.CfRefundID = Resolved, Accepted, "", "found at the API", l.Status, l.CfRefundID
	return e, nil, r.Ledger.Finish(ctx, o)
}

// recordAbsent closes an intent that is proved absent for good. If the API has said that the id is taken,
// something else has it: no further attempt can help, and plan asks for a person's decision.
func (r *Run) recordAbsent(ctx context.Context, e Event, entry state.Entry, proof state.Proof) (Event, *state.Proof, error) {
	proof.SettledBy = "settle_after"
	o := state.Outcome{AccountName: entry.AccountName, ID: entry.ID, PaymentID: entry.PaymentID, Attempt: entry.Attempt, Phase: state.NotSent,
		Amount: entry.Amount, How: "absent", Class: entry.LastClass, Proof: &proof}
	e.Kind, e.Message = Resolved, "absent at the API: it was not sent"
	if Class(entry.LastClass) == Exists {
		o.Phase, o.Code = state.Refused, plan.IDOnOtherParent
		e.Message = "the API has this refund_id on another order or payment"
	}
	e.Code, o.Message = o.Code, e.Message
	return e, nil, r.Ledger.Finish(ctx, o)
}
