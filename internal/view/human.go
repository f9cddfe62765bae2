package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/plan"
)

// PlanOptions says how a plan is told to a person. Verbose also shows the parents in which
// everything is in sync.
type PlanOptions struct {
	Style
	Verbose bool
}

// Plan prints a plan as text: one block per parent, then the sums per action. It returns the
// writer's error, or money.ErrOverflow where the sums do not fit.
func Plan(w io.Writer, p *plan.Plan, o PlanOptions) error {
	totals, err := p.Summary()
	if err != nil {
		return fmt.Errorf("adding up the plan: %w", err)
	}
	var blocks [][]plan.Change
	for rows := range parents(p.Changes) {
		if o.Verbose || slices.ContainsFunc(rows, worthSeeing) {
			blocks = append(blocks, rows)
		}
	}
	out := planPrinter{newPrinter(w, o.Style), p, columns{}}
	out.measure(blocks)
	for _, rows := range blocks {
		out.block(rows)
	}
	out.summary(totals)
	return out.Flush()
}

// parents yields the rows of one parent after another.
func parents(changes []plan.Change) func(yield func([]plan.Change) bool) {
	return func(yield func([]plan.Change) bool) {
		for start := 0; start < len(changes); {
			end := start + 1
			for end < len(changes) && changes[end].ID.Parent == changes[start].ID.Parent {
				end++
			}
			if !yield(changes[start:end:end]) {
				return
			}
			start = end
		}
	}
}

func worthSeeing(c plan.Change) bool { return c.Action != plan.InSync || len(c.Attention) > 0 }

// columns are the widths that line up the rows of all blocks.
type columns struct{ id, amount, verdict int }

type planPrinter struct {
	*printer
	plan *plan.Plan
	cols columns
}

// measure takes the widest of each column. An id that alone would push the others off the screen
// is left to stick out of its column.
func (p *planPrinter) measure(blocks [][]plan.Change) {
	var ids []int
	for _, rows := range blocks {
		for _, c := range rows {
			ids = append(ids, columnsOf(rowID(c)))
			p.cols.amount = max(p.cols.amount, columnsOf(Escape(c.Amount.Human())))
			p.cols.verdict = max(p.cols.verdict, columnsOf(verdict(c)))
		}
	}
	room := p.width() - len("  s ") - len("  ") - p.cols.amount - len("  ") - p.cols.verdict
	for _, n := range ids {
		if n <= room {
			p.cols.id = max(p.cols.id, n)
		}
	}
}

func (p *planPrinter) block(rows []plan.Change) {
	p.header(rows[0])
	told := map[plan.Reason]bool{}
	for _, c := range rows {
		p.row(c)
		p.reasons(c, told)
	}
	p.line("")
}

// header names the parent and what is known of its money.
func (p *planPrinter) header(c plan.Change) {
	text := p.paint(bold, Escape(string(c.ID.Kind))+" "+Escape(c.ID.ID))
	if len(p.plan.Accounts) > 1 {
		text += " (account " + Escape(c.AccountName) + ")"
	}
	read := p.plan.Parents[c.ID.Parent]
	if read.Facts.Known {
		text += " · captured " + Escape(read.Facts.Captured.Human())
	}
	switch {
	case read.Err != nil:
		text += " · not read: " + Escape(read.Err.Error())
	case read.Good() && !read.Partial:
		text += " · " + living(read)
	}
	p.wrapped(0, text)
}

// living is the money of the live refunds that are not dead.
func living(read plan.ParentRead) string {
	var sum plan.Tally
	for _, l := range read.Live {
		if l.Status.Dead() {
			continue
		}
		if err := sum.Add(l.Amount); err != nil {
			return "live refunds beyond counting"
		}
	}
	if sum.Count == 0 {
		return "no live refunds"
	}
	return "live refunds " + sums(sum)
}

