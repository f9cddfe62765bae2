package view

import (
	"slices"
	"strconv"

	"refundctl/internal/money"
	"refundctl/internal/reconcile"
)

// source is one of the places whose money is compared.
type source struct {
	head, label string
	of          func(reconcile.Total) money.Tally
}

// sources are the columns of money: the API's only if it was asked, the bank's only with its file.
func (r Reconciliation) sources() []source {
	all := []source{
		{"MANIFESTS", "manifests", func(t reconcile.Total) money.Tally { return t.Manifests }},
		{"LEDGER", "ledger", func(t reconcile.Total) money.Tally { return t.Ledger }},
		{"LIVE", "live", func(t reconcile.Total) money.Tally { return t.Live }},
		{"BANK", "bank", func(t reconcile.Total) money.Tally { return t.Bank }},
	}
	return slices.DeleteFunc(all, func(s source) bool { return s.label == "live" && !r.Asked || s.label == "bank" && r.Bank == nil })
}

// totals prints the sums of each verdict in each source.
func (p *reconcilePrinter) totals() {
	t := table{deeper: 4, together: true, columns: []column{{tight: true}, {head: "VERDICT"}, {head: "ROWS", right: true}}}
	sources := p.r.sources()
	for _, s := range sources {
		t.columns = append(t.columns, column{head: s.head, right: true, none: "-", fold: below, label: s.label})
	}
	line := func(sign cell, name string, total reconcile.Total) []cell {
		row := []cell{sign, {text: name}, {text: strconv.Itoa(total.Rows)}}
		for _, s := range sources {
			row = append(row, stacked(humans(s.of(total))))
		}
		return row
	}
	var rows [][]cell
	for _, v := range reconcile.Verdicts {
		if total := p.r.Totals[v]; total.Rows > 0 {
			rows = append(rows, line(cell{text: verdictWords[v].sign, hue: verdictWords[v].hue}, string(v), total))
		}
	}
	p.table(t, append(rows, line(cell{}, "in all", p.r.All)))
}
