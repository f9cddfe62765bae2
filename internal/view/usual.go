package view

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// usual is how many working days a refund takes at most as a rule, by the payment's mode: what
// Cashfree tells customers. Of a mode that is not here nothing is said.
var usual = map[string]int{
	"upi": 5, "card": 7, "credit_card": 7, "debit_card": 7, "prepaid_card": 7, "netbanking": 10, "net_banking": 10,
}

// usually says, for each mode among the waiting refunds, how long they take and how many take longer.
func (p *printer) usually(waiting []state.Entry, modes map[refund.Parent]string, now time.Time) {
	all, late := map[string]int{}, map[string]int{}
	for _, e := range waiting {
		mode := modes[e.ID.Parent]
		if usual[mode] == 0 {
			continue
		}
		all[mode]++
		if workingDays(e.AcceptedAt, now) > usual[mode] {
			late[mode]++
		}
	}
	for _, mode := range slices.Sorted(maps.Keys(all)) {
		text := fmt.Sprintf("Usual for %s: up to %d working days. Waiting: %s", Escape(mode), usual[mode], count(all[mode], "refund"))
		if late[mode] > 0 {
			text += ", " + p.paint(magenta, grouped(late[mode])+" of them longer")
		}
		p.wrapped(0, text+".")
	}
}

// workingDays counts the whole days since from that ended on a Monday to Friday in India. It knows no
// holidays.
func workingDays(from, now time.Time) (n int) {
	for day := from.In(plan.IST).AddDate(0, 0, 1); !day.After(now); day = day.AddDate(0, 0, 1) {
		if w := day.Weekday(); w != time.Saturday && w != time.Sunday {
			n++
		}
	}
	return n
}
