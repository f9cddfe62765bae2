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

// Auto reads the parents that an action depends on, All every parent, None nothing.
const (
	Auto Refresh = "auto"
	All  Refresh = "all"
	None Refresh = "none"
)

// Input is everything that Make needs.
type Input struct {
	Accounts    []Account
	Readers     map[string]Reader // by fingerprint
	Specs       []refund.Spec
	Asked       []refund.Spec // what the manifests ask for if Specs come from a plan file; nil: Specs
	Files       []string      // the manifests that Specs or Asked were read from; nil if there are none
	Manifests   string        // the digest of the manifests that Specs come from
	State       *state.State
	Refresh     Refresh
	Selected    func(refund.Spec) bool   // what may be sent; nil selects all
	Only        func(refund.Parent) bool // the parents that are planned; nil plans all
	Proven      map[refund.Identity]bool // in doubt, and this run found them absent: may be sent again
	Approval    *Approval                // the saved plan that this one carries out; nil for none
	SpotCheck   SpotCheck
	Whole       bool   // refunds in doubt count in every account of the ledger
	AcceptOlder bool   // a person accepted the ledger although it may be old
	Frozen      string // why nothing may be sent; empty: it may
	SettleAfter time.Duration
	Parallelism int
	Clock       func() time.Time
	Progress    Progress

	desired map[desiredID]bool
}

// Make reads the parents, compares them with manifests and ledger, and applies the guards. A parent that
// cannot be read blocks only its own rows; refused credentials and the end of ctx fail the whole plan.
func Make(ctx context.Context, in Input) (*Plan, error) {
	in.desired = in.desiredIDs()
	groups, notSelected := in.groups()
	in.chooseChecks(groups)
	reads, err := in.read(ctx, groups)
	if err != nil {
		return nil, err
	}
	p := &Plan{
		CreatedAt: in.Clock(), Accounts: in.Accounts, Lineage: in.State.Lineage(), Heads: in.State.Heads(),
		LedgerAt: in.State.LastAt(), Manifests: in.Manifests, Refresh: in.Refresh, Parents: make(map[refund.Parent]ParentRead, len(groups)),
		NotSelected: map[string]Tally{},
	}
	if in.Approval != nil {
		p.Digest, p.NotInFile = in.Approval.Digest, in.notInFile()
	}
	for i, g := range groups {
		read := reads[i]
		p.Reads += read.requests
		if read.checkFailed {
			p.Unchecked++
		}
		p.Parents[g.parent] = read.ParentRead
		p.Checked = append(p.Checked, in.confirmed(g, read.ParentRead)...)
		p.Changes = append(p.Changes, g.diff(read.rows, read.ParentRead, p.CreatedAt)...)
	}
	for _, g := range notSelected {
		p.Changes = append(p.Changes, g.unselectedCreates(p.CreatedAt)...)
	}
	p.markUnknown(in.State)
	guardAccounts(p, in)
	p.Changes = slices.DeleteFunc(p.Changes, func(c Change) bool { return c.unselected })
	p.Hidden, p.Kept = in.hidden(p), in.keptReads(p)
	p.Estimate = estimate(p.Changes, in.Accounts)
	return p, nil
}

// group is one parent with its desired refunds and its entries in the ledger.
type group struct {
	account Account
	parent  refund.Parent
	specs   []refund.Spec
	entries []state.Entry
	nearby  []state.Entry // as State.Nearby returns them
	in      *Input
	checked bool // read only for a spot check
}

// groups returns the parents in the plan's order. If there is a selection, parents without a selected
// row are returned apart, except those with a refund in doubt.
func (in *Input) groups() (groups, notSelected []*group) {
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
		if g.isIncluded() {
			groups = append(groups, g)
		} else if len(g.specs) > 0 {
			notSelected = append(notSelected, g)
		}
	}
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.account.Name, b.account.Name), cmp.Compare(a.parent.Kind, b.parent.Kind),
			cmp.Compare(a.parent.ID, b.parent.ID))
	})
	return groups, notSelected
}

// Asks reports whether a selected row asks for exactly the bytes that the intent of a refund in doubt
// would send.
func (in *Input) Asks(e state.Entry) bool {
	return slices.ContainsFunc(in.Specs, func(s refund.Spec) bool {
		if s.RefundID != e.ID.RefundID || s.Account != e.AccountName || in.Selected != nil && !in.Selected(s) {
			return false
		}
		return !in.leftOut(&s, e.ID) && asksFor(s, e)
	})
}

// isIncluded reports whether the plan shows the parent.
// isIncluded reports whether the plan shows the parent.
func (g *group) isIncluded() bool {
	if g.in.Only != nil {
		return g.in.Only(g.parent)
	}
	if g.in.Selected == nil || slices.ContainsFunc(g.specs, g.in.Selected) {
		return true
	}
	return slices.ContainsFunc(g.entries, func(e state.Entry) bool { return e.Phase == state.Intended })
}
