package sandbox

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"refundctl/internal/money"
)

// parent addresses what is refunded.
type parent struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
}

func (k Kind) parent(id string) parent { return parent{k, id} }

// namespace is where a refund_id is unique: the merchant's account with one API.
func (k Kind) namespace() string {
	if k == PaymentKind {
		return "flowwise"
	}
	return "cashfree"
}

type refundKey struct{ namespace, refundID string }

// row is one refund. Its status follows from the clock and the note unless a change says otherwise.
type row struct {
	Kind        Kind         `json:"kind"`
	Parent      string       `json:"parent"`
	PaymentID   string       `json:"payment_id,omitempty"`
	RefundID    string       `json:"refund_id"`
	Amount      money.Amount `json:"amount"`
	Note        *string      `json:"note"`
	Speed       string       `json:"speed,omitempty"`
	Splits      []split      `json:"splits,omitempty"`
	Type        string       `json:"type"`
	CfRefundID  string       `json:"cf_refund_id"`
	CfPaymentID string       `json:"cf_payment_id"`
	CreatedAt   time.Time    `json:"created_at"`
	Key         string       `json:"key,omitempty"`
	Fate        string       `json:"fate,omitempty"` // what it turns to when it settles, by a fault
	foreign     string       // its status, where it is of the world
	settledAt   time.Time    // as above
	arn         string
}

type split struct {
	VendorID string       `json:"vendor_id"`
	Amount   money.Amount `json:"amount"`
}

// event is what one request changed. It is applied as a whole or not at all.
type event struct {
	Seen   *seen   `json:"seen,omitempty"`
	Refund *row    `json:"refund,omitempty"`
	Status *change `json:"status,omitempty"`
	Stored *stored `json:"stored,omitempty"`
}

type seen struct {
	At      time.Time `json:"at"`
	Parents []parent  `json:"parents"`
}

type change struct {
	Kind     Kind      `json:"kind"`
	RefundID string    `json:"refund_id"`
	Status   string    `json:"status"`
	At       time.Time `json:"at"`
}

// stored is the first answer under an idempotency key.
type stored struct {
	Scope   scope     `json:"scope"`
	At      time.Time `json:"at"`
	Request []byte    `json:"request"`
	Code    int       `json:"code"`
	Body    []byte    `json:"body"`
}

// scope is where an idempotency key is one: per client id, method and path.
type scope struct {
	Caller string `json:"caller"`
	Target string `json:"target"`
	Key    string `json:"key"`
}

func (e event) empty() bool { return e == event{} }

// book is everything that the emulator knows.
type book struct {
	orders        map[string]Order
	subscriptions map[string]Subscription
	payments      map[string]Payment
	seen          map[parent]time.Time
	refunds       map[refundKey]*row
	of            map[parent][]*row
	changes       map[refundKey]*change // kept apart from the rows: they outlive a world that is laid anew
	made          []*row                // by requests, in order
	stored        map[scope]*stored
}

func newBook() *book {
	return &book{orders: map[string]Order{}, subscriptions: map[string]Subscription{}, payments: map[string]Payment{},
		seen: map[parent]time.Time{}, refunds: map[refundKey]*row{}, of: map[parent][]*row{},
		changes: map[refundKey]*change{}, stored: map[scope]*stored{}}
}

func (b *book) apply(e event) error {
	if e.Seen != nil {
		for _, p := range e.Seen.Parents {
			b.seen[p] = e.Seen.At
		}
	}
	if e.Refund != nil {
		if err := b.add(e.Refund); err != nil {
			return err
		}
		b.made = append(b.made, e.Refund)
	}
	if c := e.Status; c != nil {
		b.changes[refundKey{c.Kind.namespace(), c.RefundID}] = c
	}
	if e.Stored != nil {
		b.stored[e.Stored.Scope] = e.Stored
	}
	return nil
}

func (b *book) add(r *row) error {
	key := refundKey{r.Kind.namespace(), r.RefundID}
	if b.refunds[key] != nil {
		return fmt.Errorf("refund_id %q is there twice", r.RefundID)
	}
	b.refunds[key] = r
	p := r.Kind.parent(r.Parent)
	b.of[p] = append(b.of[p], r)
	return nil
}

