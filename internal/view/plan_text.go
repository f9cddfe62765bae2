package view

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
)

// PlanOptions controls how a plan is printed. Verbose lists every row.
type PlanOptions struct {
	Style
	Verbose bool
}

// Plan prints a plan as text: the sums of each action, then what needs a person, what would be sent and what is
// held, in one block for each parent. The rest takes one line for each action. The first screen says what a
// reviewer must decide, however long the plan is. It returns the writer's error.
func Plan(w io.Writer, p *plan.Plan, f PlanFile, o PlanOptions) error {
	totals := p.Summary()
	all := agendaOf(p)
	if !o.Verbose {
		all = all.fold()
	}
	out := planPrinter{printer: newPrinter(w, o.Style), plan: p, file: f}
	out.prepare(all, o.Verbose)
	out.summary(totals)
	before := out.lines
	out.review(all)
	out.others(all.others, o.Verbose)
	if out.lines-before > screen {
		out.repeatSummary(totals)
	}
	return out.Flush()
}

// screen is how many lines may follow the summary before it scrolls out of sight.
const screen = 20

// firstScreen is how many lines a reviewer reads for certain.
const firstScreen = 40

type planPrinter struct {
	*printer
	plan   *plan.Plan
	file   PlanFile
	rows   table
	shared shared
}

// prepare measures the rows that are listed, and finds what they share.
func (p *planPrinter) prepare(all agenda, verbose bool) {
	listed := slices.Concat(all.pressing, all.creates, all.held)
	if verbose {
		for _, o := range all.others {
			listed = append(listed, o.rows...)
		}
	}
	p.rows = newPlanRows()
	for _, c := range listed {
		p.rows.measure(p.cells(*c)[:4]...)
	}
	p.shared = sharedOf(p.plan, listed)
}

// newPlanRows lines up the rows of all blocks. An id that alone would push the others off the screen sticks out
// of its column.
func newPlanRows() table {
	return table{indent: 2, deeper: 6, columns: []column{{tight: true}, {loose: true}, {right: true}, {}, {}}}
}

// cells are the sign, the refund, its money, its verdict, and its place in the manifests.
func (p *planPrinter) cells(c plan.Change) []cell {
	hue := hues[c.Action]
	return []cell{{text: string(c.Action), hue: hue}, {text: rowID(c)}, {text: Escape(c.Amount.Human())}, {text: verdict(c), hue: loud(hue)}, {text: Escape(where(c.Source()))}}
}

// review prints what needs a person, what would be sent, and what is held. Pressing rows that would push the
// refunds to send off the first screen are summed up there and listed later.
func (p *planPrinter) review(all agenda) {
	first := lookFirst(p.plan.Changes)
	title := ""
	if len(all.pressing) > 0 || len(all.creates) > fewCreates {
		title = sendTitle(all.creates) + ":"
	}
	need, send := p.height(all.pressing), p.height(all.creates)
	switch room := firstScreen - p.lines; {
	case len(all.pressing) == 0:
		p.part(title, all.creates)
	case need+min(send, leastToSend) <= room:
		p.part(first+":", all.pressing)
		p.part(title, all.creates)
	default:
		p.causes(first+", by reason:", all.pressing)
		if p.lines+send > firstScreen {
			p.brief(all.creates)
			p.part(first+", all of them:", all.pressing)
			p.part("All refunds to send:", all.creates)
			break
		}
		p.part(title, all.creates)
		p.part(first+", all of them:", all.pressing)
	}
	p.part(count(len(all.held), "held refund")+":", all.held)
}

// brief sums up what would be sent, and names a few refunds. A list of them follows.
func (p *planPrinter) brief(creates []*plan.Change) {
	p.title(sendTitle(creates), creates)
	if len(creates) > fewCreates {
		return
	}
	for _, c := range creates {
		p.wrapped(2, p.paint(hues[c.Action], string(c.Action))+" "+rowID(*c)+" "+Escape(c.Amount.Human())+" ("+Escape(string(c.ID.Kind))+" "+Escape(c.ID.ID)+")")
	}
}

// leastToSend is how many lines of the first screen belong to what would be sent.
const leastToSend = 8

