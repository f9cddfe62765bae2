package view

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"refundctl/apply"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// FollowWatch reports a follow. It stops writing when its writer fails, and End returns the first error.
type FollowWatch interface {
	apply.Observer
	// Round reports the sums after a round of reads.
	Round(s apply.FollowSummary)
	// End reports the sums when nothing more is read, after this many reads, and what needs a person.
	End(s apply.FollowSummary, alarms []plan.Alarm, reads, exitCode int) error
}

// FollowText reports to people: changes and sums on out, how the waiting goes on the line.
func FollowText(out io.Writer, outStyle Style, l *Line) FollowWatch {
	return &following{out: newPrinter(out, outStyle), line: l, unread: map[string]int{}}
}

type following struct {
	mu   sync.Mutex
	out  *printer
	line *Line

	unread map[string]int // refunds of this round that could not be read, by reason
}

// Observe prints a line at once, for a person who watches.
func (v *following) Observe(e apply.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.line.Clear()
	switch {
	case e.Kind == apply.Unread && v.unread[e.Message] > 0:
		v.unread[e.Message]++
	case e.Kind == apply.Unread:
		v.unread[e.Message]++
		v.out.hang(v.out.paint(magenta, "not read:")+" ", 2, about(e)+because(Escape(e.Message))+Escape(refund.Quoted(e.RequestID)))
	case e.Phase == state.Failed && e.Was == refund.Success:
		v.out.failure(reversed(e.ID, e.Status, e.Amount))
	case e.Phase == state.Failed:
		v.out.failure(neverPaid(e.ID, e.Status, e.Amount))
	case e.Kind == apply.Moved:
		v.out.hang(e.At.In(refund.IST).Format(time.TimeOnly)+"  ", 4, v.moved(e))
	}
	_ = v.out.Flush() // End returns the error
}

func (v *following) moved(e apply.Event) string {
	word := pad(outcome(e.Phase, e.Status), len("cancelled"))
	switch e.Phase {
	case state.Settled:
		word = v.out.paint(green, word)
	case state.NotSent, state.Refused:
		word = v.out.paint(magenta, "was not sent")
	}
	text := word + "  " + about(e)
	if e.ARN != "" {
		text += ", refund_arn " + Escape(e.ARN)
	}
	return text
}

// about names a refund, its parent and its amount.
func about(e apply.Event) string {
	return fmt.Sprintf("%s (%s %s) %s", Escape(e.ID.RefundID), Escape(string(e.ID.Kind)), Escape(e.ID.ID), Escape(e.Amount.Human()))
}

// neverPaid says that an accepted refund will not reach the customer, and what to do.
func neverPaid(of refund.Identity, status refund.Status, amount money.Amount) (message, hint string) {
	id, became := Escape(of.RefundID), "failed"
	if word := liveOutcome(status); word != became {
		became = "is " + word
	}
	return fmt.Sprintf("refund %s %s: %s on %s %s will not be paid", id, became, Escape(amount.Human()), Escape(string(of.Kind)), Escape(of.ID)),
		"find out why in Cashfree's dashboard; if the money is still owed: refundctl reissue " + id
}

// others prints how many more refunds a reason applies to that was already printed in this round.
func (v *following) others() {
	for _, why := range slices.Sorted(maps.Keys(v.unread)) {
		if n := v.unread[why] - 1; n > 0 {
			v.out.hang(v.out.paint(magenta, "not read:")+" ", 2, count(n, "more refund")+because(Escape(why)))
		}
	}
	clear(v.unread)
	_ = v.out.Flush() // as in Observe
}

// Round shows how many refunds are waited for.
func (v *following) Round(s apply.FollowSummary) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.others()
	now := v.line.Clock()
	text := fmt.Sprintf("%s settled · waiting for %s, %s", grouped(s.Paid.Count+s.Failed.Count), count(s.Waiting.Count, "refund"), sums(s.Waiting))
	if s.InDoubt.Count > 0 {
		text += " · " + grouped(s.InDoubt.Count) + " in doubt"
	}
	text += " · read " + now.In(refund.IST).Format(time.TimeOnly)
	v.line.show(text)
}

// End prints the sums.
func (v *following) End(s apply.FollowSummary, alarms []plan.Alarm, _, _ int) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.line.Clear()
	v.others()
	rows := []tallyRow{{"paid", s.Paid}, {"failed or cancelled", s.Failed}, {"waiting", s.Waiting}, {"in doubt", s.InDoubt}}
	if s.Missing.Count > 0 {
		rows = append(rows, tallyRow{"missing", s.Missing})
	}
	if s.NotSent.Count > 0 {
		rows = append(rows, tallyRow{"not sent", s.NotSent})
	}
	if s.Paid.Count+s.Failed.Count+s.Waiting.Count+s.InDoubt.Count+s.NotSent.Count+s.Missing.Count == 0 {
		v.out.line("Everything that was sent is settled.")
	}
	v.out.tallies(append(rows, alarmRows(alarms)...))
	return v.out.Flush()
}

// FollowJSON reports to machines, one object per line. The last line is
// {"type":"summary","format_version","settled","failed","waiting","missing","in_doubt","not_sent","alarms":[…],"reads","exit_code"}.
func FollowJSON(w io.Writer) FollowWatch { return followEvents{WatchJSON(w)} }

type followEvents struct{ *Events }

// Round writes nothing: each change has its own event.
func (followEvents) Round(apply.FollowSummary) {}

// End writes the last line.
func (v followEvents) End(s apply.FollowSummary, alarms []plan.Alarm, reads, exitCode int) error {
	v.write(struct {
		Type          string         `json:"type"`
		FormatVersion string         `json:"format_version"`
		Settled       plan.TallyJSON `json:"settled"`
		Failed        plan.TallyJSON `json:"failed"`
		Waiting       plan.TallyJSON `json:"waiting"`
		Missing       plan.TallyJSON `json:"missing"`
		InDoubt       plan.TallyJSON `json:"in_doubt"`
		NotSent       plan.TallyJSON `json:"not_sent"`
		Alarms        []alarmJSON    `json:"alarms"`
		Reads         int            `json:"reads"`
		ExitCode      int            `json:"exit_code"`
	}{"summary", FormatVersion, plan.TallyOf(s.Paid), plan.TallyOf(s.Failed), plan.TallyOf(s.Waiting), plan.TallyOf(s.Missing), plan.TallyOf(s.InDoubt), plan.TallyOf(s.NotSent), alarmsOf(alarms), reads, exitCode})
	return v.err
}
