package sandbox

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/schema"
	"refundctl/schema/yamltree"
)

//go:embed world.schema.json
var worldText []byte

var worldSchema = sync.OnceValue(func() *schema.JSONSchema { return schema.CompileJSON("world", worldText) })

// WorldSchema returns the JSON Schema (draft-07) of the emulator's file.
func WorldSchema() []byte { return slices.Clone(worldText) }

// LoadWorld reads the emulator's file as ParseWorld does. The error is about a file that cannot be read.
func LoadWorld(path string) (World, []diag.Diagnostic, error) {
	data, err := yamltree.ReadFile(path)
	if err != nil {
		return World{}, nil, fmt.Errorf("reading the emulator's file: %w", err)
	}
	w, found := ParseWorld(path, data)
	return w, found, nil
}

// ParseWorld reads the emulator's file from memory; the places of the diagnostics use name. If one of them is an
// error, the World is empty.
func ParseWorld(name string, data []byte) (World, []diag.Diagnostic) {
	r := worldReader{&yamltree.Diagnostics{File: name}}
	root := worldSchema().ReadDocument(r.out, data, "orders", "subscriptions", "payments", "refunds")
	if r.out.Errors() > 0 {
		return World{}, r.out.Sorted()
	}
	w := r.world(root)
	r.refuseDuplicates(root)
	if r.out.Errors() > 0 {
		return World{}, r.out.Sorted()
	}
	return w, r.out.Sorted()
}

// worldReader reads a tree that the JSON Schema accepts. What the schema cannot express is reported in out.
type worldReader struct{ out *yamltree.Diagnostics }

func (r worldReader) world(root *yamltree.Node) (w World) {
	for _, n := range yamltree.List(root, "orders") {
		w.Orders = append(w.Orders, r.order(n))
	}
	for _, n := range yamltree.List(root, "subscriptions") {
		w.Subscriptions = append(w.Subscriptions, Subscription{yamltree.Text(n, "subscription_id", ""), r.payments(n, money.INR)})
	}
	w.Payments = r.payments(root, "")
	for _, n := range yamltree.List(root, "refunds") {
		w.Refunds = append(w.Refunds, r.refund(n))
	}
	return w
}

func (r worldReader) order(n *yamltree.Node) Order {
	c := currencyField(n, "order_currency")
	return Order{OrderID: yamltree.Text(n, "order_id", ""), Amount: schema.Amount(r.out, n, "order_amount", c), Status: yamltree.Text(n, "order_status", "PAID"),
		CreatedAt: r.time(n, "created_at"), Payments: r.payments(n, c), Details: details(n, "refund_details")}
}

// payments reads payments in a currency. If that is empty, each payment names its own. The result is nil only if
// there is no list: an order with an empty list has no payments.
func (r worldReader) payments(n *yamltree.Node, c money.Currency) []Payment {
	items := yamltree.List(n, "payments")
	if items == nil {
		return nil
	}
	payments := make([]Payment, 0, len(items))
	for _, p := range items {
		own := c
		if own == "" {
			own = currencyField(p, "payment_currency")
		}
		payments = append(payments, Payment{
			PaymentID: yamltree.Text(p, "payment_id", ""), OrderID: yamltree.Text(p, "order_id", ""), CfPaymentID: yamltree.Text(p, "cf_payment_id", ""),
			Amount: schema.Amount(r.out, p, "payment_amount", own), Status: yamltree.Text(p, "payment_status", success),
			Uncaptured: !strings.EqualFold(yamltree.Text(p, "is_captured", "true"), "true"), Mode: yamltree.Text(p, "mode", ""),
			CompletedAt: r.time(p, "payment_completion_time"), Authorization: r.authorization(p, own),
			Details: details(p, "refund_details"),
		})
	}
	return payments
}

func (r worldReader) authorization(p *yamltree.Node, c money.Currency) *Authorization {
	if _, written := yamltree.Child(p, "authorization"); written == nil {
		return nil
	}
	n := yamltree.Mapping(p, "authorization")
	return &Authorization{yamltree.Text(n, "action", ""), yamltree.Text(n, "status", ""), schema.Amount(r.out, n, "captured_amount", c)}
}

