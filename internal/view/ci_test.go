package view_test

import (
	"io"
	"strings"
	"testing"

	"refundctl/apply"
	"refundctl/internal/money"
	"refundctl/internal/view"
	"refundctl/plan"
)

func tallyOf(count int, amounts ...money.Amount) plan.Tally {
	return plan.Tally{Count: count, Amounts: amounts}
}

func TestStepOutputsAreLinesOfCountsAmountsAndCodes(t *testing.T) {
	p := tricky()
	result := &apply.Result{Sent: tallyOf(2, inr(120000), money.Amount{Minor: 1200, Currency: "JPY"}), Refused: tallyOf(1, inr(100)), InDoubt: tallyOf(1, inr(5)), Earlier: tallyOf(2)}
	for name, tc := range map[string]struct {
		r    view.Step
		want string
	}{
		"nothing came of it": {view.Step{Command: "apply", Code: 7, File: view.PlanFile{Digest: "ab12"}}, "exit_code=7\nplan_digest=ab12\n"},
		"applied": {view.Step{Command: "apply", Code: 6, Result: result},
			"exit_code=6\nsent=2\nsent_amount_INR=1200.00\nsent_amount_JPY=1200\nrefused=1\nrefused_amount_INR=1.00\nnot_sent=0\nblocked=0\nheld=0\nfailed=0\npending=0\nin_doubt=3\n"},
	} {
		if got := string(printed(t, func(w io.Writer) error { return view.StepOutputs(w, tc.r) })); got != tc.want {
			t.Errorf("%s:\n%s", name, got)
		}
	}
	out := string(printed(t, func(w io.Writer) error { return view.StepOutputs(w, view.Step{Plan: p}) }))
	for _, want := range []string{"creates=", "create_amount_INR=2299.50\n", "create_amount_JPY=1200\n", "needs_person=", "in_doubt="} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}

// A currency or a digest is never more than a word: nothing else gets into a line.
func TestStepOutputsCannotBeInjected(t *testing.T) {
	evil := "INR\nexit_code=0\nx<<EOF"
	r := view.Step{Code: 4, File: view.PlanFile{Digest: "d\nexit_code=0"}, Result: &apply.Result{Sent: tallyOf(1, money.Amount{Minor: 1, Currency: money.Currency(evil)})}}
	want := "exit_code=4\nsent=1\nrefused=0\nnot_sent=0\nblocked=0\nheld=0\nfailed=0\npending=0\nin_doubt=0\n"
	if got := string(printed(t, func(w io.Writer) error { return view.StepOutputs(w, r) })); got != want {
		t.Errorf("%q", got)
	}
}

func TestStepSummaryIsThePlanAndItsExitCode(t *testing.T) {
	p := tricky()
	spoil(p)
	out := string(printed(t, func(w io.Writer) error {
		return view.StepSummary(w, view.Step{Command: "plan", Code: 4, Meaning: "a person decides", Plan: p})
	}))
	whole := string(printed(t, func(w io.Writer) error { return view.PlanMarkdown(w, p, view.PlanFile{}, view.PlanOptions{}) }))
	if out != whole+"Exit code 4: a person decides.\n\n" {
		t.Errorf("got\n%s", out)
	}
}
