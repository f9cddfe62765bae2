package view

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Standing is where a ledger's refunds stand after what is not settled was read again.
type Standing struct {
	Entries   []state.Entry // of the accounts and environments that are looked at
	Elsewhere int           // how many more the ledger holds
	Turned    []state.Entry // found CANCELLED or FAILED just now
	Recovered apply.Recovered
	Unread    []plan.ParentRead        // which could not be refreshed, with the error
	Modes     map[refund.Parent]string // how parents were paid, where that is known
	Now       time.Time
}

// ages are the buckets for refunds that the API accepted and has not settled.
var ages = []struct {
	name string
	most time.Duration
}{
	{"less than a day", 24 * time.Hour}, {"1 to 3 days", 72 * time.Hour}, {"3 to 7 days", 168 * time.Hour},
	{"7 to 10 days", 240 * time.Hour}, {"more than 10 days", 1<<63 - 1},
}

// Status tells a person what is in doubt, what is not settled and for how long, what failed, and
// the money by phase.
func Status(w io.Writer, st Standing, s Style) error {
	out := newPrinter(w, s)
	for _, e := range st.Turned {
		out.failure(neverPaid(e.ID, e.Status, e.Amount))
	}
	said := map[string]bool{}
	for _, e := range st.Recovered.Open {
		out.doubt(e, once(said, e, readBack(e)), st.Now)
	}
	var waiting, failed, settled []state.Entry
	for _, e := range st.Entries {
		switch e.Phase {
		case state.Accepted:
			waiting = append(waiting, e)
		case state.Failed:
			failed = append(failed, e)
		case state.Settled:
			settled = append(settled, e)
		}
	}
	out.unfinished(waiting, failed, st.Now)
	if len(waiting)+len(failed)+len(st.Recovered.Open) == 0 {
		out.wrapped(0, "Nothing waits, nothing failed, nothing is in doubt.")
	}
	out.unread(st.Unread)
	out.ageing(waiting, st.Now)
	out.usually(waiting, st.Modes, st.Now)
	out.onHold(waiting)
	out.references(settled)
	if len(st.Entries) > 0 {
		out.sumsByPhase(st.Entries)
	}
	if st.Elsewhere > 0 {
		out.wrapped(0, fmt.Sprintf("Not counted: %s of other accounts or environments; refundctl state list has them.", count(st.Elsewhere, "refund")))
	}
	return out.Flush()
}

// unread tells which parents could not be read, those with one reason together.
func (p *printer) unread(reads []plan.ParentRead) {
	first, others := map[string]plan.ParentRead{}, map[string]int{}
	for _, r := range reads {
		why := r.Err.Error()
		if _, told := first[why]; told {
			others[why]++
		} else {
			first[why] = r
		}
	}
	for _, why := range slices.Sorted(maps.Keys(first)) {
		parent := first[why].Parent
		text := string(parent.Kind) + " " + parent.ID
		if n := others[why]; n > 0 {
			text += " and " + count(n, "other")
		}
		p.wrapped(0, p.paint(magenta, "not refreshed:")+" "+Escape(text+": "+why))
	}
}

