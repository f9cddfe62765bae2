// Package apply moves the money: it settles what is in doubt by reading, sends what a plan says is
// missing, once each, and records every answer before it goes on.
//
// It knows no HTTP and has no words for a terminal: it sends through Issuer, reads through
// plan.Reader, writes through Ledger and tells an Observer. The command line calls it.
package apply

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Issuer sends one account's refunds.
type Issuer interface {
	// Turn waits until one more create may be sent under the rate limit. Its only error is the
	// context's.
	Turn(ctx context.Context) error
	// Create makes exactly one try: one request that is never repeated underneath.
	Create(ctx context.Context, r refund.Request, key string) refund.Answer
}

// Ledger makes intents and outcomes durable: its methods return when the event is on disk, or with
// an error after which nothing more may be sent.
type Ledger interface {
	Begin(ctx context.Context, in state.Intent) error
	Finish(ctx context.Context, o state.Outcome) error
	End(ctx context.Context, e state.End) error
}

// Gateway is one account's way to the API.
type Gateway struct {
	Reader plan.Reader
	Issuer Issuer
}

// Recovery says how long outcomes stay unknown (R8).
type Recovery struct {
	ReadDelay   time.Duration // between the two reads that prove a refund absent now
	SettleAfter time.Duration // after the last try, a read proves it absent for good
	MaxAttempts int           // tries of one refund in one run whose outcome was not a replay
}

// Run is what an apply works with. State is the ledger's live fold: it holds each event as soon
// as Ledger has made it durable.
type Run struct {
	Ledger        Ledger
	State         *state.State
	Gateways      map[string]Gateway // by fingerprint
	Recovery      Recovery
	Parallelism   int
	StopOnRefusal bool // --on-error stop: the first refusal ends the run
	Clock         func() time.Time
	Observer      Observer
	Progress      plan.Progress // of what Recover reads back
}

// Reasons for which a run stops before its end. The context's error stands for a signal.
var (
	ErrCredentials   = errors.New("the API refused the credentials")
	ErrMismatch      = errors.New("the API answered about another refund or amount")
	ErrRedirected    = errors.New("the API answered with a redirect")
	ErrConflict      = errors.New("another refund lives under an id of this run")
	ErrUnknownStreak = errors.New("five refunds in a row had no known outcome")
	ErrRefusal       = errors.New("a refund was refused")
)

// Result is what became of the refunds of a run. Every create of the plan, and of the plan file that
// it follows, is in exactly one tally.
type Result struct {
	Sent           plan.Tally
	AlreadyPresent plan.Tally
	Refused        plan.Tally
	InDoubt        plan.Tally
	NotSent        plan.Tally
	Earlier        plan.Tally // in doubt since an earlier run, and not tried by this one
	Unknown        int        // live rows of the plan that the ledger does not know
	Recorded       int        // live facts that the ledger did not hold
	Dead           int        // sent, and CANCELLED or FAILED already
	Open           int        // sent, and not settled yet
	Unrecorded     plan.Tally // sent, and the answer could not be written to the ledger
	Stopped        error      // why the run ended early; nil where it did not
}

// execute sends the plan's creates: the refunds of one parent one after another, parents side by
// side (R10).
func (r *Run) execute(ctx context.Context, p Prepared) (Result, error) {
	x := &execution{Run: r, plan: p.Plan, proofs: p.Recovered.Proofs}
	x.ctx, x.stop = context.WithCancelCause(ctx)
	defer x.stop(nil)
	for _, c := range leftOut(p.Plan) {
		x.finish(c, refundEnd{kind: NotSent, code: c.Reasons[0].Code, message: c.Reasons[0].Message})
	}
	parents := make(chan []plan.Change)
	var senders sync.WaitGroup
	for range max(r.Parallelism, 1) {
		senders.Go(func() {
			for rows := range parents {
				x.parent(rows)
			}
		})
	}
	for _, rows := range plan.Turns(byParent(p.Plan.Rows(plan.Create)), func(rows []plan.Change) string { return rows[0].AccountName }) {
		parents <- rows
	}
	close(parents)
	senders.Wait()
	if x.ctx.Err() != nil {
		x.result.Stopped = context.Cause(x.ctx)
	}
	x.result.Earlier = r.earlier(p.Plan)
	return x.result, x.err
}

// Unsent is the result of a run that ended before it sent anything. p is nil where there was no plan.
func (r *Run) Unsent(p *plan.Plan) Result {
	result := Result{Earlier: r.earlier(p)}
	if p == nil {
		return result
	}
	result.Unknown = p.Unknown
	for _, c := range append(p.Rows(plan.Create), leftOut(p)...) {
		kind := &result.NotSent
		if rank(c) == 0 {
			kind = &result.InDoubt
		}
		kind.Add(c.Amount)
	}
	return result
}

