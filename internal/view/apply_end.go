package view

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/plan"
)

// note is the line of an event that a person must see; empty for the others.
func (v *Progress) note(e apply.Event) string {
	about := fmt.Sprintf(" %s (%s %s) %s", Escape(e.ID.RefundID), Escape(string(e.ID.Kind)), Escape(e.ID.ID), Escape(e.Amount.Human()))
	why := Escape(because(liveOutcome(e.Status), e.Code, e.Message) + refund.Quoted(e.RequestID))
	switch e.Kind {
	case apply.Refused:
		return v.paint(red, "refused") + about + why
	case apply.InDoubt:
		return v.paint(magenta, "in doubt") + about + why
	case apply.NotSent:
		if c, shown := v.shown[e.ID]; shown && !c.Approved || e.Code == "stopped" {
			return "" // the plan showed it, or Stopping and the summary cover it: there may be thousands
		}
		return v.paint(magenta, "not sent") + about + why
	case apply.Resolved:
		return v.paint(green, "resolved") + about + why
	case apply.Sent, apply.AlreadyPresent:
		switch {
		case e.Code == apply.NotRecorded:
			return v.paint(red, "sent, not recorded") + about + why
		case e.Kind == apply.Sent && e.Status.Dead():
			return v.paint(red, "sent") + about + why
		}
	case apply.Stopping:
		return v.paint(red, "stopping") + why
	}
	return ""
}

func because(parts ...string) string {
	var text strings.Builder
	for _, part := range parts {
		if part != "" {
			text.WriteString(": " + part)
		}
	}
	return text.String()
}

// End removes the line and prints what became of the money, then each refund whose outcome is unknown.
func (v *Progress) End(r apply.Result, exitCode int) error {
	v.finish()
	out := newPrinter(v.out, Style{Width: v.Width, Commands: v.Commands}) // colours are for the terminal behind err
	out.result(r)
	err := out.Flush()
	errOut := newPrinter(v.err, v.Style)
	if r.Open > 0 && r.Stopped == nil && exitCode == 0 {
		errOut.hint("refundctl follow waits until every sent refund is settled")
	}
	for _, d := range slices.SortedFunc(maps.Values(v.doubts), func(a, b apply.Event) int { return a.ID.Compare(b.ID) }) {
		errOut.doubt(d, "", v.Clock())
	}
	if v.failed == nil { // never write after a gap
		v.failed = errOut.Flush()
	}
	return cmp.Or(err, v.failed)
}

// finish removes the line for good.
func (v *Progress) finish() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clear()
	v.total = share{}
}

func (p *printer) result(r apply.Result) {
	if r.Sent.Count+r.Refused.Count+r.AllInDoubt().Count == 0 {
		p.line("Nothing was sent.")
	}
	p.tallies(resultRows(r))
	if r.NotCompared {
		p.wrapped(0, "The ledger could not be read: what earlier runs sent counts as not sent here.")
	}
	if len(r.Why) > 0 {
		p.wrapped(0, "Not sent or blocked because of: "+codes(r.Why)+".")
	}
	if r.Conflicts > 0 {
		p.wrapped(0, "Of those blocked, conflicts: "+grouped(r.Conflicts)+".")
	}
	if t := r.NotInFile; t.Count > 0 {
		p.wrapped(0, "In the manifests, but not in the plan file, and not sent: "+Sum(t)+".")
	}
	if r.Dead > 0 {
		p.advice(0, "Of those sent, already failed or cancelled: "+grouped(r.Dead)+". refundctl plan shows them.")
	}
	if t := r.Unrecorded; t.Count > 0 {
		p.advice(0, "Sent, but not in the ledger: "+sending(t)+". refundctl recover reads it back; do not send it any other way.")
	}
	if r.Stopped != nil {
		p.wrapped(0, "Stopped early: "+Escape(r.Stopped.Error())+".")
	}
}

type tallyRow struct {
	label string
	tally plan.Tally
}

// resultRows has a row for every tally that a person must know, and one for each other that is not empty.
func resultRows(r apply.Result) []tallyRow {
	rows := []tallyRow{{"sent", r.Sent}, {"already present", r.AlreadyPresent}, {"refused", r.Refused}, {"in doubt", r.InDoubt},
		{"in doubt earlier", r.Earlier}, {"not sent", r.NotSent}, {"blocked", r.Blocked}, {"held", r.Held}, {"failed", r.Failed},
		{"pending", r.Pending}, {"superseded", r.Superseded}}
	always := []string{"sent", "refused", "in doubt", "not sent"}
	return slices.DeleteFunc(rows, func(row tallyRow) bool { return row.tally.Count == 0 && !slices.Contains(always, row.label) })
}

// codes lists reasons with how many refunds have each.
func codes(why map[string]int) string {
	var texts []string
	for _, code := range slices.Sorted(maps.Keys(why)) {
		texts = append(texts, Escape(code)+" "+grouped(why[code]))
	}
	return strings.Join(texts, ", ")
}

// Sum is a tally in a sentence: "2 refunds of ₹1,000.00".
func Sum(t plan.Tally) string { return count(t.Count, "refund") + " of " + sums(t) }

// tallies prints labels, counts and money; further currencies are below the first.
func (p *printer) tallies(tallies []tallyRow) {
	t := table{deeper: 2, columns: []column{{}, {right: true}, {right: true, fold: below}}}
	rows := make([][]cell, 0, len(tallies))
	for _, r := range tallies {
		rows = append(rows, []cell{{text: r.label}, {text: grouped(r.tally.Count)}, stacked(humans(r.tally))})
	}
	p.table(t, rows)
}
