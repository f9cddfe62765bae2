package view

import (
	"errors"
	"fmt"
	"io"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
)

// PlanOptions controls the text of a plan. Verbose also shows what is in sync.
type PlanOptions struct {
	Style
	Verbose bool
}

// Plan prints a plan as text: the sums of each action, then one block for each parent, those that wait for a
// person first. It returns the writer's error.
func Plan(w io.Writer, p *plan.Plan, f PlanFile, o PlanOptions) error {
	totals := p.Summary()
	var blocks []block
	var rows []plan.Change
	for family := range parents(p.Changes) {
		if b := blockOf(family, o.Verbose); len(b.rows) > 0 {
			blocks, rows = append(blocks, b), append(rows, b.rows...)
		}
	}
	out := planPrinter{printer: newPrinter(w, o.Style), plan: p, file: f}
	out.measure(rows)
	out.shared = sharedOf(p, rows)
	out.summary(totals)
	before := out.lines
	out.blocks(blocks)
	if out.lines-before > screen {
		out.repeatSummary(totals)
	}
	return out.Flush()
}

// screen is how many lines may follow the summary before it scrolls out of sight.
const screen = 20

// block is one parent: its rows that are shown, pressing ones first, and how many are only counted.
type block struct {
	rows    []plan.Change
	pressed int // the pressing ones among rows
	synced  int
}

func blockOf(rows []plan.Change, verbose bool) block {
	first, others := split(rows, plan.Change.Pressing)
	shown, synced := split(others, func(c plan.Change) bool { return verbose || worthSeeing(c) })
	return block{append(first, shown...), len(first), len(synced)}
}

type planPrinter struct {
	*printer
	plan   *plan.Plan
	file   PlanFile
	rows   table
	shared shared
}

// measure lines up the rows of all blocks. An id that alone would push the others off the screen
// sticks out of its column.
func (p *planPrinter) measure(rows []plan.Change) {
	p.rows = table{indent: 2, deeper: 6, columns: []column{{tight: true}, {loose: true}, {right: true}, {}, {}}}
	for _, c := range rows {
		p.rows.measure(p.cells(c)[:4]...)
	}
}

// cells are the sign, the refund, its money, its verdict, and its place in the manifests.
func (p *planPrinter) cells(c plan.Change) []cell {
	hue := hues[c.Action]
	return []cell{{text: string(c.Action), hue: hue}, {text: rowID(c)}, {text: Escape(c.Amount.Human())}, {text: verdict(c), hue: loud(hue)}, {text: Escape(where(c.Source()))}}
}

// blocks prints the blocks with pressing rows first, if there are any.
func (p *planPrinter) blocks(blocks []block) {
	first, others := split(blocks, func(b block) bool { return b.pressed > 0 })
	if len(first) > 0 {
		p.part(lookFirst(p.plan.Changes)+":", first)
	}
	switch {
	case len(others) > 0 && len(first) > 0:
		p.part("Other refunds:", others)
	case len(others) > 0:
		p.part("", others)
	}
}

func (p *planPrinter) part(title string, blocks []block) {
	if title != "" {
		p.line("")
		p.wrapped(0, p.paint(bold, title))
	}
	for _, b := range blocks {
		p.line("")
		p.block(b)
	}
}

func (p *planPrinter) block(b block) {
	p.header(b.rows[0], b.synced)
	printed := map[plan.Reason]bool{}
	for _, c := range b.rows {
		p.row(&p.rows, p.cells(c)...)
		p.reasons(c, printed)
	}
}

// header prints the row's parent, what is known about its money, and how many rows are only counted.
func (p *planPrinter) header(c plan.Change, synced int) {
	text := p.paint(bold, Escape(string(c.ID.Kind))+" "+Escape(c.ID.ID))
	if len(p.plan.Accounts) > 1 {
		text += " (account " + Escape(c.AccountName) + ")"
	}
	read := p.plan.Parents[c.ID.Parent]
	if read.Err != nil && p.shared.unread[refund.Reason(read.Err)] > 0 {
		read.Err = errAbove
	}
	for _, known := range parentFacts(read) {
		text += " · " + Escape(known)
	}
	if synced > 0 {
		text += " · " + grouped(synced) + " in sync"
	}
	p.wrapped(0, text)
}

var errAbove = errors.New("see above")

var hues = map[plan.Action]color{
	plan.Conflict: red, plan.Failed: red, plan.Blocked: red, plan.InDoubt: magenta, plan.Create: green,
	plan.Pending: cyan,
}

// loud keeps the colours that words can have. The others are too pale for words in some palettes; there the
// sign alone is coloured.
func loud(hue color) color {
	if hue == red || hue == magenta {
		return hue
	}
	return ""
}

// reasons prints why the row has its action. A reason that another row of the block has already is printed
// as a reference.
func (p *planPrinter) reasons(c plan.Change, printed map[plan.Reason]bool) {
	for _, f := range identifying(c) {
		p.wrapped(6, f.Name+": "+Escape(f.Value))
	}
	for _, r := range c.Reasons {
		if c.Pressing() {
			printed[r] = printed[r] || p.shared.has(p.plan, c, r)
			p.reason(r, printed, "error: ", " ["+Escape(r.Code)+"]")
		} else {
			p.reason(r, printed, Escape(r.Code)+": ", "")
		}
	}
	for _, r := range reasonsWithoutHold(c) {
		p.reason(r, printed, "without hold: ", " ["+Escape(r.Code)+"]")
	}
	found := differences(c)
	if len(found) > 0 {
		p.wrapped(6, "[-desired-] and {+live+}:")
	}
	for _, d := range found {
		p.wrapped(8, d.Field+": "+Escape(plan.InLine(d.Spans)))
	}
	for _, r := range c.Attention {
		p.reason(r, printed, "attention: "+Escape(r.Code)+": ", "")
	}
}

func (p *planPrinter) reason(r plan.Reason, printed map[plan.Reason]bool, before, after string) {
	if printed[r] {
		p.line("      %sas above%s", before, after)
		return
	}
	printed[r] = true
	p.wrapped(6, before+Escape(r.Message)+after)
	if r.Hint != "" {
		p.advice(6, "hint: "+Escape(r.Hint))
	}
}

// wait formats a duration for people, rounded up: 40s, 2m, 1h05m.
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
