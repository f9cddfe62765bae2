package view

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/state"
)

// doubt prints a refund whose outcome is unknown: since when and why, what ends the doubt, what was sent
// under which key, and what a read showed since (empty without one).
func (p *printer) doubt(e apply.Event, read string, now time.Time) {
	p.failure(inDoubt(e, now))
	try := fmt.Sprintf("%s on %s %s, attempt %d", e.Amount.Human(), e.ID.Kind, e.ID.ID, e.Attempt)
	if e.Try > 0 {
		try += fmt.Sprintf(", try %d", e.Try)
	}
	if !e.Since.IsZero() {
		try += ", " + Time(e.Since)
	}
	p.fields([]field{{"last try", try}, {"key", e.Key}, {"x-request-id", quotable(e.RequestID)}, {"read", read}})
}

// quotable says what an x-request-id is for.
func quotable(id string) string {
	if id == "" {
		return ""
	}
	return id + " (quote it to Cashfree's support)"
}

// inDoubt is the sentence on a doubt, and what to do about it.
func inDoubt(e apply.Event, now time.Time) (message, hint string) {
	since := ""
	if !e.Since.IsZero() {
		since = " since " + clockTime(e.Since, now)
	}
	id, why := Escape(e.ID.RefundID), Escape(unknownBecause(e))
	if e.Class == apply.Conflicting {
		return fmt.Sprintf("refund %s: in doubt%s: %s; it will not be sent again meanwhile", id, since, why),
			"a person must decide: refundctl explain " + id + ", then refundctl recover --resolve " + id + "=not-sent --reason TEXT; if it was sent all the same, " + id + "=sent --against-api"
	}
	message = fmt.Sprintf("refund %s: outcome unknown%s (%s); it will not be sent again meanwhile", id, since, why)
	if e.Code == otherAccount {
		return message, otherAccountHint(e, id)
	}
	if e.ResolvesAt.After(now) {
		return message, "run refundctl recover; it settles by " + clockTime(e.ResolvesAt, now) + " at the latest"
	}
	return message, "refundctl recover resolves it by reading"
}

// otherAccountHint says what resolves a doubt that this run cannot read: a person's finding counts for an account that
// is not there any more, but not for one whose address has changed.
func otherAccountHint(e apply.Event, id string) string {
	if (state.Entry{ID: e.ID}).Elsewhere() {
		return "set the account's base_url to the address that it was sent through, then run refundctl recover"
	}
	return "with the account in the configuration as it was, refundctl --account " + Escape(e.AccountName) + " recover reads it back; if you know the outcome: refundctl recover --resolve " +
		id + "=sent --reason TEXT, or " + id + "=not-sent"
}

// unknownBecause says what came instead of an answer: what the API said, or what happened to the connection.
// It ignores events that come from a read.
func unknownBecause(e apply.Event) string {
	const lost = "answer lost"
	said := strings.TrimRight(cmp.Or(e.Message, e.Code), ".")
	switch {
	case said == "", e.Code == unread, e.Code == otherAccount, e.Code == parentUnknown:
		return lost
	case e.Class == apply.Unknown && e.Code == "":
		return lost + ": " + said
	}
	return said
}

// Codes of a doubt that was not read back.
const (
	unread       = "unread"
	otherAccount = "other_account"

	parentUnknown = "parent_unknown"
)

// readBack says what a read showed of a refund that is still in doubt after it.
func readBack(e apply.Event) string {
	at := Time(e.At) + ": "
	switch {
	case e.Code == otherAccount:
		return "not read: " + e.Message
	case e.Code == unread:
		return at + "failed: " + e.Message + refund.Quoted(e.ReadID)
	case e.Code == parentUnknown:
		return at + e.Message
	case e.Class == apply.Conflicting:
		return at + "it is live, but not as requested"
	}
	return at + "not at the API"
}
