package state

import (
	"strings"
	"testing"
	"time"
)

// found is a person's finding about an attempt.
func found(in Intent, p Phase) *event {
	return outcomes(Outcome{AccountName: in.AccountName, ID: in.ID, Attempt: in.Attempt, Phase: p, Amount: in.Amount, How: Resolved,
		Message: "so it seems", Proof: &Proof{SettledBy: "person", Reason: "so it seems"}})
}

func TestR13_ALaterFindingReplacesAnEarlierOneAndTheAPIOutweighsBoth(t *testing.T) {
	in := someIntent(1)
	sent, not := found(in, Accepted), found(in, NotSent)
	for name, c := range map[string]struct {
		events   []*event
		phase    Phase
		byPerson bool
		accepted bool // the ledger has a time of acceptance
	}{
		"a person saw it":                      {[]*event{sent}, Accepted, true, true},
		"a person did not see it":              {[]*event{not}, NotSent, true, false},
		"seen, and taken back":                 {[]*event{sent, not}, NotSent, true, false},
		"not seen, and taken back":             {[]*event{not, sent}, Accepted, true, true},
		"seen, taken back, and seen":           {[]*event{sent, not, sent}, Accepted, true, true},
		"seen, and the API has it":             {[]*event{sent, outcomes(outcomeOf(in, Settled))}, Settled, false, true},
		"the API has it, and a person says no": {[]*event{outcomes(outcomeOf(in, Accepted)), not}, Accepted, false, true},
		"seen after a read said no":            {[]*event{outcomes(outcomeOf(in, NotSent)), sent}, Accepted, true, true},
		"seen before a read said no":           {[]*event{sent, outcomes(outcomeOf(in, NotSent))}, Accepted, true, true},
		"taken back, and a read says no":       {[]*event{sent, not, outcomes(outcomeOf(in, NotSent))}, NotSent, false, false},
	} {
		e := one(t, append([]*event{intents(in)}, c.events...)...)
		if e.Phase != c.phase || e.ByPerson != c.byPerson || e.AcceptedAt.IsZero() == c.accepted || e.Amount != in.Amount || e.Key != in.Key {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// A replaced finding said that the refund was sent. A try made since with another copy of the ledger is still in
// doubt, and a further attempt is not hidden.
func TestR13_AReplacedFindingHidesNoEvent(t *testing.T) {
	in := someIntent(1)
	first := run(t, runID(1), Header{}, ticking(0), intents(in))
	seen := run(t, runID(2), Header{Heads: []string{headOf(first)}}, ticking(time.Hour), found(in, Accepted))
	back := run(t, runID(3), Header{Heads: []string{headOf(seen)}}, ticking(2*time.Hour), found(in, NotSent))
	apart := run(t, runID(4), Header{}, ticking(3*time.Hour), intents(in.again(1, 2)))
	for _, ledger := range [][]byte{join(first, seen, back, apart), join(apart, back, seen, first)} {
		if e, _ := folded(t, ledger).Entry(in.ID); e.Phase != Intended || e.Request == nil || !e.AcceptedAt.IsZero() {
			t.Errorf("the doubt is hidden: %+v", e)
		}
	}
	second := run(t, runID(5), Header{Heads: []string{headOf(back)}}, ticking(4*time.Hour), intents(in.again(2, 1)))
	for _, ledger := range [][]byte{join(first, seen, back, second), join(second, back, seen, first)} {
		if e, _ := folded(t, ledger).Entry(in.ID); e.Phase != Intended || e.Attempt != 2 || !e.AcceptedAt.IsZero() {
			t.Errorf("the second attempt is hidden: %+v", e)
		}
	}
	if e, _ := folded(t, join(first, seen)).Entry(in.ID); folded(t, join(first, seen)).Forbids(in.again(2, 1)) == nil || e.AcceptedAt.IsZero() {
		t.Errorf("what a person saw may be sent again: %+v", e)
	}
	if err := folded(t, join(first, seen, back)).Forbids(in.again(2, 1)); err != nil {
		t.Errorf("what was taken back may never be sent again: %v", err)
	}
}

func TestAFindingWithItsReadHasFormat3(t *testing.T) {
	in := someIntent(1)
	held := found(in, Accepted)
	held.Outcome.Proof = &Proof{FirstRead: start, SettledBy: "person", Reason: "seen", Read: Absent, AgainstAPI: true}
	all := lines(run(t, runID(1), Header{}, ticking(0), intents(in), found(in, NotSent), held))
	if !strings.HasPrefix(all[2], `{"v":1`) || !strings.HasPrefix(all[3], `{"v":3`) || !strings.Contains(all[3], `"reason":"seen","read":"absent","against_api":true}`) {
		t.Errorf("%s%s", all[2], all[3])
	}
}