// refund is the parent's refund of this id; nil for none.
func (b *book) refund(p parent, refundID string) *row {
	r := b.refunds[refundKey{p.Kind.namespace(), refundID}]
	if r == nil || r.Kind.parent(r.Parent) != p {
		return nil
	}
	return r
}

// addForeign puts a refund of the world into the books.
func (b *book) addForeign(f Refund) error {
	f.Kind = cmp.Or(f.Kind, OrderKind)
	if last := b.subscriptions[f.ParentID].Payments; f.Kind == SubscriptionKind && f.PaymentID == "" && len(last) > 0 {
		f.PaymentID = last[len(last)-1].PaymentID
	}
	firstSeen, known := b.seen[f.Kind.parent(f.ParentID)]
	if !known {
		return fmt.Errorf("refund %q: no %s %q", f.RefundID, f.Kind, f.ParentID)
	}
	r := &row{Kind: f.Kind, Parent: f.ParentID, PaymentID: f.PaymentID, RefundID: f.RefundID, Amount: f.Amount, Speed: f.Speed,
		Type: cmp.Or(f.Type, merchantInitiated), CfRefundID: madeUpID(f.RefundID), CreatedAt: f.CreatedAt,
		foreign: cmp.Or(f.Status, success), settledAt: f.SettledAt, arn: f.ARN}
	if f.Note != "" {
		r.Note = &f.Note
	}
	if r.CreatedAt.IsZero() {
		r.CreatedAt = firstSeen.Add(-time.Hour)
	}
	if r.settledAt.IsZero() {
		r.settledAt = r.CreatedAt
	}
	if paid := b.paid(f.Kind.parent(f.ParentID), f.PaymentID); len(paid) > 0 {
		r.CfPaymentID = paid[0].CfPaymentID
	}
	return b.add(r)
}

// captured is what the merchant has of a payment: of an authorised one what was captured of it.
func (p Payment) captured() money.Amount {
	switch a := p.Authorization; {
	case p.Status != success, p.Uncaptured:
		return money.Amount{}
	case a == nil:
		return p.Amount
	case a.Action == "CAPTURE" && a.Status == success:
		return a.Captured
	}
	return money.Amount{}
}

// paid lists the captured payments of a parent; paymentID narrows a subscription
// to one of them.
func (b *book) paid(p parent, paymentID string) []Payment {
	var all []Payment
	switch p.Kind {
	case OrderKind:
		all = b.orders[p.ID].Payments
	case SubscriptionKind:
		all = b.subscriptions[p.ID].Payments
	case PaymentKind:
		if pay, known := b.payments[p.ID]; known {
			all = []Payment{pay}
		}
	}
	var good []Payment
	for _, pay := range all {
		if pay.captured().Minor > 0 && (paymentID == "" || pay.PaymentID == paymentID) {
			good = append(good, pay)
		}
	}
	return good
}

// fits tells whether amount more can be refunded: captured money less every refund of any type
// that is not dead.
func (b *book) fits(p parent, paymentID string, amount money.Amount, dead func(*row) bool) bool {
	left := money.Amount{}
	var err error
	for _, pay := range b.paid(p, paymentID) {
		if left, err = left.Add(pay.captured()); err != nil {
			return false
		}
	}
	for _, r := range b.of[p] {
		if (p.Kind == SubscriptionKind && r.PaymentID != paymentID) || dead(r) {
			continue
		}
		if left, err = left.Sub(r.Amount); err != nil {
			return false
		}
	}
	left, err = left.Sub(amount)
	return err == nil && left.Minor >= 0
}

// nextCfID numbers the refunds that requests make.
func (b *book) nextCfID() string { return strconv.Itoa(41805719 + len(b.made)) }

// madeUpID is a 15-digit number, as the live sandbox has, that is always the same for one name.
func madeUpID(name string) string {
	h := fnv.New64a()
	h.Write([]byte(name))
	return strconv.FormatUint(200_000_000_000_000+h.Sum64()%100_000_000_000_000, 10)
}
