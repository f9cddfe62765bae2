package view_test

import (
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
)

func TestPlanText(t *testing.T) {
	for name, o := range map[string]view.PlanOptions{
		"plan_80.txt":       {Style: view.Style{Width: 80}},
		"plan_80_color.txt": {Style: view.Style{Width: 80, Color: true}},
		"plan_200.txt":      {Style: view.Style{Width: 200}, Verbose: true},
	} {
		golden(t, name, printed(t, func(w io.Writer) error { return view.Plan(w, detailed(), view.PlanFile{}, o) }))
	}
}

func planText(t *testing.T, p *plan.Plan, verbose bool) string {
	t.Helper()
	return string(printed(t, func(w io.Writer) error { return view.Plan(w, p, view.PlanFile{}, view.PlanOptions{Verbose: verbose}) }))
}

func TestRowsInSyncAreOnlyCountedUnlessVerbose(t *testing.T) {
	p := tricky()
	p.Changes = append(p.Changes, live(desired(quiet, "r_also_quiet", inr(100), plan.InSync, 51), refund.Success))
	busy := live(desired(over, "r_synced", inr(100), plan.InSync, 52), refund.Success)
	p.Changes = slices.Insert(p.Changes, len(p.Changes)-6, busy)
	out := planText(t, p, false)
	if strings.Contains(out, "order_quiet") || strings.Contains(out, "r_synced") || !strings.Contains(out, "  = 4 in_sync ") {
		t.Errorf("they are in sync:\n%s", out)
	}
	if out := planText(t, p, true); !strings.Contains(out, "order_quiet") || !strings.Contains(out, "= r_synced") {
		t.Errorf("they are asked for:\n%s", out)
	}
}

func TestALongPlanRepeatsItsSummaryAtTheEnd(t *testing.T) {
	for _, c := range []struct {
		p     *plan.Plan
		times int
	}{{few(), 1}, {tricky(), 2}, {large(100), 2}} {
		out := planText(t, c.p, false)
		if !strings.HasPrefix(out, "Plan: + ") || strings.Count(out, "Plan: ") != c.times {
			t.Errorf("not %d times:\n%s", c.times, out)
		}
		if last := out[strings.LastIndex(out, "\n\n")+2:]; strings.HasPrefix(last, "Plan: ") != (c.times > 1) {
			t.Errorf("the last block is\n%s", last)
		}
	}
	if out := planText(t, large(100), false); !strings.HasSuffix(out, "33 refunds need a person or are in doubt: see the top of this plan, or use\n  --format html.\n") {
		t.Errorf("the end of a long list says nothing of its beginning:\n%s", out)
	}
}

// few is a plan of one row.
func few() *plan.Plan {
	p := settledPlan(0)
	p.Changes = append(p.Changes, create(over, "r_1", inr(100), 1))
	return p
}

func TestWhatNeedsAPersonComesFirstThenWhatIsSent(t *testing.T) {
	out := planText(t, tricky(), false)
	places := make([]int, 0, 12)
	for _, text := range []string{"5 refunds need a person or are in doubt, by reason:", "! 1 conflict", "? 1 in_doubt", "# 1 blocked", "4 refunds to send, ",
		"5 refunds need a person or are in doubt, all of them:", "! r_conflict", "x r_failed", "# r_over_1", "? refund_sub_77_03", "All refunds to send:", "  + refund_flowwise_001", "1 held refund:", "h refund_", "Listed only with -v", "… 1 pending"} {
		last := 0
		if len(places) > 0 {
			last = places[len(places)-1]
		}
		at := last + strings.Index(out[last:], text)
		if at < last {
			t.Fatalf("no %q in\n%s", text, out)
		}
		places = append(places, at)
	}
	if !slices.IsSorted(places) {
		t.Errorf("out of order %v:\n%s", places, out)
	}
}

func TestALongListIsComplete(t *testing.T) {
	p := large(3000)
	out := planText(t, p, false)
	for _, c := range p.Changes {
		if shown := strings.Contains(out, " "+c.ID.RefundID+" "); shown != (c.Action != plan.InSync) {
			t.Fatalf("%s %s: shown %v", c.Action, c.ID.RefundID, shown)
		}
	}
}

