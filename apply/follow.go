package apply

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Follow watches refunds until they are settled. It takes no lock and writes nothing. Look takes in what
// the ledger has, whoever wrote it. Read keeps in News what the API shows beyond that, for
// Run.RecordReads to record. Its methods are for one goroutine.
type Follow struct {
	Gateways    map[string]Gateway           // by fingerprint; refunds of other accounts are not followed
	Quota       func(fingerprint string) int // the most reads of one round; 0 is no limit
	ARN         bool                         // wait for the bank reference of a paid refund too
	SettleAfter time.Duration                // an accepted refund that is absent for this long is missing
	ReadDelay   time.Duration                // between two reads that prove it, if the API has no list
	Parallelism int
	Clock       func() time.Time
	Observer    Observer
	Progress    plan.Progress // of the reads of a round

	News    map[refund.Identity]refund.Live // read, but not yet in the ledger
	Missing map[refund.Identity]bool        // no longer listed by the API, and not yet so in the ledger
	Reads   int                             // requests made
	Used    map[string]int                  // reads of the latest round, by fingerprint

	known     map[refund.Identity]state.Entry // the followed refunds, as the ledger had them at the latest look
	readCount map[refund.Identity]int         // how often each target was read
	reported  map[refund.Identity]string      // by refund, the latest problem of a read that was reported
	missed    map[refund.Identity]time.Time   // when a read first missed a refund of a kind that has no list
}

// FollowSummary sums up the followed refunds as the ledger has them. Waiting are those that are at the API
// and not settled, or that lack their bank reference if Follow waits for it. Missing are those that the API no
// longer lists: waiting does not help.
type FollowSummary struct {
	Paid, Failed, Waiting, Missing, InDoubt, NotSent plan.Tally
}

// Look takes in what the ledger has now, and reports what changed since the look before. It does not follow
// a refund that was settled when it was first seen.
func (f *Follow) Look(st *state.State) {
	if f.known == nil {
		f.known, f.readCount, f.reported = map[refund.Identity]state.Entry{}, map[refund.Identity]int{}, map[refund.Identity]string{}
		f.News, f.Missing, f.missed = map[refund.Identity]refund.Live{}, map[refund.Identity]bool{}, map[refund.Identity]time.Time{}
	}
	for _, e := range st.Entries() {
		was, followed := f.known[e.ID]
		if _, ours := f.Gateways[e.ID.Account]; !ours || !followed && !f.open(e) {
			continue
		}
		f.known[e.ID] = e
		if followed && (was.Phase != e.Phase || was.Status != e.Status || was.ARN != e.ARN) {
			moved := entryEvent(Moved, e.UpdatedAt, e)
			moved.Was, moved.Status, moved.Phase, moved.CfRefundID, moved.ARN = was.Status, e.Status, e.Phase, e.CfRefundID, e.ARN
			f.Observer.Observe(moved)
		}
	}
}

// Take follows refunds that a Recheck found changed, so that the next Look reports them.
func (f *Follow) Take(c *Recheck, entries []state.Entry) {
	for _, e := range entries {
		l, changed := c.Live[e.ID]
		if changed {
			f.News[e.ID] = l
		}
		if c.Missing[e.ID] {
			f.Missing[e.ID] = true
		}
		if _, followed := f.known[e.ID]; !followed && (changed || c.Missing[e.ID]) {
			f.known[e.ID] = e
		}
	}
	f.Reads += c.Requests
	c.Requests = 0
}

// open reports whether there is anything to wait for.
func (f *Follow) open(e state.Entry) bool {
	return e.Open() || f.ARN && LacksReference(e)
}

// LacksReference reports whether a refund was paid and its bank reference is still to come. The API has no
// field for the bank reference of a subscription refund.
func LacksReference(e state.Entry) bool {
	return e.Phase == state.Settled && e.ARN == "" && e.ID.Kind != refund.Subscription
}

// Summary sums up the followed refunds as of the latest Look.
func (f *Follow) Summary() FollowSummary {
	var s FollowSummary
	for _, e := range f.known {
		t := &s.NotSent
		switch {
		case e.Phase == state.Intended:
			t = &s.InDoubt
		case !e.MissingSince.IsZero():
			t = &s.Missing
		case f.open(e):
			t = &s.Waiting
		case e.Phase == state.Settled:
			t = &s.Paid
		case e.Phase == state.Failed:
			t = &s.Failed
		}
		t.Add(e.Amount)
	}
	return s
}

