package cashfree

import "refundctl/internal/refund"

// ofSubscription sets the fields that are particular to subscriptions. Answers name the payment, and
// usually not the subscription.
func (o object) ofSubscription(l *refund.Live) {
	l.ParentID = o.text("subscription_id")
	l.PaymentID = o.text("payment_id")
}