func TestNothingToDoIsOneSentence(t *testing.T) {
	for n, want := range map[int]string{
		0: "Nothing to do: no manifest asks for a refund.\n0 reads made.\n",
		1: "Nothing to do: 1 refund is in sync.\n0 reads made.\n",
		3: "Nothing to do: 3 refunds are in sync.\n0 reads made.\n",
	} {
		if got := planText(t, settledPlan(n), false); got != want {
			t.Errorf("%d in sync: got %q, want %q", n, got, want)
		}
	}
}

func TestNothingToDoIsPrintedOnlyIfNothingIsNeeded(t *testing.T) {
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
	if out := planText(t, p, false); !strings.Contains(out, "\nNothing was read: this plan cannot be applied.\n") {
		t.Errorf("got\n%s", out)
	}
}

func TestASumThatDoesNotFitSaysSo(t *testing.T) {
	p := settledPlan(2)
	p.Changes[0].Amount.Minor = math.MaxInt64 - 1
	for i := range p.Changes {
		p.Changes[i].Action = plan.Blocked
	}
	if out := planText(t, p, true); !strings.Contains(out, "more than ₹92,23,37,20,36,85,47,758.06") {
		t.Errorf("got\n%s", out)
	}
}

func TestPlanDiffTextIsTheGoldenOne(t *testing.T) {
	golden(t, "plan_diff.txt", printed(t, func(w io.Writer) error {
		return view.PlanDiffText(w, differing(), view.PlanOptions{Style: view.Style{Width: 100}})
	}))
	same := differing()
	same.Comparison = plan.Comparison{}
	if out := printed(t, func(w io.Writer) error { return view.PlanDiffText(w, same, view.PlanOptions{}) }); !strings.HasPrefix(string(out), "The plans have the same rows.\n") {
		t.Errorf("got\n%s", out)
	}
}

func TestASavedPlanPrintsItsValidity(t *testing.T) {
	for now, want := range map[int]string{19: "valid until", 20: "expired at"} {
		out := printed(t, func(w io.Writer) error {
			return view.Plan(w, &plan.Plan{}, view.PlanFile{Digest: "d", ExpiresAt: at(20, 0), Now: at(now, 0)}, view.PlanOptions{})
		})
		if !strings.Contains(string(out), "Saved plan, "+want+" 2026-06-09 20:00:00 +05:30.\nDigest d\n") {
			t.Errorf("at %d: %s", now, out)
		}
	}
}

// Who has saved or been shown a plan is shown how it is sent, while it can be.
func TestASavedPlanPrintsHowToApplyIt(t *testing.T) {
	for _, c := range []struct {
		p     *plan.Plan
		file  view.PlanFile
		shown bool
	}{
		{few(), view.PlanFile{Digest: "d", ExpiresAt: at(20, 0), Now: at(19, 0), Apply: "refundctl apply june.plan.json"}, true},
		{few(), view.PlanFile{Digest: "d", ExpiresAt: at(20, 0), Now: at(20, 0), Apply: "refundctl apply june.plan.json"}, false},
		{few(), view.PlanFile{}, false},
		{&plan.Plan{}, view.PlanFile{Digest: "d", ExpiresAt: at(20, 0), Now: at(19, 0)}, false},
	} {
		out := printed(t, func(w io.Writer) error { return view.Plan(w, c.p, c.file, view.PlanOptions{}) })
		if strings.Contains(string(out), "\nhint: refundctl apply june.plan.json sends it, once\n") != c.shown {
			t.Errorf("shown is not %v:\n%s", c.shown, out)
		}
	}
}

func BenchmarkPlanText10000(b *testing.B) {
	p := large(10000)
	for b.Loop() {
		if err := view.Plan(io.Discard, p, view.PlanFile{}, view.PlanOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// A plan of some refunds alone must not be followed by a command that sends all.
func TestPlanNextSaysThatNothingWasSentAndHowToSend(t *testing.T) {
	for _, c := range []struct {
		p    *plan.Plan
		want string
	}{
		{large(3), "hint: nothing has been sent yet; refundctl apply sends the refunds marked +\n"},
		{down(2), ""}, // nothing is marked +
	} {
		var out strings.Builder
		if err := view.PlanNext(&out, c.p, "refundctl apply", view.Style{}); err != nil || out.String() != c.want {
			t.Errorf("%v, %q, want %q", err, out.String(), c.want)
		}
	}
}
