package plan_test

import (
	"testing"

	"refundctl/internal/refund"
	"refundctl/state"
)

// The approved plan creates r1 and r3 on o1, holds r2, and knows r0, which the list lacked.
func TestARefundThatThePlanDidNotSendMovesItsParent(t *testing.T) {
	const moved = "parent_moved"
	for name, c := range map[string]struct {
		since func(*bench)
		want  []string
	}{
		"nothing":                              {func(*bench) {}, []string{"… r0 not_visible_yet", "+ r1", "h r2 hold", "+ r3"}},
		"a refund in the ledger is listed now": {func(b *bench) { b.live("o1", "r0", "5", refund.Pending) }, []string{"… r0", "+ r1", "h r2 hold", "+ r3"}},
		"an earlier run of the plan sent one": {func(b *bench) { b.live("o1", "r1", "100", refund.Success) },
			[]string{"… r0 not_visible_yet", "= r1", "h r2 hold", "+ r3"}},
		"a refund that was sent is cancelled": {func(b *bench) { b.live("o1", "r1", "100", refund.Cancelled) },
			[]string{"… r0 not_visible_yet", "x r1 dead", "h r2 hold", "+ r3"}},
		"a refund of the plan is live with another amount": {func(b *bench) { b.live("o1", "r1", "99", refund.Success) },
			[]string{"… r0 not_visible_yet", "! r1 amount_differs", "h r2 hold", "# r3 " + moved}},
		"a held refund is live": {func(b *bench) { b.live("o1", "r2", "50", refund.Success) },
			[]string{"… r0 not_visible_yet", "# r1 " + moved, "= r2", "# r3 " + moved}},
		"a refund from the dashboard is live": {func(b *bench) { b.live("o1", "dash", "1", refund.Cancelled) },
			[]string{"… r0 not_visible_yet", "# r1 " + moved, "h r2 hold", "# r3 " + moved, "* dash not_in_manifest"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.remember("o1", "r0", "5", state.Accepted, refund.Pending)
			b.in.SettleAfter *= 1000 // r0 is not missed yet
			b.want("o1", "r0", "5")
			b.want("o1", "r1", "100")
			b.want("o1", "r2", "50", hold)
			b.want("o1", "r3", "30")
			saved := decoded(t, encoded(t, b.plan()))
			b.in.Approval, b.in.Specs = saved.Approval(), saved.Specs()
			c.since(b)
			b.expect(c.want...)
		})
	}
}

func TestADuplicateThatTheManifestsNoLongerClearIsSuspectedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		now  func(*refund.Spec)
		want []string
	}{
		"cleared as before":   {notDuplicateOf("r1"), []string{"= r0", "+ r1", "+ r2"}},
		"no longer cleared":   {func(*refund.Spec) {}, []string{"= r0", "# r1 duplicate_suspected", "# r2 duplicate_suspected"}},
		"another one cleared": {notDuplicateOf("r0"), []string{"= r0", "# r1 duplicate_suspected", "# r2 duplicate_suspected"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.want("o1", "r0", "5")
			b.live("o1", "r0", "5", refund.Success)
			b.want("o1", "r1", "10")
			b.want("o1", "r2", "10", notDuplicateOf("r1"))
			saved := decoded(t, encoded(t, b.plan()))
			asked := append([]refund.Spec{}, b.in.Specs...)
			asked[2].NotDuplicateOf = nil
			c.now(&asked[2])
			b.in.Approval, b.in.Specs = saved.ApprovalOf(asked), saved.SpecsOf(asked)
			b.expect(c.want...)
		})
	}
}
