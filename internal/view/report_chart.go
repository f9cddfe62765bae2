package view

import (
	"fmt"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/report"
)

// pageChart is the money of each day or month in one currency, as columns.
type pageChart struct {
	Title, Desc, Most string
	First, Last       string
	Width             int
	Columns           []pageColumn
}

type pageColumn struct {
	Title  string
	Pieces []pagePiece // From is the upper end
}

const (
	columnWidth = 10
	mostColumns = 400 // a chart with more is unreadable; the table has them
)

// pageCharts are the charts, one for each currency, of the grouping by day, or else by month.
func (f Report) pageCharts() []pageChart {
	for _, by := range []report.By{report.ByDay, report.ByMonth} {
		for _, g := range f.Groupings {
			if g.By == by {
				return f.chartsOf(g)
			}
		}
	}
	return nil
}

func (f Report) chartsOf(g report.Grouping) []pageChart {
	words := f.axis(g)
	if len(words) == 0 || len(words) > mostColumns {
		return nil
	}
	sums := map[string]report.Sums{}
	for _, one := range g.Groups {
		sums[one.Word] = one.Sums
	}
	var charts []pageChart
	for _, a := range f.All.Amounts {
		charts = append(charts, chart(g.By, words, sums, a.Currency))
	}
	return charts
}

func chart(by report.By, words []string, sums map[string]report.Sums, c money.Currency) pageChart {
	var most int64
	var when string
	for _, w := range words {
		if minor := inCurrency(sums[w].All, c); minor > most {
			most, when = minor, w
		}
	}
	human := func(minor int64) string { return Escape(money.Amount{Minor: minor, Currency: c}.Human()) }
	one := pageChart{
		Title: fmt.Sprintf("Money per %s, %s", by, Escape(string(c))), First: words[0], Last: words[len(words)-1], Width: len(words) * columnWidth,
		Most: fmt.Sprintf("Highest: %s, %s", human(most), when),
		Desc: fmt.Sprintf("A column for each %s from %s to %s. The table by %s has the numbers.", by, words[0], words[len(words)-1], by),
	}
	for i, w := range words {
		s := sums[w]
		column := pageColumn{Title: fmt.Sprintf("%s: %s, %s", w, human(inCurrency(s.All, c)), count(s.All.Count, "refund"))}
		for _, p := range pieces(s, c, most) {
			p.X, p.From = i*columnWidth+1, 1000-p.From-p.Length
			column.Pieces = append(column.Pieces, p)
		}
		one.Columns = append(one.Columns, column)
	}
	return one
}

// axis are the days or months of a chart, including those without refunds: all of the period, or if it is
// open, from the first to the last that has refunds.
func (f Report) axis(g report.Grouping) []string {
	layout, step := time.DateOnly, func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }
	if g.By == report.ByMonth {
		layout, step = "2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }
	}
	var dated []string
	for _, one := range g.Groups {
		if one.Word != "" {
			dated = append(dated, one.Word)
		}
	}
	if len(dated) == 0 {
		return nil
	}
	first, last := dated[0], dated[len(dated)-1]
	if from := f.Period.From; !from.IsZero() {
		first = from.In(refund.IST).Format(layout)
	}
	if until := f.Period.Until; !until.IsZero() {
		last = until.Add(-1).In(refund.IST).Format(layout)
	}
	at, err := time.Parse(layout, first)
	var words []string
	for word := first; err == nil && word <= last && len(words) <= mostColumns; word = at.Format(layout) {
		words = append(words, word)
		at = step(at)
	}
	return words
}
