package sandbox

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"refundctl/internal/money"
)

// orderEntity is an order in an answer.
type orderEntity struct {
	CfOrderID        json.RawMessage   `json:"cf_order_id"`
	OrderID          string            `json:"order_id"`
	Entity           string            `json:"entity"`
	OrderAmount      json.Number       `json:"order_amount"`
	OrderCurrency    string            `json:"order_currency"`
	OrderStatus      string            `json:"order_status"`
	PaymentSessionID string            `json:"payment_session_id"`
	OrderExpiryTime  string            `json:"order_expiry_time"`
	OrderNote        *string           `json:"order_note"`
	CreatedAt        string            `json:"created_at"`
	OrderSplits      []splitEntity     `json:"order_splits"`
	OrderTags        map[string]string `json:"order_tags"`
	*linksEntity
}

// linksEntity is part of orders before 2023-08-01.
type linksEntity struct {
	Payments    linkEntity `json:"payments"`
	Refunds     linkEntity `json:"refunds"`
	Settlements linkEntity `json:"settlements"`
}

type linkEntity struct {
	URL string `json:"url"`
}

// paymentEntity is a payment of an order in an answer.
type paymentEntity struct {
	CfPaymentID           json.RawMessage       `json:"cf_payment_id"`
	OrderID               string                `json:"order_id"`
	Entity                string                `json:"entity"`
	ErrorDetails          *struct{}             `json:"error_details"`
	IsCaptured            bool                  `json:"is_captured"`
	OrderAmount           json.Number           `json:"order_amount"`
	PaymentGroup          string                `json:"payment_group"`
	PaymentCurrency       string                `json:"payment_currency"`
	PaymentAmount         json.Number           `json:"payment_amount"`
	PaymentTime           string                `json:"payment_time"`
	PaymentCompletionTime string                `json:"payment_completion_time"`
	PaymentStatus         string                `json:"payment_status"`
	PaymentMessage        string                `json:"payment_message"`
	BankReference         string                `json:"bank_reference"`
	Authorization         *authorizationEntity  `json:"authorization"`
	PaymentMethod         map[string]methodPart `json:"payment_method"`
}

// authorizationEntity is what became of authorised money.
type authorizationEntity struct {
	Action         string      `json:"action,omitempty"`
	Status         string      `json:"status,omitempty"`
	CapturedAmount json.Number `json:"captured_amount,omitempty"`
}

type methodPart struct {
	Channel string `json:"channel"`
}

// currency returns the order's currency, or INR for an unknown order.
func (s *Server) currency(orderID string) money.Currency {
	if o, known := s.store.orders[orderID]; known {
		return o.Amount.Currency
	}
	return money.INR
}

// voided reports whether a payment of the order was voided instead of captured.
func (s *Server) voided(p parent) bool {
	return p.Kind == OrderKind && slices.ContainsFunc(s.store.orders[p.ID].Payments, func(pay Payment) bool { return pay.Status == "VOID" })
}

func (s *Server) getOrder(c *call) (answer, event) {
	o, known := s.store.orders[c.ids[0]]
	switch {
	case c.ids[0] != "" && !validID(c.ids[0], 45):
		return c.refuse(badOrderID), event{}
	case !known:
		return c.refuse(noOrder), event{}
	}
	e := orderEntity{
		CfOrderID: c.cfID(syntheticID(o.OrderID)), OrderID: o.OrderID, Entity: "order", OrderAmount: s.number(o.Amount),
		OrderCurrency: string(o.Amount.Currency), OrderStatus: o.Status, PaymentSessionID: "session_of_the_emulator_" + o.OrderID,
		OrderExpiryTime: ist(o.CreatedAt.Add(30 * day)), CreatedAt: ist(o.CreatedAt), OrderSplits: []splitEntity{}, OrderTags: o.Tags,
	}
	if !c.since("2023-08-01") {
		link := func(what string) linkEntity { return linkEntity{"https://sandbox.cashfree.com" + c.path + "/" + what} }
		e.linksEntity = &linksEntity{link("payments"), link("refunds"), link("settlements")}
	}
	return ok(e), event{}
}

func (s *Server) listPayments(c *call) (answer, event) {
	o, known := s.store.orders[c.ids[0]]
	if !known {
		return c.refuse(noOrder), event{}
	}
	list := []paymentEntity{}
	for _, p := range o.Payments {
		list = append(list, s.payment(c, o, p))
	}
	return ok(list), event{}
}

func (s *Server) payment(c *call, o Order, p Payment) paymentEntity {
	mode := strings.ToLower(p.Mode)
	var authorization *authorizationEntity
	if a := p.Authorization; a != nil {
		authorization = &authorizationEntity{Action: a.Action, Status: a.Status}
		if a.Captured.Minor > 0 {
			authorization.CapturedAmount = s.number(a.Captured)
		}
	}
	return paymentEntity{
		CfPaymentID: c.cfID(p.CfPaymentID), OrderID: o.OrderID, Entity: "payment", IsCaptured: p.Status == success && !p.Uncaptured,
		OrderAmount: s.number(o.Amount), PaymentGroup: mode, PaymentCurrency: string(p.Amount.Currency), PaymentAmount: s.number(p.Amount),
		PaymentTime: ist(p.CompletedAt.Add(-30 * time.Second)), PaymentCompletionTime: ist(p.CompletedAt), PaymentStatus: p.Status,
		PaymentMessage: "Simulated response message", BankReference: "1234567890",
		PaymentMethod: map[string]methodPart{mode: {"link"}}, Authorization: authorization,
	}
}
