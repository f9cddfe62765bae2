package reconcile

import (
	"cmp"
	"fmt"
	"slices"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// facts are a row and what its verdict depends on beside it.
type facts struct {
	Row
	in       *Input
	read     *Read  // nil where the parent was not read
	replaced string // the refund that supersedes it
	holder   string // another parent that the ledger has its refund_id under
	maybe    []int  // lines of the bank file that are of this refund or of another one
}

// gathered are the refunds that any source knows.
type gathered struct {
	in        *Input
	names     map[string]string // of the accounts, by fingerprint
	reads     map[refund.Parent]*Read
	byID      map[refund.Identity]*facts
	rows      []*facts
	elsewhere int
}

func gather(in *Input) *gathered {
	g := &gathered{in: in, names: map[string]string{}, reads: map[refund.Parent]*Read{}, byID: map[refund.Identity]*facts{}}
	for name, fingerprint := range in.Accounts {
		g.names[fingerprint] = name
	}
	for i := range in.Reads {
		g.reads[in.Reads[i].Parent] = &in.Reads[i]
	}
	for i := range in.Specs {
		g.wanted(&in.Specs[i])
	}
	for i := range in.Entries {
		g.remembered(&in.Entries[i])
	}
	for i := range in.Reads {
		g.listed(&in.Reads[i])
	}
	for _, s := range in.Specs {
		g.supersede(&s)
	}
	for _, f := range g.rows {
		f.finish()
	}
	slices.SortFunc(g.rows, func(a, b *facts) int {
		if c := a.ID.Compare(b.ID); c != 0 {
			return c
		}
		return compareLive(a.Live[0], b.Live[0]) // of rows without a refund_id
	})
	g.hold()
	return g
}

// compareLive is an order in which no two different refunds are the same.
func compareLive(a, b refund.Live) int {
	return cmp.Or(cmp.Compare(a.CfRefundID, b.CfRefundID), cmp.Compare(fmt.Sprintf("%#v", a), fmt.Sprintf("%#v", b)))
}

// hold tells rows that were not sent which parent the ledger has their refund_id under.
func (g *gathered) hold() {
	holders := map[refund.Identity]string{}
	for _, f := range g.rows {
		if f.moved() {
			holders[ofAccount(f.ID)] = string(f.ID.Kind) + " " + f.ID.ID
		}
	}
	for _, f := range g.rows {
		if !f.moved() {
			f.holder = holders[ofAccount(f.ID)]
		}
	}
}

// ofAccount is a refund_id whatever its parent: within an account it should have one for ever.
func ofAccount(id refund.Identity) refund.Identity {
	return refund.Identity{Parent: refund.Parent{Account: id.Account}, RefundID: id.RefundID}
}

// row is the refund's row, made where there is none; nil where its parent is not looked at.
func (g *gathered) row(id refund.Identity) *facts {
	if g.in.Only != nil && !g.in.Only(id.Parent) {
		return nil
	}
	if f := g.byID[id]; f != nil {
		return f
	}
	f := &facts{Row: Row{ID: id, Account: g.names[id.Account]}, in: g.in, read: g.reads[id.Parent]}
	g.rows = append(g.rows, f)
	if id.RefundID != "" { // automatic refunds may have none: each is a row of its own
		g.byID[id] = f
	}
	return f
}

func (g *gathered) wanted(s *refund.Spec) {
	fingerprint, ours := g.in.Accounts[s.Account]
	if !ours {
		g.elsewhere++
		return
	}
	if f := g.row(s.Identity(fingerprint)); f != nil {
		f.Spec = s
	}
}

func (g *gathered) remembered(e *state.Entry) {
	if _, ours := g.names[e.ID.Account]; !ours {
		g.elsewhere++
		return
	}
	if f := g.row(e.ID); f != nil {
		f.Entry = e
	}
}

// listed takes in a good read; of one that failed nothing counts, for it may be half of the truth.
func (g *gathered) listed(r *Read) {
	if r.Err != nil {
		return
	}
	for _, l := range r.Live {
		if f := g.row(refund.Identity{Parent: r.Parent, RefundID: l.RefundID}); f != nil {
			f.Live = append(f.Live, l)
		}
	}
}

func (g *gathered) supersede(s *refund.Spec) {
	fingerprint, ours := g.in.Accounts[s.Account]
	if !ours || s.Supersedes == "" {
		return
	}
	parent := s.Identity(fingerprint).Parent
	if f := g.byID[refund.Identity{Parent: parent, RefundID: s.Supersedes}]; f != nil && (f.replaced == "" || s.RefundID < f.replaced) {
		f.replaced = s.RefundID
	}
}

// finish brings what came in any order into one.
func (f *facts) finish() {
	slices.SortFunc(f.Live, compareLive)
	if f.Entry != nil {
		f.Amount = f.Entry.Amount // also of what was refused, where nothing else knows it
	}
	for _, a := range f.amounts() {
		f.Amount = a
	}
}

// amounts are those that must be the same, the weightiest last. What the ledger says was refused or
// not sent is none of them.
func (f *facts) amounts() []money.Amount {
	var all []money.Amount
	if f.Spec != nil {
		all = append(all, f.Spec.Amount)
	}
	if f.Entry != nil && f.moved() && f.Entry.Amount != (money.Amount{}) {
		all = append(all, f.Entry.Amount)
	}
	if l := f.live(); l != nil {
		all = append(all, l.Amount)
	}
	return all
}

// moved tells whether money may have moved, as far as the ledger knows.
func (r *Row) moved() bool { return r.sent() || r.Entry != nil && r.Entry.Phase == state.Intended }

func (r *Row) sent() bool { return r.Entry != nil && r.Entry.Phase.Sent() }
