package view

import (
	"bufio"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"sync"

	"refundctl/internal/money"
	"refundctl/internal/report"
	"refundctl/state"
)

// The parts of a report's page. It also has the plan's style sheet.
var (
	//go:embed page/report.html
	reportHTML string
	//go:embed page/report.css
	reportStyle string
)

var reportTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("report").Parse(reportHTML)) })

// reportBeginning is the start of every page.
const reportBeginning = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="refundctl report">
`

// ReportHTML prints the report as one page that loads and runs nothing: sums, the money of each day, what is
// pending and for how long, and every grouping as a table with its share of the money.
func ReportHTML(w io.Writer, f Report) error {
	style := pageStyle + reportStyle
	b := bufio.NewWriter(w)
	err := reportTemplate().Execute(b, reportPage{
		Policy: "default-src 'none'; style-src " + hashOf(style) + "; base-uri 'none'; form-action 'none'",
		Style:  template.CSS(style), Title: f.title(), Scope: f.scope(), Remarks: f.remarks(),
		Totals: f.pageTotals(), Charts: f.pageCharts(), Waiting: f.pageWaiting(), Pressing: f.pagePressing(), Tables: f.pageTables(),
	})
	if err != nil {
		return err
	}
	return b.Flush()
}

// reportPage is the data of the template. Its texts are escaped as for a terminal; the template escapes them
// for HTML.
type reportPage struct {
	Policy   string
	Style    template.CSS
	Title    string
	Scope    []string
	Remarks  []string
	Totals   []pageFigure
	Charts   []pageChart
	Waiting  []pageFigure
	Pressing []pagePressing
	Tables   []pageTable
}

// pageFigure is one line of a table: refunds, their amounts, and their share of all money.
type pageFigure struct {
	Part, Name string // Part is empty for a sum of several
	Count      int
	Amounts    []string
	Bars       []pageStack // one a currency
}

// pageStack is a bar made of pieces, in thousandths.
type pageStack struct {
	Pieces  []pagePiece
	Percent string
}

type pagePiece struct {
	Part         string
	X            int
	From, Length int64
}

// pagePressing is a refund that needs a person or is in doubt.
type pagePressing struct{ Sign, ID, Amount, Why, Parent string }

type pageTable struct {
	Title, Head string
	Rows        []pageGroup
}

type pageGroup struct {
	Name               string
	Sum                bool
	Count              int
	Paid, Open, Unpaid []string
	Bars               []pageStack
}

// part is one of the three parts of all money.
type part struct {
	name, words string
	of          func(*report.Sums) *money.Tally
}

func parts() []part {
	return []part{
		{"paid", "paid", func(s *report.Sums) *money.Tally { return &s.Paid }},
		{"open", "open", func(s *report.Sums) *money.Tally { return &s.Open }},
		{"unpaid", "not paid", func(s *report.Sums) *money.Tally { return &s.Unpaid }},
	}
}

// inCurrency is a tally's money in one currency, in minor units.
func inCurrency(t money.Tally, c money.Currency) int64 {
	for _, a := range t.Amounts {
		if a.Currency == c {
			return a.Minor
		}
	}
	return 0
}

func (f Report) pageTotals() []pageFigure {
	if f.All.Count == 0 {
		return nil
	}
	var lines []pageFigure
	for _, p := range parts() {
		t := *p.of(&f.Sums)
		one := report.Sums{All: t}
		*p.of(&one) = t
		lines = append(lines, pageFigure{p.name, p.words, t.Count, humans(t), f.stacks(one)})
	}
	return append(lines, pageFigure{"", "all", f.All.Count, humans(f.All), f.stacks(f.Sums)})
}

// stacks are the shares of all money, one for each currency of the sums.
func (f Report) stacks(s report.Sums) []pageStack {
	var bars []pageStack
	for _, a := range s.All.Amounts {
		whole := inCurrency(f.All, a.Currency)
		bars = append(bars, pageStack{pieces(s, a.Currency, whole), tenths(thousandths(a.Minor, whole), a.Minor)})
	}
	return bars
}

// tenths is a share in tenths of a percent, rounded down.
func tenths(share, minor int64) string {
	if share == 0 && minor > 0 {
		return "< 0.1 %"
	}
	return fmt.Sprintf("%d.%d %%", share/10, share%10)
}

// pieces are the three parts of a currency in a row, in thousandths of whole.
func pieces(s report.Sums, c money.Currency, whole int64) []pagePiece {
	var all []pagePiece
	var sum, from int64
	for _, p := range parts() {
		minor := inCurrency(*p.of(&s), c)
		if minor == 0 {
			continue
		}
		sum += minor // no more than All, which was added up without overflow
		to := max(thousandths(sum, whole), from+barLength(0, minor))
		all = append(all, pagePiece{Part: p.name, From: from, Length: to - from})
		from = to
	}
	return all
}

func (f Report) pageWaiting() []pageFigure {
	ages := report.Ages(f.Waiting, f.AsOf)
	var all report.Sums
	for _, a := range ages {
		all.All.Join(a.Tally)
	}
	whole := Report{Summary: report.Summary{Sums: all}}
	var lines []pageFigure
	for _, a := range ages {
		lines = append(lines, pageFigure{"open", a.Name, a.Count, humans(a.Tally), whole.stacks(report.Sums{All: a.Tally, Open: a.Tally})})
	}
	return lines
}

func (f Report) pagePressing() []pagePressing {
	var all []pagePressing
	add := func(sign string, e state.Entry, why string) {
		all = append(all, pagePressing{sign, Escape(e.ID.RefundID), Escape(e.Amount.Human()), why, Escape(string(e.ID.Kind) + " " + e.ID.ID)})
	}
	for _, a := range f.Alarms {
		add(alarmSign(a), a.Entry, alarmWord(a))
	}
	for _, r := range f.Doubtful {
		add("?", r.Entry, doubtOf(r, f.AsOf))
	}
	return all
}

// mostBars is how many rows of a table get a bar. A longer table is for searching, not for looking at.
const mostBars = 1000

func (f Report) pageTables() []pageTable {
	var tables []pageTable
	if f.All.Count == 0 {
		return nil
	}
	for _, g := range f.Groupings {
		t := pageTable{Title: "By " + byWords(g.By), Head: byWords(g.By)}
		for _, one := range g.Groups {
			row := f.pageGroup(groupWord(g.By, one.Word), one.Sums)
			if len(g.Groups) > mostBars {
				row.Bars = nil
			}
			t.Rows = append(t.Rows, row)
		}
		all := f.pageGroup("all", f.Sums)
		all.Sum = true
		t.Rows = append(t.Rows, all)
		tables = append(tables, t)
	}
	return tables
}

func (f Report) pageGroup(name string, s report.Sums) pageGroup {
	return pageGroup{Name: name, Count: s.All.Count, Paid: humans(s.Paid), Open: humans(s.Open), Unpaid: humans(s.Unpaid), Bars: f.stacks(s)}
}