// row has the sign, the refund, its money and its verdict; the manifest's place stands behind them
// or, where the screen is too narrow, below.
func (p *planPrinter) row(c plan.Change) {
	hue, place := hues[c.Action], Escape(where(c.Source()))
	text := fmt.Sprintf("  %s %s  %s  ", p.paint(hue, string(c.Action)), pad(rowID(c), p.cols.id), padLeft(Escape(c.Amount.Human()), p.cols.amount))
	used := len("  s ") + max(p.cols.id, columnsOf(rowID(c))) + len("  ") + p.cols.amount + len("  ") + p.cols.verdict + len("  ")
	text += p.paint(hue, verdict(c))
	if place != "" && used+columnsOf(place) <= p.width() {
		p.line("%s%s  %s", text, blanks(verdict(c), p.cols.verdict), p.paint(dim, place))
		return
	}
	p.line("%s", text)
	if place != "" {
		p.line("      %s", p.paint(dim, place))
	}
}

var hues = map[plan.Action]color{
	plan.Conflict: red, plan.Failed: red, plan.Blocked: red, plan.InDoubt: yellow, plan.Create: green,
	plan.Pending: cyan, plan.Held: dim, plan.Unmanaged: dim, plan.Orphaned: dim,
}

func rowID(c plan.Change) string {
	if c.ID.RefundID == "" {
		return "(no refund_id)"
	}
	return Escape(c.ID.RefundID)
}

// verdict is the action with what the API says: "pending ONHOLD".
func verdict(c plan.Change) string {
	text := c.Action.String()
	switch {
	case c.Live != nil:
		text += " " + Escape(string(c.Live.Status))
	case c.Entry != nil && c.Entry.Phase.Sent():
		text += " " + Escape(string(c.Entry.Status))
	}
	return strings.TrimRight(text, " ")
}

func where(place diag.Place) string {
	return diag.Place{File: place.File, Line: place.Line}.String()
}

// reasons prints what explains the row. What another row of the block said already is only named.
func (p *planPrinter) reasons(c plan.Change, told map[plan.Reason]bool) {
	for _, text := range details(c) {
		p.wrapped(6, text)
	}
	for _, r := range c.Reasons {
		if c.NeedsPerson() || c.Action == plan.InDoubt {
			p.reason(r, told, "error: ", " ["+Escape(r.Code)+"]")
		} else {
			p.reason(r, told, Escape(r.Code)+": ", "")
		}
	}
	for _, r := range c.Attention {
		p.reason(r, told, "attention: "+Escape(r.Code)+": ", "")
	}
}

func (p *planPrinter) reason(r plan.Reason, told map[plan.Reason]bool, before, after string) {
	if told[r] {
		p.line("      %sas above%s", before, after)
		return
	}
	told[r] = true
	p.wrapped(6, before+Escape(r.Message)+after)
	if r.Hint != "" {
		p.wrapped(6, "hint: "+Escape(r.Hint))
	}
}

// details are the facts without which a row may not be recognised.
func details(c plan.Change) []string {
	var texts []string
	if c.PaymentID != "" && c.ID.Kind == refund.Subscription {
		texts = append(texts, "payment_id: "+Escape(c.PaymentID))
	}
	if c.Action == plan.Unmanaged && c.Live != nil {
		for _, f := range [][2]string{{"cf_refund_id", c.Live.CfRefundID}, {"refund_type", c.Live.Type}, {"refund_note", c.Live.Note}} {
			if f[1] != "" {
				texts = append(texts, f[0]+": "+Escape(f[1]))
			}
		}
	}
	return texts
}

// wait is a duration for people, rounded up: 40s, 2m, 1h05m.
func wait(d time.Duration) string {
	switch {
	case d <= time.Minute:
		return fmt.Sprintf("%ds", (d+time.Second-1)/time.Second)
	case d <= time.Hour:
		return fmt.Sprintf("%dm", (d+time.Minute-1)/time.Minute)
	}
	minutes := (d + time.Minute - 1) / time.Minute
	return fmt.Sprintf("%dh%02dm", minutes/60, minutes%60)
}
