package sandbox

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"refundctl/internal/money"
)

// routerRefund is a refund of Flowwise in an answer.
type routerRefund struct {
	PaymentID      string        `json:"payment_id"`
	OrderID        string        `json:"order_id"`
	RefundID       string        `json:"refund_id"`
	RefundAmount   json.Number   `json:"refund_amount"`
	RefundStatus   string        `json:"refund_status"`
	RefundType     string        `json:"refund_type"`
	RefundNote     *string       `json:"refund_note"`
	RefundMessage  string        `json:"refund_message"`
	GatewayDetails routerGateway `json:"gateway_details"`
}

type routerGateway struct {
	RefundReferenceID string  `json:"refund_reference_id"`
	RefundUTR         *string `json:"refund_utr"`
}

type routerOrder struct {
	OrderID     string `json:"order_id"`
	OrderStatus string `json:"order_status"`
	CreatedAt   string `json:"created_at"`
}

// routerPayment is a payment of Flowwise in an answer.
type routerPayment struct {
	Status          string      `json:"status"`
	OrderID         string      `json:"order_id"`
	PaymentID       string      `json:"payment_id"`
	CaptureStatus   string      `json:"capture_status"`
	CaptureAmount   json.Number `json:"capture_amount"`
	PaymentAmount   json.Number `json:"payment_amount"`
	PaymentCurrency string      `json:"payment_currency"`
	PaymentMethod   string      `json:"payment_method"`
	GatewayDetails  struct {
		AuthID       *string `json:"auth_id"`
		ProcessorRef string  `json:"processor_ref"`
		UTR          *string `json:"utr"`
	} `json:"gateway_details"`
}

var routerMessages = map[string]string{
	pending: "Refund is Initiated",
	success: "Refund processed successfully. Amount will be credited within 5-7 business days",
	failed:  "Refund has Failed",

	cancelled: "Refund is Cancelled",
}

// createPaymentRefund is POST /payments/{payment_id}: a refund in spite of its path. There is no
// idempotency key, and only one refund of a payment is worked on at a time.
func (s *Server) createPaymentRefund(c *call) (answer, event) {
	currency := money.INR
	pay, known := s.book.payments[c.ids[0]]
	if known {
		currency = pay.Amount.Currency
	}
	w, refused := c.wanted(currency)
	switch {
	case refused != nil:
		return *refused, event{}
	case w.RefundType == nil:
		return c.missing("refund_type"), event{}
	case *w.RefundType != merchantInitiated && *w.RefundType != "AUTO_REFUND":
		return c.invalid("refund_type"), event{}
	case !known:
		return c.no(noPayment), event{}
	}
	p := c.parent(PaymentKind)
	if refused := s.refusedMoney(c, p, "", w); refused != nil {
		return *refused, event{}
	}
	r := w.row(c, p, s.book)
	r.Type = *w.RefundType
	return ok(s.routerEntity(r, c.now)), event{Refund: r}
}

// inFlight tells whether a refund of this payment is still being worked on.
func (s *Server) inFlight(p parent, now time.Time) bool {
	return slices.ContainsFunc(s.book.of[p], func(r *row) bool {
		st := s.standing(r, now)
		return st.word == pending || st.word == onHold
	})
}

func (s *Server) getPaymentRefund(c *call) (answer, event) {
	r := s.book.refunds[refundKey{PaymentKind.namespace(), c.ids[0]}]
	if r == nil || !s.visible(r, c.now) {
		return c.no(noRefund), event{}
	}
	return ok(s.routerEntity(r, c.now)), event{}
}

func (s *Server) routerEntity(r *row, now time.Time) routerRefund {
	st := s.standing(r, now)
	if st.word == onHold { // there is no word for it
		st.word = pending
	}
	e := routerRefund{PaymentID: r.Parent, OrderID: s.book.payments[r.Parent].OrderID, RefundID: r.RefundID,
		RefundAmount: s.number(r.Amount), RefundStatus: st.word, RefundType: r.Type, RefundNote: r.Note, RefundMessage: routerMessages[st.word]}
	e.GatewayDetails.RefundReferenceID = "RFD" + r.CfRefundID
	e.GatewayDetails.RefundUTR = s.reference(r, st, now)
	return e
}

// routerPaymentsOf are Flowwise's payments of an order, by id.
func (s *Server) routerPaymentsOf(orderID string) (found []Payment) {
	for _, p := range s.book.payments {
		if p.OrderID == orderID {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b Payment) int { return cmp.Compare(a.PaymentID, b.PaymentID) })
	return found
}

func (s *Server) getRouterOrder(c *call) (answer, event) {
	payments := s.routerPaymentsOf(c.ids[0])
	if len(payments) == 0 {
		return c.no(noOrder), event{}
	}
	return ok(routerOrder{c.ids[0], "PAID", payments[0].CompletedAt.UTC().Format(time.RFC3339)}), event{}
}

func (s *Server) listRouterPayments(c *call) (answer, event) {
	payments := s.routerPaymentsOf(c.ids[0])
	if len(payments) == 0 {
		return c.no(noOrder), event{}
	}
	list := []routerPayment{}
	for _, p := range payments {
		list = append(list, s.routerPayment(p))
	}
	return ok(list), event{}
}

func (s *Server) routerPayment(p Payment) routerPayment {
	e := routerPayment{Status: p.Status, OrderID: p.OrderID, PaymentID: p.PaymentID, CaptureStatus: p.Status, CaptureAmount: s.number(p.Amount),
		PaymentAmount: s.number(p.Amount), PaymentCurrency: string(p.Amount.Currency), PaymentMethod: p.Mode}
	if p.Uncaptured {
		e.CaptureAmount = "0"
	}
	e.GatewayDetails.ProcessorRef = p.CfPaymentID
	return e
}
