package sandbox

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"refundctl/internal/money"
)

// flowwiseRefund is a Flowwise refund in an answer.
type flowwiseRefund struct {
	PaymentID      string          `json:"payment_id"`
	OrderID        string          `json:"order_id"`
	RefundID       string          `json:"refund_id"`
	RefundAmount   json.Number     `json:"refund_amount"`
	RefundStatus   string          `json:"refund_status"`
	RefundType     string          `json:"refund_type"`
	RefundNote     *string         `json:"refund_note"`
	RefundMessage  string          `json:"refund_message"`
	GatewayDetails flowwiseGateway `json:"gateway_details"`
}

type flowwiseGateway struct {
	RefundReferenceID string  `json:"refund_reference_id"`
	RefundUTR         *string `json:"refund_utr"`
}

type flowwiseOrder struct {
	OrderID     string `json:"order_id"`
	OrderStatus string `json:"order_status"`
	CreatedAt   string `json:"created_at"`
}

// flowwisePayment is a Flowwise payment in an answer.
type flowwisePayment struct {
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

var flowwiseMessages = map[string]string{
	pending: "Refund is Initiated",
	success: "Refund processed successfully. Amount will be credited within 5-7 business days",
	failed:  "Refund has Failed",

	cancelled: "Refund is Cancelled",
}

// createPaymentRefund handles POST /payments/{payment_id}, which creates a refund despite its path. There is no
// idempotency key, and a payment can have only one pending refund.
func (s *Server) createPaymentRefund(c *call) (answer, event) {
	currency := money.INR
	pay, known := s.store.payments[c.ids[0]]
	if known {
		currency = pay.Amount.Currency
	}
	w, refused := c.parseCreate(currency)
	switch {
	case refused != nil:
		return *refused, event{}
	case w.RefundType == nil:
		return c.missing("refund_type"), event{}
	case *w.RefundType != merchantInitiated && *w.RefundType != "AUTO_REFUND":
		return c.invalid("refund_type"), event{}
	case !known:
		return c.refuse(noPayment), event{}
	}
	p := c.parent(PaymentKind)
	if refused := s.checkMoney(c, p, "", w); refused != nil {
		return *refused, event{}
	}
	r := w.row(c, p, s.store)
	r.Type = *w.RefundType
	return ok(s.flowwiseEntity(r, c.now)), event{Refund: r}
}

// hasPendingRefund reports whether a refund of this payment is pending.
func (s *Server) hasPendingRefund(p parent, now time.Time) bool {
	return slices.ContainsFunc(s.store.byParent[p], func(r *row) bool {
		st := s.statusOf(r, now)
		return st.status == pending || st.status == onHold
	})
}

func (s *Server) getPaymentRefund(c *call) (answer, event) {
	r := s.store.refunds[refundKey{PaymentKind.namespace(), c.ids[0]}]
	if r == nil || !s.visible(r, c.now) {
		return c.refuse(noRefund), event{}
	}
	return ok(s.flowwiseEntity(r, c.now)), event{}
}

func (s *Server) flowwiseEntity(r *row, now time.Time) flowwiseRefund {
	st := s.statusOf(r, now)
	if st.status == onHold { // Flowwise has no such status
		st.status = pending
	}
	e := flowwiseRefund{PaymentID: r.Parent, OrderID: s.store.payments[r.Parent].OrderID, RefundID: r.RefundID,
		RefundAmount: s.number(r.Amount), RefundStatus: st.status, RefundType: r.Type, RefundNote: r.Note, RefundMessage: flowwiseMessages[st.status]}
	if st.status == pending {
		e.RefundMessage = cmp.Or(s.store.details(r).Description, e.RefundMessage)
	}
	e.GatewayDetails.RefundReferenceID = "RFD" + r.CfRefundID
	e.GatewayDetails.RefundUTR = s.bankReference(r, st, now)
	return e
}

// flowwisePaymentsOf returns the Flowwise payments of an order, by id.
func (s *Server) flowwisePaymentsOf(orderID string) (found []Payment) {
	for _, p := range s.store.payments {
		if p.OrderID == orderID {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b Payment) int { return cmp.Compare(a.PaymentID, b.PaymentID) })
	return found
}

func (s *Server) getFlowwiseOrder(c *call) (answer, event) {
	payments := s.flowwisePaymentsOf(c.ids[0])
	if len(payments) == 0 {
		return c.refuse(noOrder), event{}
	}
	return ok(flowwiseOrder{c.ids[0], "PAID", payments[0].CompletedAt.UTC().Format(time.RFC3339)}), event{}
}

func (s *Server) listFlowwisePayments(c *call) (answer, event) {
	payments := s.flowwisePaymentsOf(c.ids[0])
	if len(payments) == 0 {
		return c.refuse(noOrder), event{}
	}
	list := []flowwisePayment{}
	for _, p := range payments {
		list = append(list, s.flowwisePayment(p))
	}
	return ok(list), event{}
}

func (s *Server) flowwisePayment(p Payment) flowwisePayment {
	e := flowwisePayment{Status: p.Status, OrderID: p.OrderID, PaymentID: p.PaymentID, CaptureStatus: p.Status, CaptureAmount: s.number(p.Amount),
		PaymentAmount: s.number(p.Amount), PaymentCurrency: string(p.Amount.Currency), PaymentMethod: p.Mode}
	if p.Uncaptured {
		e.CaptureAmount = "0"
	}
	e.GatewayDetails.ProcessorRef = p.CfPaymentID
	return e
}
