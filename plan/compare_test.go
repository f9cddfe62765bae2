package plan_test

import (
	"reflect"
	"testing"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/plan"
)

// compared returns two equal plans of one refund, which change may change, and their comparison.
func compared(t *testing.T, change func(before, after *plan.Plan, row *plan.Change)) plan.Comparison {
	t.Helper()
	make := func() *plan.Plan {
		id := refund.Identity{Parent: refund.Parent{Account: "f1", Kind: refund.Order, ID: "o1"}, RefundID: "r1"}
		spec := &refund.Spec{RefundID: "r1", Note: "note", Labels: map[string]string{"ticket": "1"}, Source: diag.Place{File: "a.yaml", Line: 3}}
		return &plan.Plan{
			Accounts: []plan.Account{{Name: "shop", API: "cashfree", Environment: "sandbox", Fingerprint: "f1"}}, Lineage: "one",
			Changes: []plan.Change{{Action: plan.Create, AccountName: "shop", ID: id, Amount: inr(t, "10"), Spec: spec, Attempt: 1, Key: "k"}},
			Parents: map[refund.Parent]plan.ParentRead{id.Parent: {Parent: id.Parent, ListedAt: time.Unix(1, 0),
				Facts: refund.Facts{Known: true, Captured: inr(t, "100")}, Live: []refund.Live{{RefundID: "x", Amount: inr(t, "5"), Status: refund.Success}}}},
		}
	}
	before, after := make(), make()
	change(before, after, &after.Changes[0])
	return plan.Compare(before, after)
}

// A reviewer who has seen the first plan is shown each field that is another one now, and none that is not.
func TestComparingPlansNamesTheFieldsThatDiffer(t *testing.T) {
	for want, change := range map[string]func(before, after *plan.Plan, row *plan.Change){
		"labels":           func(_, _ *plan.Plan, c *plan.Change) { c.Spec.Labels["ticket"] = "2" },
		"refund_speed":     func(_, _ *plan.Plan, c *plan.Change) { c.Spec.Speed = "INSTANT" },
		"refund_splits":    func(_, _ *plan.Plan, c *plan.Change) { c.Spec.Splits = []refund.Split{{VendorID: "v"}} },
		"supersedes":       func(_, _ *plan.Plan, c *plan.Change) { c.Spec.Supersedes = "r0" },
		"not_duplicate_of": func(_, _ *plan.Plan, c *plan.Change) { c.Spec.NotDuplicateOf = []string{"r0"} },
		"source":           func(_, _ *plan.Plan, c *plan.Change) { c.Spec.Source.File = "b.yaml" },
		"parent_id":        func(_, _ *plan.Plan, c *plan.Change) { c.ID.ID = "o2" },
		"attempt":          func(_, _ *plan.Plan, c *plan.Change) { c.Attempt = 2 },
	} {
		c := compared(t, change)
		if len(c.Rows) != 1 || !reflect.DeepEqual(c.Rows[0].Fields, []string{want}) {
			t.Errorf("%s: %+v", want, c.Rows)
		}
	}
	for name, change := range map[string]func(before, after *plan.Plan, row *plan.Change){
		"nothing":               func(_, _ *plan.Plan, _ *plan.Change) {},
		"a row above":           func(_, _ *plan.Plan, c *plan.Change) { c.Spec.Source.Line++ },
		"read for one plan":     func(_, _ *plan.Plan, c *plan.Change) { c.Live = &refund.Live{Status: refund.Pending} },
		"read later":            func(_, after *plan.Plan, _ *plan.Change) { after.CreatedAt = time.Unix(9, 0) },
		"the ledger begins":     func(before, _ *plan.Plan, _ *plan.Change) { before.Lineage = "" },
		"a parent was not read": func(_, after *plan.Plan, _ *plan.Change) { clear(after.Parents) },
	} {
		if c := compared(t, change); !c.Same() {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// Plans of different merchants are compared by the names of their accounts, so that the rows do not all look new.
func TestPlansOfDifferentAccountsAndLedgersAreNotTheSame(t *testing.T) {
	c := compared(t, func(_, after *plan.Plan, row *plan.Change) {
		after.Accounts[0].Fingerprint, row.ID.Account, row.Key = "f2", "f2", "other"
	})
	if !c.Accounts || c.Ledgers || len(c.Rows) != 0 || c.Same() {
		t.Errorf("another merchant: %+v", c)
	}
	if c := compared(t, func(_, after *plan.Plan, _ *plan.Change) { after.Accounts[0].Environment = "production" }); !c.Accounts || c.Same() {
		t.Errorf("another environment: %+v", c)
	}
	if c := compared(t, func(_, after *plan.Plan, _ *plan.Change) { after.Lineage = "two" }); !c.Ledgers || c.Accounts || c.Same() {
		t.Errorf("another ledger: %+v", c)
	}
}

func TestComparingPlansShowsWhatIsLiveOfAParent(t *testing.T) {
	change := func(edit func(*plan.ParentRead)) plan.Comparison {
		return compared(t, func(_, after *plan.Plan, row *plan.Change) {
			read := after.Parents[row.ID.Parent]
			edit(&read)
			after.Parents[row.ID.Parent] = read
		})
	}
	if c := change(func(r *plan.ParentRead) { r.Facts.Captured = inr(t, "90") }); len(c.Parents) != 1 || !reflect.DeepEqual(c.Parents[0].Fields, []string{"captured"}) || c.Same() {
		t.Errorf("captured: %+v", c)
	}
	if c := change(func(r *plan.ParentRead) { r.Live = append(r.Live, r.Live[0]) }); len(c.Parents) != 1 || !reflect.DeepEqual(c.Parents[0].Fields, []string{"live"}) {
		t.Errorf("live: %+v", c)
	}
	if c := change(func(r *plan.ParentRead) { r.ListedAt = r.ListedAt.Add(time.Hour) }); len(c.Parents) != 0 {
		t.Errorf("read later: %+v", c)
	}
}
