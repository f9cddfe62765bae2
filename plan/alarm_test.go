package plan_test

import (
	"testing"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

func TestAnAlarmLastsUntilTheRefundIsSupersededPaidOrRemoved(t *testing.T) {
	row := func(account, order, id, supersedes string) refund.Spec {
		return refund.Spec{Account: account, Kind: refund.Order, ParentID: order, RefundID: id, Supersedes: supersedes}
	}
	failed := state.Entry{ID: refund.Identity{Parent: refund.Parent{Account: "f", Kind: refund.Order, ID: "o1"}, RefundID: "r1"}, Phase: state.Failed}
	paid := failed
	paid.Phase = state.Settled
	for name, c := range map[string]struct {
		entry  state.Entry
		specs  []refund.Spec
		unread bool
		alarms int
	}{
		"desired":                        {failed, []refund.Spec{row("a", "o1", "r1", "")}, false, 1},
		"superseded":                     {failed, []refund.Spec{row("a", "o1", "r1", ""), row("a", "o1", "r2", "r1")}, false, 0},
		"superseded on another order":    {failed, []refund.Spec{row("a", "o1", "r1", ""), row("a", "o2", "r2", "r1")}, false, 1},
		"superseded in another account":  {failed, []refund.Spec{row("a", "o1", "r1", ""), row("b", "o1", "r2", "r1")}, false, 1},
		"removed":                        {failed, nil, false, 0},
		"desired in another account":     {failed, []refund.Spec{row("b", "o1", "r1", "")}, false, 0},
		"paid":                           {paid, []refund.Spec{row("a", "o1", "r1", "")}, false, 0},
		"manifests cannot be read":       {failed, nil, true, 1},
		"superseded, others are missing": {failed, []refund.Spec{row("a", "o1", "r2", "r1")}, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			d := plan.DesiredBy(c.specs, map[string]string{"a": "f", "b": "g"})
			d.Unread = c.unread
			if got := d.Alarms([]state.Entry{c.entry}); len(got) != c.alarms {
				t.Errorf("alarms %v, not %d", got, c.alarms)
			}
		})
	}
}
