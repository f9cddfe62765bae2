package apply

import (
	"context"
	"slices"
	"sync"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/task"
	"refundctl/plan"
	"refundctl/state"
)

// execute sends the plan's creates: the refunds of one parent one after another, different parents in
// parallel (R10).
func (r *Run) execute(ctx context.Context, p Prepared) (Result, error) {
	x := &execution{Run: r, plan: p.Plan, proofs: p.Recovered.Proofs}
	x.ctx, x.stop = context.WithCancelCause(ctx)
	defer x.stop(nil)
	for _, c := range p.Plan.Changes {
		if c.Action != plan.Create {
			x.result.account(c)
		}
		if c.Outside() && !c.Doubtful() || c.LeftOut() {
			x.report(c, refundEnd{kind: NotSent, code: c.Reasons[0].Code, message: c.Reasons[0].Message})
		}
	}
	parents := make(chan []plan.Change)
	senders := task.New()
	for range max(r.Parallelism, 1) {
		senders.Go(func() error {
			for rows := range parents {
				x.guarded(rows)
			}
			return nil
		})
	}
	for _, rows := range plan.Turns(byParent(p.Plan.Rows(plan.Create)), func(rows []plan.Change) string { return rows[0].AccountName }) {
		parents <- rows
	}
	close(parents)
	_ = senders.Wait() // it returns no errors: x has them
	if x.ctx.Err() != nil {
		x.result.Stopped = context.Cause(x.ctx)
	}
	x.result.Earlier = r.earlier(p.Plan)
	return x.result, x.err
}

// byParent groups the creates by parent, in the plan's order. Within a parent, retries of refunds in
// doubt come before new refunds.
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
		slices.SortStableFunc(rows, func(a, b plan.Change) int {
			switch {
			case isRetry(a) == isRetry(b):
				return 0
			case isRetry(a):
				return -1
			}
			return 1
		})
	}
	return groups
}

// isRetry reports whether a create sends a refund again that is in doubt.
func isRetry(c plan.Change) bool { return c.Entry != nil && c.Entry.Phase == state.Intended }

// execution is the sending part of a run: its stop rules and its tallies.
type execution struct {
	*Run
	plan   *plan.Plan
	proofs map[refund.Identity]state.Proof
	ctx    context.Context // once it is done, nothing new starts
	stop   context.CancelCauseFunc

	mu     sync.Mutex
	result Result
	streak int // refunds in a row without a known outcome
	err    error
}

// guarded is parent, after which every row has its end even if sending one of them crashes. An intent without an
// outcome is in doubt.
func (x *execution) guarded(rows []plan.Change) {
	ended := 0
	err := task.Call(func() error { x.parent(rows, &ended); return nil })
	if err == nil {
		return
	}
	x.fail(err)
	for _, c := range rows[ended:] {
		_ = task.Call(func() error { x.finish(c, x.crashed(c, err)); return nil }) // an observer that crashes again cannot be helped
	}
}

// crashed is the end of a refund whose sending crashed. The ledger knows how far it came.
func (x *execution) crashed(c plan.Change, err error) refundEnd {
	end := refundEnd{kind: NotSent, code: crashed, message: err.Error()}
	e, known := x.State.Entry(c.ID)
	switch {
	case !known:
	case e.Phase == state.Intended:
		end.kind = InDoubt
	case e.Phase.Sent(): // else it would not have been a create
		end.kind, end.outcome = Sent, state.Outcome{Status: e.Status, CfRefundID: e.CfRefundID}
	case e.Phase == state.Refused && e.Attempt >= c.Attempt:
		end.kind = Refused
	}
	return end
}

// crashed is the code of a refund that was not sent because the program failed.
const crashed = "internal_error"

// parent sends the refunds of one parent in order. A refund in doubt keeps back those after it (R11). ended counts
// the rows whose end is known.
func (x *execution) parent(rows []plan.Change, ended *int) {
	read := x.plan.Parents[rows[0].ID.Parent]
	done := map[string]bool{}
	for i, c := range rows {
		end := x.send(c, &read, done)
		*ended = i + 1
		x.finish(c, end)
		done[c.ID.RefundID] = true
		if end.kind == InDoubt {
			x.keepBack(rows[i+1:], c.ID, ended)
			return
		}
	}
}

