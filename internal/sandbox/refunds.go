package sandbox

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// refundEntity is a refund of an order in an answer.
type refundEntity struct {
	CfPaymentID       json.RawMessage   `json:"cf_payment_id"`
	CfRefundID        string            `json:"cf_refund_id"`
	OrderID           string            `json:"order_id"`
	RefundID          string            `json:"refund_id"`
	Entity            string            `json:"entity"`
	RefundAmount      json.Number       `json:"refund_amount"`
	RefundCurrency    string            `json:"refund_currency"`
	RefundNote        *string           `json:"refund_note"`
	RefundStatus      string            `json:"refund_status"`
	RefundARN         *string           `json:"refund_arn"`
	RefundCharge      json.Number       `json:"refund_charge"`
	StatusDescription string            `json:"status_description"`
	Metadata          map[string]string `json:"metadata"`
	RefundSplits      []splitEntity     `json:"refund_splits"`
	RefundType        string            `json:"refund_type"`
	RefundMode        string            `json:"refund_mode"`
	CreatedAt         string            `json:"created_at"`
	ProcessedAt       *string           `json:"processed_at"`
	RefundSpeed       *speedEntity      `json:"refund_speed,omitempty"`
	*forexEntity
}

type splitEntity struct {
	VendorID   string      `json:"vendor_id"`
	Amount     json.Number `json:"amount,omitempty"`
	Percentage json.Number `json:"percentage,omitempty"`
}

type speedEntity struct {
	Requested string  `json:"requested"`
	Accepted  string  `json:"accepted"`
	Processed *string `json:"processed"`
	Message   *string `json:"message"`
}

// forexEntity is part of refunds since 2025-01-01; it is zero for rupees.
type forexEntity struct {
	Charge          json.Number `json:"forex_conversion_handling_charge"`
	Tax             json.Number `json:"forex_conversion_handling_tax"`
	Rate            json.Number `json:"forex_conversion_rate"`
	ChargesCurrency string      `json:"charges_currency"`
}

var statusDescriptions = map[string]string{
	pending:   "In Progress",
	success:   "Refund processed successfully",
	cancelled: "Refund is cancelled",
	onHold:    "Refund on hold because of insufficient account balance",
	failed:    "Refund failed",
}

// The speeds. The emulator always changes INSTANT to STANDARD without a message, as the live sandbox does.
const (
	standard = "STANDARD"
	instant  = "INSTANT"
)

func (s *Server) createRefund(c *call) (answer, event) {
	id := c.ids[0]
	w, refused := c.parseCreate(s.currency(id))
	if refused != nil {
		return *refused, event{}
	}
	_, known := s.store.orders[id]
	switch {
	case id != "" && !validID(id, 45):
		return c.refuse(badOrderID), event{}
	case !known:
		return c.refuse(noOrder), event{}
	}
	p := c.parent(OrderKind)
	if refused := s.checkMoney(c, p, "", w); refused != nil {
		return *refused, event{}
	}
	r := w.row(c, p, s.store)
	return ok(s.entity(c, r, refundStatus{pending, c.now})), event{Refund: r}
}

func (s *Server) listRefunds(c *call) (answer, event) {
	if _, known := s.store.orders[c.ids[0]]; !known {
		return c.refuse(noOrder), event{}
	}
	list := []refundEntity{} // without refunds it is [], never null
	for _, r := range s.byCreation(c.parent(OrderKind)) {
		if s.visible(r, c.now) {
			list = append(list, s.entity(c, r, s.statusOf(r, c.now)))
		}
	}
	return ok(list), event{}
}

