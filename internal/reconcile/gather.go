package reconcile

import (
	"cmp"
	"fmt"
	"slices"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// facts is a row with what its verdict depends on.
type facts struct {
	Row
	in             *Input
	read           *Read  // nil if the parent was not read
	replaced       string // the refund that supersedes it
	holder         string // another parent on which the ledger has its refund_id
	candidateLines []int  // lines of the bank file that may belong to this refund or to another
}

// sources has the refunds that any source knows.
type sources struct {
	in        *Input
	names     map[string]string // of the accounts, by fingerprint
	reads     map[refund.Parent]*Read
	byID      map[refund.Identity]*facts
	rows      []*facts
	elsewhere int
}

func gather(in *Input) *sources {
	g := &sources{in: in, names: map[string]string{}, reads: map[refund.Parent]*Read{}, byID: map[refund.Identity]*facts{}}
	for name, fingerprint := range in.Accounts {
		g.names[fingerprint] = name
	}
	for i := range in.Reads {
		g.reads[in.Reads[i].Parent] = &in.Reads[i]
	}
	for i := range in.Specs {
		g.addDesired(&in.Specs[i])
	}
	for i := range in.Entries {
		g.addEntry(&in.Entries[i])
	}
	for i := range in.Reads {
		g.addRead(&in.Reads[i])
	}
	for _, s := range in.Specs {
		g.supersede(&s)
	}
	for _, f := range g.rows {
		f.sortSources()
	}
	slices.SortFunc(g.rows, func(a, b *facts) int {
		if c := a.ID.Compare(b.ID); c != 0 {
			return c
		}
		return compareLive(a.Live[0], b.Live[0]) // of rows without a refund_id
	})
	g.findHolders()
	return g
}

// compareLive orders live refunds; it returns 0 only for equal ones.
func compareLive(a, b refund.Live) int {
	return cmp.Or(cmp.Compare(a.CfRefundID, b.CfRefundID), cmp.Compare(fmt.Sprintf("%#v", a), fmt.Sprintf("%#v", b)))
}

// findHolders notes on rows that were not sent on which other parent the ledger has their refund_id.
func (g *sources) findHolders() {
	holders := map[refund.Identity]string{}
	for _, f := range g.rows {
		if f.mayHaveMoved() {
			holders[ofAccount(f.ID)] = string(f.ID.Kind) + " " + f.ID.ID
		}
	}
	for _, f := range g.rows {
		if !f.mayHaveMoved() {
			f.holder = holders[ofAccount(f.ID)]
		}
	}
}

// ofAccount is a refund_id without its parent: within an account, a refund_id belongs to one parent.
func ofAccount(id refund.Identity) refund.Identity {
	return refund.Identity{Parent: refund.Parent{Account: id.Account}, RefundID: id.RefundID}
}

// row returns the refund's row and makes it if needed. It returns nil if the parent is not compared.
func (g *sources) row(id refund.Identity) *facts {
	if g.in.Only != nil && !g.in.Only(id.Parent) {
		return nil
	}
	if f := g.byID[id]; f != nil {
		return f
	}
	f := &facts{Row: Row{ID: id, Account: g.names[id.Account]}, in: g.in, read: g.reads[id.Parent]}
	g.rows = append(g.rows, f)
	if id.RefundID != "" { // automatic refunds may have none: each gets its own row
		g.byID[id] = f
	}
	return f
}

func (g *sources) addDesired(s *refund.Spec) {
	fingerprint, ours := g.in.Accounts[s.Account]
	if !ours {
		g.elsewhere++
		return
	}
	if f := g.row(s.Identity(fingerprint)); f != nil {
		f.Spec = s
	}
}

func (g *sources) addEntry(e *state.Entry) {
	if _, ours := g.names[e.ID.Account]; !ours {
		g.elsewhere++
		return
	}
	if f := g.row(e.ID); f != nil {
		f.Entry = e
	}
}

// addRead adds the refunds of a good read. A failed one does not count: it may be incomplete.
func (g *sources) addRead(r *Read) {
	if r.Err != nil {
		return
	}
	for _, l := range r.Live {
		if f := g.row(refund.Identity{Parent: r.Parent, RefundID: l.RefundID}); f != nil {
			f.Live = append(f.Live, l)
		}
	}
}

func (g *sources) supersede(s *refund.Spec) {
	fingerprint, ours := g.in.Accounts[s.Account]
	if !ours || s.Supersedes == "" {
		return
	}
	parent := s.Identity(fingerprint).Parent
	if f := g.byID[refund.Identity{Parent: parent, RefundID: s.Supersedes}]; f != nil && (f.replaced == "" || s.RefundID < f.replaced) {
		f.replaced = s.RefundID
	}
}

// sortSources makes the row independent of the order of the inputs.
func (f *facts) sortSources() {
	slices.SortFunc(f.Live, compareLive)
	if f.Entry != nil {
		f.Amount = f.Entry.Amount // if no other source knows the refund, also the amount of a refused one
	}
	for _, a := range f.amounts() {
		f.Amount = a
	}
}

// amounts returns the amounts that must be equal, the most reliable last. The ledger's amount of a refund
// that was refused or not sent does not count.
func (f *facts) amounts() []money.Amount {
	var all []money.Amount
	if f.Spec != nil {
		all = append(all, f.Spec.Amount)
	}
	if f.Entry != nil && f.mayHaveMoved() && f.Entry.Amount != (money.Amount{}) {
		all = append(all, f.Entry.Amount)
	}
	if l := f.live(); l != nil {
		all = append(all, l.Amount)
	}
	return all
}

// mayHaveMoved reports whether the ledger has the refund as sent or in doubt.
func (r *Row) mayHaveMoved() bool {
	return r.sent() || r.Entry != nil && r.Entry.Phase == state.Intended
}

func (r *Row) sent() bool { return r.Entry != nil && r.Entry.Phase.Sent() }
