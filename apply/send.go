package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Limits on what one refund may cost a run.
const (
	maxReplays = 20               // attempts whose key replayed a stored answer
	maxWaits   = 5                // tries that were not attempted: throttled, or nothing left
	maxBusy    = 3                // tries that met another request in processing
	maxStale   = 3                // intents whose read became too old before the request could leave
	freshness  = 10 * time.Minute // how old a read may be when a refund is sent on it (R19)
)

// sender sends one refund. intent is that of the latest try.
type sender struct {
	*execution
	change plan.Change
	read   *plan.ParentRead // of the parent; shared by its refunds
	done   map[string]bool  // the parent's refunds that this run has finished
	intent state.Intent
	readAt time.Time // when the read began that the next try relies on

	mayHaveRun               bool // a try of this attempt, in this run or an earlier one, may have run
	earlierAttemptMayHaveRun bool // so may a try of an attempt before this one
	onNextAttempt            bool // this run went on to a further attempt

	// How often each limit was used up. tries counts those whose answer was not a replay.
	tries, replays, waits, busy, stale int
}

// send brings one create of the plan to its end in this run.
func (x *execution) send(c plan.Change, read *plan.ParentRead, done map[string]bool) refundEnd {
	s := &sender{execution: x, change: c, read: read, done: done}
	if x.ctx.Err() != nil {
		return s.stopped()
	}
	if end, ended := s.prepare(); ended {
		return end
	}
	for {
		if err := x.Gateways[c.ID.Account].Issuer.Turn(x.ctx); err != nil {
			return s.stopped()
		}
		if end, ended := s.refreshRead(); ended {
			return end
		}
		if x.ctx.Err() != nil {
			return s.stopped()
		}
		s.intent.Try++
		s.intent.Request.ID = newRequestID(x.RequestID)
		if err := x.Ledger.Begin(x.ctx, s.intent); err != nil {
			return s.notBegun(err)
		}
		if end, ended := s.try(); ended {
			return end
		}
	}
}

// notBegun ends a refund whose intent is not durable: nothing was sent. A ledger that cannot be written
// ends the run as well.
func (s *sender) notBegun(err error) refundEnd {
	var forbidden *state.ForbiddenError
	switch {
	case s.ctx.Err() != nil:
		return s.stopped()
	case errors.As(err, &forbidden):
		return s.unsent("forbidden", err.Error())
	}
	s.fail(err)
	return s.unsent(NotRecorded, "the intent could not be recorded: "+err.Error())
}

// stopped ends a refund because the run stops.
func (s *sender) stopped() refundEnd { return s.unsent("stopped", context.Cause(s.ctx).Error()) }

// prepare builds the first intent. A refund in doubt, and an attempt above the first, may only be sent
// with a proof that the refund is absent (R7, R8).
func (s *sender) prepare() (refundEnd, bool) {
	c := s.change
	entry, known := s.State.Entry(c.ID)
	s.intent = state.Intent{
		AccountName: c.AccountName, ID: c.ID, PaymentID: c.PaymentID, Amount: c.Amount, Splits: c.Spec.Splits, Key: c.Key,
		Attempt: c.Attempt, Request: *c.Request, Facts: s.read.Facts, Source: c.Spec.Source, Labels: c.Spec.Labels,
	}
	switch {
	case known && entry.Phase.Sent():
		return refundEnd{kind: AlreadyPresent}, true
	case known && entry.Phase == state.Intended:
		proof, proven := s.proofs[c.ID]
		if !proven || entry.Attempt != c.Attempt {
			return refundEnd{kind: InDoubt, code: entry.Code, message: entry.Message}, true
		}
		s.intent.Proof, s.intent.Try, s.mayHaveRun = &proof, entry.Try, true
	case c.Attempt > 1:
		result := s.proveAbsentAgain(s.ctx, time.Time{}, *s.read)
		if result.proof == nil {
			return s.notAbsent(result), true
		}
		s.intent.Proof = result.proof
	}
	return refundEnd{}, false
}

