package contract

import (
	"net/http"
	"time"

	"refundctl/internal/sandbox"
)

// What follows asks plainly, as the pages' examples do. A call that the client makes takes the place
// of its m.ask here, through m.client, and m.send for a create.

// subscriptions is the life of a subscription's refunds.
func (m *meeting) subscriptions() {
	const path = "/subscriptions/sub_1/refunds"
	body := func(id, payment, more string) string {
		return `{"subscription_id":"sub_1","payment_id":"` + payment + `","refund_id":"` + id + `","refund_amount":1` + more + `}`
	}
	first, key := body("refund_1", "pay_upi", `,"refund_note":"one month","refund_speed":"STANDARD"`), []string{"X-Idempotency-Key", "47bf8872-46fe-41ee-be56-0242ac120002"}
	m.is(m.ask("POST", path, first, key...), http.StatusOK, "")
	if m.sign.keys {
		m.is(m.ask("POST", path, first, key...), http.StatusOK, "")
		m.is(m.ask("POST", path, body("refund_1", "pay_upi", ""), key...), http.StatusUnprocessableEntity, "request_invalid")
	}
	m.is(m.ask("POST", path, body("refund_2", "pay_nach", `,"refund_speed":"INSTANT"`)), http.StatusOK, "")
	m.is(m.ask("GET", path+"/refund_1", ""), http.StatusOK, "")
	m.at = m.at.Add(time.Hour)
	m.is(m.ask("GET", path+"/refund_1", ""), http.StatusOK, "")
	for _, word := range []string{"CANCELLED", "FAILED"} {
		if err := m.server.SetStatus(sandbox.SubscriptionKind, "refund_1", word); err != nil {
			m.t.Fatal(err)
		}
		m.is(m.ask("GET", path+"/refund_1", ""), http.StatusOK, "")
	}
	m.is(m.ask("GET", "/subscriptions/sub_1/payments", ""), http.StatusOK, "")

	m.is(m.wrongly("POST", path, body("refund_3", "pay_upi", ""), stranger...), 401, "request_failed")
	m.is(m.ask("POST", path, body("refund_1", "pay_upi", "")), 400, "refund_id_invalid")
	m.is(m.ask("POST", path, body("refund_3", "pay_upi", `,"refund_speed":"INSTANT"`)), 400, "refund_speed_invalid")
	m.is(m.ask("POST", path, body("refund_3", "pay_9", "")), 404, "payment_not_found")
	m.is(m.ask("GET", path+"/refund_9", ""), 404, "refund_get_not_found")
	m.is(m.ask("GET", "/subscriptions/sub_9/payments", ""), 404, "subscription_not_found")
	m.broken(path, body("refund_3", "pay_upi", ""), path+"/refund_3",
		"500-stored=#1,429=#2")
}

// cancel is the one change that a refund of an order can have.
func (m *meeting) cancel() {
	const path = "/orders/order_1/refunds"
	m.is(m.ask("POST", path, `{"refund_id":"refund_1","refund_amount":1}`), http.StatusOK, "")
	m.is(m.wrongly("PUT", path+"/refund_1", `{"refund_status":"CANCELLED"}`, stranger...), 401, "request_failed")
	m.is(m.wrongly("PUT", path+"/refund_1", `{"refund_status":"SUCCESS"}`), 400, "refund_status_invalid")
	m.is(m.wrongly("PUT", path+"/refund_1", `{}`), 400, "refund_status_missing")
	m.is(m.ask("PUT", path+"/refund_9", `{"refund_status":"CANCELLED"}`), 404, "refund_get_not_found")
	m.is(m.ask("PUT", path+"/refund_1", `{"refund_status":"CANCELLED","remarks":"ordered by mistake"}`), http.StatusOK, "")
	m.is(m.ask("PUT", path+"/refund_1", `{"refund_status":"CANCELLED"}`), 400, "refund_invalid")
}

// payments is the life of the refunds of Flowwise.
func (m *meeting) payments() {
	const path = "/payments/pay_flow"
	body := func(id, amount string) string {
		return `{"refund_id":"` + id + `","refund_amount":` + amount + `,"refund_type":"MERCHANT_INITIATED","refund_note":"size exchange"}`
	}
	m.is(m.ask("POST", path, body("refund_1", "1")), http.StatusOK, "")
	m.is(m.ask("POST", path, body("refund_2", "1")), 400, "refund_value_invalid")
	m.is(m.ask("GET", "/refunds/refund_1", ""), http.StatusOK, "")
	m.at = m.at.Add(time.Hour)
	m.is(m.ask("GET", "/refunds/refund_1", ""), http.StatusOK, "")
	for _, word := range []string{"CANCELLED", "FAILED"} {
		if err := m.server.SetStatus(sandbox.PaymentKind, "refund_1", word); err != nil {
			m.t.Fatal(err)
		}
		m.is(m.ask("GET", "/refunds/refund_1", ""), http.StatusOK, "")
	}
	m.is(m.wrongly("POST", path, body("refund_2", "1"), stranger...), 401, "unauthorized")
	m.is(m.ask("POST", path, body("refund_1", "1")), 400, "refund_id_already_exists")
	m.is(m.ask("POST", path, body("refund_2", "1000.01")), 400, "invalid_refund")
	m.is(m.wrongly("POST", path, `{"refund_id":"refund_2","refund_amount":1}`), 400, "refund_type_missing")
	m.is(m.ask("POST", "/payments/pay_9", body("refund_2", "1")), 404, "payment_not_found")
	m.is(m.ask("GET", "/refunds/refund_9", ""), 404, "refund_not_found")
	m.broken(path, body("refund_2", "1"), "/refunds/refund_2", "500-stored=#1")
}
