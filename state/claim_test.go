package state

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestR1_AnIntentWithoutAnOutcomeIsInDoubtWithItsBytes(t *testing.T) {
	in := someIntent(1)
	e := one(t, intents(in))
	if e.Phase != Intended || e.Request == nil || !cmp.Equal(*e.Request, in.Request) || e.Key != in.Key || e.TriedAt != start.Add(time.Second) {
		t.Errorf("the entry is %+v", e)
	}
}

func TestR8_AnUnknownAnswerKeepsTheRefundInDoubt(t *testing.T) {
	in := someIntent(1)
	e := one(t, intents(in), outcomes(outcomeOf(in, Intended)), intents(in.again(1, 2)))
	if e.Phase != Intended || e.LastClass != "unknown" || e.Code != "code" || e.Message != "message" || e.Try != 2 || e.Request == nil {
		t.Errorf("the entry is %+v", e)
	}
	if want := start.Add(3 * time.Second); e.TriedAt != want {
		t.Errorf("the latest try was at %v, want %v", e.TriedAt, want)
	}
}

// Two copies of a ledger are used at once: with one a try stays in doubt, with the other, which does not have
// that try, the refund is refused.
func TestR13_ARefusalDoesNotResolveADoubtThatItsRunDidNotKnow(t *testing.T) {
	in := someIntent(1)
	lost := run(t, runID(1), Header{}, ticking(0), intents(in))
	for _, attempt := range []int{1, 2} {
		other := in.again(attempt, 1)
		events := []*event{intents(other), outcomes(outcomeOf(other, Refused))}
		apart := run(t, runID(2), Header{}, ticking(time.Hour), events...)
		e, _ := folded(t, merged(t, lost, apart)).Entry(in.ID)
		if e.Phase != Intended || e.Request == nil || e.Attempt != attempt || e.LastClass != "" {
			t.Errorf("the doubt is hidden: %+v", e)
		}
		after := run(t, runID(2), Header{Heads: []string{headOf(lost)}}, ticking(time.Hour), events...)
		if e, _ := folded(t, join(lost, after)).Entry(in.ID); e.Phase != Refused {
			t.Errorf("a run that knew of the doubt did not settle it: %+v", e)
		}
		third := run(t, runID(3), Header{Heads: []string{headOf(apart), headOf(lost)}}, ticking(2*time.Hour), outcomes(outcomeOf(other, NotSent)))
		if e, _ := folded(t, join(lost, apart, third)).Entry(in.ID); e.Phase != NotSent {
			t.Errorf("a run that had both copies did not settle it: %+v", e)
		}
	}
}

// With one copy a try is lost. With the other the row is edited, tried and refused, in the same attempt or the
// next. The latest bytes are not those that may have been sent, and must not be sent in their place.
func TestR8_ADoubtWithDifferentBytesHasNoRequestToSendAgain(t *testing.T) {
	in := someIntent(1)
	lost := run(t, runID(1), Header{}, ticking(0), intents(in), outcomes(outcomeOf(in, Intended)))
	if e, _ := folded(t, lost).Entry(in.ID); e.Request == nil {
		t.Errorf("alone: the entry is %+v", e)
	}
	for _, attempt := range []int{1, 2} {
		edited := in.again(attempt, 1)
		edited.Request.Body = []byte(`{"refund_amount":20}`)
		apart := run(t, runID(2), Header{}, ticking(time.Hour), intents(edited), outcomes(outcomeOf(edited, Refused)))
		if e, _ := folded(t, merged(t, lost, apart)).Entry(in.ID); e.Phase != Intended || e.Request != nil {
			t.Errorf("attempt %d: the entry is %+v", attempt, e)
		}
		if e, _ := folded(t, apart).Entry(in.ID); e.Phase != Refused {
			t.Errorf("attempt %d alone: %s", attempt, e.Phase)
		}
	}
}

// A run may go on while its ledger is copied.
func TestR13_ARunResolvesOnlyTheTriesInItsLedger(t *testing.T) {
	in := someIntent(1)
	whole := run(t, runID(1), Header{}, ticking(0), intents(someIntent(2)), intents(in))
	begun := strings.Join(lines(whole)[:2], "")
	other := run(t, runID(2), Header{Heads: []string{headOf([]byte(begun))}}, ticking(time.Hour), intents(in), outcomes(outcomeOf(in, Refused)))
	if e, _ := folded(t, join(whole, other)).Entry(in.ID); e.Phase != Intended {
		t.Errorf("the doubt is hidden: %+v", e)
	}
}
