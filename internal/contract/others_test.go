package contract

import (
	"net/http"
	"strings"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/sandbox"
)

// subscriptions makes every call about refunds of subscriptions. Requests that the client never sends
// go through ask.
func (m *meeting) subscriptions() {
	const path = "/subscriptions/sub_1/refunds"
	client := m.client()
	of := func(id, payment, speed string) refund.Spec {
		return refund.Spec{Kind: refund.Subscription, ParentID: "sub_1", PaymentID: payment, RefundID: id, Amount: inr(100), Speed: speed}
	}
	first := of("refund_1", "pay_upi", "STANDARD")
	first.Note = "one month"
	m.mustFail(client, first, refund.NotFound)
	m.mustCreate(client, first)
	if again := m.send(client, first); again.Replayed != m.sign.keys || !m.sign.keys && again.HTTP != http.StatusBadRequest {
		m.t.Errorf("the same request again: %+v", again)
	}
	if m.sign.keys {
		m.mustRefuse(client, of("refund_1", "pay_upi", ""), http.StatusUnprocessableEntity, "request_invalid")
	}
	m.mustCreate(client, of("refund_2", "pay_nach", "INSTANT"))
	m.mustRead(client, first, refund.Pending)
	m.at = m.at.Add(time.Hour)
	m.mustRead(client, first, refund.Success)
	for shown, word := range map[refund.Status]string{refund.Cancel: "CANCELLED", refund.Failed: "FAILED"} {
		if err := m.server.SetStatus(sandbox.SubscriptionKind, "refund_1", word); err != nil {
			m.t.Fatal(err)
		}
		m.mustRead(client, first, shown)
	}
	m.mustRefuse(client, of("refund_3", "pay_upi", "INSTANT"), 400, "refund_speed_invalid")
	m.mustRefuse(client, of("refund_4", "pay_9", ""), 404, "payment_not_found")
	unknown := of("refund_5", "pay_upi", "")
	unknown.ParentID = "sub_9"
	m.mustFail(client, unknown, refund.NoParent)

	body := `{"subscription_id":"sub_1","payment_id":"pay_upi","refund_id":"refund_3","refund_amount":1}`
	m.want(m.ask("GET", "/subscriptions/sub_1/payments", ""), http.StatusOK, "")
	m.want(m.ask("GET", "/subscriptions/sub_9/payments", ""), 404, "subscription_not_found")
	m.want(m.askWrongly("POST", path, body, stranger...), 401, "request_failed")
	m.want(m.ask("POST", path, strings.Replace(body, "refund_3", "refund_1", 1)), 400, "refund_id_invalid")
	m.failing(path, body, path+"/refund_3", "500-stored=#1,429=#2")
}

// cancel cancels a refund of an order.
func (m *meeting) cancel() {
	const path = "/orders/order_1/refunds"
	client := m.client()
	spec := refund.Spec{Kind: refund.Order, ParentID: "order_1", RefundID: "refund_1", Amount: inr(100)}
	ask := func(id, body string) refund.Answer {
		return client.Cancel(m.t.Context(), refund.Request{Method: "PUT", Path: path + "/" + id, Body: []byte(body)})
	}
	m.mustCreate(client, spec)
	m.want(m.askWrongly("PUT", path+"/refund_1", `{"refund_status":"CANCELLED"}`, stranger...), 401, "request_failed")
	m.want(m.askWrongly("PUT", path+"/refund_1", `{"refund_status":"SUCCESS"}`), 400, "refund_status_invalid")
	m.want(m.askWrongly("PUT", path+"/refund_1", `{}`), 400, "refund_status_missing")
	if a := ask("refund_9", `{"refund_status":"CANCELLED"}`); a.HTTP != 404 || a.Code != "refund_get_not_found" {
		m.t.Errorf("an unknown refund: %+v", a)
	}
	if a := ask("refund_1", `{"refund_status":"CANCELLED","remarks":"ordered by mistake"}`); a.Live == nil || a.Live.Status != refund.Cancelled {
		m.t.Errorf("cancelling: %+v", a)
	}
	m.mustRead(client, spec, refund.Cancelled)
	if a := ask("refund_1", `{"refund_status":"CANCELLED"}`); a.HTTP != 400 || a.Code != "refund_invalid" {
		m.t.Errorf("cancelling again: %+v", a)
	}
}

// payments makes every call about refunds of Flowwise.
func (m *meeting) payments() {
	const path = "/payments/pay_flow"
	client := m.client()
	of := func(id string, amount money.Amount) refund.Spec {
		return refund.Spec{Kind: refund.Payment, ParentID: "pay_flow", RefundID: id, Amount: amount, Type: "MERCHANT_INITIATED", Note: "size exchange"}
	}
	first, second := of("refund_1", inr(100)), of("refund_2", inr(100))
	m.mustFail(client, first, refund.NotFound)
	m.mustCreate(client, first)
	m.mustRefuse(client, second, 400, "refund_value_invalid")
	m.mustRead(client, first, refund.Pending)
	m.at = m.at.Add(time.Hour)
	m.mustRead(client, first, refund.Success)
	for _, word := range []refund.Status{refund.Cancelled, refund.Failed} {
		if err := m.server.SetStatus(sandbox.PaymentKind, "refund_1", string(word)); err != nil {
			m.t.Fatal(err)
		}
		m.mustRead(client, first, word)
	}
	m.mustRefuse(client, first, 400, "refund_id_already_exists")
	m.mustRefuse(client, of("refund_2", inr(100_001)), 400, "invalid_refund")
	unknown := of("refund_2", inr(100))
	unknown.ParentID = "pay_9"
	m.mustRefuse(client, unknown, 404, "payment_not_found")

	const body = `{"refund_id":"refund_2","refund_amount":1,"refund_type":"MERCHANT_INITIATED"}`
	m.want(m.askWrongly("POST", path, body, stranger...), 401, "unauthorized")
	m.want(m.askWrongly("POST", path, `{"refund_id":"refund_2","refund_amount":1}`), 400, "refund_type_missing")
	m.failing(path, body, "/refunds/refund_2", "500-stored=#1")
}
