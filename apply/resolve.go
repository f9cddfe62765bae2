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

// What `recover --resolve` takes.
const (
	FoundSent    Finding = "sent"
	FoundNotSent Finding = "not-sent"
)

// Resolution is a finding with what the ledger keeps of it.
type Resolution struct {
	Finding    Finding
	Reason     string
	AgainstAPI bool // the person knows that reads show the contrary
}

// LiveError contradicts a person: the API holds the refund, as it was asked for.
type LiveError struct{ Live refund.Live }

// Error names the refund.
func (e *LiveError) Error() string {
	return fmt.Sprintf("refund %s is at the API: %s, %s", e.Live.RefundID, e.Live.Status, e.Live.Amount.Human())
}

// AbsentError contradicts a person: the API was read, and does not hold the refund as it was asked for.
type AbsentError struct {
	RefundID string
	Read     string // state.Absent or state.Differs
	At       time.Time
}

// Error names the refund.
func (e *AbsentError) Error() string {
	if e.Read == state.Differs {
		return fmt.Sprintf("the API holds another refund under the id %s", e.RefundID)
	}
	return fmt.Sprintf("refund %s is not at the API", e.RefundID)
}

// OpenToFinding reports whether a person may say what became of a refund: it is in doubt, or what the
// ledger holds is another person's word alone.
func OpenToFinding(e state.Entry) bool { return e.Phase == state.Intended || e.ByPerson }

// Resolve records a person's finding about a refund that is in doubt, or that a person found something else
// about before. It reads first, if the run has the account: what is live as it was asked for is
// recorded as such, and a *LiveError if the person said that it was not sent. What a read does not show is an *AbsentError
// for whoever says that it was sent, unless AgainstAPI. unread says why nothing was read; then only the
// finding counts. Nothing is sent: whatever is live still decides what a later plan does (R2).
func (r *Run) Resolve(ctx context.Context, entry state.Entry, x Resolution) (e Event, unread, err error) {
	if !OpenToFinding(entry) {
		return Event{}, nil, fmt.Errorf("refund %s is not in doubt: the ledger holds it as %s", entry.ID.RefundID, entry.Phase)
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

var errNotAtHand = errors.New("its account is not available")

// look is what one read shows of a refund. What lives under its id and differs is not it.
type singleRead struct {
	live *refund.Live
	read string // if it is not there: state.Absent or state.Differs
	at   time.Time
	err  error // why nothing is known
}

func (r *Run) readOnce(ctx context.Context, entry state.Entry) singleRead {
	gateway, ours := r.Gateways[entry.ID.Account]
	if !ours {
		return singleRead{err: errNotAtHand}
	}
	read := plan.Relist(ctx, gateway.Reader, entry.ID, r.Clock)
	seen := singleRead{read: state.Absent, at: read.ListedAt}
	for _, l := range read.Find(entry.ID.RefundID) {
		if code, _ := plan.Differs(specOfEntry(entry), l); code == "" {
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
	e := Event{Kind: Settled, At: r.Clock(), AccountName: entry.AccountName, ID: entry.ID, Amount: entry.Amount, Attempt: entry.Attempt,
		Key: entry.Key, Message: "a person found it " + string(x.Finding) + ": " + x.Reason}
	if o.Proof.AgainstAPI {
		e.Message = "against what the API shows, " + e.Message
	}
	return e, r.Ledger.Finish(ctx, o)
}
