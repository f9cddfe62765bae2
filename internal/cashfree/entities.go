package cashfree

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// decodeRefunds reads the list of an order's refunds. One unreadable row fails the whole list, because
// a gap could hide a refund. Only refunds that the merchant did not start may lack a refund_id; they
// count all the same.
func decodeRefunds(body []byte) ([]refund.Live, error) {
	return decodeList(body, "refund", refundKeys, func(row object) (refund.Live, error) {
		live, err := row.refund(refund.Order)
		if err == nil && live.RefundID == "" && live.ByMerchant() {
			err = errNoRefundID
		}
		return live, err
	})
}

// refundKeys and paymentKeys are the fields of which every refund or payment has some, the ids first.
var (
	refundKeys  = []string{"refund_id", "cf_refund_id", "refund_amount"}
	paymentKeys = []string{"cf_payment_id", "payment_amount", "payment_status"}
)

// decodeList reads a list of what is called noun, which is never nil. One row that cannot be read fails all of
// it; the error names the row by the first of its keys that it has.
func decodeList[T any](body []byte, noun string, keys []string, read func(object) (T, error)) ([]T, error) {
	rows, err := decodeRows(body)
	if err != nil {
		return nil, err
	}
	list := make([]T, len(rows))
	for i, row := range rows {
		if !row.has(keys...) {
			return nil, errForeign
		}
		if list[i], err = read(row); err != nil {
			return nil, fmt.Errorf("%s %s: %w", noun, row.name(keys, i), err)
		}
	}
	return list, nil
}

// name returns the id of a row of a list, cut, or its number in the list.
func (o object) name(keys []string, i int) string {
	const most = 60
	for _, key := range keys {
		if id := []rune(o.text(key)); strings.HasSuffix(key, "_id") && len(id) > 0 {
			return string(id[:min(len(id), most)])
		}
	}
	return fmt.Sprintf("number %d of the list", i+1)
}

// decodeRefund reads the refund in the answer to a create or get. It must have an id and an amount.
func decodeRefund(body []byte, kind refund.Kind) (refund.Live, error) {
	o, err := decodeOne(body)
	if err != nil {
		return refund.Live{}, err
	}
	if !o.has(refundKeys...) {
		return refund.Live{}, errForeign
	}
	live, err := o.refund(kind)
	if err == nil && live.RefundID == "" {
		err = errNoRefundID
	}
	if err != nil {
		return refund.Live{}, err
	}
	return live, nil
}

// refund reads the fields that all kinds share, then those of the kind.
func (o object) refund(kind refund.Kind) (refund.Live, error) {
	amount, err := o.money("refund_amount", "refund_currency")
	if err == nil && o.nested("refund_amount") {
		err = &duplicateKey{"refund_amount"}
	}
	if err != nil {
		return refund.Live{}, err
	}
	live := refund.Live{
		RefundID:    o.text("refund_id"),
		CfRefundID:  refund.PlainCfID(o.text("cf_refund_id")),
		CfPaymentID: o.text("cf_payment_id"),
		Amount:      amount,
		Status:      refund.Status(o.text("refund_status")),
		Type:        o.text("refund_type"),
		Mode:        o.text("refund_mode"),
		Note:        o.text("refund_note"),
		ARN:         o.text("refund_arn"),
		Splits:      o.splits(amount.Currency),
		CreatedAt:   o.time("created_at"),
		ProcessedAt: o.time("processed_at"),
		Details:     o.details(),
	}
	switch kind {
	case refund.Order:
		live.ParentID = o.text("order_id")
	case refund.Subscription:
		o.ofSubscription(&live)
	case refund.Payment:
		o.ofPayment(&live)
	}
	return live, nil
}

// speed reads an object, as orders have it, or a plain word, as subscriptions have it: then it is the
// speed that the API accepted.
func (o object) speed() refund.Speed {
	if word := o.text("refund_speed"); word != "" {
		return refund.Speed{Accepted: word}
	}
	s := o.inner("refund_speed")
	return refund.Speed{Requested: s.fact("requested"), Accepted: s.fact("accepted"),
		Processed: s.fact("processed"), Message: s.fact("message")}
}

// splits returns nil if one of them cannot be read, since old API versions also write percentages. Some of the
// splits must not be compared as if they were all.
func (o object) splits(c money.Currency) []refund.Split {
	rows, err := toRows(o["refund_splits"])
	if err != nil {
		return nil
	}
	var splits []refund.Split
	for _, row := range rows {
		amount, err := row.amount("amount", c)
		if err != nil || row.text("vendor_id") == "" {
			return nil
		}
		splits = append(splits, refund.Split{VendorID: row.text("vendor_id"), Amount: amount})
	}
	return splits
}

func decodePayments(body []byte) ([]refund.Paid, error) {
	return decodeList(body, "payment", paymentKeys, object.payment)
}

func (o object) payment() (refund.Paid, error) {
	p := refund.Paid{
		CfPaymentID: o.text("cf_payment_id"),
		Status:      o.text("payment_status"),
		Captured:    o.captured(),
		Mode:        o.mode(),
		CompletedAt: o.time("payment_completion_time"),
	}
	if p.CompletedAt.IsZero() {
		p.CompletedAt = o.time("payment_time") // earlier, so that the refund window never seems longer than it is
	}
	var err error
	p.Amount, err = o.money("payment_amount", "payment_currency")
	if err != nil && p.Status == "SUCCESS" { // only these can be refunded
		return refund.Paid{}, err
	}
	p.Authorization = o.authorization(p.Amount.Currency)
	return p, nil
}

// authorization returns nil if the field is missing, null or an empty object. Unreadable fields of it
// are empty.
func (o object) authorization(c money.Currency) *refund.Authorization {
	switch string(o["authorization"]) {
	case "", "null":
		return nil
	}
	a := o.inner("authorization")
	if a != nil && len(a) == 0 {
		return nil
	}
	captured, err := a.amount("captured_amount", c)
	return &refund.Authorization{Action: a.text("action"), Status: a.text("status"), Captured: captured, Readable: err == nil}
}

// captured reports whether the payment is captured: true if is_captured is missing, false for an
// unknown value.
func (o object) captured() bool {
	raw, given := o["is_captured"]
	return !given || string(raw) == "null" || isTrue(strings.Trim(string(raw), `"`))
}

// mode returns the key of payment_method, such as upi or card, or else payment_group.
func (o object) mode() string {
	if methods := slices.Sorted(maps.Keys(o.inner("payment_method"))); len(methods) > 0 {
		return methods[0]
	}
	return o.text("payment_group")
}

func decodeOrder(body []byte) (OrderInfo, error) {
	o, err := decodeObject(body)
	if err != nil {
		return OrderInfo{}, err
	}
	amount, err := o.money("order_amount", "order_currency")
	if err != nil {
		return OrderInfo{}, err
	}
	return OrderInfo{
		ID:        o.text("order_id"),
		CfOrderID: o.text("cf_order_id"),
		Amount:    amount,
		Status:    o.text("order_status"),
		CreatedAt: o.time("created_at"),
		ExpiresAt: o.time("order_expiry_time"),
	}, nil
}
