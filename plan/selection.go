package plan

import (
	"slices"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// A selection chooses what may be sent, never what counts (R16). This file counts the creates that it
// omits.

// unselectedCreates returns the creates of a parent that is not read, as far as manifests and ledger
// know. Budgets count them as if they were sent.
func (g *group) unselectedCreates(now time.Time) []Change {
	creates := slices.DeleteFunc(g.rows(ParentRead{Parent: g.parent}, now), func(c Change) bool { return c.Action != Create })
	for i := range creates {
		creates[i].unselected = true
	}
	return creates
}

// hidden adds up the refunds in doubt that the plan does not show. Doubts at another address of an account are no
// part of it.
func (in *Input) hidden(p *Plan) (sum Tally) {
	ours, shown := map[string]bool{}, map[refund.Identity]bool{}
	for _, a := range in.Accounts {
		ours[a.Fingerprint] = true
	}
	for i := range p.Changes {
		shown[p.Changes[i].ID] = true
	}
	for _, e := range in.State.InDoubt() {
		if (ours[e.ID.Account] || in.Whole) && !e.Elsewhere() && !shown[e.ID] && in.Only == nil {
			sum.Add(e.Amount)
		}
	}
	return sum
}

// sumUnselected adds up the creates that count and are not selected: those of this plan, and those of the
// plan file that it carries out.
func (p *Plan) sumUnselected(fingerprint string, approved *Approval) Tally {
	var notSelected Tally
	for _, c := range p.creates(fingerprint) {
		if c.unselected {
			notSelected.Add(c.Amount)
		}
	}
	if approved != nil {
		notSelected.Join(approved.notSelected[fingerprint])
	}
	if notSelected.Count > 0 {
		p.NotSelected[fingerprint] = notSelected
	}
	return notSelected
}

// tallyIfAny returns nil for an empty tally.
func tallyIfAny(t Tally) *TallyJSON {
	if t.Count == 0 {
		return nil
	}
	out := TallyOf(t)
	return &out
}

// tally reads what TallyOf wrote.
func (b *builder) tally(t TallyJSON) Tally {
	var out Tally
	for c, text := range t.Amounts {
		if most := money.Largest(c); text == most.String() {
			out.Add(most)
		} else {
			out.Add(b.amount(text, c))
		}
	}
	out.Count = t.Count
	return out
}
