package sandbox

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"refundctl/internal/money"
)

// parent identifies an order, a subscription or a payment.
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

// row is one refund. Its status follows from the clock and the note, unless a statusChange says otherwise.
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
	Outcome     string       `json:"fate,omitempty"` // its status on settling, by a fault
	worldStatus string       // its status if it is from the world; empty otherwise
	settledAt   time.Time    // likewise
	arn         string
	details     *Details
}

type split struct {
	VendorID string       `json:"vendor_id"`
	Amount   money.Amount `json:"amount"`
}

// event is what one request changes, as a whole or not at all.
type event struct {
	Seen   *firstSight   `json:"seen,omitempty"`
	Refund *row          `json:"refund,omitempty"`
	Status *statusChange `json:"status,omitempty"`
	Stored *storedAnswer `json:"stored,omitempty"`
}

type firstSight struct {
	At      time.Time `json:"at"`
	Parents []parent  `json:"parents"`
}

type statusChange struct {
	Kind     Kind      `json:"kind"`
	RefundID string    `json:"refund_id"`
	Status   string    `json:"status"`
	At       time.Time `json:"at"`
}

// storedAnswer is the first answer under an idempotency key.
type storedAnswer struct {
	Scope   scope     `json:"scope"`
	At      time.Time `json:"at"`
	Request []byte    `json:"request"`
	Code    int       `json:"code"`
	Body    []byte    `json:"body"`
}

// scope is where an idempotency key is unique: a client id, method and path.
type scope struct {
	Caller string `json:"caller"`
	Target string `json:"target"`
	Key    string `json:"key"`
}

func (e event) empty() bool { return e == event{} }

// store is everything that the emulator knows.
type store struct {
	orders        map[string]Order
	subscriptions map[string]Subscription
	payments      map[string]Payment
	firstSeen     map[parent]time.Time
	refunds       map[refundKey]*row
	byParent      map[parent][]*row
	changes       map[refundKey]*statusChange // apart from the rows, because they outlive a reloaded world
	created       []*row                      // by requests, in order
	answers       map[scope]*storedAnswer
}

func newStore() *store {
	return &store{orders: map[string]Order{}, subscriptions: map[string]Subscription{}, payments: map[string]Payment{},
		firstSeen: map[parent]time.Time{}, refunds: map[refundKey]*row{}, byParent: map[parent][]*row{},
		changes: map[refundKey]*statusChange{}, answers: map[scope]*storedAnswer{}}
}

func (st *store) apply(e event) error {
	if e.Seen != nil {
		for _, p := range e.Seen.Parents {
			st.firstSeen[p] = e.Seen.At
		}
	}
	if e.Refund != nil {
		if err := st.add(e.Refund); err != nil {
			return err
		}
		st.created = append(st.created, e.Refund)
	}
	if c := e.Status; c != nil {
		st.changes[refundKey{c.Kind.namespace(), c.RefundID}] = c
	}
	if e.Stored != nil {
		st.answers[e.Stored.Scope] = e.Stored
	}
	return nil
}

func (st *store) add(r *row) error {
	key := refundKey{r.Kind.namespace(), r.RefundID}
	if st.refunds[key] != nil {
		return fmt.Errorf("refund_id %q exists twice", r.RefundID)
	}
	st.refunds[key] = r
	p := r.Kind.parent(r.Parent)
	st.byParent[p] = append(st.byParent[p], r)
	return nil
}

// details returns what the world says of a refund: its own details, or those of its order or payment.
func (st *store) details(r *row) Details {
	d := r.details
	if d == nil && r.worldStatus == "" {
		switch r.Kind {
		case OrderKind:
			d = st.orders[r.Parent].Details
		case PaymentKind:
			d = st.payments[r.Parent].Details
		}
	}
	if d == nil {
		return Details{}
	}
	return *d
}

// refund returns the parent's refund with this id; nil if there is none.
func (st *store) refund(p parent, refundID string) *row {
	r := st.refunds[refundKey{p.Kind.namespace(), refundID}]
	if r == nil || r.Kind.parent(r.Parent) != p {
		return nil
	}
	return r
}

// addWorldRefund adds a refund of the world.
func (st *store) addWorldRefund(f Refund) error {
	f.Kind = cmp.Or(f.Kind, OrderKind)
	if last := st.subscriptions[f.ParentID].Payments; f.Kind == SubscriptionKind && f.PaymentID == "" && len(last) > 0 {
		f.PaymentID = last[len(last)-1].PaymentID
	}
	firstSeen, known := st.firstSeen[f.Kind.parent(f.ParentID)]
	if !known {
		return fmt.Errorf("refund %q: there is no %s %q", f.RefundID, f.Kind, f.ParentID)
	}
	r := &row{Kind: f.Kind, Parent: f.ParentID, PaymentID: f.PaymentID, RefundID: f.RefundID, Amount: f.Amount, Speed: f.Speed,
		Type: cmp.Or(f.Type, merchantInitiated), CfRefundID: syntheticID(f.RefundID), CreatedAt: f.CreatedAt,
		worldStatus: cmp.Or(f.Status, success), settledAt: f.SettledAt, arn: f.ARN, details: f.Details}
	if f.Note != "" {
		r.Note = &f.Note
	}
	if r.CreatedAt.IsZero() {
		r.CreatedAt = firstSeen.Add(-time.Hour)
	}
	if r.settledAt.IsZero() {
		r.settledAt = r.CreatedAt
	}
	if paid := st.paid(f.Kind.parent(f.ParentID), f.PaymentID); len(paid) > 0 {
		r.CfPaymentID = paid[0].CfPaymentID
	}
	return st.add(r)
}

// captured returns the money that the merchant has from a payment: of an authorised one, what was captured.
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

// paid returns the captured payments of a parent. For a subscription, paymentID selects one of them.
func (st *store) paid(p parent, paymentID string) []Payment {
	var all []Payment
	switch p.Kind {
	case OrderKind:
		all = st.orders[p.ID].Payments
	case SubscriptionKind:
		all = st.subscriptions[p.ID].Payments
	case PaymentKind:
		if pay, known := st.payments[p.ID]; known {
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

// fits reports whether amount can be refunded on top: it must not exceed the captured money less the refunds of any type
// that are not released.
func (st *store) fits(p parent, paymentID string, amount money.Amount, released func(*row) bool) bool {
	left := money.Amount{}
	var err error
	for _, pay := range st.paid(p, paymentID) {
		if left, err = left.Add(pay.captured()); err != nil {
			return false
		}
	}
	for _, r := range st.byParent[p] {
		if (p.Kind == SubscriptionKind && r.PaymentID != paymentID) || released(r) {
			continue
		}
		if left, err = left.Sub(r.Amount); err != nil {
			return false
		}
	}
	left, err = left.Sub(amount)
	return err == nil && left.Minor >= 0
}

// nextCfID returns the next Cashfree id for a refund that a request makes.
func (st *store) nextCfID() string { return strconv.Itoa(41805719 + len(st.created)) }

// syntheticID returns a 15-digit number, as in the live sandbox. It is always the same for a name.
func syntheticID(name string) string {
	h := fnv.New64a()
	h.Write([]byte(name))
	return strconv.FormatUint(200_000_000_000_000+h.Sum64()%100_000_000_000_000, 10)
}
