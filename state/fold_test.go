package state

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"refundctl/internal/refund"
)

// one folds the events of a single run and returns the refund of someIntent(1).
func one(t *testing.T, events ...*event) Entry {
	t.Helper()
	e, known := folded(t, run(t, runID(1), Header{}, ticking(0), events...)).Entry(someIntent(1).ID)
	if !known {
		t.Fatal("the refund is not remembered")
	}
	return e
}

func TestR13_TheWeightiestOutcomeOfAnAttemptWins(t *testing.T) {
	in := someIntent(1)
	rising := [][]Phase{{Intended}, {Refused, NotSent}, {Accepted}, {Settled, Failed}}
	for i, low := range rising {
		for _, high := range rising[i+1:] {
			for _, a := range low {
				for _, b := range high {
					for _, order := range [][]Phase{{a, b}, {b, a}} {
						got := one(t, intents(in), outcomes(outcomeOf(in, order[0])), outcomes(outcomeOf(in, order[1])))
						if got.Phase != b {
							t.Errorf("%s, then %s: %s, want %s", order[0], order[1], got.Phase, b)
						}
					}
				}
			}
		}
	}
}

func TestR13_AmongEqualOutcomesTheLaterWins(t *testing.T) {
	in := someIntent(1)
	for _, c := range [][2]Phase{{Settled, Failed}, {Failed, Settled}, {Refused, NotSent}, {NotSent, Refused}} {
		if got := one(t, intents(in), outcomes(outcomeOf(in, c[0])), outcomes(outcomeOf(in, c[1]))).Phase; got != c[1] {
			t.Errorf("%s, then %s: %s", c[0], c[1], got)
		}
	}
}

func TestR13_TheHigherAttemptWins(t *testing.T) {
	in := someIntent(1)
	second := in.again(2, 1)
	e := one(t, intents(second), intents(in), outcomes(outcomeOf(in, Refused)), outcomes(outcomeOf(in, NotSent)))
	if e.Phase != Intended || e.Attempt != 2 || e.Key != second.Key || e.Code != "" || e.Request == nil {
		t.Errorf("a second attempt is hidden by the first one's end: %+v", e)
	}
	if e.CreatedAt != start.Add(time.Second) || e.UpdatedAt != start.Add(4*time.Second) || e.TriedAt != start.Add(2*time.Second) {
		t.Errorf("the times are %v, %v, %v", e.CreatedAt, e.UpdatedAt, e.TriedAt)
	}
}

func TestTheRequestIsForgottenWithTheOutcome(t *testing.T) {
	in := someIntent(1)
	for _, p := range []Phase{Accepted, Settled, Failed, Refused, NotSent} {
		for _, events := range [][]*event{{intents(in), outcomes(outcomeOf(in, p))}, {outcomes(outcomeOf(in, p)), intents(in)}} {
			if e := one(t, events...); e.Request != nil || e.BodyHash == [32]byte{} || e.LastClass != "" {
				t.Errorf("%s: %+v", p, e)
			}
		}
	}
}

func TestTheAPIsReportOutweighsTheRequest(t *testing.T) {
	in := someIntent(1)
	out := outcomeOf(in, Accepted)
	out.Amount, out.Splits, out.CfRefundID = inr(5), []refund.Split{{VendorID: "V", Amount: inr(1)}}, "refund_41805719"
	e := one(t, intents(in), outcomes(out))
	if e.Amount != inr(5) || len(e.Splits) != 1 || e.CfRefundID != "41805719" || e.AcceptedAt != start.Add(2*time.Second) || e.Conflict != "" {
		t.Errorf("the entry is %+v", e)
	}
	later := outcomeOf(in, Settled)
	later.CfRefundID, later.ARN = "41805719", ""
	if e := one(t, intents(in), outcomes(outcomeOf(in, Settled)), outcomes(later)); e.ARN == "" {
		t.Error("a later read without the ARN has lost it")
	}
}

func TestAnAdoptedRefundHasNoTry(t *testing.T) {
	o := outcomeOf(someIntent(1), Accepted)
	o.Attempt, o.How = 0, "adopted"
	e := one(t, outcomes(o))
	if e.Phase != Accepted || e.Attempt != 0 || e.Amount != o.Amount || e.AccountName != "default" || e.Key != "" || !e.TriedAt.IsZero() {
		t.Errorf("the entry is %+v", e)
	}
}

func TestR13_TwoRefundsUnderOneIdentityAreAConflict(t *testing.T) {
	in := someIntent(1)
	other := outcomeOf(in, Settled)
	other.CfRefundID = "cf_other"
	if e := one(t, intents(in), outcomes(outcomeOf(in, Accepted)), outcomes(other)); !strings.Contains(e.Conflict, "cf_other") || !strings.Contains(e.Conflict, "cf_refund") {
		t.Errorf("two cf_refund_ids give the conflict %q", e.Conflict)
	}
}

