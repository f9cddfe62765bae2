package schema

import "slices"

// shape is what a mapping of a manifest is, by which its fields have an order.
type shape string

const (
	manifestShape shape = "manifest"
	refundShape   shape = "refund" // also the defaults of refunds
	shareShape    shape = "share"
)

// fieldOrder is the order in which the canonical layout has fields; WriteRefund writes in it.
var fieldOrder = map[shape][]string{
	manifestShape: {"version", "account", "defaults", "refunds"},
	refundShape: {"order_id", "subscription_id", "payment_id", "refund_id", "refund_amount", "refund_currency", "refund_note",
		"refund_speed", "refund_type", "refund_splits", "labels", "hold", "not_duplicate_of", "supersedes"},
	shareShape: {"vendor_id", "amount"},
}

// rank is the place of a field; -1 where the order knows none of that name.
func (s shape) rank(field string) int { return slices.Index(fieldOrder[s], field) }

// within is the shape of a field's value, or of the items of its list.
func (s shape) within(field string) shape {
	switch {
	case s == manifestShape && (field == "defaults" || field == "refunds"):
		return refundShape
	case s == refundShape && field == "refund_splits":
		return shareShape
	}
	return ""
}
