package view_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// heap is n rows of one action over as many orders.
func heap(n int, a plan.Action) []plan.Change {
	rows := make([]plan.Change, 0, n)
	for i := range n {
		parent := refund.Parent{Account: "fp-shop", Kind: refund.Order, ID: fmt.Sprintf("order_%06d", i)}
		c := desired(parent, fmt.Sprintf("heap_%06d", i), inr(int64(100+i%500)), a, i)
		switch a {
		case plan.Create:
			c = create(parent, c.ID.RefundID, c.Amount, i)
			c.Spec.Note, c.Spec.Labels = "June batch", map[string]string{"ticket": fmt.Sprint("CS-", i)}
		case plan.Orphaned:
			c.Spec, c.Entry = nil, &state.Entry{Phase: state.Settled, Status: refund.Success}
		case plan.Unmanaged:
			c.ID.Parent, c.Spec = over, nil
			c = live(c, refund.Success)
		case plan.Pending, plan.Failed, plan.InSync:
			c = live(c, refund.Pending)
		}
		rows = append(rows, c)
	}
	return rows
}

// blockedFor blocks rows for this many different reasons.
func blockedFor(rows []plan.Change, reasons int) []plan.Change {
	for i := range rows {
		rows[i].Reasons = []plan.Reason{{Code: fmt.Sprintf("reason_number_%02d", i%reasons), Message: fmt.Sprintf(
			"over-refund on %s: captured ₹1,000.00, refunded ₹900.00, planned ₹1,000.01: ₹900.01 too much, and more words", rows[i].ID.ID),
			Hint: "lower, hold or remove refunds until they fit the captured amount"}}
	}
	return rows
}

// burying are plans of many rows with one create and one blocked row.
func burying() map[string]*plan.Plan {
	of := func(heaps ...[]plan.Change) *plan.Plan {
		p := &plan.Plan{CreatedAt: at(14, 3), Refresh: plan.Auto, Reads: 17, Parents: map[refund.Parent]plan.ParentRead{}, Accounts: tricky().Accounts}
		for _, rows := range heaps {
			p.Changes = append(p.Changes, rows...)
		}
		c := create(shop, "the_create", inr(100000), 12)
		c.Spec.Note, c.Spec.Speed, c.Spec.Labels = "Item #4411 returned", "STANDARD", map[string]string{"sheet": "june.csv", "row": "17"}
		p.Changes = append(p.Changes, because(desired(shop, "the_blocked", inr(1200), plan.Blocked, 13), plan.Reason{
			Code: "the_reason", Message: "over-refund on the order", Hint: "lower it"}), c)
		return p
	}
	return map[string]*plan.Plan{
		"orphaned":                    of(heap(4000, plan.Orphaned)),
		"unmanaged of one order":      of(heap(4000, plan.Unmanaged)),
		"pending":                     of(heap(4000, plan.Pending)),
		"held":                        of(heap(4000, plan.Held)),
		"in sync":                     of(heap(4000, plan.InSync)),
		"creates":                     of(heap(3000, plan.Create)),
		"blocked":                     of(blockedFor(heap(3000, plan.Blocked), 1)),
		"a few blocked":               of(blockedFor(heap(9, plan.Blocked), 2)),
		"blocked for several reasons": of(blockedFor(heap(3000, plan.Blocked), 4)),
		"blocked, and creates":        of(blockedFor(heap(3000, plan.Blocked), 3), heap(3000, plan.Create)),
		"everything": of(heap(500, plan.Orphaned), heap(500, plan.Unmanaged), heap(500, plan.Pending), heap(500, plan.InSync),
			heap(500, plan.Held), blockedFor(heap(500, plan.Blocked), 4)),
		"a hundred thousand": of(heap(80000, plan.Orphaned), heap(10000, plan.Held), heap(10000, plan.Create)),
	}
}

