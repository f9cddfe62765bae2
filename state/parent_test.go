package state

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/refund"
)

func TestFactsComeFromTheLatestIntentThatHasThem(t *testing.T) {
	in := someIntent(1)
	in.Facts.Captured = inr(1)
	later := in.again(1, 2)
	later.Facts.Captured = inr(0)
	last := in.again(1, 3)
	last.Facts = refund.Facts{}
	s := folded(t, run(t, runID(1), Header{}, ticking(0), intents(in), intents(later), intents(last)))
	if got, known := s.Facts(in.ID.Parent); !known || !cmp.Equal(got, later.Facts) {
		t.Errorf("the facts are %+v, %v, want %+v", got, known, later.Facts)
	}
	if _, known := s.Facts(someIntent(2).ID.Parent); known {
		t.Error("facts of an unknown parent")
	}
}

func TestIntentsAndOutcomesMoveAParentAndStatusesDoNot(t *testing.T) {
	in := someIntent(1)
	status := outcomeOf(in, Settled)
	status.How = "status"
	ledger := join(
		run(t, runID(1), Header{PlanDigest: "p1"}, ticking(0), intents(in)),
		run(t, runID(2), Header{PlanDigest: "p2"}, ticking(time.Hour), outcomes(outcomeOf(in, Accepted))),
		run(t, runID(3), Header{PlanDigest: "p1"}, ticking(2*time.Hour), outcomes(outcomeOf(in, Accepted))),
		run(t, runID(4), Header{}, ticking(3*time.Hour), outcomes(status)))
	s := folded(t, ledger)
	for plan, want := range map[string]time.Duration{"": 2 * time.Hour, "p2": 2 * time.Hour, "p1": time.Hour} {
		if got := s.MovedSince(in.ID.Parent, nil, plan); got != start.Add(want+time.Second) {
			t.Errorf("but for plan %q it moved at %v, want %v later", plan, got, want)
		}
	}
	if got := s.MovedSince(someIntent(2).ID.Parent, nil, ""); !got.IsZero() {
		t.Errorf("an unknown parent moved at %v", got)
	}
}
