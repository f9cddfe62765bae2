package plan

import (
	"context"
	"slices"
	"time"

	"refundctl/internal/refund"
	"refundctl/state"
)

// groupRead is what was read of a group's parent, and the rows of its desired refunds.
type groupRead struct {
	ParentRead
	rows        []Change
	requests    int  // made to read, also if nothing of the read is used
	checkFailed bool // a spot check did not reach the API: the plan goes on without it
}

// read reads the groups that need it. The result has one element for each group.
func (in *Input) read(ctx context.Context, groups []*group) ([]groupRead, error) {
	var needed []int
	reads := make([]groupRead, len(groups))
	for i, g := range groups {
		if g.needsList() {
			needed = append(needed, i)
		} else {
			reads[i] = g.withRows(ParentRead{Parent: g.parent})
		}
	}
	account := func(i int) string { return groups[i].account.Name }
	order := Turns(needed, account)
	done, err := ReadAll(ctx, order, Reading[int]{in.Parallelism, account, in.Progress}, func(ctx context.Context, i int) (groupRead, error) {
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

// withRows computes the rows that a read gives.
func (g *group) withRows(read ParentRead) groupRead {
	return groupRead{ParentRead: read, rows: g.rows(read, g.in.Clock()), requests: read.Requests}
}

// needsList reports whether an action on this parent depends on live refunds.
func (g *group) needsList() bool {
	switch g.in.Refresh {
	case All:
		return true
	case None:
		return false
	}
	desired := map[string]bool{}
	for _, s := range g.specs {
		desired[s.RefundID] = true
	}
	open := func(e state.Entry) bool {
		waits := e.Phase == state.Accepted || !e.MissingSince.IsZero()
		return e.Phase == state.Intended || waits && desired[e.ID.RefundID]
	}
	return g.checked || g.mayCreate() || slices.ContainsFunc(g.entries, open)
}

// mayCreate reports whether a refund of this parent could be sent, now or without its hold, as far as
// manifests and ledger say. A run that the ledger lost may have sent a held one, which counts against the
// day's budget (R16).
func (g *group) mayCreate() bool {
	return slices.ContainsFunc(g.specs, func(s refund.Spec) bool {
		e := g.entry(s.RefundID)
		absent := e == nil || e.Phase == state.Refused || e.Phase == state.NotSent
		return absent && !g.in.unapproved(refund.Identity{Parent: g.parent, RefundID: s.RefundID})
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

// Relist reads one parent again, now. apply uses it when a plan's read is too old to send on.
func Relist(ctx context.Context, r Reader, id refund.Identity, clock func() time.Time) ParentRead {
	return List(ctx, r, id.Parent, []string{id.RefundID}, clock)
}

// List reads the live refunds of one parent, now. If the API cannot list them, it reads those with the
// ids, one by one.
func List(ctx context.Context, r Reader, p refund.Parent, ids []string, clock func() time.Time) ParentRead {
	read := ParentRead{Parent: p}
	read.list(ctx, r, ids, clock)
	return read
}

func (g *group) read(ctx context.Context) groupRead {
	r := g.in.Readers[g.parent.Account]
	list := ParentRead{Parent: g.parent}
	list.list(ctx, r, g.ids(), g.in.Clock)
	if g.checkFailed(list) {
		read := g.withRows(ParentRead{Parent: g.parent})
		read.requests, read.checkFailed = list.Requests, true
		return read
	}
	read := g.withRows(list)
	creates := slices.ContainsFunc(read.rows, func(c Change) bool {
		return c.Action == Create || c.Action == Held && !g.in.unapproved(c.ID)
	})
	if read.Err != nil || g.parent.Kind != refund.Order || !creates {
		return read
	}
	if facts := g.facts(); facts.Known && g.covers(facts, read) {
		read.Facts = facts
		return read
	}
	list.Requests++
	payments, err := r.Payments(ctx, g.parent)
	if err == nil {
		list.Facts, err = refund.CaptureFacts(payments)
	}
	if err != nil {
		list.Err = err
		return g.withRows(list) // a read that failed proves nothing
	}
	read.ParentRead, read.requests = list, list.Requests
	return read
}

// facts are the parent's payments as the approved plan or the ledger has them.
func (g *group) facts() refund.Facts {
	if g.in.Approval != nil {
		if f := g.in.Approval.Parents[g.parent].Facts; f.Known {
			return f
		}
	}
	f, _ := g.in.State.Facts(g.parent)
	return f
}

// covers reports whether known payments still cover the creates, with any one of the held rows. If not, a later payment may have come
// in, and the payments are read again.
func (g *group) covers(facts refund.Facts, read groupRead) bool {
	b, err := balanceOf(g.known(read.ParentRead), read.rows, facts)
	return err == nil && b.excess.Minor <= 0 && !slices.ContainsFunc(read.rows, func(c Change) bool {
		return c.Action == Held && b.excess.Plus(c.Amount).Minor > 0
	})
}

// ids are the refunds to read one by one if the API cannot list them.
func (g *group) ids() []string {
	var ids []string
	for _, s := range g.specs {
		ids = append(ids, s.RefundID)
		if s.Supersedes != "" {
			ids = append(ids, s.Supersedes)
		}
	}
	for _, e := range g.entries {
		if e.Phase == state.Intended || e.Phase == state.Accepted && g.in.Refresh == All || g.endUnconfirmed(e) {
			ids = append(ids, e.ID.RefundID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// endUnconfirmed reports whether only another run recorded that the refund is dead. A duplicate of it, or
// a replacement, is sent only after it was read again.
func (g *group) endUnconfirmed(e state.Entry) bool {
	mine := g.in.SpotCheck.Mine
	return e.Phase == state.Failed && mine != nil && !mine(e.By)
}

// list fills in the live refunds: with one list, or with one read for each id if there is no list.
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
