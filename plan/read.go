package plan

import (
	"context"
	"slices"
	"time"

	"refundctl/internal/refund"
	"refundctl/state"
)

// read reads the groups that need it; the result has one element for each group.
func (in *Input) read(ctx context.Context, groups []*group) ([]ParentRead, error) {
	reads := make([]ParentRead, len(groups))
	var needed []int
	for i, g := range groups {
		reads[i] = ParentRead{Parent: g.parent}
		if g.needsList() {
			needed = append(needed, i)
		}
	}
	account := func(i int) string { return groups[i].account.Name }
	order := Turns(needed, account)
	done, err := ReadAll(ctx, order, Reading[int]{in.Parallelism, account, in.Progress}, func(ctx context.Context, i int) (ParentRead, error) {
		read := groups[i].read(ctx)
		return read, Fatal(read.Err)
	})
	if err != nil {
		return nil, err
	}
	for n, i := range order {
		reads[i] = done[n]
	}
	return reads, nil
}

// needsList tells whether a verdict on this parent depends on what is live.
func (g *group) needsList() bool {
	switch g.in.Refresh {
	case All:
		return true
	case None:
		return false
	}
	wanted := map[string]bool{}
	for _, s := range g.specs {
		wanted[s.RefundID] = true
	}
	open := func(e state.Entry) bool {
		return e.Phase == state.Intended || e.Phase == state.Accepted && wanted[e.ID.RefundID]
	}
	return g.checked || g.mayCreate() || g.mayHold() || slices.ContainsFunc(g.entries, open)
}

// mayCreate tells whether a refund of this parent could be sent, as far as manifests and ledger say.
func (g *group) mayCreate() bool {
	return slices.ContainsFunc(g.specs, func(s refund.Spec) bool {
		e := g.entry(s.RefundID)
		_, out := g.in.leftOut(&s, refund.Identity{Parent: g.parent, RefundID: s.RefundID})
		return !out && (e == nil || e.Phase == state.Refused || e.Phase == state.NotSent)
	})
}

// mayHold reports whether a row that waits may have been sent by a run that the ledger lost: where a day has a
// budget, that counts against it (R16).
func (g *group) mayHold() bool {
	return len(g.account.Limits.MaxTotalAmountPerDay) > 0 && slices.ContainsFunc(g.specs, func(s refund.Spec) bool {
		return s.Hold && g.entry(s.RefundID) == nil
	})
}

func (g *group) entry(refundID string) *state.Entry {
	for i := range g.entries {
		if g.entries[i].ID.RefundID == refundID {
			return &g.entries[i]
		}
	}
	return nil
}

// Relist reads one parent again, now: what apply does where a plan's read is too old to send on.
func Relist(ctx context.Context, r Reader, id refund.Identity, clock func() time.Time) ParentRead {
	return List(ctx, r, id.Parent, []string{id.RefundID}, clock)
}

// List reads what is live of one parent, now. The ids are those that are asked for, one by one, where
// the API has no list.
func List(ctx context.Context, r Reader, p refund.Parent, ids []string, clock func() time.Time) ParentRead {
	read := ParentRead{Parent: p}
	read.list(ctx, r, ids, clock)
	return read
}

func (g *group) read(ctx context.Context) ParentRead {
	r := g.in.Readers[g.parent.Account]
	read := ParentRead{Parent: g.parent}
	read.list(ctx, r, g.ids(), g.in.Clock)
	if read.Err != nil || g.parent.Kind != refund.Order || !g.creates(read) {
		return read
	}
	if facts := g.facts(); facts.Known && g.enough(read, facts) {
		read.Facts = facts
		return read
	}
	read.Requests++
	payments, err := r.Payments(ctx, g.parent)
	if err == nil {
		read.Facts, err = refund.CaptureFacts(payments)
	}
	read.Err = err
	return read
}

// facts are the parent's payments as the approved plan or the ledger remembers them.
func (g *group) facts() refund.Facts {
	if g.in.Approval != nil {
		if f := g.in.Approval.Parents[g.parent].Facts; f.Known {
			return f
		}
	}
	f, _ := g.in.State.Facts(g.parent)
	return f
}

// enough tells whether remembered payment facts still cover what is wanted. Where they do not, a
// later payment may have come in: they are read again.
func (g *group) enough(read ParentRead, facts refund.Facts) bool {
	rows := g.rows(read, g.in.Clock())
	b, err := balanceOf(g.union(read), rows, facts)
	return err == nil && b.excess.Minor <= 0
}

// creates tells whether any row would be sent if the guards let it: what is live already is none.
func (g *group) creates(read ParentRead) bool {
	return slices.ContainsFunc(g.rows(read, g.in.Clock()), func(c Change) bool { return c.Action == Create })
}

// ids are the refunds that are asked for one by one where there is no list.
func (g *group) ids() []string {
	var ids []string
	for _, s := range g.specs {
		ids = append(ids, s.RefundID)
		if s.Supersedes != "" {
			ids = append(ids, s.Supersedes)
		}
	}
	for _, e := range g.entries {
		if e.Phase == state.Intended || e.Phase == state.Accepted && g.in.Refresh == All || g.doubtsEnd(e) {
			ids = append(ids, e.ID.RefundID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// doubtsEnd reports whether a refund is dead as another run recorded it: a twin, or what replaces it, goes only
// after it was read again.
func (g *group) doubtsEnd(e state.Entry) bool {
	mine := g.in.SpotCheck.Mine
	return e.Phase == state.Failed && mine != nil && !mine(e.By)
}

// list fills in what is live, by one list, or by one read a refund for kinds that have none.
func (p *ParentRead) list(ctx context.Context, r Reader, ids []string, clock func() time.Time) {
	p.ListedAt = clock()
	defer func() { p.DoneAt = clock() }()
	if p.Parent.Kind == refund.Order {
		p.Requests++
		p.Live, p.Err = r.Refunds(ctx, p.Parent)
		return
	}
	p.Partial = true
	for _, id := range ids {
		p.Requests++
		live, err := r.Refund(ctx, refund.Identity{Parent: p.Parent, RefundID: id})
		if refund.ReadClassOf(err) == refund.NotFound {
			continue
		}
		if err != nil {
			p.Err = err
			return
		}
		p.Live = append(p.Live, live)
	}
}
