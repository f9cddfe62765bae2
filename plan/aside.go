package plan

import (
	"slices"
	"time"

	"refundctl/internal/money"
)

// A selection chooses what may be sent, never what counts (R16): this file keeps the creates that it
// leaves out.

// unread are the creates of a parent that is not read, as far as manifests and ledger know: budgets
// count them as if they were to be sent.
func (g *group) unread(now time.Time) []Change {
	creates := slices.DeleteFunc(g.rows(ParentRead{Parent: g.parent}, now), func(c Change) bool { return c.Action != Create })
	for i := range creates {
		creates[i].unselected = true
	}
	return creates
}

// setAside sums up the creates that count and are not selected: of this plan, and of the plan file
// that it carries out.
func (p *Plan) setAside(fingerprint string, approved *Approval) Tally {
	var aside Tally
	for _, c := range p.creates(fingerprint) {
		if c.unselected {
			aside.Add(c.Amount)
		}
	}
	if approved != nil {
		aside.Join(approved.aside[fingerprint])
	}
	if aside.Count > 0 {
		p.Aside[fingerprint] = aside
	}
	return aside
}

// asideOf is what the selection leaves out of an account, nil for nothing.
func asideOf(t Tally) *TallyJSON {
	if t.Count == 0 {
		return nil
	}
	out := TallyOf(t)
	return &out
}

// tally is the reverse of TallyOf.
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