// height returns how many lines rows take; more than a screen for many rows.
func (p *planPrinter) height(rows []*plan.Change) int {
	if len(rows) > firstScreen/2 {
		return 2 * firstScreen
	}
	trial := *p
	trial.printer = newPrinter(io.Discard, p.Style)
	trial.part("title", rows)
	return trial.lines
}

// title prints the title of rows, if there are any.
func (p *planPrinter) title(title string, rows []*plan.Change) {
	if title != "" && len(rows) > 0 {
		p.line("")
		p.wrapped(0, p.paint(bold, title))
	}
}

// part prints rows under a title, in one block for each parent. It prints nothing for no rows.
func (p *planPrinter) part(title string, rows []*plan.Change) {
	p.title(title, rows)
	for family := range parents(rows) {
		p.line("")
		p.header(*family[0])
		printed := map[plan.Reason]bool{}
		for _, c := range family {
			p.row(&p.rows, p.cells(*c)...)
			p.reasons(*c, printed)
		}
	}
}

// mostCauses is how many groups of pressing rows the first screen has room for.
const mostCauses = 5

// causes sums up pressing rows by action and reason, each with its first rows.
func (p *planPrinter) causes(title string, rows []*plan.Change) {
	p.title(title, rows)
	all := causesOf(rows)
	for _, g := range all[:min(mostCauses, len(all))] {
		hue := hues[g.action]
		p.wrapped(2, p.paint(hue, string(g.action)+" "+grouped(len(g.rows))+" "+g.action.String())+" "+sums(sumOf(g.rows))+": "+g.codes)
		p.wrapped(6, p.example(g))
	}
	if len(all) > mostCauses {
		var rest []*plan.Change
		codes := []string{}
		for _, g := range all[mostCauses:] {
			rest, codes = append(rest, g.rows...), append(codes, g.action.String()+" "+g.codes)
		}
		p.wrapped(2, "and "+count(len(rest), "refund")+" "+briefly(sumOf(rest))+" for other reasons: "+cut(strings.Join(codes, "; "), longestExample))
	}
}

// longestExample is how many cells of a reason the first screen shows. The list below has all of it.
const longestExample = 110

// example names a cause's first rows, and says why the first one is pressing.
func (p *planPrinter) example(g cause) string {
	c := *g.rows[0]
	text := rowID(c) + " (" + Escape(string(c.ID.Kind)) + " " + Escape(c.ID.ID) + ")"
	if also := g.alsoOf(); also != "" {
		text += ", " + also
	}
	if len(c.Reasons) > 0 && !p.shared.has(p.plan, c, c.Reasons[0]) {
		text += ": " + cut(Escape(c.Reasons[0].Message), longestExample)
	}
	return text
}

// others prints one line for each action, or all rows.
func (p *planPrinter) others(all []others, verbose bool) {
	if verbose {
		for _, o := range all {
			p.part(otherTitle(o.action, o.word(), o.rows)+":", o.rows)
		}
		return
	}
	if len(all) == 0 || len(all) == 1 && all[0].action == plan.InSync && all[0].about() == "" && len(all[0].rows) == len(p.plan.Changes) {
		return // the first line says it
	}
	p.line("")
	p.wrapped(0, p.paint(bold, "Listed only with -v:"))
	t := table{indent: 2, deeper: 6, columns: []column{{tight: true}, {right: true, tight: true}, {}, {right: true}, {hang: true}}}
	lines := make([][]cell, 0, len(all))
	for _, o := range all {
		line := []cell{{text: string(o.action), hue: hues[o.action]}, {text: grouped(len(o.rows))}, {text: o.word()}, {text: briefly(sumOf(o.rows))}, {text: o.about()}}
		t.measure(line...)
		lines = append(lines, line)
	}
	for _, line := range lines {
		p.row(&t, line...)
	}
}

// header prints the row's parent and what is known about its money.
func (p *planPrinter) header(c plan.Change) {
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
	for _, f := range reviewed(c) {
		p.wrapped(6, f.Name+": "+Escape(f.Value))
	}
	for _, r := range ownReasons(c) {
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
