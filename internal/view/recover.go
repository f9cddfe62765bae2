package view

import (
	"fmt"
	"io"

	"refundctl/apply"
	"refundctl/plan"
)

// Recovered prints what reading back resolved and what is still in doubt.
func Recovered(w io.Writer, r apply.Recovered, s Style) error {
	return recovered(w, r, readBack, s)
}

// Resolved prints what a person found out. Nothing was read for it, so it does not say that a read missed
// what is still in doubt.
func Resolved(w io.Writer, r apply.Recovered, s Style) error {
	return recovered(w, r, func(apply.Event) string { return "" }, s)
}

func recovered(w io.Writer, r apply.Recovered, read func(apply.Event) string, s Style) error {
	out := newPrinter(w, s)
	for _, e := range r.Resolved {
		out.hang(out.paint(green, "resolved")+" ", 2, about(e)+Escape(because(liveOutcome(e.Status), e.Code, e.Message)))
	}
	said := map[string]bool{}
	for _, e := range r.Open {
		out.doubt(e, once(said, e, read(e)), e.At)
	}
	switch {
	case len(r.Resolved)+len(r.Open) == 0:
		out.line("Nothing is in doubt.")
	case len(r.Open) > 0:
		out.advice(0, fmt.Sprintf("%s resolved, %s in doubt. refundctl explain REFUND_ID prints what you can check.", grouped(len(r.Resolved)), grouped(len(r.Open))))
	default:
		out.line("%s resolved, 0 in doubt.", grouped(len(r.Resolved)))
	}
	return out.Flush()
}

// once prints why the API cannot be read only the first time.
func once(said map[string]bool, e apply.Event, read string) string {
	if e.Code != unread || read == "" {
		return read
	}
	if said[e.Message] {
		return Time(e.At) + ": failed, as above"
	}
	said[e.Message] = true
	return read
}

// RecoveredJSON prints {"format_version","settled":[…],"open":[…],"alarms":[…]}, with events as in apply, and alarms
// as in status.
func RecoveredJSON(w io.Writer, r apply.Recovered, missing []plan.Alarm) error {
	return writeJSON(w, struct {
		FormatVersion string      `json:"format_version"`
		Settled       []eventJSON `json:"settled"`
		Open          []eventJSON `json:"open"`
		Alarms        []alarmJSON `json:"alarms"`
	}{FormatVersion, eventsOf(r.Resolved), eventsOf(r.Open), alarmsOf(missing)})
}

func eventsOf(events []apply.Event) []eventJSON {
	out := make([]eventJSON, 0, len(events))
	for _, e := range events {
		out = append(out, eventOf(e))
	}
	return out
}
