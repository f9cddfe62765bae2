package view

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"refundctl/internal/refund"
	"refundctl/internal/report"
	"refundctl/state"
)

// ageing prints the money of waiting refunds by how long the API has had them.
func (p *printer) ageing(waiting []state.Entry, now time.Time) {
	ages := report.Ages(waiting, now)
	if len(ages) == 0 {
		return
	}
	var rows []tallyRow
	for _, a := range ages {
		rows = append(rows, tallyRow{"pending for " + a.Name, a.Tally})
	}
	p.line("")
	p.tallies(rows)
}

// usualWaits prints how long refunds of each payment mode usually take, and how many take longer.
func (p *printer) usualWaits(waiting []state.Entry, modes map[refund.Parent]string, now time.Time) {
	for _, w := range report.WaitsByMode(waiting, modes, now) {
		text := fmt.Sprintf("Usual for %s: up to %d working days. Waiting: %s", Escape(w.Mode), w.Days, count(w.All, "refund"))
		if w.Late > 0 {
			text += ", " + p.paint(magenta, grouped(w.Late)+" of them longer")
		}
		p.wrapped(0, text+".")
	}
}

// onHold prints how much is missing at least from the balance of each account.
func (p *printer) onHold(waiting []state.Entry) {
	lacks := report.OnHold(waiting)
	for _, name := range slices.Sorted(maps.Keys(lacks)) {
		p.wrapped(0, fmt.Sprintf("ONHOLD: %s of account %s; the balance at Cashfree is short by at least %s.", count(lacks[name].Count, "refund"), Escape(name), sums(lacks[name])))
	}
}

// age is how long something has been waiting.
func age(d time.Duration) string { return "for " + lasting(d) }

// lasting is a duration in its largest unit.
func lasting(d time.Duration) string {
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return count(int(d/time.Minute), "minute")
	case d < 2*day:
		return count(int(d/time.Hour), "hour")
	case d < 2*year:
		return count(int(d/day), "day")
	}
	return count(int(d/year), "year")
}
