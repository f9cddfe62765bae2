package view

import (
	"fmt"
	"io"
	"strings"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
)

// mostAlarms is how many alarms are printed one by one on stderr.
const mostAlarms = 10

// Alarms prints what happened to each refund that needs a person, and what to do. Of many, it prints the first
// and how many more there are.
func Alarms(w io.Writer, alarms []plan.Alarm, s Style) error {
	out := newPrinter(w, s)
	shown := alarms[:min(len(alarms), mostAlarms)]
	for _, a := range shown {
		out.failure(alarmText(a))
	}
	if more := alarms[len(shown):]; len(more) > 0 {
		out.failure(AlarmsText(more))
	}
	return out.Flush()
}

// AlarmsText returns one sentence about all alarms, and what to do about them. It is not escaped for terminals.
func AlarmsText(alarms []plan.Alarm) (message, hint string) {
	if len(alarms) == 1 {
		return alarmText(alarms[0])
	}
	var said []string
	for _, a := range alarms[:min(len(alarms), 5)] {
		said = append(said, Escape(a.ID.RefundID)+" "+alarmWord(a))
	}
	if n := len(alarms) - len(said); n > 0 {
		said = append(said, "and "+grouped(n)+" more")
	}
	return fmt.Sprintf("%s need a person: %s", count(len(alarms), "refund"), strings.Join(said, ", ")),
		"refundctl explain REFUND_ID shows what happened to one and what to do; refundctl status --json lists them all"
}

// alarmWord says in a few words what is wrong.
func alarmWord(a plan.Alarm) string {
	word := outcome(a.Phase, a.Status)
	switch {
	case a.Kind == plan.MissingLive:
		return "is missing at the API"
	case a.Kind == plan.Reversed:
		return "was reversed"
	case word != "failed":
		return "is " + word
	}
	return word
}

// alarmSign is the sign of a refund that needs a person, as in a plan.
func alarmSign(a plan.Alarm) string {
	if a.Kind == plan.MissingLive {
		return string(plan.Conflict)
	}
	return string(plan.Failed)
}

// alarmText says what is wrong with a refund, and what to do. It suggests no other refund for one that may have
// been paid (R23).
func alarmText(a plan.Alarm) (message, hint string) {
	id, of := Escape(a.ID.RefundID), Escape(a.Amount.Human())+" on "+Escape(string(a.ID.Kind))+" "+Escape(a.ID.ID)
	switch a.Kind {
	case plan.MissingLive:
		if a.ByPerson {
			return fmt.Sprintf("refund %s is missing: a person recorded %s as sent at %s, and the API does not list it", id, of, Time(a.AcceptedAt)),
				"if that was wrong, correct it: refundctl recover --resolve " + id + "=not-sent --reason TEXT"
		}
		return fmt.Sprintf("refund %s is missing: the API accepted %s at %s, and no longer lists it (missed since %s)", id, of, Time(a.AcceptedAt), Time(a.MissingSince)),
			"check the account, run refundctl explain " + id + ", then ask Cashfree's support; it is not sent again"
	case plan.Reversed:
		return reversed(a.ID, a.Status, a.Amount)
	}
	return neverPaid(a.ID, a.Status, a.Amount)
}

// reversed says that a refund was paid and is dead now, and what to do.
func reversed(of refund.Identity, status refund.Status, amount money.Amount) (message, hint string) {
	id := Escape(of.RefundID)
	return fmt.Sprintf("refund %s was reversed: %s on %s %s was paid, and is now %s at the API", id, Escape(amount.Human()), Escape(string(of.Kind)), Escape(of.ID), Escape(string(status))),
		"find out why in Cashfree's dashboard; if the money is still owed: refundctl reissue " + id
}

// alarmRows are the lines of a summary about what needs a person.
func alarmRows(alarms []plan.Alarm) []tallyRow {
	var rows []tallyRow
	for _, sum := range plan.SumAlarms(alarms) {
		rows = append(rows, tallyRow{alarmLabels[sum.Kind], sum.Tally})
	}
	return rows
}

var alarmLabels = map[plan.AlarmKind]string{
	plan.Reversed:    "reversed, not replaced",
	plan.NeverPaid:   "failed, not replaced",
	plan.MissingLive: "missing at the API",
}

// alarmJSON is a refund that needs a person, and why.
type alarmJSON struct {
	Alarm plan.AlarmKind `json:"alarm"`
	entryJSON
}

func alarmsOf(alarms []plan.Alarm) []alarmJSON {
	out := make([]alarmJSON, 0, len(alarms))
	for _, a := range alarms {
		out = append(out, alarmJSON{a.Kind, entryOf(a.Entry)})
	}
	return out
}
