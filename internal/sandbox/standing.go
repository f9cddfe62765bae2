package sandbox

import (
	"encoding/json"
	"strings"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// The status words of orders' refunds; the other kinds translate what they call otherwise.
const (
	pending   = "PENDING"
	success   = "SUCCESS"
	failed    = "FAILED"
	cancelled = "CANCELLED"
	onHold    = "ONHOLD"
	cancel    = "CANCEL" // of subscriptions
)

const merchantInitiated = "MERCHANT_INITIATED"

// standing is what became of a refund, since when.
type standing struct {
	word  string
	since time.Time
}

// dead tells whether the money stays: such a refund frees its amount again.
func (st standing) dead() bool { return st.word == failed || st.word == cancelled || st.word == cancel }

// standing follows from a change, from the world, or from the clock and the note.
func (s *Server) standing(r *row, now time.Time) standing {
	if c := s.book.changes[refundKey{r.Kind.namespace(), r.RefundID}]; c != nil {
		return standing{c.Status, c.At}
	}
	if r.foreign != "" {
		return standing{r.foreign, r.settledAt}
	}
	settled := r.CreatedAt.Add(s.opts.SettleAfter)
	if now.Before(settled) {
		return standing{pending, r.CreatedAt}
	}
	switch end := r.end(); end {
	case failed, cancelled, onHold:
		return standing{end, settled}
	case pending, "ACTIVE": // what ACTIVE does live is not told anywhere: it stays pending here
		return standing{pending, r.CreatedAt}
	}
	return standing{success, settled}
}

// end is the status that a fault ordered, or that the note asks for: the whole note is one of four words.
func (r *row) end() string {
	switch {
	case r.Fate != "":
		return r.Fate
	case r.Note == nil || r.Kind == PaymentKind || *r.Note == cancelled || *r.Note == onHold:
		return ""
	}
	return *r.Note
}

// visible tells whether reads show the refund yet.
func (s *Server) visible(r *row, now time.Time) bool {
	return r.foreign != "" || now.Sub(r.CreatedAt) >= s.opts.ReadLag
}

// visibleRefund is the refund that a read of this parent finds; nil for none.
func (s *Server) visibleRefund(p parent, refundID string, now time.Time) *row {
	r := s.book.refund(p, refundID)
	if r == nil || !s.visible(r, now) {
		return nil
	}
	return r
}

// reference is the bank's number of a refund that succeeded, once it has one.
func (s *Server) reference(r *row, st standing, now time.Time) *string {
	if r.arn != "" {
		return &r.arn
	}
	if s.opts.ARNAfter < 0 || st.word != success || now.Before(st.since.Add(s.opts.ARNAfter)) {
		return nil
	}
	if r.Kind == PaymentKind {
		return new("REF" + r.CfRefundID)
	}
	return new(madeUpID("arn " + r.RefundID))
}

// number prints an amount as a JSON number in major units.
func (s *Server) number(a money.Amount) json.Number {
	text := a.String()
	if s.opts.AmountFormat == Shortest && strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return json.Number(text)
}

// ist prints a time as the API does: Indian time, whole seconds.
func ist(t time.Time) string {
	return t.In(refund.IST).Format("2006-01-02T15:04:05-07:00")
}
