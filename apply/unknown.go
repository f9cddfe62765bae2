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

// readBack settles an answer that does not say what became of the refund: present and equal is
// accepted, present and different stops the run, absent now may let it go again (R7, R8).
func (s *sender) readBack(class Class, a refund.Answer) (final, bool) {
	if f, ok := s.note(class, a); !ok {
		return f, true
	}
	earlier := s.unsettled
	s.unsettled = s.unsettled || class != Burnt && class != Exists
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
		return s.doubt(class, a), true
	}
	switch class {
	case Burnt:
		return s.raise(a, seen.proof)
	case Unknown, Busy:
		if s.tries < s.Recovery.MaxAttempts && !s.raised {
			s.intent.Proof = seen.proof
			return final{}, false
		}
	case Exists:
		a.Code = "exists_not_visible"
	}
	return s.doubt(class, a), true
}

// readAgain is absentNow for the refund that is being sent. Where it shows of the parent what the plan
// did not see, nothing more goes there before another look (R2).
func (s *sender) readAgain(ctx context.Context, ended time.Time, first plan.ParentRead) sighting {
	seen := s.absentNow(ctx, s.change.ID, ended, first)
	done := maps.Clone(s.mine)
	done[s.change.ID.RefundID] = true
	if seen.read.Good() && !seen.read.Partial && !s.read.SameFacts(seen.read, done) {
		s.read.ListedAt = time.Time{}
	}
	return seen
}

// note records an answer that settles nothing, so that later runs know of it.
func (s *sender) note(class Class, a refund.Answer) (final, bool) {
	f := s.record(s.outcome(state.Intended, class, a), class, a, InDoubt)
	return f, s.ledgerWorks()
}

func (x *execution) ledgerWorks() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.err == nil
}

func (s *sender) doubt(class Class, a refund.Answer) final {
	return final{kind: InDoubt, class: class, code: a.Code, message: a.Message + a.Cause}
}

// raise goes on to the next attempt: the key answers from its store, and the refund is absent now.
func (s *sender) raise(a refund.Answer, proof *state.Proof) (final, bool) {
	s.burnt++
	// A stored no says that nothing ran under the key. A stored failure does not: the money may have
	// moved then, and what reads do not show yet stays possible under every further attempt.
	s.haunted = s.haunted || a.HTTP >= 500 || a.HTTP == 409
	switch {
	case s.burnt > maxBurnt && s.haunted:
		return s.doubt(Burnt, a), true
	case s.burnt > maxBurnt:
		o := s.outcome(state.NotSent, Burnt, a)
		o.Proof = proof
		return s.record(o, Burnt, a, NotSent), true
	}
	s.intent.Attempt++
	s.intent.Key = refund.Key(s.change.ID, s.intent.Attempt)
	s.intent.Try, s.intent.Proof = 0, proof
	s.unsettled, s.raised = s.haunted, true
	return final{}, false
}

// adopt records a refund that a read showed. One that differs from what is wanted is a conflict, for
// a person to decide. Where our own tries may have made it, the run stops.
func (s *sender) adopt(l refund.Live, how string, kind EventKind) final {
	code, message := plan.Differs(*s.change.Spec, l)
	e, known := s.State.Entry(s.change.ID)
	switch {
	case code == "" && known:
		return s.record(found(s.change.AccountName, s.change.ID, e.Attempt, how, l), Accepted, refund.Answer{}, kind)
	case code == "":
		return s.record(found(s.change.AccountName, s.change.ID, 0, how, l), Accepted, refund.Answer{}, kind)
	case !known || e.Phase != state.Intended:
		return final{kind: NotSent, class: Conflicting, code: code, message: message}
	case how == "adopted" && !s.unsettled:
		a := refund.Answer{Code: code, Message: "another refund lives under this id: " + message}
		return s.record(s.outcome(state.Refused, Conflicting, a), Conflicting, a, Refused)
	}
	s.halt(fmt.Errorf("%w: %s: %s", ErrConflict, s.change.ID.RefundID, message))
	return final{kind: InDoubt, class: Conflicting, code: code, message: message}
}
