package report

import (
	"slices"
	"strings"

	"refundctl/internal/refund"
	"refundctl/state"
)

// Label picks refunds by a label: those with this value, or with Any, those that have the label.
type Label struct {
	Name, Value string
	Any         bool
}

func (l Label) fits(r *Row) bool {
	value, has := r.Labels[l.Name]
	return has && (l.Any || value == l.Value)
}

// Filter picks rows; an empty field picks all.
type Filter struct {
	Account, Environment string
	Words                []string // outcomes, statuses of the API and phases: one of them must be the row's
	Labels               []Label  // all must fit
	Date                 DateBy   // what Period is about
	Period               refund.Period
}

// Keeps reports whether the filter picks a row.
func (f Filter) Keeps(r *Row) bool {
	return (f.Account == "" || r.AccountName == f.Account) && (f.Environment == "" || r.Environment == f.Environment) &&
		(len(f.Words) == 0 || slices.ContainsFunc(f.Words, r.is)) && f.labelled(r) && f.Period.Holds(r.Date(f.Date))
}

func (f Filter) labelled(r *Row) bool {
	return !slices.ContainsFunc(f.Labels, func(l Label) bool { return !l.fits(r) })
}

func (r *Row) is(word string) bool {
	return strings.EqualFold(word, string(r.Phase)) || strings.EqualFold(word, string(r.Status)) || strings.EqualFold(word, string(EntryOutcome(&r.Entry)))
}

// Pick returns the rows that the filter picks, in the order given.
func (f Filter) Pick(rows []*Row) []*Row {
	var kept []*Row
	for _, r := range rows {
		if f.Keeps(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

// Unmatched returns the words and labels of the filter that no row has: a misspelling would silently leave
// rows out. Outcomes, phases and statuses of the API's documents are always allowed.
func (f Filter) Unmatched(rows []*Row) (words []string, labels []Label) {
	for _, w := range f.Words {
		if !slices.ContainsFunc(phases, func(p state.Phase) bool { return strings.EqualFold(w, string(p)) }) &&
			!slices.ContainsFunc(Outcomes(), func(o Outcome) bool { return strings.EqualFold(w, string(o)) }) && !statusKnown(w) && !slices.ContainsFunc(rows, func(r *Row) bool { return r.is(w) }) {
			words = append(words, w)
		}
	}
	for _, l := range f.Labels {
		if !slices.ContainsFunc(rows, l.fits) {
			labels = append(labels, l)
		}
	}
	return words, labels
}
