package view

import (
	"fmt"
	"slices"
	"strings"

	"refundctl/internal/reconcile"
)

// sourceNames head the columns of money; the bank's is there with a file alone.
func (p *reconcilePrinter) sourceNames() []string {
	names := []string{"MANIFESTS", "LEDGER", "LIVE", "BANK"}
	if p.r.Bank == nil {
		names = names[:3]
	}
	if !p.r.Asked {
		names = slices.Delete(names, 2, 3)
	}
	return names
}

func (p *reconcilePrinter) moneyOf(t reconcile.Total) [][]string {
	all := [][]string{humans(t.Manifests), humans(t.Ledger), humans(t.Live), humans(t.Bank)}
	if p.r.Bank == nil {
		all = all[:3]
	}
	if !p.r.Asked {
		all = slices.Delete(all, 2, 3)
	}
	return all
}

// table lines up the verdicts' sums. Where the screen is too narrow each source has a line.
func (p *reconcilePrinter) table() {
	type line struct {
		label string
		total reconcile.Total
	}
	var lines []line
	for _, v := range reconcile.Verdicts {
		if t := p.r.Totals[v]; t.Rows > 0 {
			lines = append(lines, line{p.paint(verdictWords[v].hue, verdictWords[v].sign) + " " + string(v), t})
		}
	}
	lines = append(lines, line{"  in all", p.r.All})
	names := p.sourceNames()
	label, number, widths := len("  VERDICT"), len("ROWS"), make([]int, len(names))
	for _, l := range lines {
		label, number = max(label, columnsOf(l.label)), max(number, len(fmt.Sprint(l.total.Rows)))
		for i, texts := range p.moneyOf(l.total) {
			for _, text := range append(texts, names[i]) {
				widths[i] = max(widths[i], columnsOf(text))
			}
		}
	}
	used := label + 2 + number
	for _, w := range widths {
		used += 2 + w
	}
	wide := used <= p.width()
	heading := pad("  VERDICT", label) + "  " + padLeft("ROWS", number)
	for i, name := range names {
		if wide {
			heading += "  " + padLeft(name, widths[i])
		}
	}
	p.line("%s", heading)
	for _, l := range lines {
		head := pad(l.label, label) + "  " + padLeft(fmt.Sprint(l.total.Rows), number)
		if wide {
			p.across(head, widths, p.moneyOf(l.total))
		} else {
			p.below(head, names, p.moneyOf(l.total))
		}
	}
}

// across has the sources side by side; further currencies stand below the first.
func (p *reconcilePrinter) across(head string, widths []int, sums [][]string) {
	for n := 0; ; n++ {
		text, any := head, false
		for i, texts := range sums {
			any = any || n == 0 || n < len(texts)
			text += "  " + padLeft(nth(texts, n), widths[i])
		}
		if !any {
			return
		}
		p.line("%s", text)
		head = blanks("", columnsOf(head))
	}
}

func (p *reconcilePrinter) below(head string, names []string, sums [][]string) {
	p.line("%s", head)
	for i, texts := range sums {
		if len(texts) > 0 {
			p.line("    %s  %s", pad(strings.ToLower(names[i]), len("manifests")), strings.Join(texts, ", "))
		}
	}
}
