package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// phases are those that a row may have, from paid to never sent.
var phases = []state.Phase{state.Settled, state.Accepted, state.Intended, state.Failed, state.Refused, state.NotSent, Planned}

// IsPhase reports whether p is a phase that a row may have.
func IsPhase(p state.Phase) bool { return slices.Contains(phases, p) }

func statusKnown(word string) bool { return refund.Status(strings.ToUpper(word)).Known() }

// Sums are refunds and their money: all, and the three parts that add up to them. Open is accepted or in
// doubt; Unpaid is failed, refused, not sent or only planned.
type Sums struct{ All, Paid, Open, Unpaid money.Tally }

// Add adds one refund.
func (s *Sums) Add(r *Row) {
	part := &s.Unpaid
	switch r.Phase {
	case state.Settled:
		part = &s.Paid
	case state.Accepted, state.Intended:
		part = &s.Open
	}
	s.All.Add(r.Amount)
	part.Add(r.Amount)
}

// Group is the refunds with the same word: a status, an account, a day, a month, or the value of a label.
// The word is empty for refunds without one.
type Group struct {
	Word string
	Sums
}

// By is the dimension of a grouping: ByStatus, ByAccount, ByDay, ByMonth, or ByLabel and a name.
type By string

// The dimensions. A day is 2026-10-31 and a month 2026-10, in the zone of the report.
const (
	ByStatus  By = "status"
	ByAccount By = "account"
	ByDay     By = "day"
	ByMonth   By = "month"
	ByLabel   By = "label:"
)

// Grouping is the groups of a dimension, sorted: statuses from paid to never sent, all others by word, with
// the empty word last. Their sums add up to those of all rows.
type Grouping struct {
	By     By
	Groups []Group
}

// Summary is the sums of rows.
type Summary struct {
	Sums
	Groupings  []Grouping
	References References    // of the paid refunds
	Waiting    []state.Entry // accepted, listed by the API and not settled, in the order of the rows
	Doubtful   []*Row        // in doubt, or two refunds at the API under one identity
	Details    []DetailCount // what the API reports beside the status
}

// Summarize adds up rows. They must be of one environment: money of several is not of one kind.
func Summarize(rows []*Row, by []By, date DateBy, zone *time.Location) Summary {
	var rep Summary
	for _, r := range rows {
		rep.Sums.Add(r)
		rep.References.add(&r.Entry)
		if r.Phase == state.Accepted && r.MissingSince.IsZero() {
			rep.Waiting = append(rep.Waiting, r.Entry)
		}
		if r.Phase == state.Intended || r.Conflict != "" {
			rep.Doubtful = append(rep.Doubtful, r)
		}
	}
	rep.Details = countDetails(rows)
	for _, b := range by {
		rep.Groupings = append(rep.Groupings, Grouping{b, group(rows, b, date, zone)})
	}
	return rep
}

func group(rows []*Row, by By, date DateBy, zone *time.Location) []Group {
	sums := map[string]*Sums{}
	ranks := map[string]int{}
	for _, r := range rows {
		word := by.word(r, date, zone)
		if sums[word] == nil {
			sums[word], ranks[word] = new(Sums), by.rank(r, word)
		}
		sums[word].Add(r)
		ranks[word] = min(ranks[word], by.rank(r, word))
	}
	groups := make([]Group, 0, len(sums))
	for word, s := range sums {
		groups = append(groups, Group{word, *s})
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(ranks[a.Word], ranks[b.Word]), cmp.Compare(a.Word, b.Word))
	})
	return groups
}

// word is a row's value in the dimension.
func (b By) word(r *Row, date DateBy, zone *time.Location) string {
	if name, is := strings.CutPrefix(string(b), string(ByLabel)); is {
		return r.Labels[name]
	}
	at := r.Date(date)
	switch {
	case b == ByStatus:
		return r.Word()
	case b == ByAccount:
		return r.AccountName
	case at.IsZero():
		return ""
	case b == ByMonth:
		return at.In(zone).Format("2006-01")
	}
	return at.In(zone).Format(time.DateOnly)
}

// Word is the API's status of a refund at the API, and the phase of any other. A refund that was paid and is dead
// now has the word REVERSED, whatever the API calls it.
func (r *Row) Word() string {
	if r.Reversed() {
		return string(refund.Reversed)
	}
	if r.Phase.Sent() && r.Status != "" {
		return string(r.Status)
	}
	return string(r.Phase)
}

func (b By) rank(r *Row, word string) int {
	switch {
	case b == ByStatus:
		return slices.Index(phases, r.Phase)
	case word == "":
		return 1
	}
	return 0
}