// keepBack ends the refunds that wait for a refund of the same parent that is in doubt.
func (x *execution) keepBack(rows []plan.Change, doubt refund.Identity, ended *int) {
	for _, c := range rows {
		end := refundEnd{kind: NotSent, code: "parent_in_doubt", message: "refund " + doubt.RefundID + " of the same " + string(doubt.Kind) + " is in doubt"}
		if isRetry(c) {
			end.kind = InDoubt
		}
		*ended++
		x.finish(c, end)
	}
}

// refundEnd is how one refund ended in this run.
type refundEnd struct {
	kind    EventKind
	class   Class
	code    string
	message string
	outcome state.Outcome

	requestID string // of the answer or try that decided
}

// finish counts and reports the end of one refund, and applies the stop rules that look at several.
func (x *execution) finish(c plan.Change, end refundEnd) {
	streak := x.count(c, end)
	x.report(c, end)
	switch {
	case streak >= maxStreak:
		x.halt(ErrUnknownStreak)
	case end.kind == Refused && x.StopOnRefusal:
		x.halt(ErrRefusal)
	}
}

// report reports the end of one refund.
func (x *execution) report(c plan.Change, end refundEnd) {
	e := Event{Kind: end.kind, At: x.Clock(), AccountName: c.AccountName, ID: c.ID, Amount: c.Amount, Attempt: c.Attempt,
		Key: c.Key, Status: end.outcome.Status, CfRefundID: end.outcome.CfRefundID, Class: end.class, Code: end.code, Message: end.message, RequestID: end.requestID}
	if entry, known := x.State.Entry(c.ID); known {
		e.Attempt, e.Try, e.Key = entry.Attempt, entry.Try, entry.Key
		if end.kind == InDoubt {
			e.Since, e.ResolvesAt = entry.TriedAt, entry.ResolvesAt(x.Recovery.SettleAfter)
		}
	}
	x.Observer.Observe(e)
}

// count adds the end of one refund to the result, and returns how many refunds in a row now had no known
// outcome.
func (x *execution) count(c plan.Change, end refundEnd) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.tally(end.kind, c.Amount)
	if end.kind == NotSent {
		x.result.because(end.code)
	}
	if end.outcome.Status.Dead() {
		x.result.Dead++
	}
	if live := end.kind == Sent || end.kind == AlreadyPresent; live && end.code == NotRecorded {
		x.result.Unrecorded.Add(c.Amount)
	} else if live && !end.outcome.Status.Settled() {
		x.result.Open++
	}
	switch {
	case end.kind == InDoubt || end.kind == NotSent && end.class == NotAttempted:
		x.streak++
	case end.class != "":
		x.streak = 0
	}
	return x.streak
}

// maxStreak unknown outcomes in a row end a run (R12): the cause is then not one refund.
const maxStreak = 5

// tally adds the amount to the tally of the kind. The caller holds mu.
func (x *execution) tally(kind EventKind, a money.Amount) {
	sums := map[EventKind]*plan.Tally{Sent: &x.result.Sent, AlreadyPresent: &x.result.AlreadyPresent,
		Refused: &x.result.Refused, InDoubt: &x.result.InDoubt, NotSent: &x.result.NotSent}
	sums[kind].Add(a)
}

// halt stops the run: nothing new starts. The first cause is kept.
func (x *execution) halt(cause error) {
	if x.ctx.Err() == nil {
		x.Observer.Observe(Event{Kind: Stopping, At: x.Clock(), Message: cause.Error()})
	}
	x.stop(cause)
}

// fail stops the run because the ledger can no longer be written.
func (x *execution) fail(err error) {
	x.mu.Lock()
	if x.err == nil {
		x.err = err
	}
	x.mu.Unlock()
	x.halt(err)
}
