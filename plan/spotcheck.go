package plan

import (
	"cmp"
	"slices"

	"refundctl/internal/refund"
	"refundctl/state"
)

// SpotCheck says which settled refunds a plan reads although no action depends on them. The ledger's chain
// has no key, so what another run recorded may be invented. The zero value reads none.
type SpotCheck struct {
	Most    int                                      // the most requests
	Mine    func(run string) bool                    // reports whether this clone made the run; nil: none
	Checked func(id refund.Identity, by string) bool // reports whether the API confirmed what that run recorded; nil: nothing
}

// Checked is a settled refund that the API confirmed, and the other run that recorded it.
type Checked struct {
	ID refund.Identity
	By string
}

// mustCheck reports whether a refund needs a check: it is desired, another run recorded its end, and
// neither an earlier check nor the plan file that is applied shows it.
func (in *Input) mustCheck(g *group, e *state.Entry) bool {
	final := e.Phase == state.Settled || e.Phase == state.Failed
	shown := in.Approval != nil && in.Approval.rows[e.ID] != nil
	if !final || shown || in.SpotCheck.Mine != nil && in.SpotCheck.Mine(e.By) {
		return false
	}
	desired := slices.ContainsFunc(g.specs, func(s refund.Spec) bool { return s.RefundID == e.ID.RefundID })
	return desired && (in.SpotCheck.Checked == nil || !in.SpotCheck.Checked(e.ID, e.By))
}

// chooseChecks marks the groups that are read only for a check: those with the largest amounts, as many as
// the number of requests allows. The first is read even if it costs more. Amounts of several currencies are
// compared by their minor units: without exchange rates no order is better.
func (in *Input) chooseChecks(groups []*group) {
	if in.SpotCheck.Most <= 0 || in.Refresh != Auto {
		return
	}
	largest := map[*group]int64{}
	var all []*group
	for _, g := range groups {
		if g.needsList() {
			continue
		}
		for i := range g.entries {
			if e := &g.entries[i]; in.mustCheck(g, e) {
				largest[g] = max(largest[g], e.Amount.Minor)
			}
		}
		if largest[g] > 0 {
			all = append(all, g)
		}
	}
	slices.SortStableFunc(all, func(a, b *group) int { return cmp.Compare(largest[b], largest[a]) })
	used := 0
	for _, g := range all {
		cost := 1
		if g.parent.Kind != refund.Order {
			cost = len(g.ids())
		}
		if used == 0 || used+cost <= in.SpotCheck.Most {
			used += cost
			g.checked = true
		}
	}
}

// checkFailed reports whether a read that was made only for a check did not reach the API. The plan does not
// depend on it and goes on as if nothing had been read; the next plan checks again.
func (g *group) checkFailed(read ParentRead) bool {
	class := refund.ReadClassOf(read.Err)
	return g.checked && (class == refund.Throttled || class == refund.Unreachable)
}

// parentMissing reports whether a check shows that the API does not know the parent: then nothing of it was
// paid.
func (g *group) parentMissing(read ParentRead) bool {
	return g.checked && read.Unknown()
}

// confirmed returns the settled refunds of other runs that a read shows as the ledger has them.
func (in *Input) confirmed(g *group, read ParentRead) (all []Checked) {
	if in.SpotCheck.Most <= 0 || !read.Good() {
		return nil
	}
	for i := range g.entries {
		e := &g.entries[i]
		found := read.Find(e.ID.RefundID)
		if in.mustCheck(g, e) && len(found) == 1 && found[0].Amount == e.Amount && state.PhaseOf(found[0].Status) == e.Phase {
			all = append(all, Checked{e.ID, e.By})
		}
	}
	return all
}
