package plan

import (
	"cmp"
	"slices"

	"refundctl/internal/refund"
	"refundctl/state"
)

// SpotCheck says which settled refunds a plan reads although nothing depends on it: the ledger's chain
// has no key, so that what another run recorded may have been invented. The zero value reads none.
type SpotCheck struct {
	Most    int                                      // requests at most
	Mine    func(run string) bool                    // a run that this clone made; nil is none
	Checked func(id refund.Identity, by string) bool // confirmed before, as that run recorded it; nil is none
}

// Checked is a settled refund of another run that the API confirmed, and the run that had recorded it.
type Checked struct {
	ID refund.Identity
	By string
}

// spot reports whether a refund is one to be checked: wanted, settled for good by another run, and
// neither confirmed before nor shown by the plan file that is applied.
func (in *Input) spot(g *group, e *state.Entry) bool {
	final := e.Phase == state.Settled || e.Phase == state.Failed
	shown := in.Approval != nil && in.Approval.rows[e.ID]
	if !final || shown || in.SpotCheck.Mine != nil && in.SpotCheck.Mine(e.By) {
		return false
	}
	wanted := slices.ContainsFunc(g.specs, func(s refund.Spec) bool { return s.RefundID == e.ID.RefundID })
	return wanted && (in.SpotCheck.Checked == nil || !in.SpotCheck.Checked(e.ID, e.By))
}

// chooseSpots marks the groups that are read for a check alone: those with the largest amounts first, as many as
// the number of requests allows. A group that costs more than all of them is read if it is the first. Amounts of
// several currencies are compared by their minor units: without rates no order is better.
func (in *Input) chooseSpots(groups []*group) {
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
			if e := &g.entries[i]; in.spot(g, e) {
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

// unchecked reports whether a read that was made for a check alone failed for a reason outside. The plan does
// not depend on it, so it goes on as if nothing had been read; the next one checks again.
func (g *group) unchecked(read ParentRead) bool {
	class := refund.ReadClassOf(read.Err)
	return g.checked && (class == refund.Throttled || class == refund.Unreachable)
}

// gone reports whether a check shows that the API does not even know the parent: then nothing of it was paid.
func (g *group) gone(read ParentRead) bool {
	class := refund.ReadClassOf(read.Err)
	return g.checked && (class == refund.NotFound || class == refund.NoParent)
}

// confirmed are the settled refunds of other runs that a read shows as the ledger has them.
func (in *Input) confirmed(g *group, read ParentRead) (all []Checked) {
	if in.SpotCheck.Most <= 0 || !read.Good() {
		return nil
	}
	for i := range g.entries {
		e := &g.entries[i]
		found := read.Find(e.ID.RefundID)
		if in.spot(g, e) && len(found) == 1 && found[0].Amount == e.Amount && state.PhaseOf(found[0].Status) == e.Phase {
			all = append(all, Checked{e.ID, e.By})
		}
	}
	return all
}
