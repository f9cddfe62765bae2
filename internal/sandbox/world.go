package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"refundctl/internal/money"
)

// Kind is what a refund refunds.
type Kind string

// The kinds: an order or a subscription at Cashfree, or a payment at Flowwise.
const (
	OrderKind        Kind = "order"
	SubscriptionKind Kind = "subscription"
	PaymentKind      Kind = "payment"
)

// World is what the merchant has before the first request.
type World struct {
	Orders        []Order
	Subscriptions []Subscription
	Payments      []Payment // Flowwise
	Refunds       []Refund  // made elsewhere: in the dashboard, or by the API itself
}

// Order is an order at Cashfree. If Payments is nil, a PAID one has one payment of its amount.
type Order struct {
	OrderID   string
	Amount    money.Amount
	Status    string    // empty for PAID
	CreatedAt time.Time // zero for two days before the emulator first saw it
	PaidAt    time.Time // of payments without a time; zero for one day before the emulator first saw it
	Tags      map[string]string
	Payments  []Payment
	Details   *Details // of the refunds that requests make of it; nil for the usual ones
}

// Subscription is a subscription at Cashfree with its payments.
type Subscription struct {
	SubscriptionID string
	Payments       []Payment
}

// Payment is one payment of an order, of a subscription, or at Flowwise.
type Payment struct {
	PaymentID   string // the merchant's id; orders' payments have none
	OrderID     string // Flowwise
	CfPaymentID string // empty for a synthetic one
	Amount      money.Amount
	Status      string // empty for SUCCESS
	Uncaptured  bool   // only authorised
	Mode        string // empty for UPI; ENACH and PNACH restrict the refund speed of subscriptions
	CompletedAt time.Time

	Authorization *Authorization // of a payment that was authorised first; nil for others
	Details       *Details       // of the refunds that requests make of a payment at Flowwise; nil for the usual ones
}

// Authorization is what became of authorised money. Answers omit a zero Captured.
type Authorization struct {
	Action   string // CAPTURE or VOID; empty before either
	Status   string // SUCCESS or PENDING
	Captured money.Amount
}

// Refund is a refund that exists before the first request.
type Refund struct {
	Kind      Kind   // empty for OrderKind
	ParentID  string // of the order, the subscription, or the payment at Flowwise
	PaymentID string // of a subscription
	RefundID  string
	Amount    money.Amount
	Status    string // empty for SUCCESS
	Type      string // empty for MERCHANT_INITIATED
	Note      string
	Speed     string
	ARN       string
	CreatedAt time.Time // zero for one hour before the emulator first saw its parent
	SettledAt time.Time // zero for CreatedAt
	Details   *Details  // nil for the usual ones
}

// Details are what answers say of a refund beside its status. Empty ones have the usual value. Numbers are
// as they are to be written. The description is that of a refund that is not settled.
type Details struct {
	Description     string // status_description, or refund_message at Flowwise
	SpeedMessage    string
	Charge          string
	ForexCharge     string
	ForexTax        string
	ForexRate       string
	ChargesCurrency string
	Metadata        map[string]string
	Shares          []Share
}

// Share is the part of a refund that a vendor bears, in percent.
type Share struct{ VendorID, Percentage string }

// Execution is one refund that a request made.
type Execution struct {
	Kind      Kind
	ParentID  string
	PaymentID string // of a subscription
	RefundID  string
	Amount    money.Amount
	Key       string // x-idempotency-key of the request
	At        time.Time
}

// Add adds to the world, for example while a test runs. It replaces a parent that exists already. A refund_id that exists
// already is an error.
func (s *Server) Add(w World) error {
	return s.locked(func() error { return s.addWorld(w) })
}

// SetStatus gives a refund this status from now on, as the bank or the dashboard would.
func (s *Server) SetStatus(kind Kind, refundID, status string) error {
	return s.locked(func() error {
		r := s.store.refunds[refundKey{kind.namespace(), refundID}]
		if r == nil {
			return fmt.Errorf("sandbox: no refund %q", refundID)
		}
		return s.commit(event{Status: &statusChange{kind, refundID, status, s.opts.Clock()}})
	})
}

// addWorld must be called within locked. It records when a parent was first seen, so that what the world does not date
// keeps its age from run to run.
func (s *Server) addWorld(w World) error {
	if err := s.commit(event{Seen: s.unseen(w)}); err != nil {
		return err
	}
	for _, o := range w.Orders {
		s.store.orders[o.OrderID] = o.withDefaults(s.store.firstSeen[OrderKind.parent(o.OrderID)])
	}
	for _, sub := range w.Subscriptions {
		sub.Payments = withDefaults(sub.Payments, sub.SubscriptionID, s.store.firstSeen[SubscriptionKind.parent(sub.SubscriptionID)].Add(-day))
		s.store.subscriptions[sub.SubscriptionID] = sub
	}
	for _, p := range w.Payments {
		p = withDefaults([]Payment{p}, p.PaymentID, s.store.firstSeen[PaymentKind.parent(p.PaymentID)].Add(-day))[0]
		s.store.payments[p.PaymentID] = p
	}
	for _, r := range w.Refunds {
		if err := s.store.addWorldRefund(r); err != nil {
			return err
		}
	}
	return nil
}

const day = 24 * time.Hour

// unseen returns the parents of the world that are seen for the first time; nil if there are none.
func (s *Server) unseen(w World) *firstSight {
	var fresh []parent
	note := func(p parent) {
		if _, known := s.store.firstSeen[p]; !known {
			fresh = append(fresh, p)
		}
	}
	for _, o := range w.Orders {
		note(OrderKind.parent(o.OrderID))
	}
	for _, sub := range w.Subscriptions {
		note(SubscriptionKind.parent(sub.SubscriptionID))
	}
	for _, p := range w.Payments {
		note(PaymentKind.parent(p.PaymentID))
	}
	if fresh == nil {
		return nil
	}
	return &firstSight{At: s.opts.Clock(), Parents: fresh}
}

func (o Order) withDefaults(firstSeen time.Time) Order {
	if o.Status == "" {
		o.Status = "PAID"
	}
	if o.CreatedAt.IsZero() {
		o.CreatedAt = firstSeen.Add(-2 * day)
	}
	if o.PaidAt.IsZero() {
		o.PaidAt = firstSeen.Add(-day)
	}
	if o.Payments == nil && o.Status == "PAID" {
		o.Payments = []Payment{{Amount: o.Amount}}
	}
	o.Payments = withDefaults(o.Payments, o.OrderID, o.PaidAt)
	return o
}

func withDefaults(payments []Payment, parentID string, paidAt time.Time) []Payment {
	payments = slices.Clone(payments)
	for i := range payments {
		p := &payments[i]
		if p.Status == "" {
			p.Status = "SUCCESS"
		}
		if p.Mode = strings.ToUpper(p.Mode); p.Mode == "" {
			p.Mode = "UPI"
		}
		if p.CfPaymentID == "" {
			p.CfPaymentID = syntheticID(fmt.Sprintf("%s/%s/%d", parentID, p.PaymentID, i))
		}
		if p.CompletedAt.IsZero() {
			p.CompletedAt = paidAt
		}
	}
	return payments
}
