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

// sighting is what reading back found: the refund, or since when it is known to be absent.
type readBackResult struct {
	live  *refund.Live
	proof *state.Proof // absent now; nil while that is not shown
	err   error        // why nothing is known
	read  plan.ParentRead
}

// absentNow reads until the refund is seen, or absent in two good reads, the second begun at least
// ReadDelay after the first was there and after ended, the end of the last try. Counting from the
// first one's end keeps them apart also where it was waiting or tried several times. first may be a
// good read that this run made before; its zero value is none. A failed read gives up.
func (r *Run) proveAbsent(ctx context.Context, id refund.Identity, ended time.Time, first plan.ParentRead) readBackResult {
	reader, read := r.Gateways[id.Account].Reader, first
	if !read.Good() {
		read = plan.Relist(ctx, reader, id, r.Clock)
	}
	if s, done := judgeRead(read, id); done {
		return s
	}
	now := r.Clock()
	if err := sleep(ctx, r.Recovery.ReadDelay-min(now.Sub(read.DoneAt), now.Sub(ended))); err != nil {
		return readBackResult{err: err}
	}
	second := plan.Relist(ctx, reader, id, r.Clock)
	if s, done := judgeRead(second, id); done {
		return s
	}
	return readBackResult{proof: &state.Proof{FirstRead: read.DoneAt, SecondRead: second.ListedAt, SettledBy: "two_reads"}, read: second}
}

// seen ends a reading back: the refund is there, or the read was not good.
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

// found is the outcome of a refund that a read showed.
func liveOutcome(name string, id refund.Identity, attempt int, how string, l refund.Live) state.Outcome {
	return state.Outcome{
		AccountName: name, ID: id, PaymentID: l.PaymentID, Attempt: attempt, Phase: state.PhaseOf(l.Status), Amount: l.Amount,
		Splits: l.Splits, Status: l.Status, CfRefundID: l.CfRefundID, ARN: l.ARN, How: how,
		CreatedAt: l.CreatedAt, ProcessedAt: l.ProcessedAt,
	}
}

// readBack settles an answer that does not say what became of the refund: present and equal is
// accepted, present and different stops the run, absent now may let it go again (R7, R8).
func (s *sender) readBack(class Class, a refund.Answer) (refundEnd, bool) {
	if f, ok := s.recordUnknown(class, a); !ok {
		return f, true
	}
	earlier := s.mayHaveRun
	s.mayHaveRun = s.mayHaveRun || class != Replayed && class != Exists
	ctx := s.ctx
	if class == Mismatch || class == Redirected {
		ctx = context.WithoutCancel(ctx) // the run is stopping because of this one: it is still read back
	}
	seen := s.readAgain(ctx, a.EndedAt, plan.ParentRead{})
	switch {
	case seen.live != nil && class == Exists && !earlier:
		return s.adopt(*seen.live, "adopted", AlreadyPresent), true
	case seen.live != nil:
		return s.adopt(*seen.live, "read_back", Sent), true
	case seen.err != nil:
		return s.leaveInDoubt(class, a), true
	}
	switch class {
	case Replayed:
		return s.nextAttempt(a, seen.proof)
	case Unknown, Busy:
		if s.tries < s.Recovery.MaxAttempts && !s.onNextAttempt {
			s.intent.Proof = seen.proof
			return refundEnd{}, false
		}
	case Exists:
		a.Code = "exists_not_visible"
	}
	return s.leaveInDoubt(class, a), true
}

// readAgain is absentNow for the refund that is being sent. Where it shows of the parent what the plan
// did not see, nothing more goes there before another look (R2).
func (s *sender) readAgain(ctx context.Context, ended time.Time, first plan.ParentRead) readBackResult {
	seen := s.proveAbsent(ctx, s.change.ID, ended, first)
	done := maps.Clone(s.done)
	done[s.change.ID.RefundID] = true
	if seen.read.Good() && !seen.read.Partial && !s.read.SameFacts(seen.read, done) {
		s.read.ListedAt = time.Time{}
	}
	return seen
}

// note records an answer that settles nothing, so that later runs know of it.
func (s *sender) recordUnknown(class Class, a refund.Answer) (refundEnd, bool) {
	f := s.record(s.outcome(state.Intended, class, a), class, a, InDoubt)
	return f, s.ledgerWorks()
}

func (x *execution) ledgerWorks() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.err == nil
}

func (s *sender) leaveInDoubt(class Class, a refund.Answer) refundEnd {
	return refundEnd{kind: InDoubt, class: class, code: a.Code, message: a.Message + a.Cause}
}

// raise goes on to the next attempt: the key answers from its store, and the refund is absent now.
func (s *sender) nextAttempt(a refund.Answer, proof *state.Proof) (refundEnd, bool) {
	s.replays++
	// A stored no says that nothing ran under the key. A stored failure does not: the money may have
	// moved then, and what reads do not show yet stays possible under every further attempt.
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

// adopt records a refund that a read showed. One that differs from what is wanted is a conflict, for
// a person to decide. Where our own tries may have made it, the run stops.
func (s *sender) adopt(l refund.Live, how string, kind EventKind) refundEnd {
	code, message := plan.Differs(*s.change.Spec, l)
	e, known := s.State.Entry(s.change.ID)
	switch {
	case code == "" && known:
		return s.record(liveOutcome(s.change.AccountName, s.change.ID, e.Attempt, how, l), Accepted, refund.Answer{}, kind)
	case code == "":
		return s.record(liveOutcome(s.change.AccountName, s.change.ID, 0, how, l), Accepted, refund.Answer{}, kind)
	case !known || e.Phase != state.Intended:
		return refundEnd{kind: NotSent, class: Conflicting, code: code, message: message}
	case how == "adopted" && !s.mayHaveRun:
		a := refund.Answer{Code: code, Message: "another refund lives under this id: " + message}
		return s.record(s.outcome(state.Refused, Conflicting, a), Conflicting, a, Refused)
	}
	s.halt(fmt.Errorf("%w: %s: %s", ErrConflict, s.change.ID.RefundID, message))
	return refundEnd{kind: InDoubt, class: Conflicting, code: code, message: message}
}
