package view_test

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"refundctl/internal/money"
	"refundctl/internal/view"
	"refundctl/plan"
)

func TestPlanText(t *testing.T) {
	for name, o := range map[string]view.PlanOptions{
		"plan_80.txt":       {Style: view.Style{Width: 80}},
		"plan_80_color.txt": {Style: view.Style{Width: 80, Color: true}},
		"plan_200.txt":      {Style: view.Style{Width: 200}, Verbose: true},
	} {
		golden(t, name, printed(t, func(w io.Writer) error { return view.Plan(w, tricky(), o) }))
	}
}

func planText(t *testing.T, p *plan.Plan, verbose bool) string {
	t.Helper()
	return string(printed(t, func(w io.Writer) error { return view.Plan(w, p, view.PlanOptions{Verbose: verbose}) }))
}

func TestParentsInSyncAreShownOnlyWhenAskedFor(t *testing.T) {
	if out := planText(t, tricky(), false); strings.Contains(out, "order_quiet") {
		t.Errorf("it is in sync:\n%s", out)
	}
	if out := planText(t, tricky(), true); !strings.Contains(out, "order_quiet") {
		t.Errorf("it is asked for:\n%s", out)
	}
}

func TestNothingToDoIsOneSentence(t *testing.T) {
	for n, want := range map[int]string{
		0: "Nothing to do: no refunds are asked for.\n0 reads made.\n",
		1: "Nothing to do: 1 refund is in sync.\n0 reads made.\n",
		3: "Nothing to do: 3 refunds are in sync.\n0 reads made.\n",
	} {
		if got := planText(t, settledPlan(n), false); got != want {
			t.Errorf("%d in sync: got %q, want %q", n, got, want)
		}
	}
}

func TestNothingToDoIsNotSaidWhereAPersonOrARequestIsNeeded(t *testing.T) {
	for _, a := range plan.Actions {
		p := settledPlan(2)
		p.Changes[0].Action = a
		quiet := a == plan.InSync || a == plan.Pending || a == plan.Held || a == plan.Unmanaged || a == plan.Orphaned
		if out := planText(t, p, false); strings.Contains(out, "Nothing to do") != quiet {
			t.Errorf("%s:\n%s", a, out)
		}
	}
}

func TestAPlanWithoutReadsSaysThatItCannotBeApplied(t *testing.T) {
	p := tricky()
	p.Refresh = plan.None
	if out := planText(t, p, false); !strings.HasSuffix(out, "Nothing was read: this plan cannot be applied.\n") {
		t.Errorf("got\n%s", out)
	}
}

func TestASumThatDoesNotFitIsAnError(t *testing.T) {
	p := settledPlan(2)
	p.Changes[0].Amount.Minor = math.MaxInt64
	if err := view.Plan(io.Discard, p, view.PlanOptions{}); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("text: %v", err)
	}
	if err := view.PlanJSON(io.Discard, p, view.PlanFile{}); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("JSON: %v", err)
	}
}

func TestPlanDiffTextIsTheGoldenOne(t *testing.T) {
	golden(t, "plan_diff.txt", printed(t, func(w io.Writer) error { return view.PlanDiffText(w, differing(), view.Style{Width: 100}) }))
	same := differing()
	same.Differences = nil
	if out := printed(t, func(w io.Writer) error { return view.PlanDiffText(w, same, view.Style{}) }); !strings.HasPrefix(string(out), "The plans have the same rows.\n") {
		t.Errorf("got\n%s", out)
	}
}

func TestASavedPlanSaysWhetherItIsStillValid(t *testing.T) {
	for now, want := range map[int]string{19: "valid until", 20: "expired at"} {
		out := printed(t, func(w io.Writer) error {
			return view.SavedPlan(w, view.PlanFile{Digest: "d", ExpiresAt: at(20, 0)}, at(now, 0), view.Style{})
		})
		if string(out) != "Saved plan, "+want+" 2026-06-09 20:00:00 +05:30.\ndigest d\n" {
			t.Errorf("at %d: %s", now, out)
		}
	}
}

func BenchmarkPlanText10000(b *testing.B) {
	p := large(10000)
	for b.Loop() {
		if err := view.Plan(io.Discard, p, view.PlanOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
