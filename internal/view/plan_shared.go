package view

import (
	"cmp"
	"maps"
	"slices"

	"refundctl/internal/refund"
	"refundctl/plan"
)

// accountWide are the codes of reasons that apply to an account, not to one parent.
var accountWide = map[string]bool{"budget_count": true, "budget_total": true, "budget_day": true, "frozen": true}

// shared is what applies to several parents and is printed once, above them.
type shared struct {
	unread  map[string]int    // parents that could not be read, by the reason
	ids     map[string]string // x-request-id of the first of them
	reasons map[plan.Reason]int
}

// sharedOf collects it from the rows that are shown.
func sharedOf(p *plan.Plan, rows []*plan.Change) shared {
	all := shared{map[string]int{}, map[string]string{}, map[plan.Reason]int{}}
	of := map[plan.Reason]map[refund.Parent]bool{}
	for family := range parents(rows) {
		if err := p.Parents[family[0].ID.Parent].Err; outside(err) {
			why := refund.Reason(err)
			all.unread[why]++
			all.ids[why] = cmp.Or(all.ids[why], refund.RequestID(err))
		}
	}
	for _, c := range rows {
		for _, r := range c.Reasons {
			if !accountWide[r.Code] {
				continue
			}
			if of[r] == nil {
				of[r] = map[refund.Parent]bool{}
			}
			of[r][c.ID.Parent] = true
			all.reasons[r]++
		}
	}
	maps.DeleteFunc(all.unread, func(_ string, n int) bool { return n < 2 })
	maps.DeleteFunc(all.reasons, func(r plan.Reason, _ int) bool { return len(of[r]) < 2 })
	return all
}

// has reports whether a row's reason was printed above.
func (all shared) has(p *plan.Plan, c plan.Change, r plan.Reason) bool {
	err := p.Parents[c.ID.Parent].Err
	return all.reasons[r] > 0 || r.Code == unread && err != nil && all.unread[refund.Reason(err)] > 0
}

// outside reports whether a read failed for a reason that has nothing to do with its parent.
func outside(err error) bool {
	class := refund.ReadClassOf(err)
	return class == refund.Unreachable || class == refund.Throttled
}

func (p *planPrinter) printShared() {
	for _, why := range slices.Sorted(maps.Keys(p.shared.unread)) {
		p.failure(countParents(p.shared.unread[why])+" could not be read: "+Escape(why+refund.Quoted(p.shared.ids[why]))+" ["+unread+"]", "run it again when the API can be reached")
	}
	reasons := slices.SortedFunc(maps.Keys(p.shared.reasons), func(a, b plan.Reason) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	for _, r := range reasons {
		p.failure(Escape(r.Message)+" ["+Escape(r.Code)+"] ("+count(p.shared.reasons[r], "refund")+")", Escape(r.Hint))
	}
}

// copyable returns the plan with hints whose commands can be copied, for documents.
func (s Style) copyable(p *plan.Plan) *plan.Plan {
	if s.Commands == nil {
		return p
	}
	shown := *p
	shown.Changes = slices.Clone(p.Changes)
	for i, c := range shown.Changes {
		shown.Changes[i] = s.copyableRow(c)
	}
	return &shown
}

func (s Style) copyableRow(c plan.Change) plan.Change {
	hints := func(reasons []plan.Reason) []plan.Reason {
		reasons = slices.Clone(reasons)
		for i, r := range reasons {
			if r.Hint != "" {
				reasons[i].Hint = Unglued(s.commands(r.Hint))
			}
		}
		return reasons
	}
	c.Reasons, c.Attention = hints(c.Reasons), hints(c.Attention)
	if c.WithoutHold != nil {
		c.WithoutHold = &plan.Released{Action: c.WithoutHold.Action, Reasons: hints(c.WithoutHold.Reasons)}
	}
	return c
}
