package state

import (
	"strings"
	"testing"
	"time"
)

func TestR22_ALedgerIsComparedWithTheExpectedOne(t *testing.T) {
	first := run(t, runID(1), Header{Lineage: "mine"}, ticking(0), intents(someIntent(1)))
	older := folded(t, first)
	second := run(t, runID(2), Header{Lineage: "mine", Heads: []string{headOf(first)}}, ticking(time.Hour), intents(someIntent(2)))
	newer := folded(t, join(first, second))
	merged := folded(t, join(run(t, runID(3), Header{Lineage: "another"}, ticking(-time.Hour), intents(someIntent(3))), first))
	seen := newer.Heads()
	for _, c := range []struct {
		name string
		st   *State
		e    Expected
		want LedgerMismatch
	}{
		{"nothing is expected of no ledger", &State{}, Expected{}, ""},
		{"nor of a ledger", older, Expected{}, ""},
		{"a lineage without a ledger", &State{}, Expected{Lineage: "mine"}, NoLedger},
		{"heads without a ledger", &State{}, Expected{Heads: seen}, NoLedger},
		{"its lineage", older, Expected{Lineage: "mine"}, ""},
		{"another lineage", older, Expected{Lineage: "another"}, OtherLineage},
		{"either lineage of a merged one", merged, Expected{Lineage: "mine"}, ""},
		{"the other lineage of a merged one", merged, Expected{Lineage: "another"}, ""},
		{"its heads", newer, Expected{Lineage: "mine", Heads: seen}, ""},
		{"heads of long ago", newer, Expected{Lineage: "mine", Heads: older.Heads()}, ""},
		{"heads that it lost", older, Expected{Lineage: "mine", Heads: seen}, OlderLedger},
	} {
		if got := c.st.Mismatch(c.e); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestEndsReadsTheFirstAndTheLastLine(t *testing.T) {
	first := run(t, runID(1), Header{Lineage: "mine"}, ticking(0), intents(someIntent(1)))
	whole := join(first, run(t, runID(2), Header{Lineage: "mine", Heads: []string{headOf(first)}}, ticking(time.Hour), intents(someIntent(2))))
	for name, text := range map[string]string{
		"whole": string(whole), "torn": string(whole) + `{"v":1,"run"`, "windows": strings.ReplaceAll(string(whole), "\n", "\r\n"),
	} {
		lineage, head := Ends(strings.NewReader(text), int64(len(text)))
		if want := folded(t, whole).Heads()[0]; lineage != "mine" || head != want {
			t.Errorf("%s: %q %q", name, lineage, head)
		}
	}
	for _, text := range []string{"", "\n", "{}\n", strings.Repeat("x", 3*maxLine), string(whole[:30]), string(whole) + "garbage\n", strings.Repeat("x", 2*maxLine) + "\n" + string(whole)} {
		if lineage, head := Ends(strings.NewReader(text), int64(len(text))); lineage != "" || head != "" {
			t.Errorf("%.40q: %q %q", text, lineage, head)
		}
	}
}

func TestR13_HasHeadFindsEveryEventAndNoOther(t *testing.T) {
	first := run(t, runID(1), Header{}, ticking(0), intents(someIntent(1)))
	early := headOf(first)
	longer := join(first, run(t, runID(2), Header{Heads: []string{early}}, ticking(time.Hour), intents(someIntent(2))))
	s := folded(t, longer)
	for head, want := range map[string]bool{headOf([]byte(lines(first)[0])): true, early: true, headOf(longer): true, headOf(run(t, runID(3), Header{}, ticking(0), intents(someIntent(3)))): false,
		"": false, early[:16]: false, strings.Repeat("x", 64): false} {
		if s.HasHead(head) != want {
			t.Errorf("knows %q: %v", head, !want)
		}
	}
	if new(State).HasHead(early) {
		t.Error("an empty ledger knows an event")
	}
}
