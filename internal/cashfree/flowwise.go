package cashfree

import (
	"cmp"

	"refundctl/internal/refund"
)

// ofPayment sets the fields that are particular to Flowwise. The payment is the parent, its order is
// ignored, and the bank's references are in gateway_details.
func (o object) ofPayment(l *refund.Live) {
	gateway := o.inner("gateway_details")
	l.ParentID = o.text("payment_id")
	l.CfRefundID = cmp.Or(l.CfRefundID, gateway.text("refund_reference_id"))
	l.ARN = cmp.Or(gateway.text("refund_utr"), l.ARN)
	l.Description = cmp.Or(o.fact("refund_message"), l.Description)
}
