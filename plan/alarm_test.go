package plan_test

import (
	"testing"
	"time"

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
	reversed := failed
	reversed.PaidBefore = time.Unix(1, 0)
	missing := paid
	missing.MissingSince = time.Unix(1, 0)
	for name, c := range map[string]struct {
		entry  state.Entry
		specs  []refund.Spec
		unread bool
		kind   plan.AlarmKind
	}{
		"desired":                        {failed, []refund.Spec{row("a", "o1", "r1", "")}, false, plan.NeverPaid},
		"superseded":                     {failed, []refund.Spec{row("a", "o1", "r1", ""), row("a", "o1", "r2", "r1")}, false, ""},
		"superseded on another order":    {failed, []refund.Spec{row("a", "o1", "r1", ""), row("a", "o2", "r2", "r1")}, false, plan.NeverPaid},
		"superseded in another account":  {failed, []refund.Spec{row("a", "o1", "r1", ""), row("b", "o1", "r2", "r1")}, false, plan.NeverPaid},
		"removed":                        {failed, nil, false, ""},
		"desired in another account":     {failed, []refund.Spec{row("b", "o1", "r1", "")}, false, ""},
		"paid":                           {paid, []refund.Spec{row("a", "o1", "r1", "")}, false, ""},
		"manifests cannot be read":       {failed, nil, true, plan.NeverPaid},
		"superseded, others are missing": {failed, []refund.Spec{row("a", "o1", "r2", "r1")}, true, ""},
		"reversed":                       {reversed, []refund.Spec{row("a", "o1", "r1", "")}, false, plan.Reversed},
		"reversed and superseded":        {reversed, []refund.Spec{row("a", "o1", "r1", ""), row("a", "o1", "r2", "r1")}, false, ""},
		"reversed and removed":           {reversed, nil, false, ""},
		"missing":                        {missing, []refund.Spec{row("a", "o1", "r1", "")}, false, plan.MissingLive},
		"missing although superseded":    {missing, []refund.Spec{row("a", "o1", "r1", ""), row("a", "o1", "r2", "r1")}, false, plan.MissingLive},
		"missing and removed":            {missing, nil, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := plan.DesiredBy(c.specs, map[string]string{"a": "f", "b": "g"})
			d.Unread = c.unread
			var got plan.AlarmKind
			for _, a := range d.Alarms([]state.Entry{c.entry}) {
				got += a.Kind
			}
			if got != c.kind {
				t.Errorf("the alarm is %q, not %q", got, c.kind)
			}
		})
	}
}
