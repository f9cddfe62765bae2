package view

import (
	"cmp"
	"maps"
	"slices"

	"refundctl/internal/refund"
	"refundctl/plan"
)

// accountWide are the codes of reasons that are an account's and not one parent's.
var accountWide = map[string]bool{"budget_count": true, "budget_total": true, "budget_day": true, "frozen": true}

// common is what holds for several parents and is told once, above them.
type common struct {
	unread  map[string]int // parents that could not be read, by the error
	reasons map[plan.Reason]int
}

// commonOf looks at the rows that are shown.
func commonOf(p *plan.Plan, rows []plan.Change) common {
	all := common{map[string]int{}, map[plan.Reason]int{}}
	of := map[plan.Reason]map[refund.Parent]bool{}
	for family := range parents(rows) {
		if err := p.Parents[family[0].ID.Parent].Err; outside(err) {
			all.unread[err.Error()]++
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

// has tells whether a row's reason was told above.
func (all common) has(p *plan.Plan, c plan.Change, r plan.Reason) bool {
	err := p.Parents[c.ID.Parent].Err
	return all.reasons[r] > 0 || r.Code == unread && err != nil && all.unread[err.Error()] > 0
}

// outside tells whether a read failed for a reason that has nothing to do with its parent.
func outside(err error) bool {
	class := refund.ReadClassOf(err)
	return class == refund.Unreachable || class == refund.Throttled
}

func (p *planPrinter) common() {
	for _, why := range slices.Sorted(maps.Keys(p.shared.unread)) {
		p.failure(count(p.shared.unread[why], "parent")+" could not be read: "+Escape(why)+" ["+unread+"]", "run it again when the API can be reached")
	}
	reasons := slices.SortedFunc(maps.Keys(p.shared.reasons), func(a, b plan.Reason) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	for _, r := range reasons {
		p.failure(Escape(r.Message)+" ["+Escape(r.Code)+"] ("+count(p.shared.reasons[r], "refund")+")", Escape(r.Hint))
	}
}