// notAbsent ends a refund that could not be proved absent before this run sent anything.
func (s *sender) notAbsent(result readBackResult) refundEnd {
	if result.live != nil {
		return s.adopt(*result.live, "adopted", AlreadyPresent)
	}
	return s.unread(plan.ParentRead{Parent: s.change.ID.Parent, Err: result.err})
}

// unread ends a refund because a read that it needs failed.
func (s *sender) unread(read plan.ParentRead) refundEnd {
	end := s.unsent(read.Failure())
	if end.kind == NotSent {
		end.requestID = refund.RequestID(read.Err)
	}
	return end
}

// refreshRead reads the parent again if the plan's read is too old to send on (R19). If other refunds of the
// parent changed since, the refund is not sent: that change was not reviewed.
func (s *sender) refreshRead() (refundEnd, bool) {
	s.readAt = s.read.ListedAt
	if fresh(s.readAt, s.Clock()) {
		return refundEnd{}, false
	}
	read := plan.Relist(s.ctx, s.Gateways[s.change.ID.Account].Reader, s.change.ID, s.Clock)
	s.readAt = read.ListedAt
	if found := read.Find(s.change.ID.RefundID); len(found) > 0 {
		return s.adopt(found[0], "adopted", AlreadyPresent), true
	}
	if read.Err != nil {
		return s.unread(read), true
	}
	if read.Partial {
		return refundEnd{}, false // it shows nothing of the other refunds, and each refund is read by itself
	}
	if !s.read.SameFacts(read, s.done) {
		return s.unsent("parent_moved", "refunds of the same "+string(s.change.ID.Kind)+" changed since the plan was made"), true
	}
	read.Facts = s.read.Facts
	*s.read = read
	return refundEnd{}, false
}

// fresh reports whether a request may be sent on a read that began at that time (R19). The monotonic
// clock stops while the machine sleeps, and the wall clock can be set back: the larger age counts.
func fresh(began, now time.Time) bool {
	age := max(now.Sub(began), now.Round(0).Sub(began.Round(0)))
	return !began.IsZero() && age <= freshness
}

// readTooOld takes the place of an answer if the request was not sent because its read was too old.
func readTooOld(kind refund.Kind) refund.Answer {
	return refund.Answer{Code: "list_too_old", Message: "the last read of its " + string(kind) + " became too old before the request was sent"}
}

// try makes one POST and acts on its answer. It returns true if the refund is at its end.
//
// The last checks come after the intent is durable and right before the request (R19), since the disk may
// have been slow or the process suspended. A read that became too old is made again, maxStale times at
// most; then, or if the run has to stop, the intent is closed as not attempted.
func (s *sender) try() (refundEnd, bool) {
	c := s.change
	switch {
	case s.ctx.Err() != nil:
		return s.stopped(), true
	case !fresh(s.readAt, s.Clock()):
		return s.wait(NotAttempted, readTooOld(c.ID.Kind), &s.stale, maxStale)
	}
	s.Observer.Observe(Event{Kind: Sending, At: s.Clock(), AccountName: c.AccountName, ID: c.ID, Amount: c.Amount,
		Attempt: s.intent.Attempt, Try: s.intent.Try, Key: s.intent.Key, RequestID: s.intent.Request.ID})
	// A signal must not cut off an answer. The client's own timeout bounds the wait.
	answer := s.Gateways[c.ID.Account].Issuer.Create(context.WithoutCancel(s.ctx), s.intent.Request, s.intent.Key)
	class := Classify(answer, s.intent, s.mayHaveRun)
	if !answer.Replayed && class != NotAttempted && class != Busy {
		s.tries++
	}
	return s.act(class, answer)
}

func (s *sender) act(class Class, a refund.Answer) (refundEnd, bool) {
	switch class {
	case Accepted:
		o := liveOutcome(s.change.AccountName, s.change.ID, s.intent.Attempt, "answered", *a.Live)
		return s.record(o, class, a, Sent), true
	case Rejected:
		return s.record(s.outcome(state.Refused, class, a), class, a, Refused), true
	case NotAttempted:
		return s.wait(class, a, &s.waits, maxWaits)
	case Busy:
		return s.wait(class, a, &s.busy, maxBusy)
	case Credentials:
		s.halt(credentialsCause(a))
		return s.notAttempted(class, a), true
	case Mismatch:
		s.halt(ErrMismatch)
	case Redirected:
		s.halt(ErrRedirected)
	}
	return s.readBack(class, a)
}

