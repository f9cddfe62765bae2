package report

import (
	"cmp"
	"slices"
	"time"

	"refundctl/internal/refund"
)

// Choice is the rows of a report, and what it leaves out.
type Choice struct {
	Filter    Filter // with the environment that was chosen
	Rows      []*Row
	Elsewhere map[string]int // rows that match except for their environment, by environment
	Undated   int            // rows that match but have no date
}

// Choose picks rows of one environment, because money of several must not be added. Without an environment
// in the filter it takes the most real one among the account's rows, whatever their period.
func Choose(rows []*Row, f Filter) Choice {
	c := Choice{Filter: f, Elsewhere: map[string]int{}}
	asked := f.Environment != ""
	if !asked {
		c.Filter.Environment = mostReal(rows, f.Account)
	}
	c.Rows = c.Filter.Pick(rows)
	anywhere, anytime := f, c.Filter
	anywhere.Environment, anytime.Period = "", refund.Period{}
	for _, r := range rows {
		switch {
		case !asked && r.Environment != c.Filter.Environment && anywhere.Keeps(r):
			c.Elsewhere[r.Environment]++
		case !f.Period.Open() && r.Date(f.Date).IsZero() && anytime.Keeps(r):
			c.Undated++
		}
	}
	return c
}

// mostReal is the most real environment of an account, or of all accounts if none is named.
func mostReal(rows []*Row, account string) string {
	most := ""
	for _, r := range rows {
		named := account == "" || r.AccountName == account
		if named && cmp.Or(cmp.Compare(reality(r.Environment), reality(most)), cmp.Compare(r.Environment, most)) > 0 {
			most = r.Environment
		}
	}
	return most
}

// reality ranks environments. An account that was reached through another address may be anything.
func reality(environment string) int {
	const other = 1
	if rank := slices.Index([]string{"", "other", "embedded", "sandbox", "production"}, environment); rank >= 0 {
		return rank
	}
	return other
}

const (
	mostDays   = 62 // in a table; a longer period is grouped by month
	mostValues = 20 // of a label in a default grouping
)

// DefaultGroupings are the groupings of a report if none are named: status, account, day or month, and each
// label with few values that repeat. unlisted are the other labels, with how many values each has.
func DefaultGroupings(rows []*Row, date DateBy) (by []By, unlisted map[string]int) {
	by, unlisted = []By{ByStatus, ByAccount, ByDay}, map[string]int{}
	var first, last time.Time
	for _, r := range rows {
		at := r.Date(date)
		first = earlier(first, at)
		if at.After(last) {
			last = at
		}
	}
	if last.Sub(first) > mostDays*24*time.Hour {
		by[2] = ByMonth
	}
	for name, refunds := range refundsByLabel(rows) {
		if n := len(refunds); n > mostValues || n > 1 && !repeats(refunds) {
			unlisted[name] = n
			continue
		}
		by = append(by, ByLabel+By(name))
	}
	slices.Sort(by[3:])
	return by, unlisted
}

// refundsByLabel counts the refunds with each value of each label.
func refundsByLabel(rows []*Row) map[string]map[string]int {
	all := map[string]map[string]int{}
	for _, r := range rows {
		for name, value := range r.Labels {
			if all[name] == nil {
				all[name] = map[string]int{}
			}
			all[name][value]++
		}
	}
	return all
}

// repeats reports whether several refunds have the same value. A label that does not repeat, such as the row of
// a sheet, groups nothing.
func repeats(refunds map[string]int) bool {
	for _, n := range refunds {
		if n > 1 {
			return true
		}
	}
	return false
}
