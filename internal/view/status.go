package view

import (
	"fmt"
	"io"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Standing is where a ledger's refunds stand after what is not settled was read again.
type Standing struct {
	Entries   []state.Entry // all of the ledger
	Recovered apply.Recovered
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
	for _, e := range st.Recovered.Open {
		out.failure(inDoubt(e, st.Now))
	}
	var waiting, failed []state.Entry
	for _, e := range st.Entries {
		switch e.Phase {
		case state.Accepted:
			waiting = append(waiting, e)
		case state.Failed:
			failed = append(failed, e)
		}
	}
	for _, e := range waiting {
		out.line("%s %s  %s  %s  %s", out.paint(cyan, "…"), Escape(e.ID.RefundID), e.Amount.Human(), Escape(string(e.Status)), age(st.Now.Sub(e.AcceptedAt)))
	}
	for _, e := range failed {
		out.line("%s %s  %s  %s", out.paint(red, "x"), Escape(e.ID.RefundID), e.Amount.Human(), Escape(string(e.Status)))
	}
	if len(waiting)+len(failed)+len(st.Recovered.Open) == 0 {
		out.line("Nothing waits, nothing failed, nothing is in doubt.")
	}
	out.ageing(waiting, st.Now)
	out.onHold(waiting)
	if len(st.Entries) > 0 {
		out.phases(st.Entries)
	}
	return out.Flush()
}

func age(d time.Duration) string {
	if d < 48*time.Hour {
		return fmt.Sprintf("since %s", d.Round(time.Minute))
	}
	return fmt.Sprintf("since %d days", int(d/(24*time.Hour)))
}

// ageing sums up by how long the API has had the refunds.
func (p *printer) ageing(waiting []state.Entry, now time.Time) {
	var rows []tallyRow
	from := time.Duration(-1 << 63)
	for _, bucket := range ages {
		var t plan.Tally
		for _, e := range waiting {
			if d := now.Sub(e.AcceptedAt); from <= d && d < bucket.most {
				_ = t.Add(e.Amount) // a sum that does not fit leaves the count right
			}
		}
		if t.Count > 0 {
			rows = append(rows, tallyRow{"not settled for " + bucket.name, t})
		}
		from = bucket.most
	}
	if len(rows) > 0 {
		p.line("")
		p.tallies(rows)
	}
}

// onHold says what the merchant's balance at Cashfree lacks at least.
func (p *printer) onHold(waiting []state.Entry) {
	var t plan.Tally
	for _, e := range waiting {
		if e.Status == refund.OnHold {
			_ = t.Add(e.Amount) // as above
		}
	}
	if t.Count > 0 {
		p.line("%s are ONHOLD: the balance at Cashfree lacks %s at least.", count(t.Count, "refund"), sums(t))
	}
}

// StatusJSON tells a machine the same: {"format_version","refunds":[…],"settled":[…],"in_doubt":[…]},
// refunds as state list has them, the rest as apply's events.
func StatusJSON(w io.Writer, st Standing) error {
	refunds := make([]entryJSON, 0, len(st.Entries))
	for _, e := range st.Entries {
		refunds = append(refunds, entryOf(e))
	}
	return writeJSON(w, struct {
		FormatVersion string      `json:"format_version"`
		Refunds       []entryJSON `json:"refunds"`
		Settled       []eventJSON `json:"settled"`
		InDoubt       []eventJSON `json:"in_doubt"`
	}{FormatVersion, refunds, eventsOf(st.Recovered.Settled), eventsOf(st.Recovered.Open)})
}