// unfinished has a line for each refund that is not settled or will not be paid.
func (p *printer) unfinished(waiting, failed []state.Entry, now time.Time) {
	t := table{deeper: 4, columns: []column{{tight: true}, {loose: true}, {right: true}, {most: len("CANCELLED")}, {hang: true}}}
	rows := make([][]cell, 0, len(waiting)+len(failed))
	add := func(sign cell, e state.Entry, rest string) {
		rows = append(rows, []cell{sign, {text: Escape(e.ID.RefundID)}, {text: Escape(e.Amount.Human())}, {text: Escape(string(e.Status))},
			{text: rest + Escape(string(e.ID.Kind)+" "+e.ID.ID)}})
	}
	for _, e := range waiting {
		since := age(now.Sub(e.AcceptedAt)) + ", "
		if !e.CancelSent.IsZero() {
			since += "cancel sent " + clockTime(e.CancelSent, now) + " and not answered, "
		}
		add(cell{text: "…", hue: cyan}, e, since)
	}
	for _, e := range failed {
		add(cell{text: "x", hue: red}, e, "")
	}
	p.table(t, rows)
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

// references says for how many of the settled refunds the bank reference is known.
func (p *printer) references(settled []state.Entry) {
	known, never := 0, 0
	for _, e := range settled {
		switch {
		case e.ARN != "":
			known++
		case !apply.LacksReference(e):
			never++
		}
	}
	if len(settled) == 0 {
		return
	}
	p.wrapped(0, references(known, never, count(len(settled)-never, "settled refund")))
}

// references tells of how many refunds the bank reference is known; never is how many more get none.
func references(known, never int, of string) string {
	text := fmt.Sprintf("Bank references (refund_arn): %s of %s", grouped(known), of)
	if never > 0 {
		text += fmt.Sprintf("; refunds of subscriptions have none: %s", grouped(never))
	}
	return text + "."
}

// ageing sums up by how long the API has had the refunds.
func (p *printer) ageing(waiting []state.Entry, now time.Time) {
	rows := aged(waiting, now)
	for i := range rows {
		rows[i].label = "not settled for " + rows[i].label
	}
	if len(rows) > 0 {
		p.line("")
		p.tallies(rows)
	}
}

// aged has a row for each bucket of ages that has refunds.
func aged(waiting []state.Entry, now time.Time) []tallyRow {
	var rows []tallyRow
	from := time.Duration(-1 << 63)
	for _, bucket := range ages {
		var t plan.Tally
		for _, e := range waiting {
			if d := now.Sub(e.AcceptedAt); from <= d && d < bucket.most {
				t.Add(e.Amount)
			}
		}
		if t.Count > 0 {
			rows = append(rows, tallyRow{bucket.name, t})
		}
		from = bucket.most
	}
	return rows
}

// onHold says what each account's balance at Cashfree lacks at least.
func (p *printer) onHold(waiting []state.Entry) {
	lacks := map[string]plan.Tally{}
	for _, e := range waiting {
		if e.Status == refund.OnHold {
			t := lacks[e.AccountName]
			t.Add(e.Amount)
			lacks[e.AccountName] = t
		}
	}
	for _, name := range slices.Sorted(maps.Keys(lacks)) {
		p.wrapped(0, fmt.Sprintf("ONHOLD: %s of account %s; the balance at Cashfree lacks %s at least.", count(lacks[name].Count, "refund"), Escape(name), sums(lacks[name])))
	}
}

// StatusJSON tells a machine the same: {"format_version","refunds":[…],"settled":[…],"in_doubt":[…],
// "unread":[{"kind","parent_id","message"}],"turned":[…],"left_out"}, refunds and those that turned
// CANCELLED or FAILED as state list has them, settled and in_doubt as apply's events; left_out counts
// the ledger's refunds of other accounts and environments.
func StatusJSON(w io.Writer, st Standing) error {
	refunds := make([]standingJSON, 0, len(st.Entries))
	for _, e := range st.Entries {
		mode := st.Modes[e.ID.Parent]
		refunds = append(refunds, standingJSON{entryOf(e), mode, usual[mode]})
	}
	unread := make([]unreadJSON, 0, len(st.Unread))
	for _, p := range st.Unread {
		unread = append(unread, unreadJSON{p.Parent.Kind, p.Parent.ID, p.Err.Error()})
	}
	turned := make([]entryJSON, 0, len(st.Turned))
	for _, e := range st.Turned {
		turned = append(turned, entryOf(e))
	}
	return writeJSON(w, struct {
		FormatVersion string         `json:"format_version"`
		Refunds       []standingJSON `json:"refunds"`
		Settled       []eventJSON    `json:"settled"`
		InDoubt       []eventJSON    `json:"in_doubt"`
		Unread        []unreadJSON   `json:"unread"`
		Turned        []entryJSON    `json:"turned"`
		LeftOut       int            `json:"left_out"`
	}{FormatVersion, refunds, eventsOf(st.Recovered.Settled), eventsOf(st.Recovered.Open), unread, turned, st.Elsewhere})
}

// standingJSON is a refund of state list with the mode of its payment and how many working days that
// takes at most as a rule; both are left out where they are not known.
type standingJSON struct {
	entryJSON
	PaymentMode string `json:"payment_mode,omitempty"`
	Usual       int    `json:"usual_working_days,omitempty"`
}

type unreadJSON struct {
	Kind     refund.Kind `json:"kind"`
	ParentID string      `json:"parent_id"`
	Message  string      `json:"message"`
}
