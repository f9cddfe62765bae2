package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// withoutHold lists what each held row would be: "r1 create", "r2 blocked over_refund".
func withoutHold(p *plan.Plan) []string {
	var all []string
	for _, c := range p.Changes {
		if c.WithoutHold == nil {
			continue
		}
		text := c.ID.RefundID + " " + c.WithoutHold.Action.String()
		for _, r := range c.WithoutHold.Reasons {
			text += " " + r.Code
		}
		all = append(all, text)
	}
	return all
}

func TestAHeldRowSaysWhatItWouldBeWithoutHold(t *testing.T) {
	for name, c := range map[string]struct {
		setup func(*bench)
		want  []string
	}{
		"a create": {func(b *bench) { b.want("o1", "r1", "10", hold) }, []string{"r1 create"}},
		"too much alone": {func(b *bench) { b.want("o1", "r1", "1000.01", hold) },
			[]string{"r1 blocked over_refund"}},
		"too much beside a create": {func(b *bench) { b.want("o1", "r1", "600"); b.want("o1", "r2", "400.01", hold) },
			[]string{"r2 blocked over_refund"}},
		"each held row is judged alone": {func(b *bench) {
			b.want("o1", "r1", "600", hold)
			b.want("o1", "r2", "600", hold)
			b.want("o1", "r3", "400")
		}, []string{"r1 create", "r2 create"}},
		"a duplicate of a live refund": {func(b *bench) { b.want("o1", "r1", "10", hold); b.live("o1", "dash", "10", refund.Success) },
			[]string{"r1 blocked duplicate_suspected"}},
		"a duplicate of a create": {func(b *bench) { b.want("o1", "r1", "10", hold); b.want("o1", "r2", "10") },
			[]string{"r1 blocked duplicate_suspected"}},
		"beside a doubt": {func(b *bench) { b.want("o1", "r1", "10", hold); b.remember("o1", "r0", "10", state.Intended, "") },
			[]string{"r1 blocked parent_in_doubt duplicate_suspected"}},
		"of an unknown order": {func(b *bench) { b.want("o9", "r1", "10", hold) }, []string{"r1 blocked parent_unknown"}},
		"of an order that cannot be read": {func(b *bench) {
			b.want("o1", "r1", "10", hold)
			b.world.fails["o1"] = &refund.ReadError{Class: refund.Unreachable}
		}, []string{"r1 blocked unread"}},
		"of an order paid too long ago": {func(b *bench) {
			b.world.payments["o1"][0].CompletedAt = noon.AddDate(0, -6, -1)
			b.want("o1", "r1", "10", hold)
		}, []string{"r1 blocked window_closed"}},
		"a replacement of a live refund": {func(b *bench) {
			b.want("o1", "r1", "10", hold, supersedes("r0"))
			b.live("o1", "r0", "20", refund.Pending)
			b.want("o1", "r0", "20")
		}, []string{"r1 blocked supersedes_alive"}},
		"during a freeze": {func(b *bench) { b.in.Frozen = "audit"; b.want("o1", "r1", "10", hold) }, []string{"r1 blocked frozen"}},
		"more than a refund may be": {func(b *bench) {
			b.in.Accounts[0].Limits.MaxRefundAmount = money.BudgetOf(inr(b.t, "50"))
			b.want("o1", "r1", "50.01", hold)
		}, []string{"r1 blocked budget_refund"}},
		"more than is left of a budget": {func(b *bench) {
			b.in.Accounts[0].Limits.MaxTotalAmount = money.BudgetOf(inr(b.t, "100"))
			b.want("o1", "r1", "60")
			b.want("o1", "r2", "40", hold)
			b.want("o1", "r3", "40.01", hold)
		}, []string{"r2 create", "r3 blocked budget_total"}},
		"more than is left of a day": {func(b *bench) {
			b.in.Accounts[0].Limits.MaxTotalAmountPerDay = money.BudgetOf(inr(b.t, "100"))
			b.want("o1", "r1", "60")
			b.want("o1", "r2", "40.01", hold)
		}, []string{"r2 blocked budget_day"}},
		"beside more creates than are allowed": {func(b *bench) {
			b.in.Accounts[0].Limits.MaxRefunds = 1
			b.want("o1", "r1", "60")
			b.want("o1", "r2", "40.01", hold)
		}, []string{"r2 blocked budget_count"}},
		"of a kind without a list, and the ledger may be old": {func(b *bench) {
			b.want("s1", "r1", "10", ofKind(refund.Subscription), hold)
			b.want("s2", "r2", "10", ofKind(refund.Subscription))
			b.live("s2", "r2", "10", refund.Success)
		}, []string{"r1 blocked ledger_may_be_old"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			c.setup(b)
			if got := withoutHold(b.plan()); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A held row takes nothing from the balance and the budgets of the others, and is no twin of theirs.
func TestAHeldRowCountsForNoOtherRow(t *testing.T) {
	b := newBench(t)
	l := &b.in.Accounts[0].Limits
	l.MaxRefunds, l.MaxTotalAmount, l.MaxTotalAmountPerDay = 1, money.BudgetOf(inr(t, "900")), money.BudgetOf(inr(t, "900"))
	b.want("o1", "r1", "900")
	b.want("o1", "r2", "900", hold)
	b.want("o1", "r3", "900", hold)
	b.expect("+ r1", "h r2 hold", "h r3 hold")
}

// A held row's order is read like any other, so that the row gets the first action that fits.
func TestAHeldRowIsComparedWithWhatIsLive(t *testing.T) {
	b := newBench(t)
	for _, order := range []string{"o2", "o3", "o4", "o5"} {
		b.paid(order, "1000", noon)
	}
	b.want("o1", "r1", "10", hold)
	b.live("o1", "r1", "10", refund.Success)
	b.want("o2", "r2", "10", hold)
	b.live("o2", "r2", "11", refund.Success)
	b.want("o3", "r3", "10", hold)
	b.live("o3", "r3", "10", refund.Cancelled)
	b.want("o4", "r4", "10", hold)
	b.live("o4", "r4", "10", refund.Pending)
	b.want("o5", "r5", "10", hold)
	p := b.expect("= r1", "! r2 amount_differs", "x r3 dead", "… r4", "h r5 hold")
	if got := withoutHold(p); !slices.Equal(got, []string{"r5 create"}) {
		t.Errorf("%q", got)
	}
	b.reads("list o1", "list o2", "list o3", "list o4", "list o5", "payments o5")
}

// Payments that the ledger remembers are read again if a held row would exceed them.
func TestRememberedPaymentsThatDoNotCoverAHeldRowAreReadAgain(t *testing.T) {
	b := newBench(t)
	b.remember("o1", "r1", "10", state.Settled, refund.Success)
	b.paid("o1", "500", noon.Add(-time.Hour))
	b.want("o1", "r2", "1200", hold)
	if got := withoutHold(b.plan()); !slices.Equal(got, []string{"r2 create"}) {
		t.Errorf("%q", got)
	}
	b.reads("list o1", "payments o1")
}

// What a plan file does not send is not judged again, and costs no read.
func TestAHeldRowOfAPlanFileIsNotRead(t *testing.T) {
	b, saved := approved(t, func(b *bench) { b.want("o1", "r1", "10", hold) })
	if got := withoutHold(saved.Plan); !slices.Equal(got, []string{"r1 create"}) {
		t.Errorf("the plan says %q", got)
	}
	b.in.Specs = saved.Specs()
	p := b.plan()
	b.reads()
	if len(p.Rows(plan.Create)) > 0 {
		t.Error(rows(p))
	}
}

// A forged plan file cannot say of a held row what no plan says.
func TestWhatAHeldRowWouldBeIsCheckedInAPlanFile(t *testing.T) {
	b := newBench(t)
	b.want("o1", "r1", "10", hold)
	b.want("o1", "r2", "2000", hold)
	text := string(encoded(t, b.plan()))
	if _, err := plan.Decode(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{`"without_hold":{"action":"create"`, `"without_hold":{"action":"blocked"`},
		{`"without_hold":{"action":"create"`, `"without_hold":{"action":"in_sync"`},
		{`"without_hold":{"action":"blocked"`, `"without_hold":{"action":"create"`},
		{`"action":"held"`, `"action":"blocked"`},
	} {
		if !strings.Contains(text, c[0]) {
			t.Fatalf("no %s in %s", c[0], text)
		}
		refused(t, withDigest([]byte(strings.Replace(text, c[0], c[1], 1))), plan.Altered)
	}
}
