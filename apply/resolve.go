package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Finding is what a person found out about a refund in doubt.
type Finding string

// The values of `recover --resolve`.
const (
	FoundSent    Finding = "sent"
	FoundNotSent Finding = "not-sent"
)

// Resolution is a person's finding, with what the ledger keeps of it.
type Resolution struct {
	Finding    Finding
	Reason     string
	AgainstAPI bool // the person knows that reads show the opposite
}

// LiveError contradicts a person who found a refund not sent: the API has it, as it was asked for.
type LiveError struct{ Live refund.Live }

// Error names the refund.
func (e *LiveError) Error() string {
	return fmt.Sprintf("refund %s is at the API: %s, %s", e.Live.RefundID, e.Live.Status, e.Live.Amount.Human())
}

// AbsentError contradicts a person who found a refund sent: a read of the API does not show it as it was
// asked for.
type AbsentError struct {
	RefundID string
	Read     string // state.Absent or state.Differs
	At       time.Time
}

// Error names the refund.
func (e *AbsentError) Error() string {
	if e.Read == state.Differs {
		return fmt.Sprintf("the API has a different refund under the refund_id %s", e.RefundID)
	}
	return fmt.Sprintf("refund %s is not at the API", e.RefundID)
}

// OpenToFinding reports whether a person may say what became of a refund: it is in doubt, or the ledger
// has nothing but another person's finding about it.
func OpenToFinding(e state.Entry) bool { return e.Phase == state.Intended || e.ByPerson }

// Resolve records a person's finding about a refund that is in doubt, or that rests on another person's
// finding. If the run has the refund's account, Resolve reads first. If the refund is live as it was asked
// for, that is recorded, or is a *LiveError if the person found it not sent. If it is not live, a finding
// that it was sent is an *AbsentError, unless AgainstAPI. unread says why nothing could be read; then the
// finding alone counts. Resolve sends nothing: what is live still decides what a later plan does (R2).
func (r *Run) Resolve(ctx context.Context, entry state.Entry, x Resolution) (e Event, unread, err error) {
	if !OpenToFinding(entry) {
		return Event{}, nil, fmt.Errorf("refund %s is not in doubt: the ledger has it as %s", entry.ID.RefundID, entry.Phase)
	}
	seen := r.readOnce(ctx, entry)
	switch {
	case ctx.Err() != nil:
		return Event{}, nil, context.Cause(ctx)
	case seen.live != nil && x.Finding == FoundNotSent:
		return Event{}, nil, &LiveError{*seen.live}
	case seen.live != nil:
		e, _, err = r.recordPresent(ctx, r.doubtEvent(entry), entry, *seen.live)
		return e, nil, err
	case seen.read != "" && x.Finding == FoundSent && !x.AgainstAPI:
		return Event{}, nil, &AbsentError{entry.ID.RefundID, seen.read, seen.at}
	}
	e, err = r.recordFinding(ctx, entry, x, seen)
	return e, seen.err, err
}

var errNoAccount = errors.New("its account is not available")

// singleRead is what one read shows of a refund. A different refund under its id does not count as it.
type singleRead struct {
	live *refund.Live
	read string // state.Absent or state.Differs if the refund is not there
	at   time.Time
	err  error // why nothing is known
}

func (r *Run) readOnce(ctx context.Context, entry state.Entry) singleRead {
	gateway, ours := r.Gateways[entry.ID.Account]
	if !ours {
		return singleRead{err: errNoAccount}
	}
	read := plan.Relist(ctx, gateway.Reader, entry.ID, r.Clock)
	seen := singleRead{read: state.Absent, at: read.ListedAt}
	for _, l := range read.Find(entry.ID.RefundID) {
		if code, _ := differs(entry, l); code == "" {
			return singleRead{live: &l}
		}
		seen.read = state.Differs
	}
	if read.Err != nil {
		return singleRead{err: read.Err}
	}
	return seen
}

func (r *Run) recordFinding(ctx context.Context, entry state.Entry, x Resolution, seen singleRead) (Event, error) {
	o := state.Outcome{AccountName: entry.AccountName, ID: entry.ID, PaymentID: entry.PaymentID, Attempt: entry.Attempt,
		Amount: entry.Amount, Splits: entry.Splits, How: state.Resolved, Message: x.Reason, Phase: state.NotSent,
		Proof: &state.Proof{FirstRead: seen.at, SettledBy: "person", Reason: x.Reason, Read: seen.read}}
	if x.Finding == FoundSent {
		o.Phase, o.Status, o.Proof.AgainstAPI = state.Accepted, refund.Pending, seen.read != ""
	}
	e := entryEvent(Resolved, r.Clock(), entry)
	e.Message = "a person found it " + string(x.Finding) + ": " + x.Reason
	if o.Proof.AgainstAPI {
		e.Message = "against what the API shows, " + e.Message
	}
	return e, r.Ledger.Finish(ctx, o)
}
