package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"refundctl/internal/money"
)

// Kind says what a refund belongs to.
type Kind string

// The kinds: an order or a subscription of Cashfree, a payment of Flowwise.
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
	Refunds       []Refund  // made by others: in the dashboard, or by the API itself
}

// Order is an order of Cashfree. Where Payments is nil, a PAID one has one payment of its amount.
type Order struct {
	OrderID   string
	Amount    money.Amount
	Status    string    // PAID where empty
	CreatedAt time.Time // two days before the emulator first saw it where zero
	PaidAt    time.Time // of its payments that say nothing; one day before it was first seen where zero
	Tags      map[string]string
	Payments  []Payment
}

// Subscription is a subscription of Cashfree with the payments that were charged.
type Subscription struct {
	SubscriptionID string
	Payments       []Payment
}

// Payment is one payment of an order, of a subscription, or of Flowwise.
type Payment struct {
	PaymentID   string // the merchant's id; orders' payments have none
	OrderID     string // Flowwise
	CfPaymentID string // made up where empty
	Amount      money.Amount
	Status      string // SUCCESS where empty
	Uncaptured  bool   // authorised only
	Mode        string // UPI where empty; ENACH and PNACH bind the refund speed of subscriptions
	CompletedAt time.Time

	Authorization *Authorization // of an order's payment that was authorised first; nil for none
}

// Authorization is what became of authorised money. A zero Captured is not in the answer.
type Authorization struct {
	Action   string // CAPTURE or VOID; empty before either
	Status   string // SUCCESS or PENDING
	Captured money.Amount
}

// Refund is a refund that stands in the books before the first request.
type Refund struct {
	Kind      Kind   // OrderKind where empty
	ParentID  string // order, subscription, or payment of Flowwise
	PaymentID string // of a subscription
	RefundID  string
	Amount    money.Amount
	Status    string // SUCCESS where empty
	Type      string // MERCHANT_INITIATED where empty
	Note      string
	Speed     string
	ARN       string
	CreatedAt time.Time // one hour before its parent was first seen where zero
	SettledAt time.Time // CreatedAt where zero
}

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

// Add puts more of the world in, say while a test runs. A parent that is known already is
// replaced, a refund_id that is known is an error.
func (s *Server) Add(w World) error {
	return s.locked(func() error { return s.addWorld(w) })
}

// SetStatus lets a refund have this status from now on, as the bank or the dashboard would.
func (s *Server) SetStatus(kind Kind, refundID, status string) error {
	return s.locked(func() error {
		r := s.book.refunds[refundKey{kind.namespace(), refundID}]
		if r == nil {
			return fmt.Errorf("sandbox: no refund %q", refundID)
		}
		return s.commit(event{Status: &change{kind, refundID, status, s.opts.Clock()}})
	})
}

// addWorld is called within locked. When a parent was first seen is recorded, so that the ages
// of what the world leaves undated do not move from run to run.
func (s *Server) addWorld(w World) error {
	if err := s.commit(event{Seen: s.unseen(w)}); err != nil {
		return err
	}
	for _, o := range w.Orders {
		s.book.orders[o.OrderID] = o.filled(s.book.seen[OrderKind.parent(o.OrderID)])
	}
	for _, sub := range w.Subscriptions {
		sub.Payments = filledPayments(sub.Payments, sub.SubscriptionID, s.book.seen[SubscriptionKind.parent(sub.SubscriptionID)].Add(-day))
		s.book.subscriptions[sub.SubscriptionID] = sub
	}
	for _, p := range w.Payments {
		p = filledPayments([]Payment{p}, p.PaymentID, s.book.seen[PaymentKind.parent(p.PaymentID)].Add(-day))[0]
		s.book.payments[p.PaymentID] = p
	}
	for _, r := range w.Refunds {
		if err := s.book.addForeign(r); err != nil {
			return err
		}
	}
	return nil
}

const day = 24 * time.Hour

// unseen is the parents of the world that are seen for the first time, or nil.
func (s *Server) unseen(w World) *seen {
	var fresh []parent
	note := func(p parent) {
		if _, known := s.book.seen[p]; !known {
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
	return &seen{At: s.opts.Clock(), Parents: fresh}
}

func (o Order) filled(firstSeen time.Time) Order {
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
	o.Payments = filledPayments(o.Payments, o.OrderID, o.PaidAt)
	return o
}

func filledPayments(payments []Payment, parentID string, paidAt time.Time) []Payment {
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
			p.CfPaymentID = madeUpID(fmt.Sprintf("%s/%s/%d", parentID, p.PaymentID, i))
		}
		if p.CompletedAt.IsZero() {
			p.CompletedAt = paidAt
		}
	}
	return payments
}
