package plan_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Each case lets one guard speak; without the guard the row would be a create.
func TestEachGuardBlocksWithItsReason(t *testing.T) {
	cases := []struct {
		name  string
		setup func(*bench)
		want  []string
	}{
		{"over_refund on the list alone", func(b *bench) {
			b.live("o1", "dash", "900", refund.Pending)
			b.want("o1", "r1", "100.01")
		}, []string{"# r1 over_refund", "* dash not_in_manifest"}},
		{"over_refund blocks all creates of the parent", func(b *bench) {
			b.want("o1", "r1", "600")
			b.want("o1", "r2", "400.01")
		}, []string{"# r1 over_refund", "# r2 over_refund"}},
		{"the whole payment may be refunded", func(b *bench) {
			b.want("o1", "r1", "600")
			b.want("o1", "r2", "400")
		}, []string{"+ r1", "+ r2"}},
		{"failed refunds do not use the balance", func(b *bench) {
			b.live("o1", "dash", "900", refund.Failed)
			b.want("o1", "r1", "1000")
		}, []string{"+ r1", "* dash not_in_manifest"}},
		{"held rows do not count", func(b *bench) {
			b.want("o1", "r1", "600")
			b.want("o1", "r2", "600.01", hold)
		}, []string{"+ r1", "h r2 hold"}},
		{"the ledger counts if the list lags", func(b *bench) {
			b.remember("o1", "r0", "900", state.Settled, refund.Success)
			b.want("o1", "r1", "100.01")
		}, []string{"# r1 over_refund", "o r0 not_in_manifest"}},
		{"an automatic refund without an id counts", func(b *bench) {
			b.live("o1", "", "900", refund.Success, func(l *refund.Live) { l.Type = "PAYMENT_AUTO_REFUND" })
			b.want("o1", "r1", "100.01")
		}, []string{"# r1 over_refund", "*  not_in_manifest"}},
		{"duplicate_suspected against live", func(b *bench) {
			b.live("o1", "dash", "10", refund.Success)
			b.want("o1", "r1", "10")
		}, []string{"# r1 duplicate_suspected", "* dash not_in_manifest"}},
		{"a refund of another type is no duplicate, but counts", func(b *bench) {
			for i, word := range []string{"PAYMENT_AUTO_REFUND", "UNRECONCILED_AUTO_REFUND", "SOMETHING_NEW"} {
				b.live("o1", fmt.Sprintf("auto_%d", i), "10", refund.Success, func(l *refund.Live) { l.Type = word })
			}
			b.live("o1", "", "10", refund.Success, func(l *refund.Live) { l.Type = "PAYMENT_AUTO_REFUND" })
			b.want("o1", "r1", "10")
			b.want("o1", "r2", "950.01")
			b.want("o1", "r3", "960", hold)
		}, []string{"# r1 over_refund", "# r2 over_refund", "h r3 hold", "*  not_in_manifest", "* auto_0 not_in_manifest", "* auto_1 not_in_manifest", "* auto_2 not_in_manifest"}},
		{"an automatic refund of the same amount blocks nothing", func(b *bench) {
			b.live("o1", "", "10", refund.Success, func(l *refund.Live) { l.Type = "PAYMENT_AUTO_REFUND" })
			b.want("o1", "r1", "10")
		}, []string{"+ r1", "*  not_in_manifest"}},
		{"a refund without a type is the merchant's", func(b *bench) {
			b.live("o1", "dash", "10", refund.Success, func(l *refund.Live) { l.Type = "" })
			b.want("o1", "r1", "10")
		}, []string{"# r1 duplicate_suspected", "* dash not_in_manifest"}},
		{"a sent refund that the API calls automatic is no duplicate", func(b *bench) {
			b.remember("o1", "r0", "10", state.Settled, refund.Success)
			b.live("o1", "r0", "10", refund.Success, func(l *refund.Live) { l.Type = "PAYMENT_AUTO_REFUND" })
			b.want("o1", "r0", "10")
			b.want("o1", "r1", "10")
		}, []string{"= r0", "+ r1"}},
		{"duplicate_suspected against the ledger", func(b *bench) {
			b.remember("o1", "r0", "10", state.Settled, refund.Success)
			b.want("o1", "r1", "10")
		}, []string{"# r1 duplicate_suspected", "o r0 not_in_manifest"}},
		{"all duplicates in a plan are blocked", func(b *bench) {
			b.want("o1", "r1", "10")
			b.want("o1", "r2", "10")
		}, []string{"# r1 duplicate_suspected", "# r2 duplicate_suspected"}},
		{"not_duplicate_of on one of them clears both", func(b *bench) {
			b.want("o1", "r1", "10")
			b.want("o1", "r2", "10", notDuplicateOf("r1"))
		}, []string{"+ r1", "+ r2"}},
		{"a third duplicate is not cleared with them", func(b *bench) {
			b.want("o1", "r1", "10")
			b.want("o1", "r2", "10", notDuplicateOf("r1"))
			b.want("o1", "r3", "10", notDuplicateOf("r1"))
		}, []string{"+ r1", "# r2 duplicate_suspected", "# r3 duplicate_suspected"}},
		{"a failed refund is no duplicate", func(b *bench) {
			b.live("o1", "dash", "10", refund.Cancelled)
			b.want("o1", "r1", "10")
		}, []string{"+ r1", "* dash not_in_manifest"}},
		{"equal refunds on different parents are no duplicates", func(b *bench) {
			b.paid("o2", "50", noon)
			b.want("o1", "r1", "10")
			b.want("o2", "r2", "10")
		}, []string{"+ r1", "+ r2"}},
		{"parent_unpaid", func(b *bench) {
			b.world.payments["o1"][0].Status = "FAILED"
			b.want("o1", "r1", "10")
		}, []string{"# r1 parent_unpaid"}},
		{"authorised but not captured is unpaid", func(b *bench) {
			b.world.payments["o1"][0].Captured = false
			b.want("o1", "r1", "10")
		}, []string{"# r1 parent_unpaid"}},
		{"parent_unknown", func(b *bench) { b.want("typo", "r1", "10") }, []string{"# r1 parent_unknown"}},
		{"currency_differs", func(b *bench) {
			b.world.payments["o1"][0].Amount.Currency = "USD"
			b.want("o1", "r1", "10")
		}, []string{"# r1 currency_differs"}},
		{"a refund in the payment's currency passes beside one in another", func(b *bench) {
			b.want("o1", "r1", "10", func(s *refund.Spec) { s.Amount.Currency = "USD" })
			b.want("o1", "r2", "1000")
		}, []string{"# r1 currency_differs", "+ r2"}},
		{"live refunds in another currency make the balance unknown", func(b *bench) {
			b.live("o1", "dash", "1", refund.Success, func(l *refund.Live) { l.Amount.Currency = "USD" })
			b.want("o1", "r1", "10")
		}, []string{"# r1 over_refund", "* dash not_in_manifest"}},
		{"window_closed", func(b *bench) {
			b.world.payments["o1"][0].CompletedAt = noon.AddDate(0, -6, -1)
			b.want("o1", "r1", "10")
		}, []string{"# r1 window_closed"}},
		{"the last two weeks of the window bring a warning", func(b *bench) {
			b.world.payments["o1"][0].CompletedAt = noon.AddDate(0, -6, 13)
			b.want("o1", "r1", "10")
		}, []string{"+ r1 (window_closing)"}},
		{"the day before those two weeks brings none", func(b *bench) {
			b.world.payments["o1"][0].CompletedAt = noon.AddDate(0, -6, 15)
			b.want("o1", "r1", "10")
		}, []string{"+ r1"}},
		{"R11: a refund in doubt blocks its parent", func(b *bench) {
			b.remember("o1", "r0", "10", state.Intended, "")
			b.want("o1", "r0", "10")
			b.want("o1", "r1", "20")
		}, []string{"? r0 outcome_unknown", "# r1 parent_in_doubt"}},
		{"R11: a refund in doubt without a row blocks its parent", func(b *bench) {
			b.remember("o1", "r0", "10", state.Intended, "")
			b.want("o1", "r1", "20")
		}, []string{"# r1 parent_in_doubt", "? r0 outcome_unknown"}},
		{"R6: a failed refund can be superseded", func(b *bench) {
			b.live("o1", "r0", "10", refund.Cancelled)
			b.want("o1", "r0", "10")
			b.want("o1", "r1", "10", supersedes("r0"))
		}, []string{"x r0 superseded", "+ r1"}},
		{"R6: a pending refund cannot be superseded", func(b *bench) {
			b.live("o1", "r0", "30", refund.Pending)
			b.want("o1", "r0", "30")
			b.want("o1", "r1", "10", supersedes("r0"))
		}, []string{"… r0", "# r1 supersedes_alive"}},
		{"R6: a refund of another parent cannot be superseded", func(b *bench) {
			b.paid("o2", "50", noon)
			b.live("o2", "r0", "10", refund.Cancelled)
			b.want("o1", "r1", "10", supersedes("r0"))
		}, []string{"# r1 supersedes_unknown"}},
		{"R6: a refund can be superseded only once", func(b *bench) {
			b.live("o1", "r0", "10", refund.Cancelled)
			b.want("o1", "r1", "10", supersedes("r0"))
			b.want("o1", "r2", "20", supersedes("r0"))
		}, []string{"# r1 supersedes_twice", "# r2 supersedes_twice", "* r0 not_in_manifest"}},
		{"frozen", func(b *bench) { b.in.Frozen = "audit"; b.want("o1", "r1", "10") }, []string{"# r1 frozen"}},
		{"max_refund_amount blocks that refund", func(b *bench) {
			b.in.Accounts[0].Limits.MaxRefundAmount = money.BudgetOf(inr(b.t, "50"))
			b.want("o1", "r1", "50.01")
			b.want("o1", "r2", "50")
		}, []string{"# r1 budget_refund", "+ r2"}},
		{"max_total_amount blocks every create", func(b *bench) {
			b.in.Accounts[0].Limits.MaxTotalAmount = money.BudgetOf(inr(b.t, "100"))
			b.want("o1", "r1", "50.01")
			b.want("o1", "r2", "50")
		}, []string{"# r1 budget_total", "# r2 budget_total"}},
		{"max_refunds blocks every create", func(b *bench) {
			b.in.Accounts[0].Limits.MaxRefunds = 1
			b.want("o1", "r1", "1")
			b.want("o1", "r2", "2")
		}, []string{"# r1 budget_count", "# r2 budget_count"}},
		{"R16: a currency without a budget is blocked if another has one", func(b *bench) {
			b.in.Accounts[0].Limits.MaxTotalAmount = money.BudgetOf(inr(b.t, "100"))
			b.paid("o2", "500", noon)
			b.want("o1", "r1", "10")
			b.want("o2", "r2", "10", in("USD"))
			b.world.payments["o2"][0].Amount.Currency = "USD"
		}, []string{"+ r1", "# r2 budget_currency"}},
		{"R16: each currency has its own budget", func(b *bench) {
			b.in.Accounts[0].Limits.MaxTotalAmount = money.BudgetOf(inr(b.t, "100"), money.Amount{Minor: 999, Currency: "USD"})
			b.paid("o2", "500", noon)
			b.world.payments["o2"][0].Amount.Currency = "USD"
			b.want("o1", "r1", "10")
			b.want("o2", "r2", "10", in("USD"))
		}, []string{"# r1 budget_total", "# r2 budget_total"}},
		{"R16: the day's budget counts each currency separately", func(b *bench) {
			b.in.Accounts[0].Limits.MaxTotalAmountPerDay = money.BudgetOf(inr(b.t, "100"), money.Amount{Minor: 999, Currency: "USD"})
			b.paid("o2", "500", noon)
			b.world.payments["o2"][0].Amount.Currency = "USD"
			b.want("o2", "r2", "10", in("USD"))
		}, []string{"# r2 budget_day"}},
		{"R16: a sum that overflows blocks its currency", func(b *bench) {
			most := fmt.Sprintf("%d", (math.MaxInt64-1)/100)
			for _, order := range []string{"o2", "o3", "o4"} {
				b.paid(order, most, noon)
			}
			b.world.payments["o4"][0].Amount.Currency = "USD"
			b.want("o2", "r2", most)
			b.want("o3", "r3", most)
			b.want("o4", "r4", most, in("USD"))
		}, []string{"# r2 sum_too_large", "# r3 sum_too_large", "+ r4"}},
		{"R16: rows that are not selected count", func(b *bench) {
			b.in.Accounts[0].Limits.MaxTotalAmount = money.BudgetOf(inr(b.t, "10"))
			b.want("o1", "r1", "6")
			b.want("o2", "r2", "7")
			b.in.Selected = func(s refund.Spec) bool { return s.RefundID == "r1" }
		}, []string{"# r1 budget_total"}},
		{"R16: rows that are not selected count for the number and the day", func(b *bench) {
			b.in.Accounts[0].Limits.MaxRefunds = 1
			b.in.Accounts[0].Limits.MaxTotalAmountPerDay = money.BudgetOf(inr(b.t, "10"))
			b.want("o1", "r1", "6")
			b.want("o1", "r2", "7")
			b.in.Selected = func(s refund.Spec) bool { return s.RefundID == "r1" }
		}, []string{"# r1 budget_count budget_day"}},
		{"R16: held and sent rows do not count for the total", func(b *bench) {
			b.in.Accounts[0].Limits.MaxTotalAmount = money.BudgetOf(inr(b.t, "10"))
			b.remember("o2", "r2", "7", state.Settled, refund.Success)
			b.want("o1", "r1", "6")
			b.want("o2", "r2", "7")
			b.want("o3", "r3", "7", hold)
			b.in.Selected = func(s refund.Spec) bool { return s.RefundID == "r1" }
		}, []string{"+ r1"}},
		{"R16: an adopted refund counts on the day it was created", func(b *bench) {
			b.in.Accounts[0].Limits.MaxTotalAmountPerDay = money.BudgetOf(inr(b.t, "100"))
			b.live("o1", "r1", "90", refund.Success, func(l *refund.Live) { l.CreatedAt = noon })
			b.want("o1", "r1", "90")
			b.want("o1", "r2", "10.01")
		}, []string{"= r1", "# r2 budget_day"}},
		{"R16: a held row that is live counts if the ledger is lost", func(b *bench) {
			b.in.Accounts[0].Limits.MaxTotalAmountPerDay = money.BudgetOf(inr(b.t, "100"))
			b.paid("o2", "500", noon)
			b.live("o2", "r2", "90", refund.Success, func(l *refund.Live) { l.CreatedAt = noon })
			b.want("o1", "r1", "10.01")
			b.want("o2", "r2", "90", hold)
		}, []string{"# r1 budget_day", "= r2"}},
		{"R16: refunds of another day or made elsewhere do not count", func(b *bench) {
			b.in.Accounts[0].Limits.MaxTotalAmountPerDay = money.BudgetOf(inr(b.t, "100"))
			b.live("o1", "r1", "90", refund.Success, func(l *refund.Live) { l.CreatedAt = noon.AddDate(0, 0, -1) })
			b.live("o1", "dash", "90", refund.Success, func(l *refund.Live) { l.CreatedAt = noon })
			b.want("o1", "r1", "90")
			b.want("o1", "r2", "10.01")
		}, []string{"= r1", "+ r2", "* dash not_in_manifest"}},
		{"R16: a live refund that the ledger has as refused counts", func(b *bench) {
			b.in.Accounts[0].Limits.MaxTotalAmountPerDay = money.BudgetOf(inr(b.t, "100"))
			b.remember("o1", "r1", "90", state.Refused, "")
			b.live("o1", "r1", "90", refund.Success)
			b.want("o1", "r2", "10.01")
		}, []string{"# r2 budget_day", "* r1 not_in_manifest"}},
		{"R16: today's intents count, including those in doubt", func(b *bench) {
			b.in.Accounts[0].Limits.MaxTotalAmountPerDay = money.BudgetOf(inr(b.t, "100"))
			b.in.Clock = func() time.Time { return noon.Add(-24 * time.Hour) }
			b.paid("o2", "500", noon)
			b.remember("o2", "r0", "90", state.Intended, "")
			b.want("o1", "r1", "10.01")
		}, []string{"# r1 budget_day", "? r0 outcome_unknown"}},
		{"R16: refunds sent yesterday do not count", func(b *bench) {
			b.in.Accounts[0].Limits.MaxTotalAmountPerDay = money.BudgetOf(inr(b.t, "100"))
			b.remember("o1", "r0", "90", state.Settled, refund.Success)
			b.want("o1", "r1", "10.01")
		}, []string{"+ r1", "o r0 not_in_manifest"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			c.setup(b)
			b.expect(c.want...)
		})
	}
}

