package view_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
)

func diffText(t *testing.T, before, after *plan.Plan, o view.PlanOptions) string {
	t.Helper()
	o.Style.Width = 200
	d := view.PlanDiff{Before: plan.Saved{Plan: before}, After: plan.Saved{Plan: after}, Comparison: plan.Compare(before, after)}
	return string(printed(t, func(w io.Writer) error { return view.PlanDiffText(w, d, o) }))
}

// manyCreates is a plan that sends a refund of each of n orders.
func manyCreates(n int) *plan.Plan {
	p := &plan.Plan{Accounts: []plan.Account{{Name: "shop", API: "cashfree", Environment: "sandbox", Fingerprint: shop.Account}}}
	for i := range n {
		c := create(shop, fmt.Sprintf("r_%05d", i), inr(100), i+1)
		c.ID.ID = fmt.Sprintf("order_%05d", i)
		spec := *c.Spec
		c.Spec = &spec
		p.Changes = append(p.Changes, c)
	}
	return p
}

func TestADiffOfLargePlansIsAsLongAsWhatChanged(t *testing.T) {
	before, after := manyCreates(10000), manyCreates(10000)
	for i := range 3 {
		after.Changes[i*4000].Spec.Note = "changed " + fmt.Sprint(i)
	}
	if out := diffText(t, before, after, view.PlanOptions{}); strings.Count(out, "\n") > 15 || strings.Count(out, "refund_note:") != 3 {
		t.Errorf("got\n%s", out)
	}
	for i := range after.Changes {
		after.Changes[i].Action = plan.Blocked
		after.Changes[i].Reasons = []plan.Reason{{Code: "budget_total", Message: "too much"}}
	}
	out := diffText(t, before, after, view.PlanOptions{})
	if strings.Count(out, "\n") > 60 || !strings.Contains(out, "\n9,992 more refunds changed like r_00001, ₹9,997.00 in all; -v lists them.\n") {
		t.Errorf("got\n%.3000s", out)
	}
	if out := diffText(t, before, after, view.PlanOptions{Verbose: true}); strings.Count(out, "  changed  ") != 10000 {
		t.Errorf("-v lists %d rows", strings.Count(out, "  changed  "))
	}
}

func TestADiffOfPlansSaysFirstWhoseTheyAre(t *testing.T) {
	before, after := manyCreates(1), manyCreates(1)
	after.Accounts[0].Environment, before.Lineage, after.Lineage = "production", "one", "two"
	out := diffText(t, before, after, view.PlanOptions{})
	want := "The plans are of different accounts:\n  before: shop (cashfree, sandbox, fingerprint "
	if !strings.HasPrefix(out, want) || !strings.Contains(out, "now: shop (cashfree, PRODUCTION, ") || !strings.Contains(out, "different ledgers:\n  before: lineage one\n  now: lineage two\n\nOtherwise, the plans have the same rows.\n") {
		t.Errorf("got\n%s", out)
	}
}

// A reviewer reads fields; the requests are for -v.
func TestADiffOfPlansSpeaksInFields(t *testing.T) {
	before, after := manyCreates(2), manyCreates(2)
	c := &after.Changes[0]
	c.Spec.Speed, c.Spec.Labels, c.Spec.Source.File = "INSTANT", map[string]string{"ticket": "CS-1"}, "refunds/other.yaml"
	after.Changes[1].ID.ID = "order_other"
	live := func(p *plan.Plan, amount int64) {
		p.Parents = map[refund.Parent]plan.ParentRead{c.ID.Parent: {ListedAt: at(9, 0), Facts: refund.Facts{Known: true, Captured: inr(90000)}, Live: []refund.Live{{RefundID: "x", Amount: inr(amount), Status: refund.Success}}}}
	}
	live(before, 100)
	live(after, 200)
	other := after.Changes[1].ID.Parent
	before.Parents[other] = plan.ParentRead{Parent: other, ListedAt: at(9, 0), Facts: refund.Facts{Known: true, Captured: inr(90000)}}
	after.Parents[other] = plan.ParentRead{Parent: other, ListedAt: at(9, 0), Facts: refund.Facts{Known: true}}
	out := diffText(t, before, after, view.PlanOptions{})
	for _, want := range []string{
		"\n  captured: ₹900.00 before, nothing now\n", "\n  live refunds: 1 refund ₹1.00 before, 1 refund ₹2.00 now\n", "\n      refund_speed: none before, INSTANT now\n",
		"\n      labels: ", "{+ticket=CS-1+}", "\n      manifest: refunds/june.refunds.yaml before, refunds/other.yaml now\n", "\n      order_id: order_00001 before, order_other now\n",
	} {
		if !strings.Contains("\n"+out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
	after.Changes[0].Key = "other"
	if strings.Contains(diffText(t, before, after, view.PlanOptions{}), "{\"") || !strings.Contains(diffText(t, before, after, view.PlanOptions{Verbose: true}), `request now: POST /orders/`) {
		t.Error("only -v prints the requests")
	}
}
