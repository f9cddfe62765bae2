package view

import (
	"fmt"
	"io"
	"time"

	"refundctl/plan"
	"refundctl/state"
)

// Explanation is the whole story of one refund_id: the plan's rows for it with what was read just
// now, and its events. SettleAfter says when a doubt ends.
type Explanation struct {
	RefundID    string
	Plan        *plan.Plan
	Rows        []plan.Change
	Records     []state.Record
	SettleAfter time.Duration
}

// Explain tells the story to a person: the verdict and why, what was read, what happened, what
// happens next, and what a person can check.
func Explain(w io.Writer, e Explanation, s Style) error {
	out := planPrinter{newPrinter(w, s), e.Plan, columns{}}
	out.measure([][]plan.Change{e.Rows})
	for _, c := range e.Rows {
		out.header(c)
		out.row(c)
		out.reasons(c, map[plan.Reason]bool{})
		out.fields([]field{{"read now", readNow(e.Plan.Parents[c.ID.Parent], c)}, {"next", next(c, e.SettleAfter)}, {"key", c.Key}})
		if check := dashboard(c); check != "" {
			out.wrapped(2, pad("check", len("cf_refund_id"))+"  "+Escape(check))
		}
		out.line("")
	}
	if len(e.Rows) == 0 {
		out.line("No manifest asks for %s, and nothing of it is live or open.", Escape(e.RefundID))
	}
	out.line("%s", out.paint(bold, "what happened"))
	out.history(e.Records)
	return out.Flush()
}

// readNow says what the API's list showed of the refund.
func readNow(read plan.ParentRead, c plan.Change) string {
	switch {
	case read.Err != nil:
		return "could not be read: " + read.Err.Error()
	case !read.Good():
		return "nothing"
	case c.Live == nil:
		return fmt.Sprintf("at %s: not at the API (%s of this %s are)", Time(read.ListedAt), count(len(read.Live), "refund"), c.ID.Kind)
	}
	return fmt.Sprintf("at %s: %s, %s", Time(read.ListedAt), c.Live.Status, c.Live.Amount.Human())
}

// next says what the program will do with the row, unasked.
func next(c plan.Change, settleAfter time.Duration) string {
	switch c.Action {
	case plan.Create:
		return fmt.Sprintf("apply sends it, as attempt %d", c.Attempt)
	case plan.InDoubt:
		return "apply and recover read it back: found, it is recorded as sent; absent at " + Time(c.Entry.TriedAt.Add(settleAfter)) +
			" or later, as not sent; absent and still wanted unchanged, apply sends the same bytes under the same key"
	case plan.Pending:
		return "nothing is sent; apply and status note how it goes on"
	case plan.Held:
		return "nothing, until hold is removed"
	case plan.Blocked, plan.Conflict:
		return "nothing, until a person decides"
	case plan.Failed:
		if !c.Superseded {
			return "nothing, until a person asks again under a new refund_id"
		}
	}
	return "nothing"
}

// dashboard says what a person can look up about a refund in doubt, and how to tell the program.
func dashboard(c plan.Change) string {
	if !c.Doubtful() {
		return ""
	}
	return fmt.Sprintf("Cashfree's dashboard, Transactions, Refunds: search for refund_id %[1]s on %[2]s %[3]s. Found: refundctl recover --resolve %[1]s=sent "+
		"--reason TEXT. Certainly not there: refundctl recover --resolve %[1]s=not-sent --reason TEXT.", c.ID.RefundID, c.ID.Kind, c.ID.ID)
}

// ExplainJSON prints the same: {"format_version","refund_id","changes":[…],"events":[…]}, with the
// plan's fields and read_at, next and check in each change.
func ExplainJSON(w io.Writer, e Explanation) error {
	type explained struct {
		plan.RowJSON
		ReadAt *time.Time `json:"read_at"`
		Next   string     `json:"next"`
		Check  string     `json:"check"`
	}
	changes := make([]explained, 0, len(e.Rows))
	for _, c := range e.Rows {
		changes = append(changes, explained{plan.RowOf(c), moment(e.Plan.Parents[c.ID.Parent].ListedAt), next(c, e.SettleAfter), dashboard(c)})
	}
	return writeJSON(w, struct {
		FormatVersion string       `json:"format_version"`
		RefundID      string       `json:"refund_id"`
		Changes       []explained  `json:"changes"`
		Events        []recordJSON `json:"events"`
	}{FormatVersion, e.RefundID, changes, recordsOf(e.Records)})
}