func TestAnOverRefundShowsItsAmounts(t *testing.T) {
	b := newBench(t)
	b.want("o1", "r1", "1000.01")
	c := b.plan().Changes[0]
	want := "over-refund on o1: captured ₹1,000.00, refunded ₹0.00, planned ₹1,000.01: ₹0.01 too much"
	if len(c.Reasons) != 1 || c.Reasons[0].Message != want {
		t.Errorf("%+v", c.Reasons)
	}
}

func TestProvenAbsentGoesAgainWithTheSameKey(t *testing.T) {
	b := newBench(t)
	b.remember("o1", "r1", "10", state.Intended, "")
	b.want("o1", "r1", "10")
	b.in.Proven = map[refund.Identity]bool{identity("o1", "r1"): true}
	p := b.expect("+ r1 (sent_again)")
	if c := p.Changes[0]; c.Attempt != 1 || c.Key != refund.Key(c.ID, 1) {
		t.Errorf("attempt %d", c.Attempt)
	}
}

func TestProvenAbsentButEditedStaysInDoubt(t *testing.T) {
	b := newBench(t)
	b.remember("o1", "r1", "10", state.Intended, "")
	b.want("o1", "r1", "10", func(s *refund.Spec) { s.Note = "another note" })
	b.in.Proven = map[refund.Identity]bool{identity("o1", "r1"): true}
	b.expect("? r1 outcome_unknown")
}

func TestEveryReasonHasAMessageAndBlockedOnesHaveAHint(t *testing.T) {
	b := newBench(t)
	b.in.Frozen = "audit"
	b.want("o1", "r1", "2000", supersedes("nobody"))
	for _, c := range b.plan().Changes {
		for _, r := range c.Reasons {
			if strings.TrimSpace(r.Message) == "" || r.Hint == "" {
				t.Errorf("%s: %+v", c.ID.RefundID, r)
			}
		}
		if c.Action != plan.Blocked || len(c.Reasons) != 2 {
			t.Errorf("%c %+v", c.Action, c.Reasons)
		}
	}
}
