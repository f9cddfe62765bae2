package apply

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Follow watches refunds until they are settled. It needs no lock and writes nothing: Look takes in
// what the ledger says, whoever wrote it, and Read keeps in News what the API says beyond that, for
// Run.Note to record. Its methods are for one goroutine.
type Follow struct {
	Gateways    map[string]Gateway           // by fingerprint; refunds of other accounts are left alone
	Quota       func(fingerprint string) int // reads of one round at most; 0 for no bound
	ARN         bool                         // a refund that succeeded is waited for until its bank reference is known
	SettleAfter time.Duration                // an accepted refund that is absent for so long is missing
	Parallelism int
	Clock       func() time.Time
	Observer    Observer
	Progress    plan.Progress // of the reads of a round

	News  map[refund.Identity]refund.Live // read, and not yet in the ledger
	Reads int                             // requests made

	known     map[refund.Identity]state.Entry // what is followed, as the ledger held it at the latest look
	readCount map[refund.Identity]int         // how often each of watched was read
	reported  map[refund.Identity]string      // of what is wrong with a read, the latest that was told
}

// Standing sums up what is followed, by how it stands in the ledger. Waiting is at the API and not
// settled, or without its bank reference where that is waited for.
type FollowSummary struct {
	Settled, Failed, Waiting, InDoubt, NotSent plan.Tally
}

// Look takes in what the ledger holds now, and tells what moved since the look before. A refund
// that was settled when it was first seen is not followed.
func (f *Follow) Look(st *state.State) {
	if f.known == nil {
		f.known, f.readCount, f.reported = map[refund.Identity]state.Entry{}, map[refund.Identity]int{}, map[refund.Identity]string{}
		f.News = map[refund.Identity]refund.Live{}
	}
	for _, e := range st.Entries() {
		was, followed := f.known[e.ID]
		if _, ours := f.Gateways[e.ID.Account]; !ours || !followed && !f.open(e) {
			continue
		}
		f.known[e.ID] = e
		if followed && (was.Phase != e.Phase || was.Status != e.Status || was.ARN != e.ARN) {
			f.Observer.Observe(Event{Kind: Moved, At: e.UpdatedAt, AccountName: e.AccountName, ID: e.ID, Amount: e.Amount, Attempt: e.Attempt,
				Key: e.Key, Was: was.Status, Status: e.Status, Phase: e.Phase, CfRefundID: e.CfRefundID, ARN: e.ARN})
		}
	}
}

// open tells whether there is anything to wait for.
func (f *Follow) open(e state.Entry) bool {
	return e.Phase == state.Accepted || e.Phase == state.Intended || f.ARN && LacksReference(e)
}

// LacksReference tells whether a refund was paid and its bank reference is still to come. Those of
// subscriptions get none: the API has no field for it.
func LacksReference(e state.Entry) bool {
	return e.Phase == state.Settled && e.ARN == "" && e.ID.Kind != refund.Subscription
}

// Standing is how the followed refunds stood at the latest look.
func (f *Follow) Summary() FollowSummary {
	var s FollowSummary
	for _, e := range f.known {
		t := &s.NotSent
		switch {
		case e.Phase == state.Intended:
			t = &s.InDoubt
		case f.open(e):
			t = &s.Waiting
		case e.Phase == state.Settled:
			t = &s.Settled
		case e.Phase == state.Failed:
			t = &s.Failed
		}
		t.Add(e.Amount)
	}
	return s
}

// watched is what one list, or one read of a refund that has no list, tells of. Lists have no refund_id.
type watched struct {
	refund.Identity
	entries []state.Entry
	days    int   // since the oldest of them was sent
	amount  int64 // of the largest, in minor units
}

