package cashfree

import (
	"cmp"

	"refundctl/internal/refund"
)

// ofPayment fills in what Flowwise has in its own way: the payment is the parent, its order is
// nobody's business here, and what banks call the refund stands in gateway_details.
func (o object) ofPayment(l *refund.Live) {
	gateway := o.inner("gateway_details")
	l.ParentID = o.text("payment_id")
	l.CfRefundID = cmp.Or(l.CfRefundID, gateway.text("refund_reference_id"))
	l.ARN = cmp.Or(gateway.text("refund_utr"), l.ARN)
	l.Description = cmp.Or(o.text("refund_message"), l.Description)
}
