package plan

import (
	"cmp"
	"context"
	"slices"
	"time"

	"refundctl/internal/refund"
	"refundctl/state"
)

// Reader reads one account's live facts. Errors are *refund.ReadError or the context's.
type Reader interface {
	// Refunds lists every refund of an order, of every type.
	Refunds(ctx context.Context, p refund.Parent) ([]refund.Live, error)
	// Payments lists the payments of an order.
	Payments(ctx context.Context, p refund.Parent) ([]refund.Paid, error)
	// Refund reads one refund: the only way for kinds that have no list.
	Refund(ctx context.Context, id refund.Identity) (refund.Live, error)
}

// Refresh says which parents are read.
type Refresh string

// Auto reads what a verdict depends on, All reads every parent, None nothing.
const (
	Auto Refresh = "auto"
	All  Refresh = "all"
	None Refresh = "none"
)

// Input is all that a plan is made of.
type Input struct {
	Accounts    []Account
	Readers     map[string]Reader // by fingerprint
	Specs       []refund.Spec
	Asked       []refund.Spec // what the manifests ask for where Specs are a plan file's; nil: Specs
	Files       []string      // the manifests that Specs or Asked were read from; nil where none are at hand
	Manifests   string        // the digest of the manifests that Specs are of
	State       *state.State
	Refresh     Refresh
	Selected    func(refund.Spec) bool   // what may be sent; nil selects all
	Only        func(refund.Parent) bool // the parents that are looked at; nil is every one
	Proven      map[refund.Identity]bool // in doubt, and found absent now by this run: may go again
	Approval    *Approval                // the saved plan that this one carries out; nil for none
	SpotCheck   SpotCheck
	AcceptOlder bool   // a person said that the ledger is right though it may be old
	Frozen      string // why nothing may be sent; empty where it may
	SettleAfter time.Duration
	Parallelism int
	Clock       func() time.Time
	Progress    Progress // of the parents that are read

	wanted map[wish]bool
}

// Make reads, compares and guards. A parent that cannot be read blocks its own rows only; refused
// credentials and a cancelled context end the whole plan with an error.
func Make(ctx context.Context, in Input) (*Plan, error) {
	in.wanted = in.wishes()
	groups, aside := in.groups()
	in.chooseSpots(groups)
	reads, err := in.read(ctx, groups)
	if err != nil {
		return nil, err
	}
	p := &Plan{
		CreatedAt: in.Clock(), Accounts: in.Accounts, Lineage: in.State.Lineage(), Heads: in.State.Heads(),
		LedgerAt: in.State.LastAt(), Manifests: in.Manifests, Refresh: in.Refresh, Parents: make(map[refund.Parent]ParentRead, len(groups)),
		Aside: map[string]Tally{},
	}
	if in.Approval != nil {
		p.Digest = in.Approval.Digest
	}
	for i, g := range groups {
		p.Reads += reads[i].Requests
		if g.unchecked(reads[i]) {
			reads[i] = ParentRead{Parent: g.parent}
			p.Unchecked++
		}
		p.Parents[g.parent] = reads[i]
		p.Checked = append(p.Checked, in.confirmed(g, reads[i])...)
		p.Changes = append(p.Changes, g.diff(reads[i], p.CreatedAt)...)
	}
	for _, g := range aside {
		p.Changes = append(p.Changes, g.unread(p.CreatedAt)...)
	}
	p.markUnknown(in.State)
	guardAccounts(p, in)
	p.Changes = slices.DeleteFunc(p.Changes, func(c Change) bool { return c.unselected })
	p.Estimate = estimate(p.Changes, in.Accounts)
	return p, nil
}

// group is one parent with all that is wanted and remembered of it.
type group struct {
	account Account
	parent  refund.Parent
	specs   []refund.Spec
	entries []state.Entry
	nearby  []state.Entry // as State.Nearby has them
	in      *Input
	checked bool // read for a spot check alone
}

// groups gathers the parents in the plan's order. Parents without a selected spec are set aside
// where the selection is narrowed, except those in doubt.
func (in *Input) groups() (groups, aside []*group) {
	accounts := map[string]Account{}
	prints := map[string]string{}
	for _, a := range in.Accounts {
		accounts[a.Fingerprint] = a
		prints[a.Name] = a.Fingerprint
	}
	byParent := map[refund.Parent]*group{}
	at := func(p refund.Parent) *group {
		if byParent[p] == nil {
			byParent[p] = &group{account: accounts[p.Account], parent: p, in: in}
		}
		return byParent[p]
	}
	for _, s := range in.Specs {
		if fingerprint, ours := prints[s.Account]; ours {
			g := at(s.Identity(fingerprint).Parent)
			g.specs = append(g.specs, s)
		}
	}
	for _, e := range in.State.Entries() {
		if _, ours := accounts[e.ID.Account]; ours {
			g := at(e.ID.Parent)
			g.entries = append(g.entries, e)
		}
	}
	for fingerprint := range accounts {
		for _, e := range in.State.SentElsewhere(fingerprint) {
			if g := byParent[e.ID.Parent]; g != nil {
				g.nearby = append(g.nearby, e)
			}
		}
	}
	groups = make([]*group, 0, len(byParent))
	for _, g := range byParent {
		if g.wanted() {
			groups = append(groups, g)
		} else if len(g.specs) > 0 {
			aside = append(aside, g)
		}
	}
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.account.Name, b.account.Name), cmp.Compare(a.parent.Kind, b.parent.Kind),
			cmp.Compare(a.parent.ID, b.parent.ID))
	})
	return groups, aside
}

// Asks tells whether the manifests, as far as they are selected, ask for exactly what the intent
// of a refund in doubt would send.
func (in *Input) Asks(e state.Entry) bool {
	return slices.ContainsFunc(in.Specs, func(s refund.Spec) bool {
		if s.RefundID != e.ID.RefundID || s.Account != e.AccountName || in.Selected != nil && !in.Selected(s) {
			return false
		}
		_, out := in.leftOut(&s, e.ID)
		return !out && asksFor(s, e)
	})
}

func (g *group) wanted() bool {
	if g.in.Only != nil {
		return g.in.Only(g.parent)
	}
	if g.in.Selected == nil || slices.ContainsFunc(g.specs, g.in.Selected) {
		return true
	}
	return slices.ContainsFunc(g.entries, func(e state.Entry) bool { return e.Phase == state.Intended })
}