// earlier sums up what is in doubt, not among the plan's creates, and not live: what lives under the
// id of a doubt and differs is a conflict of the plan.
func (r *Run) earlier(p *plan.Plan) plan.Tally {
	mine := map[refund.Identity]bool{}
	if p != nil {
		for _, c := range p.Changes {
			mine[c.ID] = c.Action == plan.Create || c.Live != nil
		}
	}
	var t plan.Tally
	for _, e := range r.State.InDoubt() {
		if _, ours := r.Gateways[e.ID.Account]; ours && !mine[e.ID] {
			t.Add(e.Amount)
		}
	}
	return t
}

// byParent keeps the plan's order, but what goes again stands before what is new.
func byParent(creates []plan.Change) [][]plan.Change {
	index := map[refund.Parent]int{}
	var groups [][]plan.Change
	for _, c := range creates {
		i, seen := index[c.ID.Parent]
		if !seen {
			i = len(groups)
			index[c.ID.Parent] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], c)
	}
	for _, rows := range groups {
		slices.SortStableFunc(rows, func(a, b plan.Change) int { return rank(a) - rank(b) })
	}
	return groups
}

func rank(c plan.Change) int {
	if c.Entry != nil && c.Entry.Phase == state.Intended {
		return 0
	}
	return 1
}

// execution is the sending of one run: its stop rules and its sums.
type execution struct {
	*Run
	plan   *plan.Plan
	proofs map[refund.Identity]state.Proof
	ctx    context.Context // done: nothing new starts
	stop   context.CancelCauseFunc

	mu     sync.Mutex
	result Result
	streak int // refunds in a row without a known outcome
	err    error
}

// parent sends one parent's refunds in order. One without a known outcome holds back the rest (R11).
func (x *execution) parent(rows []plan.Change) {
	read := x.plan.Parents[rows[0].ID.Parent]
	mine := map[string]bool{}
	for i, c := range rows {
		f := x.send(c, &read, mine)
		x.finish(c, f)
		mine[c.ID.RefundID] = true
		if f.kind == InDoubt {
			for _, rest := range rows[i+1:] {
				held := refundEnd{kind: NotSent, code: "parent_in_doubt", message: "refund " + c.ID.RefundID + " of the same parent is in doubt"}
				if rank(rest) == 0 {
					held.kind = InDoubt
				}
				x.finish(rest, held)
			}
			return
		}
	}
}

// final is what became of one refund in this run.
type refundEnd struct {
	kind    EventKind
	class   Class
	code    string
	message string
	outcome state.Outcome
}

// finish counts and tells one refund's end, and applies the stop rules that look at several.
func (x *execution) finish(c plan.Change, f refundEnd) {
	x.mu.Lock()
	x.tally(f.kind, c.Amount)
	if f.outcome.Status.Dead() {
		x.result.Dead++
	}
	if here := f.kind == Sent || f.kind == AlreadyPresent; here && f.code == NotRecorded {
		x.result.Unrecorded.Add(c.Amount)
	} else if here && !f.outcome.Status.Settled() {
		x.result.Open++
	}
	lost := f.kind == InDoubt || f.kind == NotSent && f.class == NotAttempted
	switch {
	case lost:
		x.streak++
	case f.class != "":
		x.streak = 0
	}
	trouble := x.streak >= maxStreak
	x.mu.Unlock()
	e := Event{Kind: f.kind, At: x.Clock(), AccountName: c.AccountName, ID: c.ID, Amount: c.Amount, Attempt: c.Attempt,
		Key: c.Key, Status: f.outcome.Status, CfRefundID: f.outcome.CfRefundID, Class: f.class, Code: f.code, Message: f.message}
	if entry, known := x.State.Entry(c.ID); known {
		e.Attempt, e.Try, e.Key = entry.Attempt, entry.Try, entry.Key
		if f.kind == InDoubt {
			e.Since, e.SettlesAt = entry.TriedAt, entry.TriedAt.Add(x.Recovery.SettleAfter)
		}
	}
	x.Observer.Observe(e)
	switch {
	case trouble:
		x.halt(ErrUnknownStreak)
	case f.kind == Refused && x.StopOnRefusal:
		x.halt(ErrRefusal)
	}
}

// maxStreak unknown outcomes in a row end a run (R12): the trouble is not one refund's.
const maxStreak = 5

// tally adds to the sum of the kind. The caller holds mu.
func (x *execution) tally(kind EventKind, a money.Amount) {
	sums := map[EventKind]*plan.Tally{Sent: &x.result.Sent, AlreadyPresent: &x.result.AlreadyPresent,
		Refused: &x.result.Refused, InDoubt: &x.result.InDoubt, NotSent: &x.result.NotSent}
	sums[kind].Add(a)
}

// halt lets nothing new start; the first cause is kept.
func (x *execution) halt(cause error) {
	if x.ctx.Err() == nil {
		x.Observer.Observe(Event{Kind: Stopping, At: x.Clock(), Message: cause.Error()})
	}
	x.stop(cause)
}

// fail is halt for a ledger that can no longer be written.
func (x *execution) fail(err error) {
	x.mu.Lock()
	if x.err == nil {
		x.err = err
	}
	x.mu.Unlock()
	x.halt(err)
}
