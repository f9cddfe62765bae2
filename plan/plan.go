// Package plan computes what would be done: it reads the parents' live refunds, compares them with the
// manifests and the ledger, applies the guards, and returns a Plan.
//
// It sends nothing, prints nothing, and makes no requests itself: it reads through a Reader. The command line
// and apply call it.
package plan

import (
	"cmp"
	"slices"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// Account is one account of the project.
type Account struct {
	Name             string
	API              string
	Environment      string
	BaseURL          string
	Fingerprint      string
	Limits           Limits
	Cancels          bool          // the API's version can cancel refunds of orders
	CreatesPerMinute int           // what apply may send in a Window; 0: no known limit
	ListsPerMinute   int           // the lists that may be read in a Window; 0: no known limit
	Window           time.Duration // how long the limits count; 0: a minute
}

// Limits are one account's budgets. An empty budget or zero means no limit.
type Limits struct {
	MaxRefundAmount      money.Budget
	MaxTotalAmount       money.Budget
	MaxRefunds           int
	MaxTotalAmountPerDay money.Budget
}

// Plan lists what apply would do, as data.
type Plan struct {
	CreatedAt   time.Time
	Digest      string // of the plan file that this plan carries out; empty for none
	Accounts    []Account
	Lineage     string
	Heads       []string
	LedgerAt    time.Time // of the last event of the ledger that the plan saw; zero for an empty one
	Manifests   string    // the digest of the manifests, in hex
	Refresh     Refresh
	Reads       int           // requests made to read
	Checked     []Checked     // settled refunds of other runs that the reads confirmed; not in documents
	Unchecked   int           // parents that could not be reached to check such refunds; not in documents
	Estimate    time.Duration // how long apply waits for the limits to send the creates, at least
	Changes     []Change      // sorted by account name, kind, parent, then manifest place, then refund_id
	Parents     map[refund.Parent]ParentRead
	NotSelected map[string]Tally             // by fingerprint: creates that the selection omits and the budgets count
	Lack        state.LedgerMismatch         // why apply would send nothing with this ledger; empty if it is the expected ledger (R22)
	NotInFile   Tally                        // refunds that manifests ask for and the plan file that is carried out does not have; not in documents
	Hidden      Tally                        // refunds that the ledger has in doubt and no row shows: not selected, or of an account that is not read
	Kept        map[refund.Parent]ParentRead // reads of the plan file, for parents that were not read again; not in documents
	Unknown     int                          // live rows that the ledger does not know: it may be old (R22)
}

// Tally is a number of refunds and their money by currency.
type Tally = money.Tally

// Summary counts the rows of each action. Superseded rows are not counted.
func (p *Plan) Summary() map[Action]Tally {
	sums := map[Action]Tally{}
	for _, c := range p.Changes {
		if c.Superseded {
			continue
		}
		t := sums[c.Action]
		t.Add(c.Amount)
		sums[c.Action] = t
	}
	return sums
}

// Rows returns the changes with this action, in the plan's order.
func (p *Plan) Rows(a Action) []Change {
	var rows []Change
	for _, c := range p.Changes {
		if c.Action == a {
			rows = append(rows, c)
		}
	}
	return rows
}

// Those returns the changes that meet a condition, in the plan's order.
func (p *Plan) Those(meet func(Change) bool) []Change {
	return slices.DeleteFunc(slices.Clone(p.Changes), func(c Change) bool { return !meet(c) })
}

// NeedsPerson reports whether any row waits for a person's decision.
func (p *Plan) NeedsPerson() bool { return slices.ContainsFunc(p.Changes, Change.NeedsPerson) }

// estimate returns how long the rate limits make the plan's creates wait.
func estimate(changes []Change, accounts []Account) time.Duration {
	creates := map[string]int{}
	for _, c := range changes {
		if c.Action == Create {
			creates[c.ID.Account]++
		}
	}
	return rateWait(accounts, creates, func(a Account) int { return a.CreatesPerMinute })
}

// Rereading returns the least time that a new apply waits for rate limits before it has read the plan's parents
// again.
func (p *Plan) Rereading() time.Duration {
	lists := map[string]int{}
	for parent, read := range p.Parents {
		switch {
		case read.Partial: // one by one
			lists[parent.Account] += read.Requests
		case !read.ListedAt.IsZero():
			lists[parent.Account]++
		}
	}
	return ReadWait(p.Accounts, lists)
}

// ReadWait returns how long the rate limits make this many reads wait, at least. The reads are
// counted by the fingerprint of their account.
func ReadWait(accounts []Account, reads map[string]int) time.Duration {
	return rateWait(accounts, reads, func(a Account) int { return a.ListsPerMinute })
}

// rateWait returns how long the last of an account's requests waits for its rate limit, for the
// account that waits longest. A limit's worth of requests goes at once, and another one in every
// window after that.
func rateWait(accounts []Account, requests map[string]int, limit func(Account) int) time.Duration {
	var longest time.Duration
	for _, a := range accounts {
		if n, most := requests[a.Fingerprint], limit(a); n > 0 && most > 0 {
			longest = max(longest, time.Duration((n-1)/most)*cmp.Or(a.Window, time.Minute))
		}
	}
	return longest
}