// Read reads the parents of what is open, side by side, each account's as far as its quota goes:
// those that were read least often, of these the oldest by days, of these the largest. The error
// is that of refused credentials or of the context; any other failure is told and tried again in a
// later round.
func (f *Follow) Read(ctx context.Context) error {
	var mu sync.Mutex
	eg, reading := errgroup.WithContext(ctx)
	eg.SetLimit(max(f.Parallelism, 1))
	due := f.due()
	names := make([]string, 0, len(due))
	for _, w := range due {
		names = append(names, w.entries[0].AccountName)
	}
	progress := f.Progress.Begin(names)
	for _, w := range due {
		eg.Go(func() error {
			read := plan.Relist(reading, f.Gateways[w.Account].Reader, w.entries[0].ID, f.Clock)
			progress.Done(w.entries[0].AccountName)
			mu.Lock()
			defer mu.Unlock()
			f.Reads += read.Requests
			switch {
			case refund.ReadClassOf(read.Err) == refund.Credentials:
				return read.Err
			case reading.Err() != nil: // the read was cut off: it says nothing about the API
				return context.Cause(reading)
			}
			for _, e := range w.entries {
				f.compare(e, read)
			}
			return nil
		})
	}
	return eg.Wait()
}

// due chooses what this round reads, and counts its turn.
func (f *Follow) due() []watched {
	all := f.watched()
	slices.SortFunc(all, func(a, b watched) int {
		return cmp.Or(f.readCount[a.Identity]-f.readCount[b.Identity], b.days-a.days, cmp.Compare(b.amount, a.amount), a.Compare(b.Identity))
	})
	var chosen []watched
	used := map[string]int{}
	for _, w := range all {
		if most := f.Quota(w.Account); most > 0 && used[w.Account] >= most {
			continue
		}
		used[w.Account]++
		f.readCount[w.Identity]++
		chosen = append(chosen, w)
	}
	return chosen
}

// watched gathers the open refunds by what reads them.
func (f *Follow) watched() []watched {
	index := map[refund.Identity]int{}
	var all []watched
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
			all = append(all, watched{Identity: id})
		}
		w := &all[i]
		w.entries = append(w.entries, e)
		w.days = max(w.days, int(now.Sub(e.CreatedAt)/(24*time.Hour)))
		w.amount = max(w.amount, e.Amount.Minor)
	}
	return all
}

// compare keeps what a read says of a refund beyond the ledger, and tells where it says nothing.
func (f *Follow) compare(e state.Entry, read plan.ParentRead) {
	found := read.Find(e.ID.RefundID)
	problem := Event{Kind: Unread, At: f.Clock(), AccountName: e.AccountName, ID: e.ID, Amount: e.Amount, Status: e.Status}
	switch {
	case read.Err != nil:
		problem.Message = read.Err.Error()
	case len(found) == 0 && e.Phase != state.Intended && f.Clock().Sub(e.AcceptedAt) >= f.SettleAfter:
		problem.Code, problem.Message = "missing_live", "accepted earlier, and not at the API now"
	case len(found) > 0:
		if l := found[0]; hasNews(e, l) {
			f.News[e.ID] = l
		}
	}
	if problem.Message != "" && f.reported[e.ID] != problem.Message {
		f.Observer.Observe(problem)
	}
	f.reported[e.ID] = problem.Message
}

// tells tells whether the live refund is the entry's, and says something that the ledger does not.
func hasNews(e state.Entry, l refund.Live) bool {
	if e.Phase == state.Intended {
		code, _ := plan.Differs(specOfEntry(e), l)
		return code == ""
	}
	return isNews(plan.Change{Entry: &e, Live: &l})
}

// Note records what was read without the lock, as far as the ledger, which others may have written
// since, does not hold it. An intent that was found live is settled by it. The error is the ledger's.
func (r *Run) RecordReads(ctx context.Context, seen map[refund.Identity]refund.Live) error {
	var eg errgroup.Group
	eg.SetLimit(recorders)
	for id, l := range seen {
		e, known := r.State.Entry(id)
		if !known || !hasNews(e, l) {
			continue
		}
		how := "status"
		if e.Phase == state.Intended {
			how = "read_back"
		}
		o := liveOutcome(e.AccountName, id, e.Attempt, how, l)
		eg.Go(func() error { return r.Ledger.Finish(ctx, o) })
	}
	return eg.Wait()
}
