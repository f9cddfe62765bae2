package apply

import (
	"context"
	"errors"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Bounds on what one refund may cost a run.
const (
	maxReplays = 20               // burnt keys that are passed over
	maxWaits   = 5                // tries that were not attempted: throttled, or nothing left
	maxBusy    = 3                // tries that met another request in processing
	maxStale   = 3                // intents after which the request could not leave any more
	freshness  = 10 * time.Minute // how old a list may be when a refund is sent on it
)

// sender sends one refund. Its intent is the one of the latest try.
type sender struct {
	*execution
	change                   plan.Change
	read                     *plan.ParentRead // of the parent, shared with the refunds before and after
	done                     map[string]bool  // refunds of the parent that this run is done with
	intent                   state.Intent
	mayHaveRun               bool // a try of this refund, of this run or an earlier one, may have been executed
	onNextAttempt            bool // this run went on to a further attempt
	earlierAttemptMayHaveRun bool // a try of an attempt before this one may have been executed
	tries                    int  // whose answer was not a replay
	replays                  int
	waits                    int
	busy                     int
	stale                    int
	readAt                   time.Time // when the read began that the next try rests on
}

// send brings one planned create to its end in this run.
func (x *execution) send(c plan.Change, read *plan.ParentRead, mine map[string]bool) refundEnd {
	s := &sender{execution: x, change: c, read: read, done: mine}
	if x.ctx.Err() != nil {
		return s.stopped()
	}
	if f, done := s.prepare(); done {
		return f
	}
	for {
		if err := x.Gateways[c.ID.Account].Issuer.Turn(x.ctx); err != nil {
			return s.stopped()
		}
		if f, done := s.refreshRead(); done {
			return f
		}
		if x.ctx.Err() != nil {
			return s.stopped()
		}
		s.intent.Try++
		if err := x.Ledger.Begin(x.ctx, s.intent); err != nil {
			return s.notBegun(err)
		}
		if f, done := s.try(); done {
			return f
		}
	}
}

// notBegun ends a refund whose intent is not durable: nothing left. A ledger that cannot be
// written ends the run as well.
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

func (s *sender) stopped() refundEnd { return s.unsent("stopped", context.Cause(s.ctx).Error()) }

// prepare builds the first intent. A raised attempt, or one that goes again, needs its proof (R7, R8).
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
		seen := s.readAgain(s.ctx, time.Time{}, *s.read)
		if seen.proof == nil {
			return s.notAbsent(seen), true
		}
		s.intent.Proof = seen.proof
	}
	return refundEnd{}, false
}

// notAbsent ends a refund whose absence could not be shown before anything was sent in this run.
func (s *sender) notAbsent(seen readBackResult) refundEnd {
	if seen.live != nil {
		return s.adopt(*seen.live, "adopted", AlreadyPresent)
	}
	return s.unsent("unread", seen.err.Error())
}

// lookAgain reads the parent once more where the plan's list is too old to send on. What others
// changed meanwhile was not reviewed: the refund is left out.
func (s *sender) refreshRead() (refundEnd, bool) {
	s.readAt = s.read.ListedAt
	if fresh(s.readAt, s.Clock()) {
		return refundEnd{}, false
	}
	fresh := plan.Relist(s.ctx, s.Gateways[s.change.ID.Account].Reader, s.change.ID, s.Clock)
	s.readAt = fresh.ListedAt
	if found := fresh.Find(s.change.ID.RefundID); len(found) > 0 {
		return s.adopt(found[0], "adopted", AlreadyPresent), true
	}
	if fresh.Err != nil {
		return s.unsent("unread", fresh.Err.Error()), true
	}
	if fresh.Partial {
		return refundEnd{}, false // what others did cannot be seen, and each refund is read for itself
	}
	if !s.read.SameFacts(fresh, s.done) {
		return s.unsent("parent_moved", "refunds of the same parent changed since the plan was made"), true
	}
	fresh.Facts = s.read.Facts
	*s.read = fresh
	return refundEnd{}, false
}

// fresh reports whether something may still be sent on a read that began at that time. The monotonic
// clock stands still while the machine sleeps and the wall's can be set back: the larger age counts.
func fresh(began, now time.Time) bool {
	age := max(now.Sub(began), now.Round(0).Sub(began.Round(0)))
	return !began.IsZero() && age <= freshness
}

// tooOld stands for an answer where the request did not leave.
func readTooOld() refund.Answer {
	return refund.Answer{Code: "list_too_old", Message: "what was read of its parent became too old before the request was sent"}
}

// try makes one POST and acts on its answer. It returns done if the refund is at its end. Whether the
// request may still leave is checked last, with the intent durable and the request next (R19): the disk may have
// been slow, or the process stopped. It is looked at again a bounded number of times; after the last,
// and where the run has to stop, the intent is closed as not attempted.
func (s *sender) try() (refundEnd, bool) {
	c := s.change
	switch {
	case s.ctx.Err() != nil:
		return s.stopped(), true
	case !fresh(s.readAt, s.Clock()):
		return s.wait(NotAttempted, readTooOld(), &s.stale, maxStale)
	}
	s.Observer.Observe(Event{Kind: Sending, At: s.Clock(), AccountName: c.AccountName, ID: c.ID, Amount: c.Amount,
		Attempt: s.intent.Attempt, Try: s.intent.Try, Key: s.intent.Key})
	// A signal must not cut off an answer: the client's own timeout bounds the wait.
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
		s.halt(ErrCredentials)
		return s.notAttempted(class, a), true
	case Mismatch:
		s.halt(ErrMismatch)
	case Redirected:
		s.halt(ErrRedirected)
	}
	return s.readBack(class, a)
}

// wait lets a request that was not attempted go again, a bounded number of times. The issuer's
// Turn does the waiting.
func (s *sender) wait(class Class, a refund.Answer, count *int, most int) (refundEnd, bool) {
	*count++
	if *count >= most {
		return s.notAttempted(class, a), true
	}
	s.Observer.Observe(Event{Kind: Waiting, At: s.Clock(), AccountName: s.change.AccountName, ID: s.change.ID,
		Amount: s.change.Amount, Class: class, Message: a.Message + a.Cause})
	switch {
	case class == Busy && s.mayHaveRun: // what is in processing may be the earlier try
		return s.readBack(class, a)
	case class == Busy && sleep(s.ctx, s.Recovery.ReadDelay) != nil:
		return s.notAttempted(class, a), true
	}
	return refundEnd{}, false
}

// notAttempted ends a refund whose last try ran nothing. It says nothing about an earlier try.
func (s *sender) notAttempted(class Class, a refund.Answer) refundEnd {
	if s.mayHaveRun {
		return s.record(s.outcome(state.Intended, class, a), class, a, InDoubt)
	}
	return s.record(s.outcome(state.NotSent, class, a), class, a, NotSent)
}

// unsent ends a refund before its next POST. What this run recorded as intended and knows to be
// unsent is closed; what an earlier try may have moved stays in doubt.
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

// record makes the outcome durable. Where that fails the refund is in doubt for everybody else.
func (s *sender) record(o state.Outcome, class Class, a refund.Answer, kind EventKind) refundEnd {
	o.Class, o.HTTP, o.Replayed = string(class), a.HTTP, a.Replayed
	f := refundEnd{kind: kind, class: class, code: a.Code, message: a.Message + a.Cause, outcome: o}
	if err := s.Ledger.Finish(context.WithoutCancel(s.ctx), o); err != nil {
		s.fail(err)
		f.code, f.message = NotRecorded, "the answer could not be recorded: "+err.Error()
	}
	return f
}
