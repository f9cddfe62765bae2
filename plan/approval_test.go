package plan_test

import (
	"slices"
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

// A row that the plan file does not send is not sent, whatever is true now: it keeps the action and the reason of
// the file, or says that only a new plan can send it.
func TestRowsThatAPlanFileDoesNotSendStayUnsent(t *testing.T) {
	for name, c := range map[string]struct {
		before, after func(*bench)
		want          string
	}{
		"a guard blocked it": {func(b *bench) { b.world.refunds["o1"][0].Amount = inr(b.t, "999999") }, func(b *bench) { b.world.refunds["o1"] = nil }, "# r1 over_refund"},
		"it was frozen":      {func(b *bench) { b.in.Frozen = "audit" }, func(b *bench) { b.in.Frozen = "" }, "# r1 frozen"},
		"it was held":        {func(b *bench) { b.in.Specs[0].Hold = true }, func(b *bench) {}, "h r1 hold"},
		"it could not be read": {func(b *bench) { b.world.fails["o1"] = &refund.ReadError{Class: refund.Unreachable} },
			func(b *bench) { clear(b.world.fails) }, "# r1 unread"},
		"it was live, and is not listed now": {func(b *bench) { b.live("o1", "r1", "10", refund.Success); b.want("o1", "r2", "20") },
			func(b *bench) { b.world.refunds["o1"] = b.world.refunds["o1"][:1] }, "# r1 parent_moved"},
		"another refund was live, and is not listed now": {func(b *bench) { b.live("o1", "r1", "11", refund.Success); b.want("o1", "r2", "20") },
			func(b *bench) { b.world.refunds["o1"] = b.world.refunds["o1"][:1] }, "# r1 parent_moved"},
		"it was live, and its order is not read now": {func(b *bench) { b.live("o1", "r1", "10", refund.Success) }, func(b *bench) {}, "= r1"},
		"it had failed": {func(b *bench) { b.live("o1", "r1", "10", refund.Failed) }, func(b *bench) {}, "x r1 dead"},
		"it was in doubt": {func(b *bench) { b.remember("o1", "r1", "10", state.Intended, "") },
			func(b *bench) {
				b.finish(state.Outcome{ID: identity("o1", "r1"), Attempt: 1, Phase: state.NotSent, Amount: inr(b.t, "10")})
			}, "# r1 not_approved"},
	} {
		t.Run(name, func(t *testing.T) {
			b, saved := approved(t, func(b *bench) {
				b.live("o1", "dash", "5", refund.Success)
				b.want("o1", "r1", "10")
				c.before(b)
			})
			b.in.Specs[0].Hold = false
			c.after(b)
			b.in.Approval = saved.ApprovalOf(b.in.Specs)
			p := b.plan()
			row := p.Changes[slices.IndexFunc(p.Changes, func(c plan.Change) bool { return c.ID.RefundID == "r1" })]
			got := string(row.Action) + " r1"
			if len(row.Reasons) > 0 {
				got += " " + row.Reasons[0].Code
			}
			if got != c.want || row.Request != nil && row.Action != plan.Held {
				t.Errorf("got %s %+v, want %s", got, row.Reasons, c.want)
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

// A refund that the ledger has in doubt was tried: it was not left out, also if another one lives under its id.
func TestWhatWasTriedIsNotLeftOut(t *testing.T) {
	live := refund.Live{RefundID: "r"}
	for phase, want := range map[state.Phase]bool{"": true, state.Refused: true, state.NotSent: true, state.Intended: false, state.Accepted: false, state.Settled: false, state.Failed: false} {
		c := plan.Change{Approved: true, Action: plan.Conflict, Live: &live}
		if phase != "" {
			c.Entry = &state.Entry{Phase: phase}
		}
		if c.LeftOut() != want {
			t.Errorf("left out with phase %q: %t", phase, c.LeftOut())
		}
	}
}
