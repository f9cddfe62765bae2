// Package reconcile holds manifests, ledger, live refunds and the lines of a bank file against each
// other, and gives every refund and every line exactly one verdict.
//
// It reads no file and no API by itself, changes nothing and knows no clock. The command line calls it.
package reconcile

import (
	"cmp"
	"slices"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// Input is all that is held against each other.
type Input struct {
	Accounts    map[string]string // fingerprints by the accounts' names
	Specs       []refund.Spec
	Entries     []state.Entry
	Reads       []Read                   // one a parent; nil where the API was not asked at all
	Bank        *Bank                    // nil without a file
	Only        func(refund.Parent) bool // the parents that are looked at; nil is every one
	Period      refund.Period
	SettleAfter time.Duration // how long a refund may be accepted and not listed yet
	Now         time.Time
}

// Read is what the API showed of one parent. One with Err proves nothing.
type Read struct {
	Parent refund.Parent
	Live   []refund.Live
	Err    error
}

// Row is one refund with its verdict, or one line of the bank file that belongs to no single refund.
type Row struct {
	Verdict Verdict
	Account string          // its name
	ID      refund.Identity // the zero value for a line of the bank file
	Amount  money.Amount    // as live has it, else the ledger, else the manifest, else the bank
	Spec    *refund.Spec    // nil where no manifest asks for it
	Entry   *state.Entry    // nil where the ledger does not know it
	Live    []refund.Live   // more than one is a verdict of its own
	Bank    []Line
	Reasons []Reason
}

// Reason says why a row has its verdict, or what else to know. Code is stable.
type Reason struct{ Code, Message string }

// Doubtful tells whether money may have moved without anybody knowing.
func (r *Row) Doubtful() bool {
	return r.Entry != nil && r.Entry.Phase == state.Intended && len(r.Live) == 0
}

// Result is every refund and every line once, sorted by verdict, account, kind, parent, refund_id and line.
type Result struct {
	Rows      []Row
	Totals    map[Verdict]Total
	All       Total
	Outside   int // refunds of other days than the period's
	Elsewhere int // refunds of accounts or environments that are not at hand
}

// Differs tells whether any row does.
func (r *Result) Differs() bool {
	return slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Verdict.Differs() })
}

// Doubtful tells whether any row is.
func (r *Result) Doubtful() bool {
	return slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Doubtful() })
}

// Make gives the verdicts. The order of the inputs does not matter.
func Make(in Input) Result {
	g := gather(&in)
	shown := g.match()
	result := Result{Totals: map[Verdict]Total{}, Elsewhere: g.elsewhere}
	for _, f := range g.rows {
		f.judge()
		if f.inView() {
			shown = append(shown, &f.Row)
		} else {
			result.Outside++
		}
	}
	result.Rows = inOrder(shown)
	result.addUp()
	return result
}

// inOrder sorts by verdict and account. The rows of each come in the order of their ids, and before them
// those of the bank file.
func inOrder(rows []*Row) []Row {
	ranks := map[Verdict]int{}
	for i, v := range Verdicts {
		ranks[v] = i
	}
	slices.SortStableFunc(rows, func(a, b *Row) int {
		return cmp.Or(cmp.Compare(ranks[a.Verdict], ranks[b.Verdict]), cmp.Compare(a.Account, b.Account))
	})
	sorted := make([]Row, 0, len(rows))
	for _, r := range rows {
		sorted = append(sorted, *r)
	}
	return sorted
}

// inView tells whether the row is of the period. What has no date, what is in doubt and what stands
// in the bank file always is.
func (f *facts) inView() bool {
	at := f.when()
	return at.IsZero() || f.in.Period.Holds(at) || f.Doubtful() || len(f.Bank) > 0
}

// when is the refund's day: when it was paid, else made, else accepted, else tried.
func (r *Row) when() time.Time {
	var times []time.Time
	if l := r.live(); l != nil {
		times = append(times, l.ProcessedAt, l.CreatedAt)
	}
	if e := r.Entry; e != nil {
		times = append(times, e.AcceptedAt, e.TriedAt)
	}
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

func (r *Row) live() *refund.Live {
	if len(r.Live) == 0 {
		return nil
	}
	return &r.Live[0]
}

// cfRefundID is the API's own id, where it is known.
func (r *Row) cfRefundID() string {
	if l := r.live(); l != nil && l.CfRefundID != "" {
		return l.CfRefundID
	}
	if r.Entry != nil {
		return r.Entry.CfRefundID
	}
	return ""
}
