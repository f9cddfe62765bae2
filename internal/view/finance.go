package view

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"refundctl/internal/refund"
	"refundctl/internal/report"
)

// Finance is what a controller is told of a period. AsOf is the ledger's last event: nothing later
// was read. What was left out of the sums is told beside them.
type Finance struct {
	report.Report
	report.Filter
	AsOf      time.Time
	Elsewhere map[string]int // refunds of other environments
	Undated   int            // refunds without a date of the sort that the period is about
	Unlisted  map[string]int // labels with too many values for a table, with how many
}

// RenderFinance prints the report in a format; s counts for text alone. The error is the writer's, or
// that there is no such format.
func RenderFinance(w io.Writer, format Format, f Finance, s Style) error {
	switch format {
	case Text:
		return FinanceText(w, f, s)
	case JSON:
		return FinanceJSON(w, f)
	case HTML:
		return FinanceHTML(w, f)
	}
	return fmt.Errorf("a report has no format %q: write text, json or html", format)
}

// FinanceBeginnings are how reports begin, in any format.
func FinanceBeginnings() []string {
	return []string{titleWord, `{"format_version":"` + FormatVersion + `","as_of":`, financeBeginning}
}

const titleWord = "Refunds, "

// FinanceText prints the report for a person: the money by what became of it, a table for each
// grouping, what waits and for how long, and what is in doubt.
func FinanceText(w io.Writer, f Finance, s Style) error {
	out := newPrinter(w, s)
	out.line("%s", out.paint(bold, f.title()))
	for _, text := range f.scope() {
		out.wrapped(0, text)
	}
	out.line("")
	if f.All.Count == 0 {
		out.line("No refunds.")
		return out.Flush()
	}
	out.tallies([]tallyRow{{"paid", f.Paid}, {"open", f.Open}, {"not paid", f.Unpaid}, {"all", f.All}})
	for _, text := range f.remarks() {
		out.wrapped(0, text)
	}
	for _, g := range f.Groupings {
		out.line("")
		out.grouping(g, f.Sums)
	}
	out.ageing(f.Waiting, f.AsOf)
	out.doubtful(f.Doubtful, f.AsOf)
	return out.Flush()
}

func (f Finance) title() string { return titleWord + f.period() }

// period names a month, or the first and the last day that count.
func (f Finance) period() string {
	days := periodOf(f.Period)
	switch {
	case f.Period.Open():
		return "all"
	case f.month():
		return f.Period.From.In(refund.IST).Format("January 2006")
	case days.To == "":
		return "from " + days.From
	case days.From == "":
		return "up to " + days.To
	}
	return days.From + " to " + days.To
}

func (f Finance) month() bool {
	from := f.Period.From.In(refund.IST)
	return !f.Period.From.IsZero() && from.Day() == 1 && f.Period.Until.Equal(from.AddDate(0, 1, 0))
}

var dateWords = map[report.DateBy]string{
	report.BySent: "by the day of sending", report.ByCreated: "by the API's created_at", report.ByProcessed: "by the API's processed_at",
}

// scope says what the report is about, what it is not, and as of when.
func (f Finance) scope() []string {
	parts := []string{dateWords[f.Date] + ", +05:30"}
	if f.Environment != "" {
		parts = append(parts, "environment "+Escape(f.Environment))
	}
	if f.Account != "" {
		parts = append(parts, "account "+Escape(f.Account))
	}
	if len(f.Words) > 0 {
		parts = append(parts, "only "+Escape(strings.Join(f.Words, ", ")))
	}
	for _, l := range f.Labels {
		parts = append(parts, "label "+Escape(labelText(l)))
	}
	asOf := "the ledger is empty"
	if !f.AsOf.IsZero() {
		asOf = "as the ledger has it at " + Time(f.AsOf)
	}
	return []string{strings.Join(parts, " · "), asOf}
}

func labelText(l report.Label) string {
	if l.Any {
		return l.Name
	}
	return l.Name + "=" + l.Value
}

// remarks are what the sums do not say.
func (f Finance) remarks() []string {
	var texts []string
	if f.Paid.Count > 0 {
		texts = append(texts, references(f.References, grouped(f.References.Due())+" paid"))
	}
	if f.Open.Count > 0 {
		texts = append(texts, "What is open may have moved since: refundctl status reads it.")
	}
	if f.Undated > 0 {
		texts = append(texts, fmt.Sprintf("Left out, since not processed: %s.", count(f.Undated, "refund")))
	}
	for _, name := range slices.Sorted(maps.Keys(f.Elsewhere)) {
		texts = append(texts, fmt.Sprintf("Left out: %s of environment %s; see --environment.", count(f.Elsewhere[name], "refund"), Escape(name)))
	}
	for _, name := range slices.Sorted(maps.Keys(f.Unlisted)) {
		texts = append(texts, fmt.Sprintf("Label %s has %d values; --by label:%s lists them.", Escape(name), f.Unlisted[name], Escape(name)))
	}
	return texts
}

// groupWord is a group's name for a person.
func groupWord(by report.By, word string) string {
	switch {
	case word == "" && by == report.ByDay, word == "" && by == report.ByMonth:
		return "no date"
	case word == "":
		return "none"
	case by == report.ByStatus:
		return statusOutcome(word)
	}
	return Escape(word)
}

func byWords(by report.By) string {
	if name, is := strings.CutPrefix(string(by), string(report.ByLabel)); is {
		return "label " + Escape(name)
	}
	return string(by)
}

func (p *printer) grouping(g report.Grouping, all report.Sums) {
	head := strings.ToUpper(byWords(g.By))
	if name, is := strings.CutPrefix(string(g.By), string(report.ByLabel)); is {
		head = "LABEL " + Escape(name) // a label's name is as it is written
	}
	money := func(head, label string) column {
		return column{head: head, right: true, none: "-", fold: below, label: label}
	}
	t := table{deeper: 4, together: true, columns: []column{{head: head}, {head: "REFUNDS", right: true},
		money("PAID", "paid"), money("OPEN", "open"), money("NOT PAID", "not paid")}}
	var rows [][]cell
	add := func(name string, s report.Sums) {
		rows = append(rows, []cell{{text: name}, {text: strconv.Itoa(s.All.Count)}, stacked(humans(s.Paid)), stacked(humans(s.Open)), stacked(humans(s.Unpaid))})
	}
	for _, one := range g.Groups {
		add(groupWord(g.By, one.Word), one.Sums)
	}
	add("all", all)
	p.table(t, rows)
}

// doubtful names what a person must look at.
func (p *printer) doubtful(rows []*report.Row, asOf time.Time) {
	if len(rows) == 0 {
		return
	}
	p.line("")
	for _, r := range rows {
		p.hung(p.paint(magenta, "?")+" "+Escape(r.ID.RefundID)+"  ", 4, fmt.Sprintf("%s  %s, %s %s",
			Escape(r.Amount.Human()), doubtOf(r, asOf), Escape(string(r.ID.Kind)), Escape(r.ID.ID)))
	}
	p.wrapped(0, "hint: refundctl recover settles what is in doubt; refundctl explain REFUND_ID tells the story.")
}

func doubtOf(r *report.Row, asOf time.Time) string {
	if r.Conflict != "" {
		return "two refunds at the API under one id: cf_refund_id " + Escape(r.Conflict)
	}
	return "in doubt since " + clockTime(r.TriedAt, asOf)
}
