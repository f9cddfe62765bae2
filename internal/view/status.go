package view

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/internal/report"
	"refundctl/plan"
	"refundctl/state"
)

// LedgerStatus is the state of a ledger's refunds after those that are not settled were read again.
type LedgerStatus struct {
	Entries   []state.Entry // of the selected accounts and environments
	Elsewhere int           // how many more the ledger has
	Turned    []state.Entry // newly CANCELLED or FAILED
	Alarms    []plan.Alarm  // of the Entries
	Desired   plan.Desired
	Recovered apply.Recovered
	Unread    []plan.ParentRead        // reads that failed, with the error
	Modes     map[refund.Parent]string // how parents were paid, if known
	Now       time.Time
}

// Status prints what is in doubt, what is pending and for how long, what failed, and the money by outcome.
func Status(w io.Writer, st LedgerStatus, s Style) error {
	out := newPrinter(w, s)
	said := map[string]bool{}
	for _, e := range st.Recovered.Open {
		out.doubt(e, once(said, e, readBack(e)), st.Now)
	}
	var waiting, missing, failed []state.Entry
	for _, e := range st.Entries {
		switch {
		case !e.MissingSince.IsZero():
			missing = append(missing, e)
		case e.Phase == state.Accepted:
			waiting = append(waiting, e)
		case e.Phase == state.Failed:
			failed = append(failed, e)
		}
	}
	out.asking(waiting)
	out.unfinished(waiting, append(missing, failed...), st)
	out.notable(slices.Concat(waiting, missing, failed))
	if len(waiting)+len(missing)+len(failed)+len(st.Recovered.Open) == 0 {
		out.wrapped(0, "Nothing is pending, failed or in doubt.")
	}
	out.unread(st.Unread)
	out.ageing(waiting, st.Now)
	out.usualWaits(waiting, st.Modes, st.Now)
	out.onHold(waiting)
	out.references(report.ReferencesOf(st.Entries))
	if len(st.Entries) > 0 {
		out.sumsByOutcome(st.Entries)
	}
	if st.Elsewhere > 0 {
		out.advice(0, fmt.Sprintf("Not counted: %s of other accounts or environments; refundctl state list shows them.", count(st.Elsewhere, "refund")))
	}
	return out.Flush()
}

// unread prints which parents could not be read, grouped by the reason.
func (p *printer) unread(reads []plan.ParentRead) {
	first, others := map[string]plan.ParentRead{}, map[string]int{}
	for _, r := range reads {
		why := refund.Reason(r.Err)
		if _, told := first[why]; told {
			others[why]++
		} else {
			first[why] = r
		}
	}
	for _, why := range slices.Sorted(maps.Keys(first)) {
		parent, id := first[why].Parent, refund.RequestID(first[why].Err)
		text := string(parent.Kind) + " " + parent.ID
		if first[why].Unknown() {
			why = "the API does not know it; is it the right account and environment?"
		}
		if n := others[why]; n > 0 {
			text += " and " + count(n, "other")
		}
		p.wrapped(0, p.paint(magenta, "not refreshed:")+" "+Escape(text+": "+why+refund.Quoted(id)))
	}
}

// unfinished prints a line for each refund that is pending, missing or will not be paid.
func (p *printer) unfinished(waiting, stopped []state.Entry, st LedgerStatus) {
	t := table{deeper: 4, columns: []column{{tight: true}, {loose: true}, {right: true}, {most: len("pending ONHOLD")}, {hang: true}}}
	rows := make([][]cell, 0, len(waiting)+len(stopped))
	add := func(sign cell, e state.Entry, rest string) {
		rows = append(rows, []cell{sign, {text: Escape(e.ID.RefundID)}, {text: Escape(e.Amount.Human())}, {text: entryOutcome(e)},
			{text: rest + Escape(string(e.ID.Kind)+" "+e.ID.ID)}})
	}
	for _, e := range waiting {
		since := age(st.Now.Sub(e.AcceptedAt)) + ", "
		if !e.CancelSent.IsZero() {
			since += "cancel sent " + clockTime(e.CancelSent, st.Now) + " and not answered, "
		}
		add(cell{text: "…", hue: cyan}, e, since)
	}
	for _, e := range stopped {
		sign := cell{text: "x", hue: red}
		if !e.MissingSince.IsZero() {
			sign.text = "!"
		}
		add(sign, e, stoppedBecause(st.Desired, e))
	}
	p.table(t, rows)
}

// stoppedBecause says since when a refund is missing, or why a failed one needs nobody any more.
func stoppedBecause(d plan.Desired, e state.Entry) string {
	text := ""
	switch by := d.ReplacedBy(e.ID); {
	case !e.MissingSince.IsZero():
		text = "since " + Time(e.MissingSince) + ", "
	case by != "":
		text = "replaced by " + Escape(by) + ", "
	}
	if !d.Asks(e.ID) {
		text += "in no manifest, "
	}
	return text
}

// references prints how many bank references are known.
func (p *printer) references(r report.References) {
	if r.Paid > 0 {
		p.wrapped(0, references(r, count(r.Due(), "paid refund")))
	}
}

// references is the sentence on bank references; of names the refunds that have one or will get one.
func references(r report.References, of string) string {
	text := fmt.Sprintf("Bank references (refund_arn): %s of %s", grouped(r.Known), of)
	if r.Never > 0 {
		text += fmt.Sprintf("; refunds of subscriptions have none: %s", grouped(r.Never))
	}
	return text + "."
}

// StatusJSON prints
// {"format_version","refunds":[…],"settled":[…],"in_doubt":[…],"unread":[{"kind","parent_id","message"}],"turned":[…],"alarms":[…],"left_out"}.
// refunds, turned (CANCELLED or FAILED since the last read) and alarms (each with its "alarm") are as in state
// list, settled and in_doubt as apply's events. left_out counts the ledger's refunds of other accounts and environments.
func StatusJSON(w io.Writer, st LedgerStatus) error {
	refunds := make([]statusEntryJSON, 0, len(st.Entries))
	for _, e := range st.Entries {
		mode := st.Modes[e.ID.Parent]
		refunds = append(refunds, statusEntryJSON{entryOf(e), mode, report.UsualDays(mode), plan.DetailsOf(e.Details)})
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
		FormatVersion string            `json:"format_version"`
		Refunds       []statusEntryJSON `json:"refunds"`
		Settled       []eventJSON       `json:"settled"`
		InDoubt       []eventJSON       `json:"in_doubt"`
		Unread        []unreadJSON      `json:"unread"`
		Turned        []entryJSON       `json:"turned"`
		Alarms        []alarmJSON       `json:"alarms"`
		LeftOut       int               `json:"left_out"`
	}{FormatVersion, refunds, eventsOf(st.Recovered.Resolved), eventsOf(st.Recovered.Open), unread, turned, alarmsOf(st.Alarms), st.Elsewhere})
}

// statusEntryJSON is a refund of state list with the mode of its payment and how many working days that
// usually takes at most. Both are left out if they are not known.
type statusEntryJSON struct {
	entryJSON
	PaymentMode string `json:"payment_mode,omitempty"`
	Usual       int    `json:"usual_working_days,omitempty"`
	*plan.DetailsJSON
}

type unreadJSON struct {
	Kind     refund.Kind `json:"kind"`
	ParentID string      `json:"parent_id"`
	Message  string      `json:"message"`
}
