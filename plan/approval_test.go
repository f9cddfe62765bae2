package plan_test

import (
	"strings"
	"testing"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// approved is a bench whose plan was saved as it stands, and is now carried out.
func approved(t *testing.T, setup func(*bench)) (*bench, plan.Saved) {
	t.Helper()
	b := newBench(t)
	setup(b)
	saved := plan.Saved{Plan: b.plan(), Digest: "d1"}
	b.in.Approval = saved.ApprovalOf(b.in.Specs)
	b.world.asked = nil
	return b, saved
}

func TestOnlyApprovedRefundsAreSent(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*bench)
		want   []string
	}{
		"nothing changed":        {func(*bench) {}, []string{"+ r1", "+ r2", "h r3 hold"}},
		"a row was held":         {func(b *bench) { b.in.Specs[0].Hold = true }, []string{"h r1 hold", "+ r2", "h r3 hold"}},
		"a note was edited":      {func(b *bench) { b.in.Specs[0].Note = "another note" }, []string{"# r1 row_changed", "+ r2", "h r3 hold"}},
		"an amount was edited":   {func(b *bench) { b.in.Specs[0].Amount = inr(b.t, "11") }, []string{"# r1 row_changed", "+ r2", "h r3 hold"}},
		"a row was removed":      {func(b *bench) { b.in.Specs = b.in.Specs[1:] }, []string{"# r1 row_missing", "+ r2", "h r3 hold"}},
		"its account was edited": {func(b *bench) { b.in.Specs[0].Account = "south" }, []string{"# r1 row_missing", "+ r2", "h r3 hold"}},
		"a hold was removed":     {func(b *bench) { b.in.Specs[2].Hold = false }, []string{"+ r1", "+ r2", "h r3 hold"}},
	} {
		t.Run(name, func(t *testing.T) {
			b, saved := approved(t, func(b *bench) {
				b.want("o1", "r1", "10")
				b.want("o1", "r2", "20")
				b.want("o1", "r3", "30", hold)
			})
			c.change(b)
			b.in.Approval = saved.ApprovalOf(b.in.Specs)
			b.in.Specs = saved.Specs()
			if p := b.expect(c.want...); p.Digest != "d1" {
				t.Errorf("it follows the plan %q", p.Digest)
			}
		})
	}
}

func TestAParentThatMovedSinceTheApprovalIsLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*bench)
		want   string
	}{
		"one more":       {func(b *bench) { b.live("o1", "dash_2", "7", refund.Success) }, "it saw dash ₹5.00, now there are dash ₹5.00, dash_2 ₹7.00"},
		"one is dead":    {func(b *bench) { b.world.refunds["o1"][0].Status = refund.Cancelled }, "it saw dash ₹5.00, now there are dash ₹5.00 CANCELLED"},
		"one is missing": {func(b *bench) { b.world.refunds["o1"] = nil }, "it saw dash ₹5.00, now there are none"},
		"six more": {func(b *bench) {
			for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
				b.live("o1", "more_"+id, "1", refund.Success)
			}
		}, ", 2 more"},
		"one was settled": {func(b *bench) { b.world.refunds["o1"][0].Status = refund.Success }, ""},
		"sent by this plan": {func(b *bench) {
			b.remember("o1", "r2", "20", state.Accepted, refund.Pending)
			b.live("o1", "r2", "20", refund.Pending)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b, _ := approved(t, func(b *bench) {
				b.live("o1", "dash", "5", refund.Pending)
				b.want("o1", "r1", "10")
				b.want("o1", "r2", "20")
			})
			c.change(b)
			row := b.plan().Changes[0]
			if c.want == "" {
				if row.Action != plan.Create {
					t.Errorf("%s %+v", row.Action, row.Reasons)
				}
				return
			}
			if row.Action != plan.Blocked || row.Reasons[0].Code != "parent_moved" || !strings.Contains(row.Reasons[0].Message, c.want) {
				t.Errorf("%s %+v", row.Action, row.Reasons)
			}
		})
	}
}

func TestAParentThatTheApprovedPlanDidNotReadIsLeftOut(t *testing.T) {
	b, saved := approved(t, func(b *bench) { b.want("o1", "r1", "10") })
	saved.Parents = nil
	b.in.Approval = saved.ApprovalOf(b.in.Specs)
	b.expect("# r1 parent_moved")
}

func TestThePaymentsThatTheApprovedPlanReadAreNotReadAgain(t *testing.T) {
	b, _ := approved(t, func(b *bench) { b.want("o1", "r1", "10") })
	b.expect("+ r1")
	b.reads("list o1")
}
