package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Explanation is the story of one refund_id: the plan's rows for it, with what was just read, and its
// events. SettleAfter says when a doubt ends; Asks reports whether a row still asks for what an intent in
// doubt sent.
type Explanation struct {
	RefundID    string
	Plan        *plan.Plan
	Rows        []plan.Change
	Records     []state.HistoryEvent
	SettleAfter time.Duration
	Asks        func(state.Entry) bool
}

// Explain prints each story: the verdict and why, what was read, what happens next, what a person can check,
// and what happened.
func Explain(w io.Writer, stories []Explanation, s Style) error {
	out := newPrinter(w, s)
	for i, e := range stories {
		if i > 0 {
			out.line("")
		}
		out.explain(e)
	}
	return out.Flush()
}

func (p *printer) explain(e Explanation) {
	out := planPrinter{printer: p, plan: e.Plan}
	out.rows = newPlanRows()
	for _, c := range e.Rows {
		out.rows.measure(out.cells(c)[:4]...)
	}
	for _, c := range e.Rows {
		out.header(c)
		out.row(&out.rows, out.cells(c)...)
		out.reasons(c, map[plan.Reason]bool{})
		out.fields(append(facts(c), field{"read now", readNow(e.Plan.Parents[c.ID.Parent], c)}))
		out.advices(append([]field{{"next", e.next(c)}}, e.check(c)...))
		out.apiSays(detailsOf(c))
		out.line("")
	}
	if len(e.Rows) == 0 {
		out.wrapped(0, "No manifest asks for "+Escape(e.RefundID)+", and it is neither live nor in doubt.")
	}
	out.line("%s", out.paint(bold, "what happened"))
	out.history(e.Records)
}

// facts are what is known about the refund beside its row: what was or would be sent, and its ids at
// Cashfree and at the bank.
func facts(c plan.Change) []field {
	fields := []field{{"key", c.Key}}
	if e := c.Entry; e != nil && e.Try > 0 {
		fields = []field{{"last try", fmt.Sprintf("%s, attempt %d, try %d", Time(e.TriedAt), e.Attempt, e.Try)}, {"key", e.Key}}
	}
	var cf, arn string
	if c.Entry != nil {
		cf, arn = c.Entry.CfRefundID, c.Entry.ARN
		if sent := c.Entry.CancelSent; !sent.IsZero() {
			fields = append(fields, field{"cancel sent", Time(sent) + ", not answered"})
		}
	}
	if c.Live != nil {
		cf, arn = cmp.Or(c.Live.CfRefundID, cf), cmp.Or(c.Live.ARN, arn)
	}
	return append(fields, field{"cf_refund_id", cf}, field{"refund_arn", arn})
}

// detailsOf are the details of a row's refund: those just read, and those of the ledger that the read omits.
func detailsOf(c plan.Change) *refund.Details {
	switch {
	case c.Live == nil && c.Entry == nil:
		return nil
	case c.Live == nil:
		return c.Entry.Details
	case c.Entry == nil:
		return &c.Live.Details
	}
	return new(c.Live.Known(c.Entry.Details, c.Entry.Status))
}

// readNow says what the API reports about the refund.
func readNow(read plan.ParentRead, c plan.Change) string {
	switch {
	case read.Unknown():
		return fmt.Sprintf("%s: the API does not know %s %s", Time(read.ListedAt), c.ID.Kind, c.ID.ID)
	case read.Err != nil:
		return "could not be read: " + read.Err.Error()
	case !read.Good():
		return "nothing"
	case c.Live != nil:
		return fmt.Sprintf("%s: %s, %s", Time(read.ListedAt), liveOutcome(c.Live.Status), c.Live.Amount.Human())
	case read.Partial:
		return Time(read.ListedAt) + ": not at the API"
	}
	return fmt.Sprintf("%s: not at the API, which lists %s of this %s", Time(read.ListedAt), count(len(read.Live), "refund"), c.ID.Kind)
}

