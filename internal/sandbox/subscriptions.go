package sandbox

import (
	"encoding/json"
	"strings"

	"refundctl/internal/money"
)

// subscriptionRefund is a refund of a subscription in an answer.
type subscriptionRefund struct {
	PaymentID    string      `json:"payment_id"`
	CfPaymentID  string      `json:"cf_payment_id"`
	RefundID     string      `json:"refund_id"`
	CfRefundID   string      `json:"cf_refund_id"`
	RefundAmount json.Number `json:"refund_amount"`
	RefundNote   *string     `json:"refund_note"`
	RefundSpeed  string      `json:"refund_speed"`
	RefundStatus string      `json:"refund_status"`
}

type subscriptionPayment struct {
	PaymentID      string      `json:"payment_id"`
	CfPaymentID    string      `json:"cf_payment_id"`
	SubscriptionID string      `json:"subscription_id"`
	PaymentAmount  json.Number `json:"payment_amount"`
	PaymentStatus  string      `json:"payment_status"`
	PaymentType    string      `json:"payment_type"`
	InitiatedDate  string      `json:"payment_initiated_date"`
	RetryAttempts  int         `json:"retry_attempts"`
}

func (s *Server) createSubscriptionRefund(c *call) (answer, event) {
	w, refused := c.parseCreate(money.INR)
	if refused == nil {
		refused = c.subscriptionFields(w)
	}
	if refused != nil {
		return *refused, event{}
	}
	sub, known := s.store.subscriptions[c.ids[0]]
	if !known {
		return c.refuse(noSubscription), event{}
	}
	pay, found := sub.payment(w)
	switch {
	case !found:
		return c.refuse(noPayment), event{}
	case !speedFits(pay.Mode, w.speed):
		return c.refuse(badSpeed), event{}
	}
	p := c.parent(SubscriptionKind)
	if refused := s.checkMoney(c, p, pay.PaymentID, w); refused != nil {
		return *refused, event{}
	}
	r := w.row(c, p, s.store)
	r.PaymentID, r.CfPaymentID = pay.PaymentID, pay.CfPaymentID
	if r.Speed == "" && speedFits(pay.Mode, instant) {
		r.Speed = instant
	}
	return ok(s.subscriptionEntity(r, "INITIALIZED")), event{Refund: r}
}

// subscriptionFields checks what only this kind has: the subscription_id in the body, and from 2026 on the payment.
func (c *call) subscriptionFields(w createRequest) *answer {
	switch {
	case w.SubscriptionID == nil:
		return new(c.missing("subscription_id"))
	case *w.SubscriptionID != c.ids[0]:
		return new(c.invalid("subscription_id"))
	case w.PaymentID == nil && c.since("2026-01-01"):
		return new(c.missing("payment_id"))
	case isSet(w.CfPaymentID) && strings.Trim(string(w.CfPaymentID), "0123456789") != "":
		return new(c.invalid("cf_payment_id"))
	}
	return nil
}

// payment returns the payment that the request names by either of its ids, or the last one.
func (sub Subscription) payment(w createRequest) (chosen Payment, found bool) {
	for _, p := range sub.Payments {
		if (w.PaymentID == nil || *w.PaymentID == p.PaymentID) && (!isSet(w.CfPaymentID) || string(w.CfPaymentID) == p.CfPaymentID) {
			chosen, found = p, true
		}
	}
	return chosen, found
}

// speedFits reports whether the payment's mode supports the speed; no speed always fits.
func speedFits(mode, speed string) bool {
	switch mode {
	case "UPI":
		return speed != instant
	case "ENACH", "PNACH":
		return speed != standard
	}
	return true
}

func (s *Server) getSubscriptionRefund(c *call) (answer, event) {
	if _, known := s.store.subscriptions[c.ids[0]]; !known {
		return c.refuse(noSubscription), event{}
	}
	r := s.visibleRefund(c.parent(SubscriptionKind), c.ids[1], c.now)
	if r == nil {
		return c.refuse(noRefund), event{}
	}
	return ok(s.subscriptionEntity(r, s.statusOf(r, c.now).status)), event{}
}

func (s *Server) subscriptionEntity(r *row, word string) subscriptionRefund {
	speed := "NORMAL"
	if r.Speed == instant {
		speed = instant
	}
	switch word {
	case cancelled:
		word = cancel
	case onHold: // subscriptions have no such status
		word = pending
	}
	return subscriptionRefund{PaymentID: r.PaymentID, CfPaymentID: r.CfPaymentID, RefundID: r.RefundID,
		CfRefundID: "ref_" + r.CfRefundID, RefundAmount: s.number(r.Amount), RefundNote: r.Note,
		RefundSpeed: speed, RefundStatus: word}
}

func (s *Server) listSubscriptionPayments(c *call) (answer, event) {
	sub, known := s.store.subscriptions[c.ids[0]]
	if !known {
		return c.refuse(noSubscription), event{}
	}
	list := []subscriptionPayment{}
	for _, p := range sub.Payments {
		list = append(list, subscriptionPayment{p.PaymentID, p.CfPaymentID, sub.SubscriptionID,
			s.number(p.Amount), p.Status, "CHARGE", ist(p.CompletedAt), 0})
	}
	return ok(list), event{}
}
