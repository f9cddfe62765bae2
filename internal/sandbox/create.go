package sandbox

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"refundctl/internal/money"
)

// refundBody is the body of a create. Each API and kind uses some of its fields.
type refundBody struct {
	RefundAmount   json.RawMessage `json:"refund_amount"`
	RefundID       *string         `json:"refund_id"`
	RefundNote     *string         `json:"refund_note"`
	RefundSpeed    *string         `json:"refund_speed"`
	RefundSplits   []splitBody     `json:"refund_splits"`
	RefundType     *string         `json:"refund_type"`     // Flowwise
	SubscriptionID *string         `json:"subscription_id"` // for subscriptions, as are the next two
	PaymentID      *string         `json:"payment_id"`
	CfPaymentID    json.RawMessage `json:"cf_payment_id"` // a number
}

type splitBody struct {
	VendorID string          `json:"vendor_id"`
	Amount   json.RawMessage `json:"amount"`
}

// createRequest is the body of a create after validation.
type createRequest struct {
	refundBody
	id     string
	amount money.Amount
	speed  string
	splits []split
}

// decode reads the body. It refuses a field of the wrong type by name.
func (c *call) decode(into any) *answer {
	err := json.Unmarshal(c.body, into)
	if err == nil {
		return nil
	}
	a := c.refuse(badJSON)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		field, _, _ := strings.Cut(wrong.Field, ".")
		a = c.invalid(field)
	}
	return &a
}

// parseCreate checks the fields of a create, before anything is looked up.
func (c *call) parseCreate(currency money.Currency) (w createRequest, refused *answer) {
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
		refused = new(c.refuse(badRefundID))
	case !c.flowwise && w.RefundNote != nil && !hasLength(*w.RefundNote, 3, 100):
		refused = new(c.refuse(badNote))
	case !c.flowwise && w.RefundSpeed != nil && w.speed != standard && w.speed != instant:
		refused = new(c.refuse(badSpeed))
	case !c.flowwise:
		w.splits, refused = c.splits(w.RefundSplits, w.amount)
	}
	return w, refused
}

// amount reads a JSON number, which must not be in quotes.
func (c *call) amount(raw json.RawMessage, currency money.Currency) (money.Amount, *answer) {
	if !isSet(raw) {
		return money.Amount{}, new(c.missing("refund_amount"))
	}
	a, err := money.ParseNumber(string(raw), currency)
	if err != nil || a.Minor == 0 {
		return money.Amount{}, new(c.refuse(badAmount))
	}
	return a, nil
}

func isSet(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// splits checks the vendors' shares: together they must not be more than the refund.
func (c *call) splits(bodies []splitBody, total money.Amount) (splits []split, refused *answer) {
	left := total
	for _, b := range bodies {
		share, err := money.ParseNumber(string(b.Amount), total.Currency)
		if err == nil {
			left, err = left.Sub(share)
		}
		if err != nil || b.VendorID == "" || share.Minor == 0 || left.Minor < 0 {
			return nil, new(c.refuse(badSplits))
		}
		splits = append(splits, split{b.VendorID, share})
	}
	return splits, nil
}

func hasLength(text string, shortest, longest int) bool {
	n := utf8.RuneCountInString(text)
	return shortest <= n && n <= longest
}

const idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

func validID(id string, longest int) bool {
	return hasLength(id, 3, longest) && strings.Trim(id, idLetters) == ""
}

// checkMoney does the checks after that of the parent: it is paid, in time, with enough left, and the id is unused.
func (s *Server) checkMoney(c *call, p parent, paymentID string, w createRequest) *answer {
	paid := s.store.paid(p, paymentID)
	switch {
	case len(paid) == 0 && s.voided(p):
		return new(c.refuse(voided))
	case len(paid) == 0:
		return new(c.refuse(notPaid))
	case windowClosed(latest(paid), c.now):
		return new(c.refuse(tooOld))
	case s.store.refunds[refundKey{p.Kind.namespace(), w.id}] != nil:
		return new(c.refuse(duplicateID))
	case p.Kind == PaymentKind && s.hasPendingRefund(p, c.now):
		return new(c.refuse(busy))
	case !s.store.fits(p, paymentID, w.amount, func(r *row) bool { return s.statusOf(r, c.now).releasesAmount() }):
		return new(c.refuse(overCap))
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

// row returns the refund that the request makes.
func (w createRequest) row(c *call, p parent, st *store) *row {
	return &row{Kind: p.Kind, Parent: p.ID, RefundID: w.id, Amount: w.amount, Note: w.RefundNote, Speed: w.speed,
		Splits: w.splits, Type: merchantInitiated, CfRefundID: st.nextCfID(), CfPaymentID: st.paid(p, "")[0].CfPaymentID,
		CreatedAt: c.now, Key: c.header.Get("X-Idempotency-Key")}
}