// next says what the program will do with the row by itself.
func (e Explanation) next(c plan.Change) string {
	switch c.Action {
	case plan.Create:
		return fmt.Sprintf("apply sends it, as attempt %d", c.Attempt)
	case plan.InDoubt:
		return e.settles(*c.Entry)
	case plan.Pending:
		return "nothing is sent; refundctl apply and status record its outcome"
	case plan.Held:
		return "nothing, until hold is removed" + afterHold(c.WithoutHold)
	case plan.Blocked, plan.Conflict:
		return "nothing, until a person decides" + advised(c)
	case plan.Failed:
		if !c.Superseded {
			return "nothing, until a person decides" + advised(c)
		}
	}
	return "nothing"
}

// afterHold is what follows once a row is no longer held; empty if nothing is known.
func afterHold(r *plan.Released) string {
	switch {
	case r == nil:
		return ""
	case r.Action == plan.Create:
		return "; then apply sends it"
	}
	texts := make([]string, 0, len(r.Reasons))
	for _, why := range r.Reasons {
		texts = append(texts, why.Message)
	}
	return "; then it is blocked: " + strings.Join(texts, "; ")
}

// advised is what a person can do about a row that waits for one.
func advised(c plan.Change) string {
	for _, r := range c.Reasons {
		if r.Hint != "" {
			return ": " + r.Hint
		}
	}
	return ""
}

// settles says how a doubt ends, and whether the same request may be sent before.
func (e Explanation) settles(entry state.Entry) string {
	text := "apply, recover and status read it back: if found, it is recorded as sent; if absent at " +
		Time(entry.ResolvesAt(e.SettleAfter)) + " or later, as not sent; "
	if e.Asks(entry) {
		return text + "if absent before then, apply may send the same bytes under the same key"
	}
	return text + "it is not sent again, because no row asks for these bytes any more"
}

// check is what a person can look up about a refund in doubt, or about one whose outcome only a person
// reported, and how to record it. It is empty for any other refund.
func (e Explanation) check(c plan.Change) []field {
	resolve := "refundctl recover --resolve " + c.ID.RefundID
	switch byPerson := c.Entry != nil && c.Entry.ByPerson && c.Live == nil; {
	case byPerson && c.Entry.Phase == state.NotSent:
		return []field{{"check", "a person found that it was not sent; reads have not shown it"}, {"if it was", resolve + "=sent --reason TEXT"}}
	case byPerson:
		return []field{{"check", "a person found that it was sent; reads have not shown it"}, {"if it was not", resolve + "=not-sent --reason TEXT"}}
	case !c.Doubtful():
		return nil
	}
	return []field{
		{"check", fmt.Sprintf("Cashfree's dashboard, Transactions, Refunds: search for refund_id %s on %s %s. It may show late: before %s its absence is not certain.",
			c.ID.RefundID, c.ID.Kind, c.ID.ID, Time(c.Entry.ResolvesAt(e.SettleAfter)))},
		{"if it is", resolve + "=sent --reason TEXT"},
		{"if it is not", resolve + "=not-sent --reason TEXT"},
	}
}

// ExplainJSON prints {"format_version","refund_id","changes":[…],"events":[…]}. Each change has the plan's
// fields and read_at, next and check. If id is a parent's, the changes and events are those of all its
// refunds.
func ExplainJSON(w io.Writer, id string, stories []Explanation, s Style) error {
	type explained struct {
		plan.RowJSON
		ReadAt *time.Time `json:"read_at"`
		Next   string     `json:"next"`
		Check  string     `json:"check"`
	}
	changes, events := []explained{}, []recordJSON{}
	for _, e := range stories {
		for _, c := range e.Rows {
			change := explained{plan.RowOf(s.copyableRow(c)), moment(e.Plan.Parents[c.ID.Parent].ListedAt), Unglued(s.commands(e.next(c))), ""}
			if check := e.check(c); len(check) > 0 {
				change.Check = check[0].text
			}
			changes = append(changes, change)
		}
		events = append(events, recordsOf(e.Records)...)
	}
	return writeJSON(w, struct {
		FormatVersion string       `json:"format_version"`
		RefundID      string       `json:"refund_id"`
		Changes       []explained  `json:"changes"`
		Events        []recordJSON `json:"events"`
	}{FormatVersion, id, changes, events})
}
