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
	"refundctl/plan"
)

// Report is the view of one period's refunds. AsOf is the time of the ledger's last event: nothing later was
// read. What the sums leave out is counted beside them.
type Report struct {
	report.Summary
	report.Filter
	AsOf      time.Time
	Alarms    []plan.Alarm   // of the refunds in the report
	Elsewhere map[string]int // refunds of other environments
	Undated   int            // refunds without the date that the period selects by
	Unlisted  map[string]int // how many values each label has that has too many for a table
}

// RenderReport prints the report in a format; s applies to text only. It returns the writer's error, or an
// error for an unknown format.
func RenderReport(w io.Writer, format Format, f Report, s Style) error {
	switch format {
	case Text:
		return ReportText(w, f, s)
	case JSON:
		return ReportJSON(w, f)
	case HTML:
		return ReportHTML(w, f)
	}
	return fmt.Errorf("a report has no format %q: write text, json or html", format)
}

// ReportBeginnings are the first bytes of a report in each format.
func ReportBeginnings() []string {
	return []string{titleWord, `{"format_version":"` + FormatVersion + `","as_of":`, reportBeginning}
}

const titleWord = "Refunds, "

// ReportText prints the money by outcome, a table for each grouping, what is pending and for how long, and
// what is in doubt.
func ReportText(w io.Writer, f Report, s Style) error {
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
		out.advice(0, text)
	}
	for _, g := range f.Groupings {
		out.line("")
		out.grouping(g, f.Sums)
	}
	out.ageing(f.Waiting, f.AsOf)
	out.detailCounts(f.Details)
	out.doubtful(f.Doubtful, f.AsOf)
	return out.Flush()
}

func (f Report) title() string { return titleWord + f.period() }

// period names a month, or the first and the last day of the period.
func (f Report) period() string {
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

func (f Report) month() bool {
	from := f.Period.From.In(refund.IST)
	return !f.Period.From.IsZero() && from.Day() == 1 && f.Period.Until.Equal(from.AddDate(0, 1, 0))
}

var dateWords = map[report.DateBy]string{
	report.BySent: "by the day of sending", report.ByCreated: "by the API's created_at", report.ByProcessed: "by the API's processed_at",
}

// scope says what the report covers, and as of when.
func (f Report) scope() []string {
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
		asOf = "as of " + Time(f.AsOf) + " in the ledger"
	}
	return []string{strings.Join(parts, " · "), asOf}
}

func labelText(l report.Label) string {
	if l.Any {
		return l.Name
	}
	return l.Name + "=" + l.Value
}

// remarks say what the sums do not.
func (f Report) remarks() []string {
	var texts []string
	for _, sum := range plan.SumAlarms(f.Alarms) {
		texts = append(texts, fmt.Sprintf("Needs a person: %s %s, %s.", count(sum.Count, "refund"), alarmLabels[sum.Kind], sums(sum.Tally)))
	}
	if f.Paid.Count > 0 {
		texts = append(texts, references(f.References, grouped(f.References.Due())+" paid"))
	}
	if f.Open.Count > 0 {
		texts = append(texts, "Open refunds may have changed since: refundctl status reads them.")
	}
	if f.Undated > 0 {
		texts = append(texts, fmt.Sprintf("Left out because they are not processed: %s.", count(f.Undated, "refund")))
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

// detailCounts prints what the API reports about refunds beside their status.
func (p *printer) detailCounts(details []report.DetailCount) {
	if len(details) == 0 {
		return
	}
	p.line("")
	p.line("What the API reports about refunds:")
	t := table{indent: 2, deeper: 4, columns: []column{{right: true}, {}, {hang: true}}}
	var rows [][]cell
	add := func(refunds int, name, value string) {
		rows = append(rows, []cell{{text: grouped(refunds)}, {text: Escape(name)}, {text: Escape(detailText(name, value))}})
	}
	for _, d := range details {
		for _, v := range d.Values {
			add(v.Refunds, d.Name, v.Value)
		}
		if d.Others > 0 {
			add(d.Others, d.Name, "(other values)")
		}
	}
	p.table(t, rows)
}

// doubtful prints what a person must look at.
func (p *printer) doubtful(rows []*report.Row, asOf time.Time) {
	if len(rows) == 0 {
		return
	}
	p.line("")
	for _, r := range rows {
		p.hang(p.paint(magenta, "?")+" "+Escape(r.ID.RefundID)+"  ", 4, fmt.Sprintf("%s  %s, %s %s",
			Escape(r.Amount.Human()), doubtOf(r, asOf), Escape(string(r.ID.Kind)), Escape(r.ID.ID)))
	}
	p.advice(0, "hint: refundctl recover resolves doubt; refundctl explain REFUND_ID prints the whole story.")
}

func doubtOf(r *report.Row, asOf time.Time) string {
	if r.Conflict != "" {
		return "two refunds at the API under one id: cf_refund_id " + Escape(r.Conflict)
	}
	return "in doubt since " + clockTime(r.TriedAt, asOf)
}
