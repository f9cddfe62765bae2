package sandbox

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"refundctl/internal/money"
)

// refundBody is what creates may carry; each API and kind minds some of it.
type refundBody struct {
	RefundAmount   json.RawMessage `json:"refund_amount"`
	RefundID       *string         `json:"refund_id"`
	RefundNote     *string         `json:"refund_note"`
	RefundSpeed    *string         `json:"refund_speed"`
	RefundSplits   []splitBody     `json:"refund_splits"`
	RefundType     *string         `json:"refund_type"`     // Flowwise
	SubscriptionID *string         `json:"subscription_id"` // subscriptions, as the next two
	PaymentID      *string         `json:"payment_id"`
	CfPaymentID    json.RawMessage `json:"cf_payment_id"` // a number
}

type splitBody struct {
	VendorID string          `json:"vendor_id"`
	Amount   json.RawMessage `json:"amount"`
}

// wanted is a create's body after validation.
type wanted struct {
	refundBody
	id     string
	amount money.Amount
	speed  string
	splits []split
}

// decode reads the body; a field of the wrong type is refused by its name.
func (c *call) decode(into any) *answer {
	err := json.Unmarshal(c.body, into)
	if err == nil {
		return nil
	}
	a := c.no(badJSON)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		field, _, _ := strings.Cut(wrong.Field, ".")
		a = c.invalid(field)
	}
	return &a
}

// wanted checks a create's fields, before anything is looked up.
func (c *call) wanted(currency money.Currency) (w wanted, refused *answer) {
	if refused = c.decode(&w.refundBody); refused != nil {
		return w, refused
	}
	if w.amount, refused = c.amount(w.RefundAmount, currency); refused != nil {
		return w, refused
	}
	if w.RefundID != nil {
		w.id = *w.RefundID
	}
	if w.RefundSpeed != nil {
		w.speed = *w.RefundSpeed
	}
	switch {
	case w.id == "":
		refused = new(c.missing("refund_id"))
	case !validID(w.id, 40):
		refused = new(c.no(badRefundID))
	case !c.router && w.RefundNote != nil && !between(*w.RefundNote, 3, 100):
		refused = new(c.no(badNote))
	case !c.router && w.RefundSpeed != nil && w.speed != standard && w.speed != instant:
		refused = new(c.no(badSpeed))
	case !c.router:
		w.splits, refused = c.splits(w.RefundSplits, w.amount)
	}
	return w, refused
}

// amount reads a JSON number; a quoted one is none.
func (c *call) amount(raw json.RawMessage, currency money.Currency) (money.Amount, *answer) {
	if !isGiven(raw) {
		return money.Amount{}, new(c.missing("refund_amount"))
	}
	a, err := money.ParseNumber(string(raw), currency)
	if err != nil || a.Minor == 0 {
		return money.Amount{}, new(c.no(badAmount))
	}
	return a, nil
}

func isGiven(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// splits checks the vendors' shares: together they cannot be more than the refund.
func (c *call) splits(bodies []splitBody, total money.Amount) (splits []split, refused *answer) {
	left := total
	for _, b := range bodies {
		share, err := money.ParseNumber(string(b.Amount), total.Currency)
		if err == nil {
			left, err = left.Sub(share)
		}
		if err != nil || b.VendorID == "" || share.Minor == 0 || left.Minor < 0 {
			return nil, new(c.no(badSplits))
		}
		splits = append(splits, split{b.VendorID, share})
	}
	return splits, nil
}

func between(text string, shortest, longest int) bool {
	n := utf8.RuneCountInString(text)
	return shortest <= n && n <= longest
}

const idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

func validID(id string, longest int) bool {
	return between(id, 3, longest) && strings.Trim(id, idLetters) == ""
}

// refusedMoney is every check that follows the parent's: paid, in time, id unused, enough left.
func (s *Server) refusedMoney(c *call, p parent, paymentID string, w wanted) *answer {
	paid := s.book.paid(p, paymentID)
	switch {
	case len(paid) == 0 && s.voided(p):
		return new(c.no(voided))
	case len(paid) == 0:
		return new(c.no(notPaid))
	case windowClosed(latest(paid), c.now):
		return new(c.no(tooOld))
	case s.book.refunds[refundKey{p.Kind.namespace(), w.id}] != nil:
		return new(c.no(duplicateID))
	case p.Kind == PaymentKind && s.inFlight(p, c.now):
		return new(c.no(busy))
	case !s.book.fits(p, paymentID, w.amount, func(r *row) bool { return s.standing(r, c.now).dead() }):
		return new(c.no(overCap))
	}
	return nil
}

func latest(paid []Payment) time.Time {
	at := paid[0].CompletedAt
	for _, p := range paid {
		if p.CompletedAt.After(at) {
			at = p.CompletedAt
		}
	}
	return at
}

// row is the refund that the request makes.
func (w wanted) row(c *call, p parent, b *book) *row {
	return &row{Kind: p.Kind, Parent: p.ID, RefundID: w.id, Amount: w.amount, Note: w.RefundNote, Speed: w.speed,
		Splits: w.splits, Type: merchantInitiated, CfRefundID: b.nextCfID(), CfPaymentID: b.paid(p, "")[0].CfPaymentID,
		CreatedAt: c.now, Key: c.header.Get("X-Idempotency-Key")}
}
