package cashfree

import "refundctl/internal/refund"

// ofSubscription fills in what an answer about a subscription's refund has in its own way. It
// names the payment, and mostly not the subscription.
func (o object) ofSubscription(l *refund.Live) {
	l.ParentID = o.text("subscription_id")
	l.PaymentID = o.text("payment_id")
}
