package layout

import (
	"slices"
)

// shape is what a mapping of a manifest is about, which decides the order of its fields.
type shape string

const (
	manifestShape shape = "manifest"
	refundShape   shape = "refund" // also the defaults of refunds
	shareShape    shape = "share"
)

// fieldOrder is the order of fields in the canonical layout; WriteRefund follows it.
var fieldOrder = map[shape][]string{
	manifestShape: {"version", "account", "defaults", "refunds"},
	refundShape: {"order_id", "subscription_id", "payment_id", "refund_id", "refund_amount", "refund_currency", "refund_note",
		"refund_speed", "refund_type", "refund_splits", "labels", "hold", "not_duplicate_of", "supersedes"},
	shareShape: {"vendor_id", "amount"},
}

// rank returns the position of a field; -1 if the order does not know the field.
func (s shape) rank(field string) int { return slices.Index(fieldOrder[s], field) }

// within returns the shape of a field's value, or of the items of its list.
func (s shape) within(field string) shape {
	switch {
	case s == manifestShape && (field == "defaults" || field == "refunds"):
		return refundShape
	case s == refundShape && field == "refund_splits":
		return shareShape
	}
	return ""
}
