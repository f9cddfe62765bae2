package schema

import (
	"fmt"
	"strings"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
)

// World is what the emulator knows when it starts.
type World struct {
	Orders        []WorldOrder
	Subscriptions []WorldSubscription
	Payments      []WorldPayment // Flowwise's
	Refunds       []WorldRefund  // made by others
}

// WorldOrder is an order. Where Payments is nil and Status is PAID, it is paid in full.
type WorldOrder struct {
	OrderID   string
	Amount    money.Amount
	Status    string // PAID unless said otherwise
	CreatedAt time.Time
	Payments  []WorldPayment
}

// WorldSubscription is a subscription and its payments.
type WorldSubscription struct {
	SubscriptionID string
	Payments       []WorldPayment
}

// WorldPayment is a payment of an order, of a subscription, or of Flowwise. Ids and times that
// were not written are zero.
type WorldPayment struct {
	CfPaymentID string
	PaymentID   string
	OrderID     string // Flowwise's payments only
	Amount      money.Amount
	Status      string // SUCCESS unless said otherwise
	Captured    bool   // true unless said otherwise
	Mode        string
	CompletedAt time.Time

	Authorization *WorldAuthorization // nil for a payment that was not authorised first
}

// WorldAuthorization is what became of an authorised payment; what was not written is zero.
type WorldAuthorization struct {
	Action, Status string
	Captured       money.Amount
}

// WorldRefund is a refund that somebody else made. One of OrderID, SubscriptionID and PaymentID
// alone names the parent; a subscription's may name its PaymentID too.
type WorldRefund struct {
	OrderID        string
	SubscriptionID string
	PaymentID      string
	RefundID       string
	Amount         money.Amount
	Status         string // SUCCESS unless said otherwise
	Type           string
	Note           string
	Speed          string
	ARN            string
	CreatedAt      time.Time
	ProcessedAt    time.Time
}

// LoadWorld reads the emulator's file as ParseWorld does; the error is for one that cannot be read.
func LoadWorld(path string) (World, []diag.Diagnostic, error) {
	data, err := readBounded(path)
	if err != nil {
		return World{}, nil, fmt.Errorf("reading the emulator's file: %w", err)
	}
	w, found := ParseWorld(path, data)
	return w, found, nil
}

// ParseWorld reads the emulator's file from memory; name stands in the diagnostics. With an error
// among them the World is empty.
func ParseWorld(name string, data []byte) (World, []diag.Diagnostic) {
	out := &sink{file: name}
	root := readSingle(out, data, worldDocument(), "orders", "subscriptions", "payments", "refunds")
	if out.failed() > 0 {
		return World{}, sorted(out)
	}
	var w World
	for _, n := range list(root, "orders") {
		w.Orders = append(w.Orders, worldOrder(out, n))
	}
	for _, n := range list(root, "subscriptions") {
		w.Subscriptions = append(w.Subscriptions, WorldSubscription{text(n, "subscription_id", ""), worldPayments(out, n, money.INR)})
	}
	w.Payments = worldPayments(out, root, "")
	for _, n := range list(root, "refunds") {
		w.Refunds = append(w.Refunds, worldRefund(out, n))
	}
	judgeWorld(out, root)
	if out.failed() > 0 {
		return World{}, sorted(out)
	}
	return w, sorted(out)
}

func worldOrder(out *sink, n *node) WorldOrder {
	c := currencyField(n, "order_currency")
	return WorldOrder{
		OrderID: text(n, "order_id", ""), Amount: amount(out, n, "order_amount", c), Status: text(n, "order_status", "PAID"),
		CreatedAt: instant(out, n, "created_at"), Payments: worldPayments(out, n, c),
	}
}

// worldPayments reads payments in a currency, or where that is empty in the one that each names.
func worldPayments(out *sink, n *node, c money.Currency) []WorldPayment {
	items := list(n, "payments")
	if items == nil {
		return nil
	}
	payments := make([]WorldPayment, 0, len(items))
	for _, p := range items {
		own := c
		if own == "" {
			own = currencyField(p, "payment_currency")
		}
		payments = append(payments, WorldPayment{
			CfPaymentID: text(p, "cf_payment_id", ""), PaymentID: text(p, "payment_id", ""), OrderID: text(p, "order_id", ""),
			Amount: amount(out, p, "payment_amount", own), Status: text(p, "payment_status", "SUCCESS"),
			Captured: strings.EqualFold(text(p, "is_captured", "true"), "true"), Mode: text(p, "mode", ""),
			CompletedAt: instant(out, p, "payment_completion_time"), Authorization: worldAuthorization(out, p, own),
		})
	}
	return payments
}

func worldAuthorization(out *sink, p *node, c money.Currency) *WorldAuthorization {
	if _, written := child(p, "authorization"); written == nil {
		return nil
	}
	n := within(p, "authorization")
	return &WorldAuthorization{text(n, "action", ""), text(n, "status", ""), amount(out, n, "captured_amount", c)}
}

func worldRefund(out *sink, n *node) WorldRefund {
	return WorldRefund{
		OrderID: text(n, "order_id", ""), SubscriptionID: text(n, "subscription_id", ""), PaymentID: text(n, "payment_id", ""),
		RefundID: text(n, "refund_id", ""), Amount: amount(out, n, "refund_amount", currencyField(n, "refund_currency")),
		Status: text(n, "refund_status", "SUCCESS"), Type: text(n, "refund_type", "MERCHANT_INITIATED"), Note: text(n, "refund_note", ""),
		Speed: text(n, "refund_speed", ""), ARN: text(n, "refund_arn", ""),
		CreatedAt: instant(out, n, "created_at"), ProcessedAt: instant(out, n, "processed_at"),
	}
}

// judgeWorld refuses an id that stands twice, since the emulator could keep only one of the two.
func judgeWorld(out *sink, root *node) {
	for _, l := range []struct{ list, id string }{
		{"orders", "order_id"}, {"subscriptions", "subscription_id"}, {"payments", "payment_id"}, {"refunds", "refund_id"},
	} {
		seen := map[string]bool{}
		for _, n := range list(root, l.list) {
			_, id := child(n, l.id)
			if seen[target(id).Value] {
				out.add(id, codeDuplicateItem, "this "+l.id+" stands in the file already", "keep one of them")
			}
			seen[target(id).Value] = true
		}
	}
}
