package apply

import (
	"context"
	"fmt"
	"maps"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// readBackResult is what reading back found: the refund, or the proof that it is absent now.
type readBackResult struct {
	live  *refund.Live
	proof *state.Proof // nil as long as the refund is not proved absent
	err   error        // why nothing is known
	read  plan.ParentRead
}

// proveAbsent reads until it sees the refund, or two good reads have not shown it. The second read begins
// at least ReadDelay after the first one ended and after ended, the end of the last try (R8). Counting
// from the end of the first read keeps the two apart even if that read had to wait or was retried. first
// may be a good read that this run has already made; the zero value is none. A failed read ends it.
func (r *Run) proveAbsent(ctx context.Context, id refund.Identity, ended time.Time, first plan.ParentRead) readBackResult {
	return twoReads{r.Gateways[id.Account].Reader, r.Recovery.ReadDelay, r.Clock}.prove(ctx, id, ended, first)
}

// twoReads reads as proveAbsent describes.
type twoReads struct {
	reader plan.Reader
	delay  time.Duration
	clock  func() time.Time
}

func (t twoReads) prove(ctx context.Context, id refund.Identity, ended time.Time, first plan.ParentRead) readBackResult {
	read := first
	if !read.Good() {
		read = plan.Relist(ctx, t.reader, id, t.clock)
	}
	if result, done := judgeRead(read, id); done {
		return result
	}
	now := t.clock()
	if err := sleep(ctx, t.delay-min(now.Sub(read.DoneAt), now.Sub(ended))); err != nil {
		return readBackResult{err: err}
	}
	second := plan.Relist(ctx, t.reader, id, t.clock)
	if result, done := judgeRead(second, id); done {
		return result
	}
	return readBackResult{proof: &state.Proof{FirstRead: read.DoneAt, SecondRead: second.ListedAt, SettledBy: "two_reads"}, read: second}
}

// judgeRead ends a reading back, with true, if the read shows the refund or failed.
func judgeRead(read plan.ParentRead, id refund.Identity) (readBackResult, bool) {
	if found := read.Find(id.RefundID); len(found) > 0 {
		return readBackResult{live: &found[0], read: read}, true
	}
	return readBackResult{err: read.Err, read: read}, read.Err != nil
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

// liveOutcome is the outcome of a refund that an answer or a read showed.
func liveOutcome(account string, id refund.Identity, attempt int, how string, l refund.Live) state.Outcome {
	o := state.Outcome{
		AccountName: account, ID: id, PaymentID: l.PaymentID, Attempt: attempt, Phase: state.PhaseOf(l.Status), Amount: l.Amount,
		Splits: l.Splits, Status: l.Status, CfRefundID: l.CfRefundID, ARN: l.ARN, How: how,
		CreatedAt: l.CreatedAt, ProcessedAt: l.ProcessedAt,
	}
	if l.Details != (refund.Details{}) {
		o.Details = &l.Details
	}
	return o
}

// newsOutcome is the outcome of a refund of the ledger of which a read showed something new. It repeats the
// details that the read omits.
func newsOutcome(e state.Entry, how string, l refund.Live) state.Outcome {
	l.Details = l.Known(e.Details, e.Status)
	return liveOutcome(e.AccountName, e.ID, e.Attempt, how, l)
}

// readBack resolves an answer that does not say what became of the refund (R7, R8). If the refund is
// there and equal, it was accepted. If a different one is there, the run stops. If the refund is absent
// now, it may be sent again.
func (s *sender) readBack(class Class, a refund.Answer) (refundEnd, bool) {
	if end, ok := s.recordUnknown(class, a); !ok {
		return end, true
	}
	earlier := s.mayHaveRun
	s.mayHaveRun = s.mayHaveRun || class != Replayed && class != Exists
	ctx := s.ctx
	if class == Mismatch || class == Redirected {
		ctx = context.WithoutCancel(ctx) // the run stops because of this refund, which is still read back
	}
	result := s.proveAbsentAgain(ctx, a.EndedAt, plan.ParentRead{})
	switch {
	case result.live != nil && class == Exists && !earlier:
		return s.adopt(*result.live, "adopted", AlreadyPresent), true
	case result.live != nil:
		return s.adopt(*result.live, "read_back", Sent), true
	case result.err != nil:
		return s.leaveInDoubt(class, a), true
	}
	switch class {
	case Replayed:
		return s.nextAttempt(a, result.proof)
	case Unknown, Busy:
		if s.tries < s.Recovery.MaxAttempts && !s.onNextAttempt {
			s.intent.Proof = result.proof
			return refundEnd{}, false
		}
	case Exists:
		a.Code = "exists_not_visible"
	}
	return s.leaveInDoubt(class, a), true
}

// proveAbsentAgain is proveAbsent for the refund that is being sent. If its read shows something of the
// parent that the plan did not see, the read that the next try relies on is dropped, so that refreshRead
// looks before anything else is sent there (R2).
func (s *sender) proveAbsentAgain(ctx context.Context, ended time.Time, first plan.ParentRead) readBackResult {
	result := s.proveAbsent(ctx, s.change.ID, ended, first)
	done := maps.Clone(s.done)
	done[s.change.ID.RefundID] = true
	if result.read.Good() && !result.read.Partial && !s.read.SameFacts(result.read, done) {
		s.read.ListedAt = time.Time{}
	}
	return result
}

// recordUnknown records an answer that leaves the refund in doubt, so that later runs know of it. It
// returns false if the ledger could not be written.
func (s *sender) recordUnknown(class Class, a refund.Answer) (refundEnd, bool) {
	end := s.record(s.outcome(state.Intended, class, a), class, a, InDoubt)
	return end, s.ledgerWorks()
}

func (x *execution) ledgerWorks() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.err == nil
}

func (s *sender) leaveInDoubt(class Class, a refund.Answer) refundEnd {
	return refundEnd{kind: InDoubt, class: class, code: a.Code, message: a.Message + a.Cause, requestID: s.requestID(a)}
}

// nextAttempt goes on to the next attempt: the key replays a stored answer, and the refund is absent now.
func (s *sender) nextAttempt(a refund.Answer, proof *state.Proof) (refundEnd, bool) {
	s.replays++
	// A stored refusal says that nothing ran under the key. A stored failure does not: the money may have
	// moved, and a refund that reads do not show yet stays possible in every further attempt.
	s.earlierAttemptMayHaveRun = s.earlierAttemptMayHaveRun || a.HTTP >= 500 || a.HTTP == 409
	switch {
	case s.replays > maxReplays && s.earlierAttemptMayHaveRun:
		return s.leaveInDoubt(Replayed, a), true
	case s.replays > maxReplays:
		o := s.outcome(state.NotSent, Replayed, a)
		o.Proof = proof
		return s.record(o, Replayed, a, NotSent), true
	}
	s.intent.Attempt++
	s.intent.Key = refund.Key(s.change.ID, s.intent.Attempt)
	s.intent.Try, s.intent.Proof = 0, proof
	s.mayHaveRun, s.onNextAttempt = s.earlierAttemptMayHaveRun, true
	return refundEnd{}, false
}

// adopt records a refund that a read showed. One that differs from the desired refund is a conflict, for a
// person to decide. If a try of ours may have made it, the run stops.
func (s *sender) adopt(l refund.Live, how string, kind EventKind) refundEnd {
	code, message := plan.Differs(s.change.Spec.Terms(), l.Terms())
	e, known := s.State.Entry(s.change.ID) // an unknown refund has attempt 0
	switch {
	case code == "":
		return s.record(liveOutcome(s.change.AccountName, s.change.ID, e.Attempt, how, l), Accepted, refund.Answer{}, kind)
	case !known || e.Phase != state.Intended:
		return refundEnd{kind: NotSent, class: Conflicting, code: code, message: message}
	case how == "adopted" && !s.mayHaveRun:
		a := refund.Answer{Code: code, Message: differentRefund + message}
		return s.record(s.outcome(state.Refused, Conflicting, a), Conflicting, a, Refused)
	}
	s.halt(fmt.Errorf("%w: %s: %s", ErrConflict, s.change.ID.RefundID, message))
	return refundEnd{kind: InDoubt, class: Conflicting, code: code, message: message}
}

// differentRefund begins the message of a conflict.
const differentRefund = "a different refund exists under this refund_id: "