func (r worldReader) refund(n *yamltree.Node) Refund {
	f := Refund{
		RefundID: yamltree.Text(n, "refund_id", ""), Amount: schema.Amount(r.out, n, "refund_amount", currencyField(n, "refund_currency")),
		Status: yamltree.Text(n, "refund_status", success), Type: yamltree.Text(n, "refund_type", merchantInitiated),
		Note: yamltree.Text(n, "refund_note", ""), Speed: yamltree.Text(n, "refund_speed", ""), ARN: yamltree.Text(n, "refund_arn", ""),
		CreatedAt: r.time(n, "created_at"), SettledAt: r.time(n, "processed_at"),
		Details: details(n, "details"),
	}
	order, subscription, payment := yamltree.Text(n, "order_id", ""), yamltree.Text(n, "subscription_id", ""), yamltree.Text(n, "payment_id", "")
	switch {
	case order != "":
		f.Kind, f.ParentID = OrderKind, order
	case subscription != "":
		f.Kind, f.ParentID, f.PaymentID = SubscriptionKind, subscription, payment
	default:
		f.Kind, f.ParentID = PaymentKind, payment
	}
	return f
}

// details reads what answers say of a refund; nil if the field is missing.
func details(n *yamltree.Node, field string) *Details {
	if _, written := yamltree.Child(n, field); written == nil {
		return nil
	}
	n = yamltree.Mapping(n, field)
	text := func(name string) string { return yamltree.Text(n, name, "") }
	d := &Details{Description: text("status_description"), SpeedMessage: text("refund_speed_message"), Charge: text("refund_charge"),
		ForexCharge: text("forex_conversion_handling_charge"), ForexTax: text("forex_conversion_handling_tax"),
		ForexRate: text("forex_conversion_rate"), ChargesCurrency: text("charges_currency")}
	for _, share := range yamltree.List(n, "refund_splits") {
		d.Shares = append(d.Shares, Share{yamltree.Text(share, "vendor_id", ""), yamltree.Text(share, "percentage", "")})
	}
	pairs := yamltree.List(n, "metadata") // names and values in turn
	for i := 0; i+1 < len(pairs); i += 2 {
		if d.Metadata == nil {
			d.Metadata = map[string]string{}
		}
		d.Metadata[pairs[i].Value] = pairs[i+1].Value
	}
	return d
}

// time reads a time; it is zero if the field is missing or, with an error in out, wrong.
func (r worldReader) time(n *yamltree.Node, field string) time.Time {
	_, v := yamltree.Child(n, field)
	if v == nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, yamltree.Resolve(v).Value)
	if err != nil {
		r.out.Error(yamltree.Resolve(v), schema.CodeFormat, field+" is not a time", "write it like 2026-06-01T10:00:00+05:30")
	}
	return t
}

// currencyField reads a currency, which is INR if the field is missing.
func currencyField(n *yamltree.Node, field string) money.Currency {
	c, err := money.ParseCurrency(yamltree.Text(n, field, string(money.INR)))
	if err != nil { // the schema refuses it
		return money.INR
	}
	return c
}

// refuseDuplicates reports an id that is in a list twice: the emulator could keep only one of the two.
func (r worldReader) refuseDuplicates(root *yamltree.Node) {
	for _, l := range []struct{ list, id string }{
		{"orders", "order_id"}, {"subscriptions", "subscription_id"}, {"payments", "payment_id"}, {"refunds", "refund_id"},
	} {
		seen := map[string]bool{}
		for _, n := range yamltree.List(root, l.list) {
			_, id := yamltree.Child(n, l.id)
			if seen[yamltree.Resolve(id).Value] {
				r.out.Error(id, schema.CodeDuplicateItem, "this "+l.id+" is already in the file", "keep one of them")
			}
			seen[yamltree.Resolve(id).Value] = true
		}
	}
}