// A reviewer decides on what the first screen says: sums, what needs a person, and what is sent.
func TestTheFirstScreenHasAllThatAReviewerMustDecide(t *testing.T) {
	for name, p := range burying() {
		for _, verbose := range []bool{false, true} {
			if verbose && len(p.Changes) > 10000 {
				continue
			}
			t.Run(fmt.Sprint(name, ", verbose ", verbose), func(t *testing.T) {
				out := planText(t, p, verbose)
				all := strings.Split(out, "\n")
				first := strings.Join(all[:min(len(all), 40)], "\n")
				sum := p.Summary()[plan.Create]
				for _, want := range []string{"the_reason", "the_blocked", "the_create", inr(100000).Human(), money.Grouped(sum.Count) + " create " + sum.Amounts[0].Human()} {
					if !strings.Contains(first, want) {
						t.Errorf("no %q in\n%s", want, first)
					}
				}
				for _, a := range plan.Actions {
					if t2 := p.Summary()[a]; t2.Count > 0 && !strings.Contains(first, fmt.Sprintf("%c %s %s", a, money.Grouped(t2.Count), a)) {
						t.Errorf("no count of %s in\n%s", a, first)
					}
				}
			})
		}
	}
}

// What needs no review is one line for each action, with count and money; -v lists it.
func TestRowsThatNeedNoReviewTakeOneLine(t *testing.T) {
	p := burying()["everything"]
	out := planText(t, p, false)
	tail := out[strings.Index(out, "Listed only with -v:"):]
	for _, want := range []string{"h 500 held", "… 500 pending", "* 500 unmanaged", "o 500 orphaned", "= 500 in_sync"} {
		if strings.Count(tail, "\n  "+want) != 1 || strings.Contains(out, "\n  "+want[:2]+" heap") {
			t.Errorf("%q is not one line of\n%.3000s", want, tail)
		}
	}
	verbose := planText(t, p, true)
	for _, c := range p.Changes {
		if c.Action != plan.Unmanaged && !strings.Contains(verbose, "  "+string(c.Action)+" "+c.ID.RefundID+" ") {
			t.Fatalf("-v does not list %s %s", c.Action, c.ID.RefundID)
		}
	}
}

func TestHeldRowsInOneLineSayWhatTheyWouldBe(t *testing.T) {
	p := settledPlan(0)
	p.Changes = heap(30, plan.Held)
	for i := range p.Changes {
		p.Changes[i].WithoutHold = &plan.Released{Action: plan.Create}
		if i < 12 {
			p.Changes[i].WithoutHold = &plan.Released{Action: plan.Blocked, Reasons: []plan.Reason{{Code: "over_refund", Message: "too much"}}}
		}
	}
	if out := planText(t, p, false); !strings.Contains(out, "18 create, 12 blocked (over_refund)\n") {
		t.Errorf("got\n%s", out)
	}
	p.Changes = p.Changes[10:14]
	if out := planText(t, p, false); strings.Count(out, "held; without hold: blocked (over_refund)") != 2 || strings.Count(out, "held; without hold: create") != 2 || !strings.Contains(out, "without hold: too much [over_refund]") {
		t.Errorf("got\n%s", out)
	}
}

// A reviewer sees with each create all that is sent, and its labels, in every format.
func TestEachCreateShowsAllThatIsSent(t *testing.T) {
	p := few()
	s := p.Changes[0].Spec
	s.Note, s.Speed, s.Labels = "Item #4411 returned", "INSTANT", map[string]string{"sheet": "june.csv", "row": "17"}
	s.Splits = []refund.Split{{VendorID: "Vendor01", Amount: inr(10012)}}
	for _, f := range []view.Format{view.Text, view.Markdown, view.HTML} {
		out := string(printed(t, func(w io.Writer) error {
			return view.RenderPlan(w, f, p, view.PlanFile{}, view.PlanOptions{Style: view.Style{Width: 200}})
		}))
		if f == view.Markdown {
			out = toHTML(t, out)
		}
		for _, want := range []string{"4411 returned", "INSTANT", "Vendor01 ₹100.12", "row=17", "sheet=june.csv"} {
			if !strings.Contains(strings.ReplaceAll(out, "<!-- -->", ""), want) {
				t.Errorf("%s: no %q in\n%.4000s", f, want, out)
			}
		}
	}
}

func BenchmarkPlanText100000(b *testing.B) {
	p := burying()["a hundred thousand"]
	for b.Loop() {
		if err := view.Plan(io.Discard, p, view.PlanFile{}, view.PlanOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
