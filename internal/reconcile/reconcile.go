// Package reconcile compares manifests, ledger, live refunds and the lines of a bank file, and gives every
// refund and every line exactly one verdict.
//
// It reads no file and no API itself, changes nothing and has no clock. The command line calls it.
package reconcile

import (
	"cmp"
	"slices"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// Input is everything that is compared.
type Input struct {
	Accounts    map[string]string // fingerprints by the accounts' names
	Specs       []refund.Spec
	Entries     []state.Entry
	Reads       []Read                   // one for each parent; nil if the API was not read at all
	Bank        *Bank                    // nil without a bank file
	Only        func(refund.Parent) bool // the parents that are compared; nil: all
	Period      refund.Period
	SettleAfter time.Duration // how long an accepted refund may be missing from the API's list
	Now         time.Time
}

// Read is what the API showed of one parent. With Err it proves nothing.
type Read struct {
	Parent refund.Parent
	Live   []refund.Live
	Err    error
}

// Row is one refund with its verdict, or one line of the bank file that belongs to no refund or to several.
type Row struct {
	Verdict Verdict
	Account string          // its name
	ID      refund.Identity // zero for a line of the bank file
	Amount  money.Amount    // of the API, else the ledger, else the manifest, else the bank
	Spec    *refund.Spec    // nil if no manifest asks for it
	Entry   *state.Entry    // nil if the ledger does not know it
	Live    []refund.Live   // more than one gives LiveTwice
	Bank    []Line
	Reasons []Reason
}

// Reason says why a row has its verdict, or what else to know. Code never changes.
type Reason struct{ Code, Message string }

// Doubtful reports whether money may have moved unnoticed.
func (r *Row) Doubtful() bool {
	return r.Entry != nil && r.Entry.Phase == state.Intended && len(r.Live) == 0
}

// PaymentID returns the payment of a subscription's refund, from the first source that has it: the manifest, the
// ledger, the API. It is empty if none has it.
func (r *Row) PaymentID() string {
	switch {
	case r.Spec != nil && r.Spec.PaymentID != "":
		return r.Spec.PaymentID
	case r.Entry != nil && r.Entry.PaymentID != "":
		return r.Entry.PaymentID
	case len(r.Live) > 0:
		return r.Live[0].PaymentID
	}
	return ""
}

// Result has every refund and every line once, sorted by verdict, account, kind, parent, refund_id and line.
type Result struct {
	Rows      []Row
	Totals    map[Verdict]Total
	All       Total
	Outside   int // refunds outside the period
	Elsewhere int // refunds of accounts or environments that are not available
}

// Differs reports whether any row does.
func (r *Result) Differs() bool { return r.Differing() > 0 }

// Differing counts the rows that differ.
func (r *Result) Differing() (n int) {
	for v, t := range r.Totals {
		if v.Differs() {
			n += t.Rows
		}
	}
	return n
}

// Doubtful reports whether any row is.
func (r *Result) Doubtful() bool {
	return slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Doubtful() })
}

// Make compares the sources. The order within the inputs does not matter.
func Make(in Input) Result {
	g := gather(&in)
	shown := g.match()
	result := Result{Totals: map[Verdict]Total{}, Elsewhere: g.elsewhere}
	for _, f := range g.rows {
		f.judge()
		if f.isShown() {
			shown = append(shown, &f.Row)
		} else {
			result.Outside++
		}
	}
	result.Rows = inOrder(shown)
	result.addUp()
	return result
}

// inOrder sorts by verdict and account. Within these, it keeps the order: lines of the bank file, then
// refunds by their ids.
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

// isShown reports whether the row is in the period. Rows without a date, in doubt or in the bank file are
// always shown.
func (f *facts) isShown() bool {
	at := f.when()
	return at.IsZero() || f.in.Period.Holds(at) || f.Doubtful() || len(f.Bank) > 0
}

// when returns the time at which the refund was paid, or else made, accepted or tried.
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

// cfRefundID returns the API's own id; it may be empty.
func (r *Row) cfRefundID() string {
	if l := r.live(); l != nil && l.CfRefundID != "" {
		return l.CfRefundID
	}
	if r.Entry != nil {
		return r.Entry.CfRefundID
	}
	return ""
}