// credentialsCause is why a run stops at a 401 or 403.
func credentialsCause(a refund.Answer) error {
	cause := ErrCredentials
	if refund.AddressRefused(a.HTTP, a.Code, a.Message) {
		cause = ErrAddress
	}
	return fmt.Errorf("%w%s", cause, refund.Quoted(a.RequestID))
}

// wait lets a request that was not attempted go again. At the limit-th time it ends the refund. Issuer.Turn
// does the waiting.
func (s *sender) wait(class Class, a refund.Answer, count *int, limit int) (refundEnd, bool) {
	*count++
	if *count >= limit {
		return s.notAttempted(class, a), true
	}
	s.Observer.Observe(Event{Kind: Waiting, At: s.Clock(), AccountName: s.change.AccountName, ID: s.change.ID,
		Amount: s.change.Amount, Class: class, Message: a.Message + a.Cause, RequestID: s.requestID(a)})
	switch {
	case class == Busy && s.mayHaveRun: // the request in processing may be the earlier try
		return s.readBack(class, a)
	case class == Busy && sleep(s.ctx, s.Recovery.ReadDelay) != nil:
		return s.notAttempted(class, a), true
	}
	return refundEnd{}, false
}

// notAttempted ends a refund whose last try ran nothing. An earlier try may still have run.
func (s *sender) notAttempted(class Class, a refund.Answer) refundEnd {
	if s.mayHaveRun {
		return s.record(s.outcome(state.Intended, class, a), class, a, InDoubt)
	}
	return s.record(s.outcome(state.NotSent, class, a), class, a, NotSent)
}

// unsent ends a refund before its next POST. It closes an intent of this run that was certainly not sent.
// What an earlier try may have sent stays in doubt.
func (s *sender) unsent(code, message string) refundEnd {
	entry, known := s.State.Entry(s.change.ID)
	switch {
	case !known || entry.Phase != state.Intended:
		return refundEnd{kind: NotSent, code: code, message: message}
	case s.mayHaveRun || entry.Attempt != s.intent.Attempt:
		return refundEnd{kind: InDoubt, code: code, message: message}
	}
	return s.notAttempted(NotAttempted, refund.Answer{Code: code, Message: message})
}

// outcome is what the ledger keeps of an answer that did not show the refund.
func (s *sender) outcome(phase state.Phase, class Class, a refund.Answer) state.Outcome {
	return state.Outcome{
		AccountName: s.change.AccountName, ID: s.change.ID, PaymentID: s.change.PaymentID, Attempt: s.intent.Attempt, Phase: phase,
		Amount: s.change.Amount, How: "answered", Class: string(class), HTTP: a.HTTP, Replayed: a.Replayed, Code: a.Code, Message: a.Message + a.Cause,
	}
}

// requestID is the x-request-id to quote to the API's support: that of the answer, or if none came, of the
// latest try. It is empty for what is no answer to a try, and for a try that did not leave this machine.
func (s *sender) requestID(a refund.Answer) string {
	if a.NotSent || a.HTTP == 0 && a.EndedAt.IsZero() {
		return ""
	}
	return cmp.Or(a.RequestID, s.intent.Request.ID)
}

// record makes the outcome durable. If that fails the run ends, and for every later run the refund is in
// doubt.
func (s *sender) record(o state.Outcome, class Class, a refund.Answer, kind EventKind) refundEnd {
	o.Class, o.HTTP, o.Replayed, o.RequestID = string(class), a.HTTP, a.Replayed, a.RequestID
	end := refundEnd{kind: kind, class: class, code: a.Code, message: a.Message + a.Cause, requestID: s.requestID(a), outcome: o}
	if err := s.Ledger.Finish(context.WithoutCancel(s.ctx), o); err != nil {
		s.fail(err)
		end.code, end.message = NotRecorded, "the answer could not be recorded: "+err.Error()
	}
	return end
}
