package sandbox

import "refundctl/schema"

// WorldOf is what an orders file says, in the emulator's terms.
func WorldOf(file schema.World) World {
	w := World{Payments: paymentsOf(file.Payments)}
	for _, o := range file.Orders {
		w.Orders = append(w.Orders, Order{OrderID: o.OrderID, Amount: o.Amount, Status: o.Status,
			CreatedAt: o.CreatedAt, Payments: paymentsOf(o.Payments)})
	}
	for _, s := range file.Subscriptions {
		w.Subscriptions = append(w.Subscriptions, Subscription{s.SubscriptionID, paymentsOf(s.Payments)})
	}
	for _, r := range file.Refunds {
		w.Refunds = append(w.Refunds, refundOf(r))
	}
	return w
}

// paymentsOf keeps nil apart from empty: an order that lists no payments has none.
func paymentsOf(file []schema.WorldPayment) []Payment {
	if file == nil {
		return nil
	}
	payments := make([]Payment, 0, len(file))
	for _, p := range file {
		one := Payment{PaymentID: p.PaymentID, OrderID: p.OrderID, CfPaymentID: p.CfPaymentID,
			Amount: p.Amount, Status: p.Status, Uncaptured: !p.Captured, Mode: p.Mode, CompletedAt: p.CompletedAt}
		if a := p.Authorization; a != nil {
			one.Authorization = &Authorization{a.Action, a.Status, a.Captured}
		}
		payments = append(payments, one)
	}
	return payments
}

func refundOf(r schema.WorldRefund) Refund {
	f := Refund{RefundID: r.RefundID, Amount: r.Amount, Status: r.Status, Type: r.Type, Note: r.Note, Speed: r.Speed,
		ARN: r.ARN, CreatedAt: r.CreatedAt, SettledAt: r.ProcessedAt}
	switch {
	case r.OrderID != "":
		f.Kind, f.ParentID = OrderKind, r.OrderID
	case r.SubscriptionID != "":
		f.Kind, f.ParentID, f.PaymentID = SubscriptionKind, r.SubscriptionID, r.PaymentID
	default:
		f.Kind, f.ParentID = PaymentKind, r.PaymentID
	}
	return f
}
