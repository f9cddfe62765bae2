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

// Recheck reads refunds again that nothing waits for, those first whose last check is oldest. The API may turn a
// paid refund into a dead one, pay a dead one after all, or lose one, and nothing else would show it. Recheck writes
// nothing; Run.RecordReads records what it found. It makes only reads that can be made now, and leaves the rest to a
// later command.
type Recheck struct {
	Readers     map[string]plan.Reader          // by fingerprint; instead of waiting for a rate limit they fail as Throttled
	Most        func(fingerprint string) int    // the most reads of one call; 0 is no known limit
	Picks       func(state.Entry) bool          // the refunds to read
	Last        func(refund.Identity) time.Time // when an earlier command checked a refund; zero if none is known to have
	SettleAfter time.Duration
	ReadDelay   time.Duration
	Parallelism int
	Clock       func() time.Time
	Progress    plan.Progress

	Live     map[refund.Identity]refund.Live // what the ledger does not have yet
	Missing  map[refund.Identity]bool        // no longer listed by the API
	Checked  map[refund.Identity]time.Time   // when this Recheck found a refund at the API
	Requests int
	Err      error // the first failure of a read; what could not be read is checked by a later command

	full map[string]bool // accounts without room for more reads
	mu   sync.Mutex
}

// mostRechecks bounds the reads of a call if no limit is known. againAfter is how long a Recheck that is called
// often leaves a refund alone.
const (
	mostRechecks = 100
	againAfter   = time.Hour
)

// SettledWithin picks the refunds that are final at the API and whose last event is not older than back.
func SettledWithin(back time.Duration, now time.Time) func(state.Entry) bool {
	return func(e state.Entry) bool {
		return (e.Phase == state.Settled || e.Phase == state.Failed) && now.Sub(e.UpdatedAt) < back
	}
}

// MustBeListed picks the accepted refunds that a list must contain by now.
func MustBeListed(settleAfter time.Duration, now time.Time) func(state.Entry) bool {
	return func(e state.Entry) bool { return e.Phase == state.Accepted && e.MustBeListed(now, settleAfter) }
}

// Read reads those of the entries that Picks chooses. used is how many reads each account has already made, by
// fingerprint; seen reports whether a refund was just read anyway. It fails only with the context's error.
func (c *Recheck) Read(ctx context.Context, entries []state.Entry, used map[string]int, seen func(refund.Identity) bool) error {
	c.Live, c.Missing, c.full = map[refund.Identity]refund.Live{}, map[refund.Identity]bool{}, map[string]bool{}
	if c.Checked == nil {
		c.Checked = map[refund.Identity]time.Time{}
	}
	how := plan.Reading[checkTarget]{Parallelism: c.Parallelism, Account: checkTarget.account, Progress: c.Progress}
	_, err := plan.ReadAll(ctx, c.due(entries, used, seen), how, func(ctx context.Context, t checkTarget) (struct{}, error) {
		c.check(ctx, t)
		return struct{}{}, nil
	})
	return err
}

// checkTarget is what one read covers: the picked refunds of an order, or one refund of another kind.
type checkTarget struct {
	refund.Identity
	entries []state.Entry
	last    time.Time // when the one checked longest ago was checked
}

func (t checkTarget) account() string { return t.entries[0].AccountName }

// due chooses what is read, in that order.
func (c *Recheck) due(entries []state.Entry, used map[string]int, seen func(refund.Identity) bool) []checkTarget {
	var all []checkTarget
	index, now := map[refund.Identity]int{}, c.Clock()
	for _, e := range entries {
		if c.Readers[e.ID.Account] == nil || !c.Picks(e) || now.Sub(c.Checked[e.ID]) < againAfter || seen != nil && seen(e.ID) {
			continue
		}
		id := e.ID
		if id.Kind == refund.Order {
			id.RefundID = ""
		}
		i, known := index[id]
		if !known {
			i = len(all)
			index[id] = i
			all = append(all, checkTarget{Identity: id, last: now})
		}
		all[i].entries = append(all[i].entries, e)
		if last := c.lastOf(e); last.Before(all[i].last) {
			all[i].last = last
		}
	}
	slices.SortFunc(all, func(a, b checkTarget) int { return cmp.Or(a.last.Compare(b.last), a.Compare(b.Identity)) })
	left := map[string]int{}
	return slices.DeleteFunc(all, func(t checkTarget) bool {
		if _, known := left[t.Account]; !known {
			left[t.Account] = cmp.Or(c.Most(t.Account), mostRechecks) - used[t.Account]
		}
		left[t.Account]--
		return left[t.Account] < 0
	})
}

// lastOf is when the refund was last checked: by a command that remembers it, or with its last event.
func (c *Recheck) lastOf(e state.Entry) time.Time {
	last := e.UpdatedAt
	for _, at := range []time.Time{c.Last(e.ID), c.Checked[e.ID]} {
		if at.After(last) {
			last = at
		}
	}
	return last
}

// check makes one read, and keeps what it shows.
func (c *Recheck) check(ctx context.Context, t checkTarget) {
	c.mu.Lock()
	full := c.full[t.Account]
	c.mu.Unlock()
	if full {
		return
	}
	read := plan.Relist(ctx, c.Readers[t.Account], t.entries[0].ID, c.Clock)
	missing := map[refund.Identity]bool{}
	for _, e := range t.entries {
		missing[e.ID] = read.Misses(e, c.Clock(), c.SettleAfter) && becomesMissing(e) && c.provesMissing(ctx, e, read)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case refund.ReadClassOf(read.Err) == refund.Throttled:
		c.full[t.Account] = true
		return
	case read.Err != nil && ctx.Err() == nil:
		c.Err = cmp.Or(c.Err, read.Err)
	}
	c.Requests += read.Requests
	for _, e := range t.entries {
		found := read.Find(e.ID.RefundID)
		switch {
		case missing[e.ID]:
			c.Missing[e.ID] = true
		case len(found) > 0 && hasNews(e, found[0]):
			c.Live[e.ID] = found[0]
		}
		if len(found) > 0 {
			c.Checked[e.ID] = c.Clock()
		}
	}
}

// provesMissing reports whether a read that misses a refund is enough. If the API has no list, a single answer is
// weak evidence, and a second one must agree.
func (c *Recheck) provesMissing(ctx context.Context, e state.Entry, read plan.ParentRead) bool {
	return e.ID.Kind == refund.Order || twoReads{c.Readers[e.ID.Account], c.ReadDelay, c.Clock}.prove(ctx, e.ID, time.Time{}, read).proof != nil
}