// readTarget is what one read covers: all refunds of an order, or a single refund of a parent that has no
// list. For a list, RefundID is empty.
type readTarget struct {
	refund.Identity
	entries []state.Entry
	days    int   // since the oldest was sent
	amount  int64 // the largest, in minor units
}

// Read reads the open refunds back, in parallel, each account's up to its quota: first those that were
// read least often, of these the oldest by days, of these the largest. It fails only if the API refuses
// the credentials, or with the context's error. Any other failure is reported, and read again in a later
// round.
func (f *Follow) Read(ctx context.Context) error {
	var mu sync.Mutex
	account := func(w readTarget) string { return w.entries[0].AccountName }
	how := plan.Reading[readTarget]{Parallelism: f.Parallelism, Account: account, Progress: f.Progress}
	_, err := plan.ReadAll(ctx, f.due(), how, func(ctx context.Context, w readTarget) (struct{}, error) {
		read := plan.Relist(ctx, f.Gateways[w.Account].Reader, w.entries[0].ID, f.Clock)
		mu.Lock()
		defer mu.Unlock()
		f.Reads += read.Requests
		if err := plan.Fatal(read.Err); err != nil {
			return struct{}{}, err
		}
		if ctx.Err() != nil { // the read was cut off and says nothing about the API
			return struct{}{}, context.Cause(ctx)
		}
		for _, e := range w.entries {
			f.compare(e, read)
		}
		return struct{}{}, nil
	})
	return err
}

// due chooses the targets of this round, and counts their reads.
func (f *Follow) due() []readTarget {
	all := f.targets()
	slices.SortFunc(all, func(a, b readTarget) int {
		return cmp.Or(f.readCount[a.Identity]-f.readCount[b.Identity], b.days-a.days, cmp.Compare(b.amount, a.amount), a.Compare(b.Identity))
	})
	var chosen []readTarget
	f.Used = map[string]int{}
	for _, w := range all {
		if quota := f.Quota(w.Account); quota > 0 && f.Used[w.Account] >= quota {
			continue
		}
		f.Used[w.Account]++
		f.readCount[w.Identity]++
		chosen = append(chosen, w)
	}
	return chosen
}

// targets groups the open refunds by the read that covers them.
func (f *Follow) targets() []readTarget {
	index := map[refund.Identity]int{}
	var all []readTarget
	now := f.Clock()
	for id, e := range f.known {
		if !f.open(e) {
			continue
		}
		if id.Kind == refund.Order {
			id.RefundID = ""
		}
		i, seen := index[id]
		if !seen {
			i = len(all)
			index[id] = i
			all = append(all, readTarget{Identity: id})
		}
		w := &all[i]
		w.entries = append(w.entries, e)
		w.days = max(w.days, int(now.Sub(e.CreatedAt)/(24*time.Hour)))
		w.amount = max(w.amount, e.Amount.Minor)
	}
	return all
}

// compare keeps what a read shows of a refund beyond the ledger, and reports a read that shows nothing.
func (f *Follow) compare(e state.Entry, read plan.ParentRead) {
	found := read.Find(e.ID.RefundID)
	now := f.Clock()
	problem := Event{Kind: Unread, At: now, AccountName: e.AccountName, ID: e.ID, Amount: e.Amount, Status: e.Status}
	switch {
	case read.Err != nil:
		_, problem.Message = read.Failure()
		problem.RequestID = refund.RequestID(read.Err)
	case read.Misses(e, now, f.SettleAfter):
		problem.Code, problem.Message = "missing_live", "accepted earlier, and not at the API now"
		if becomesMissing(e) && f.provesMissing(e, read) {
			f.Missing[e.ID] = true
		}
	case len(found) > 0:
		delete(f.missed, e.ID)
		if l := found[0]; hasNews(e, l) {
			f.News[e.ID] = l
		}
	}
	if problem.Message != "" && f.reported[e.ID] != problem.Message {
		f.Observer.Observe(problem)
	}
	f.reported[e.ID] = problem.Message
}

// provesMissing reports whether a read that misses a refund is enough. If the API has no list, a read that began
// ReadDelay after an earlier one must agree with it.
func (f *Follow) provesMissing(e state.Entry, read plan.ParentRead) bool {
	first, missed := f.missed[e.ID]
	if !missed {
		first = read.DoneAt
		f.missed[e.ID] = first
	}
	return e.ID.Kind == refund.Order || missed && read.ListedAt.Sub(first) >= f.ReadDelay
}
