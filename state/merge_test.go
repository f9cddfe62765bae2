package state

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

type fullDisk struct{}

func TestR13_AFailedMergeNamesTheLedgerThatFailed(t *testing.T) {
	whole := run(t, runID(1), Header{}, ticking(0), intents(someIntent(1)))
	second := run(t, runID(2), Header{Heads: []string{headOf(whole)}}, ticking(time.Hour), intents(someIntent(2)))
	broken := []byte("not a ledger\n")
	for name, c := range map[string]struct {
		a, b []byte
		out  string
	}{
		"the first is damaged":                {broken, whole, "the first ledger: ledger, line 1: "},
		"the second is damaged":               {whole, broken, "the second ledger: ledger, line 1: "},
		"a run that both had seen is missing": {second, second, "which is missing"},
	} {
		var out bytes.Buffer
		_, err := Merge(context.Background(), bytes.NewReader(c.a), bytes.NewReader(c.b), &out)
		if err == nil || !strings.Contains(err.Error(), c.out) || out.Len() != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := Merge(context.Background(), bytes.NewReader(whole), bytes.NewReader(second), fullDisk{})
	if !errors.Is(err, errFull) || !strings.HasPrefix(err.Error(), "writing the merged ledger: ") {
		t.Errorf("%v", err)
	}
}

func merged(tb testing.TB, a, b []byte) []byte {
	tb.Helper()
	var w strings.Builder
	if _, err := Merge(context.Background(), strings.NewReader(string(a)), strings.NewReader(string(b)), &w); err != nil {
		tb.Fatal(err)
	}
	return []byte(w.String())
}

func TestR13_AMergeContainsBothLedgersInEitherOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		runs := randomRuns(r, t)
		n := rapid.IntRange(0, len(runs)-1).Draw(r, "common")
		a, b := slices.Clone(runs[:n]), slices.Clone(runs[:n])
		for _, run := range runs[n:] { // one of them has it, or both do, one perhaps in part
			switch rapid.IntRange(0, 2).Draw(r, "whose") {
			case 0:
				a = append(a, run)
			case 1:
				b = append(b, run)
			default:
				own := lines(run)
				a = append(a, []byte(strings.Join(own[:rapid.IntRange(1, len(own)).Draw(r, "part")], "")))
				b = append(b, run)
			}
		}
		ab, ba := merged(t, join(a...), join(b...)), merged(t, join(b...), join(a...))
		if string(ab) != string(ba) {
			r.Fatalf("a with b:\n%s\nb with a:\n%s", ab, ba)
		}
		if got, want := picture(folded(t, ab)), picture(folded(t, join(runs...))); !cmp.Equal(got, want) {
			r.Error(cmp.Diff(want, got))
		}
		if again := merged(t, ab, join(a...)); string(again) != string(ab) {
			r.Errorf("merging once more changes\n%s\nto\n%s", ab, again)
		}
		citesOnlyEarlier(r, ab)
	})
}

func citesOnlyEarlier(r *rapid.T, ledger []byte) {
	seen := map[string]bool{}
	for _, line := range lines(ledger) {
		var e event
		sum, problem := (&decoder{interner: interner{}}).decode([]byte(strings.TrimSuffix(line, "\n")), &e)
		if problem != nil {
			r.Fatal(problem)
		}
		for _, head := range e.Header.Heads {
			if !seen[head] {
				r.Errorf("run %s comes before a run that it cites", e.Run)
			}
		}
		seen[sum.String()] = true
	}
}

func TestMergeRefusesTwoVersionsOfARun(t *testing.T) {
	a := run(t, runID(1), Header{}, ticking(0), intents(someIntent(1)))
	b := run(t, runID(1), Header{}, ticking(0), intents(someIntent(2)))
	_, err := Merge(context.Background(), strings.NewReader(string(a)), strings.NewReader(string(b)), &strings.Builder{})
	if err == nil || !strings.Contains(err.Error(), "the second ledger: ledger, line 2: event 2 of run") {
		t.Errorf("the merge gave %v", err)
	}
}

func TestMergeOmitsAnUnfinishedLastLine(t *testing.T) {
	a := run(t, runID(1), Header{}, ticking(0), intents(someIntent(1)), intents(someIntent(2)))
	if got := merged(t, a[:len(a)-9], nil); string(got) != strings.Join(lines(a)[:2], "") {
		t.Errorf("merged:\n%s", got)
	}
}

// The bank reference came with an outcome of attempt 2. Another outcome of it without a reference, a lower
// accepted attempt and a higher refused one must not hide it, in whatever order a merge puts their runs.
func TestR13_AMergeKeepsTheBankReferenceOfALowerAttempt(t *testing.T) {
	outcome := func(attempt int, phase Phase, arn string) *event {
		o := outcomeOf(someIntent(1), phase)
		o.Attempt, o.ARN = attempt, arn
		return outcomes(o)
	}
	runs := [][]byte{
		run(t, runID(1), Header{Lineage: "lineage"}, ticking(0), outcome(2, Accepted, "a")),
		run(t, runID(2), Header{Lineage: "lineage"}, ticking(0), outcome(1, Accepted, "")),
		run(t, runID(3), Header{Lineage: "lineage"}, ticking(time.Second), outcome(2, Accepted, "")),
		run(t, runID(4), Header{Lineage: "lineage"}, ticking(0), outcome(3, Refused, "")),
	}
	all := folded(t, join(runs...))
	if e, _ := all.Entry(someIntent(1).ID); e.Attempt != 2 || e.ARN != "a" {
		t.Errorf("attempt %d with the reference %q, want attempt 2 with \"a\"", e.Attempt, e.ARN)
	}
	for first := range runs {
		order := slices.Concat(runs[first:], runs[:first])
		for range 2 {
			ledger := merged(t, join(order...), join(runs[:2]...))
			if got := picture(folded(t, ledger)); !cmp.Equal(got, picture(all)) {
				t.Errorf("starting with run %d: %s", first+1, cmp.Diff(picture(all), got))
			}
			slices.Reverse(order)
			if got := picture(folded(t, join(order...))); !cmp.Equal(got, picture(all)) {
				t.Errorf("the fold of the order starting with run %d: %s", first+1, cmp.Diff(picture(all), got))
			}
		}
	}
}
