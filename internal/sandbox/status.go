package sandbox

import (
	"encoding/json"
	"strings"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// The statuses of orders' refunds. The other kinds translate them.
const (
	pending   = "PENDING"
	success   = "SUCCESS"
	failed    = "FAILED"
	cancelled = "CANCELLED"
	onHold    = "ONHOLD"
	cancel    = "CANCEL" // of subscriptions
)

const merchantInitiated = "MERCHANT_INITIATED"

// refundStatus is the status of a refund, and since when it has it.
type refundStatus struct {
	status string
	since  time.Time
}

// releasesAmount reports whether the refund moves no money, so that its amount can be refunded again.
func (st refundStatus) releasesAmount() bool {
	return st.status == failed || st.status == cancelled || st.status == cancel
}

// statusOf returns the status, which follows from a change, from the world, or from the clock and the note.
func (s *Server) statusOf(r *row, now time.Time) refundStatus {
	if c := s.store.changes[refundKey{r.Kind.namespace(), r.RefundID}]; c != nil {
		return refundStatus{c.Status, c.At}
	}
	if r.worldStatus != "" {
		return refundStatus{r.worldStatus, r.settledAt}
	}
	settled := r.CreatedAt.Add(s.opts.SettleAfter)
	if now.Before(settled) {
		return refundStatus{pending, r.CreatedAt}
	}
	switch end := r.end(); end {
	case failed, cancelled, onHold:
		return refundStatus{end, settled}
	case pending, "ACTIVE": // what ACTIVE does live is documented nowhere: here the refund stays pending
		return refundStatus{pending, r.CreatedAt}
	}
	return refundStatus{success, settled}
}

// end returns the final status that a fault or the note asks for: the whole note is one of four words.
func (r *row) end() string {
	switch {
	case r.Outcome != "":
		return r.Outcome
	case r.Note == nil || r.Kind == PaymentKind || *r.Note == cancelled || *r.Note == onHold:
		return ""
	}
	return *r.Note
}

// visible reports whether reads already show the refund.
func (s *Server) visible(r *row, now time.Time) bool {
	return r.worldStatus != "" || now.Sub(r.CreatedAt) >= s.opts.ReadLag
}

// visibleRefund returns the refund that a read of this parent finds; nil if there is none.
func (s *Server) visibleRefund(p parent, refundID string, now time.Time) *row {
	r := s.store.refund(p, refundID)
	if r == nil || !s.visible(r, now) {
		return nil
	}
	return r
}

// bankReference returns the bank's reference of a successful refund, once it has one.
func (s *Server) bankReference(r *row, st refundStatus, now time.Time) *string {
	if r.arn != "" {
		return &r.arn
	}
	if s.opts.ARNAfter < 0 || st.status != success || now.Before(st.since.Add(s.opts.ARNAfter)) {
		return nil
	}
	if r.Kind == PaymentKind {
		return new("REF" + r.CfRefundID)
	}
	return new(syntheticID("arn " + r.RefundID))
}

// number returns an amount as a JSON number in major units.
func (s *Server) number(a money.Amount) json.Number {
	text := a.String()
	if s.opts.AmountFormat == Shortest && strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return json.Number(text)
}

// ist formats a time as the API does: in Indian time, with whole seconds.
func ist(t time.Time) string {
	return t.In(refund.IST).Format("2006-01-02T15:04:05-07:00")
}
