package state

import (
	"context"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// Cancel is the intent to cancel a refund that the API has. It is durable before the first byte of its PUT
// leaves, and changes no phase. Its outcome is an Outcome whose How is Cancelling, if the answer was known;
// otherwise later reads show it.
type Cancel struct {
	AccountName string
	ID          refund.Identity
	Amount      money.Amount  // of the refund
	Status      refund.Status // as it was read before the cancel
	Request     refund.Request
}

// Cancelling is the How of the outcome of a Cancel.
const Cancelling = "cancel"

func (a *Cancel) wire(c codec) {
	var none string
	if identity(c, &a.AccountName, &a.ID, &none); none != "" {
		c.fail("a cancel must not name a payment")
	}
	c.amount("amount", &a.Amount)
	c.interned("status", (*string)(&a.Status))
	request(c, &a.Request)
	c.text("request_id", &a.Request.ID)
}

func (a *Cancel) problem() string {
	switch {
	case !completeIdentity(a.ID):
		return "the refund's identity is not complete"
	case a.Amount.Minor <= 0:
		return "the amount is missing"
	case !completeRequest(a.Request):
		return "the request is not complete"
	}
	return ""
}

// BeginCancel records the intent before its PUT: when it returns nil, the event is durable. It returns a
// *ForbiddenError for a refund that the ledger does not have as accepted.
func (s *Session) BeginCancel(ctx context.Context, a Cancel) error {
	switch e, known := s.state.Entry(a.ID); {
	case !known || e.Phase != Accepted:
		return &ForbiddenError{a.ID, "cancelled", "the ledger does not record it as accepted"}
	case e.Conflict != "":
		return &ForbiddenError{a.ID, "cancelled", "the ledger has two API refunds for it: " + e.Conflict}
	}
	return s.append(ctx, &event{Type: typeCancel, Cancel: a})
}

// cancels is what the fold keeps of a refund's cancels: when the latest was sent, and when one was answered.
type cancels struct{ sent, answered int64 }

// foldCancel takes in a cancel.
func (r *record) foldCancel(a *Cancel, s stamp) {
	r.touch(a.AccountName, "", s)
	c := &r.ensureRare().cancels
	c.sent = max(c.sent, s.at)
}

// cancelSentAt is when the latest cancel was sent; zero if one was answered since.
func (r *record) cancelSentAt() time.Time {
	if c := r.unusual().cancels; c.sent > c.answered {
		return unixTime(c.sent)
	}
	return time.Time{}
}
