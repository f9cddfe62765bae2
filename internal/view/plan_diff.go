package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
)

// PlanDiff is the difference between two saved plans.
type PlanDiff struct {
	Before, After plan.Saved
	Differences   []plan.Difference
}

// PlanDiffText prints one block for each parent, then what would be sent before and now. In notes and splits,
// [-removed-] and {+added+} mark what differs.
func PlanDiffText(w io.Writer, d PlanDiff, s Style) error {
	out := newPrinter(w, s)
	counts := map[string]int{}
	var parent refund.Parent
	for _, diff := range d.Differences {
		c := diff.Row()
		if parent != c.ID.Parent {
			parent = c.ID.Parent
			out.wrapped(0, fmt.Sprintf("%s (account %s)", out.paint(bold, Escape(string(parent.Kind))+" "+Escape(parent.ID)), Escape(c.AccountName)))
		}
		out.difference(diff)
		counts[howOf(diff)]++
	}
	if len(d.Differences) == 0 {
		out.line("The plans have the same rows.")
	} else {
		out.line("")
		out.wrapped(0, fmt.Sprintf("Rows: %s added, %s removed, %s changed.", grouped(counts["added"]), grouped(counts["removed"]), grouped(counts["changed"])))
	}
	out.wrapped(0, fmt.Sprintf("To be sent: %s before, %s now.", sending(d.Before.Summary()[plan.Create]), sending(d.After.Summary()[plan.Create])))
	return out.Flush()
}

func howOf(d plan.Difference) string {
	switch {
	case d.Before == nil:
		return "added"
	case d.After == nil:
		return "removed"
	}
	return "changed"
}

func sending(t plan.Tally) string {
	return strings.TrimRight(count(t.Count, "refund")+" "+sums(t), " ")
}

func (p *printer) difference(d plan.Difference) {
	c := d.Row()
	t := table{indent: 2, deeper: 6, columns: []column{{least: len("removed")}, {hang: true}}}
	p.row(&t, cell{text: howOf(d)}, cell{text: fmt.Sprintf("%s  %s  %s", rowID(c), Escape(c.Amount.Human()), p.paint(loud(hues[c.Action]), verdict(c)))})
	for _, field := range d.Fields {
		switch field {
		case "action":
			p.wrapped(6, "action: "+d.Before.Action.String()+" before, "+d.After.Action.String()+" now")
		case "amount":
			p.wrapped(6, "amount: "+Escape(d.Before.Amount.Human())+" before, "+Escape(d.After.Amount.Human())+" now")
		case "request":
			p.wrapped(6, "request before: "+requestText(*d.Before))
			p.wrapped(6, "request now: "+requestText(*d.After))
			p.differingTexts(d.Before.Spec, d.After.Spec)
		case "reasons":
			p.reasonsThatDiffer(*d.Before, *d.After)
		}
	}
}

// requestText is the request of a row, whole: a part of an amount would mislead.
func requestText(c plan.Change) string {
	if c.Request == nil {
		return "none"
	}
	return Escape(fmt.Sprintf("%s %s %s, key %s", c.Request.Method, c.Request.Path, c.Request.Body, c.Key))
}

// differingTexts marks what differs in the note and in the splits: in two whole requests, a changed letter is easy to
// miss.
func (p *printer) differingTexts(before, after *refund.Spec) {
	if before == nil || after == nil {
		return
	}
	if before.Note != after.Note {
		p.wrapped(6, "refund_note: "+Escape(plan.InLine(plan.DiffText(before.Note, after.Note))))
	}
	if was, is := shares(before.Splits), shares(after.Splits); was != is {
		p.wrapped(6, "refund_splits: "+Escape(plan.InLine(differingShares(before.Splits, after.Splits))))
	}
}

func (p *printer) reasonsThatDiffer(before, after plan.Change) {
	was, is := slices.Concat(before.Reasons, before.Attention), slices.Concat(after.Reasons, after.Attention)
	for _, r := range was {
		if !slices.Contains(is, r) {
			p.wrapped(6, "no longer: "+Escape(r.Message)+" ["+Escape(r.Code)+"]")
		}
	}
	for _, r := range is {
		if !slices.Contains(was, r) {
			p.wrapped(6, "now: "+Escape(r.Message)+" ["+Escape(r.Code)+"]")
		}
	}
}

type differenceJSON struct {
	Change   string        `json:"change"`
	Account  string        `json:"account"`
	Kind     refund.Kind   `json:"kind"`
	ParentID string        `json:"parent_id"`
	RefundID string        `json:"refund_id"`
	Fields   []string      `json:"fields"`
	Before   *plan.RowJSON `json:"before"`
	After    *plan.RowJSON `json:"after"`
}

type comparedJSON struct {
	Digest    string         `json:"digest"`
	CreatedAt time.Time      `json:"created_at"`
	Create    plan.TallyJSON `json:"create"`
}

// PlanDiffJSON prints {"format_version","before","after","differences":[{change,…,fields,before,after}]}.
// The before and after of a difference are rows of plan --json, or null.
func PlanDiffJSON(w io.Writer, d PlanDiff) error {
	all := make([]differenceJSON, 0, len(d.Differences))
	for _, diff := range d.Differences {
		c := diff.Row()
		all = append(all, differenceJSON{howOf(diff), c.AccountName, c.ID.Kind, c.ID.ID, c.ID.RefundID,
			append([]string{}, diff.Fields...), rowOf(diff.Before), rowOf(diff.After)})
	}
	return writeJSON(w, struct {
		FormatVersion string           `json:"format_version"`
		Before        comparedJSON     `json:"before"`
		After         comparedJSON     `json:"after"`
		Differences   []differenceJSON `json:"differences"`
	}{FormatVersion, comparedOf(d.Before), comparedOf(d.After), all})
}

func comparedOf(s plan.Saved) comparedJSON {
	return comparedJSON{s.Digest, s.CreatedAt, plan.TallyOf(s.Summary()[plan.Create])}
}

func rowOf(c *plan.Change) *plan.RowJSON {
	if c == nil {
		return nil
	}
	row := plan.RowOf(*c)
	return &row
}
