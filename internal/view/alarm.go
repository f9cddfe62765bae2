package view

import (
	"fmt"
	"io"
	"strings"

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
	if word := outcome(a.Phase, a.Status); word != "failed" {
		return "is " + word
	}
	return "failed"
}

// alarmText says what is wrong with a refund, and what to do.
func alarmText(a plan.Alarm) (message, hint string) { return neverPaid(a.ID, a.Status, a.Amount) }

// alarmRows are the lines of a summary about what needs a person.
func alarmRows(alarms []plan.Alarm) []tallyRow {
	var rows []tallyRow
	for _, sum := range plan.SumAlarms(alarms) {
		rows = append(rows, tallyRow{alarmLabels[sum.Kind], sum.Tally})
	}
	return rows
}

var alarmLabels = map[plan.AlarmKind]string{
	plan.NeverPaid: "failed, not replaced",
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