func (s *Server) byCreation(p parent) []*row {
	rows := slices.Clone(s.store.byParent[p])
	slices.SortStableFunc(rows, func(a, b *row) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return rows
}

func (s *Server) getRefund(c *call) (answer, event) {
	if _, known := s.store.orders[c.ids[0]]; !known {
		return c.refuse(noOrder), event{}
	}
	r := s.visibleRefund(c.parent(OrderKind), c.ids[1], c.now)
	if r == nil {
		return c.refuse(noRefund), event{}
	}
	return ok(s.entity(c, r, s.statusOf(r, c.now))), event{}
}

// cancelRefund handles PUT, which no key protects. Only a refund that is not settled can be cancelled. It is a write, so
// lagging reads hide nothing from it.
func (s *Server) cancelRefund(c *call) (answer, event) {
	var body struct {
		RefundStatus *string `json:"refund_status"`
		Remarks      string  `json:"remarks"`
	}
	if refused := c.decode(&body); refused != nil {
		return *refused, event{}
	}
	switch {
	case body.RefundStatus == nil:
		return c.missing("refund_status"), event{}
	case *body.RefundStatus != cancelled:
		return c.invalid("refund_status"), event{}
	case !hasLength(body.Remarks, 0, 250):
		return c.invalid("remarks"), event{}
	}
	if _, known := s.store.orders[c.ids[0]]; !known {
		return c.refuse(noOrder), event{}
	}
	r := s.store.refund(c.parent(OrderKind), c.ids[1])
	if r == nil {
		return c.refuse(noRefund), event{}
	}
	if now := s.statusOf(r, c.now).status; now != pending && now != onHold {
		return c.refuse(notCancellable), event{}
	}
	return ok(s.entity(c, r, refundStatus{cancelled, c.now})), event{Status: &statusChange{OrderKind, r.RefundID, cancelled, c.now}}
}

// entity returns a refund in the form of the call's version.
func (s *Server) entity(c *call, r *row, st refundStatus) refundEntity {
	e := refundEntity{
		CfPaymentID: c.cfID(r.CfPaymentID), CfRefundID: r.CfRefundID,
		OrderID: r.Parent, RefundID: r.RefundID, Entity: "refund",
		RefundAmount: s.number(r.Amount), RefundCurrency: string(r.Amount.Currency), RefundNote: r.Note,
		RefundStatus: st.status, RefundARN: s.bankReference(r, st, c.now), StatusDescription: statusDescriptions[st.status],
		RefundSplits: []splitEntity{}, RefundType: r.Type, RefundMode: "NORMAL", CreatedAt: ist(r.CreatedAt),
	}
	for _, share := range r.Splits {
		e.RefundSplits = append(e.RefundSplits, splitEntity{VendorID: share.VendorID, Amount: s.number(share.Amount)})
	}
	if st.status == success {
		e.ProcessedAt = new(ist(st.since))
	}
	d := s.store.details(r)
	c.shape(&e, r, d)
	d.describe(&e)
	return e
}

// describe adds the details that every version has.
func (d Details) describe(e *refundEntity) {
	if e.RefundStatus == pending || e.RefundStatus == onHold {
		e.StatusDescription = cmp.Or(d.Description, e.StatusDescription)
	}
	e.RefundCharge = number(d.Charge)
	e.Metadata = d.Metadata
	if len(d.Shares) > 0 {
		e.RefundSplits = nil
	}
	for _, share := range d.Shares {
		e.RefundSplits = append(e.RefundSplits, splitEntity{VendorID: share.VendorID, Percentage: json.Number(share.Percentage)})
	}
}

// number is a number that is zero if the text is empty.
func number(text string) json.Number { return json.Number(cmp.Or(text, "0")) }

// shape adds what differs between versions.
func (c *call) shape(e *refundEntity, r *row, d Details) {
	if !c.since("2023-08-01") {
		e.CfRefundID = "refund_" + e.CfRefundID
		e.RefundMode = standard
	}
	if c.since("2022-09-01") {
		speed := speedEntity{Requested: standard, Accepted: standard}
		if r.Speed != "" {
			speed.Requested = r.Speed
		}
		if e.ProcessedAt != nil {
			speed.Processed = &speed.Accepted
		}
		if d.SpeedMessage != "" {
			speed.Message = &d.SpeedMessage
		}
		e.RefundSpeed = &speed
	}
	if c.since("2025-01-01") {
		e.forexEntity = &forexEntity{number(d.ForexCharge), number(d.ForexTax), number(d.ForexRate), cmp.Or(d.ChargesCurrency, "INR")}
	}
}

// cfID returns a Cashfree id as JSON: a number up to 2022-09-01, and text since then.
func (c *call) cfID(id string) json.RawMessage {
	if !c.since("2023-08-01") && id != "" && id[0] != '0' && strings.Trim(id, "0123456789") == "" {
		return json.RawMessage(id)
	}
	return json.RawMessage(strconv.Quote(id))
}

// windowClosed reports whether six calendar months have passed since the payment.
func windowClosed(paidAt, now time.Time) bool { return now.After(paidAt.AddDate(0, 6, 0)) }