func TestR13_AnAcceptedRefundOutlastsALaterRefusal(t *testing.T) {
	in := someIntent(1)
	second := in.again(2, 1)
	sent, no := outcomes(outcomeOf(in, Accepted)), outcomes(outcomeOf(second, Refused))
	for _, events := range [][]*event{{intents(in), sent, intents(second), no}, {intents(second), no, intents(in), sent}} {
		e := one(t, events...)
		if e.Phase != Accepted || e.Attempt != 1 || e.Key != in.Key || e.Amount != in.Amount || e.CfRefundID == "" || e.Code != "" {
			t.Errorf("the entry is %+v", e)
		}
	}
	e := one(t, intents(in), sent, intents(second))
	if e.Phase != Intended || e.Attempt != 2 || e.Request == nil {
		t.Errorf("a further try that nobody accounted for is hidden: %+v", e)
	}
	if e.AcceptedAt != start.Add(2*time.Second) {
		t.Errorf("that try hides since when the API holds the refund: %v", e.AcceptedAt)
	}
}

// today is the day, in India, on which a run that ticks from 0 writes.
var today = time.Date(2026, 3, 1, 0, 0, 0, 0, refund.IST)

func TestR3_ARefundIDIsFoundUnderEveryParent(t *testing.T) {
	a, b := someIntent(1), someIntent(2)
	b.ID.RefundID = a.ID.RefundID
	s := folded(t, run(t, runID(1), Header{}, ticking(0), intents(b), intents(a)))
	got := s.OfRefundID(a.ID.Account, a.ID.RefundID)
	if len(got) != 2 || got[0].ID != a.ID || got[1].ID != b.ID {
		t.Errorf("found %+v", got)
	}
	if of := s.OfParent(b.ID.Parent); len(of) != 1 || of[0].ID != b.ID {
		t.Errorf("the parent has %+v", of)
	}
	if got := s.OfRefundID("another", a.ID.RefundID); got != nil {
		t.Errorf("another account has %+v", got)
	}
}

func TestTheZeroStateIsAnEmptyLedger(t *testing.T) {
	var s State
	if s.Entries() != nil || s.Heads() != nil || s.Lineage() != "" || !s.LastAt().IsZero() || len(s.Runs()) != 0 || s.Bindings() != nil || s.InDoubt() != nil {
		t.Error("the zero State is not empty")
	}
}

func TestR13_TheFoldDoesNotDependOnTheOrderOfRuns(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		runs := randomRuns(r, t)
		want := picture(folded(t, join(runs...)))
		if got := picture(folded(t, join(rapid.Permutation(runs).Draw(r, "order")...))); !cmp.Equal(got, want) {
			r.Error(cmp.Diff(want, got))
		}
		if got := picture(folded(t, woven(r, runs))); !cmp.Equal(got, want) {
			r.Error("woven: ", cmp.Diff(want, got))
		}
	})
}

func TestR13_ARefundThatWasPaidMayTurnDeadAndBePaidAgain(t *testing.T) {
	in := someIntent(1)
	paid, dead, pending := outcomes(outcomeOf(in, Settled)), outcomes(outcomeOf(in, Failed)), outcomes(outcomeOf(in, Accepted))
	for name, c := range map[string]struct {
		events   []*event
		phase    Phase
		reversed bool
	}{
		"never paid":             {[]*event{intents(in), dead}, Failed, false},
		"reversed":               {[]*event{intents(in), pending, paid, dead}, Failed, true},
		"paid again":             {[]*event{intents(in), paid, dead, paid}, Settled, false},
		"reversed twice":         {[]*event{intents(in), paid, dead, paid, dead}, Failed, true},
		"a read that lags":       {[]*event{intents(in), paid, dead, pending}, Failed, true},
		"dead, then paid":        {[]*event{intents(in), dead, paid}, Settled, false},
		"missing says nothing":   {[]*event{intents(in), paid, dead, missing(in, Settled)}, Failed, true},
		"paid under an old copy": {[]*event{paid, intents(in), dead}, Failed, true},
	} {
		if e := one(t, c.events...); e.Phase != c.phase || e.Reversed() != c.reversed {
			t.Errorf("%s: phase %s, paid before %v", name, e.Phase, e.PaidBefore)
		}
	}
}

func TestARefundIsMissingUntilItIsSeenAgain(t *testing.T) {
	in := someIntent(1)
	accepted, gone := outcomes(outcomeOf(in, Accepted)), missing(in, Accepted)
	if e := one(t, intents(in), accepted, gone); e.MissingSince != start.Add(3*time.Second) || e.Phase != Accepted || e.Amount != in.Amount || e.Status != refund.Pending {
		t.Errorf("the entry is %+v", e)
	}
	for name, events := range map[string][]*event{
		"seen again":        {intents(in), accepted, gone, accepted},
		"never missing":     {intents(in), accepted},
		"refused meanwhile": {intents(in), outcomes(outcomeOf(in, Refused)), gone},
	} {
		if e := one(t, events...); !e.MissingSince.IsZero() {
			t.Errorf("%s: missing since %v", name, e.MissingSince)
		}
	}
	if e := one(t, intents(in), accepted, gone, intents(in.again(2, 1))); e.Phase != Intended || !e.MissingSince.IsZero() {
		t.Errorf("a further try is in doubt, not missing: %+v", e)
	}
}

func missing(in Intent, p Phase) *event {
	o := outcomeOf(in, p)
	o.How = Missing
	return outcomes(o)
}
