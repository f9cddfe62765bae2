package sandbox_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/sandbox"
)

func (b *bench) subscribe(body string, headers ...string) reply {
	b.t.Helper()
	return b.do("POST", "/pg/subscriptions/sub_1/refunds", body, headers...)
}

func subscriptionBody(id, payment, amount, speed string) string {
	return fmt.Sprintf(`{"subscription_id":"sub_1","payment_id":%q,"refund_id":%q,"refund_amount":%s,"refund_speed":%q}`, payment, id, amount, speed)
}

func TestASubscriptionRefundHasItsOwnFieldsAndStatuses(t *testing.T) {
	b := start(t, sandbox.Options{SettleAfter: time.Second})
	created := b.subscribe(subscriptionBody("ref_1", "pay_upi", "100.10", "STANDARD"))
	b.want(created, 200, "")
	var payments []map[string]any
	decode(t, b.do("GET", "/pg/subscriptions/sub_1/payments", "").body, &payments)
	want := map[string]any{"payment_id": "pay_upi", "cf_payment_id": payments[0]["cf_payment_id"], "refund_id": "ref_1", "cf_refund_id": "ref_41805719",
		"refund_amount": json.Number("100.1"), "refund_note": nil, "refund_speed": "NORMAL", "refund_status": "INITIALIZED"}
	if diff := cmp.Diff(want, object(t, created)); diff != "" {
		t.Fatal(diff)
	}
	b.clock.advance(time.Second)
	want["refund_status"] = "SUCCESS"
	if diff := cmp.Diff(want, object(t, b.do("GET", "/pg/subscriptions/sub_1/refunds/ref_1", ""))); diff != "" {
		t.Fatal(diff)
	}
	if err := b.server.SetStatus(sandbox.SubscriptionKind, "ref_1", "CANCELLED"); err != nil {
		t.Fatal(err)
	}
	if got := object(t, b.do("GET", "/pg/subscriptions/sub_1/refunds/ref_1", ""))["refund_status"]; got != "CANCEL" {
		t.Fatal(got)
	}
}

func TestSubscriptionRefundsAreCheckedAgainstTheirPayment(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.create("order_1", "used_id", "1")
	for body, want := range map[string]string{
		subscriptionBody("ref_1", "pay_upi", "299.01", "STANDARD"):                                 "refund_post_failed",
		subscriptionBody("ref_1", "pay_upi", "1", "INSTANT"):                                       "refund_speed_invalid",
		subscriptionBody("ref_1", "pay_nach", "1", "STANDARD"):                                     "refund_speed_invalid",
		subscriptionBody("ref_1", "pay_none", "1", "STANDARD"):                                     "payment_not_found",
		subscriptionBody("used_id", "pay_upi", "1", "STANDARD"):                                    "refund_id_invalid",
		`{"payment_id":"pay_upi","refund_id":"ref_1","refund_amount":1}`:                           "subscription_id_missing",
		`{"subscription_id":"sub_2","payment_id":"pay_upi","refund_id":"ref_1","refund_amount":1}`: "subscription_id_invalid",
	} {
		if r := b.subscribe(body); object(t, r)["code"] != want {
			t.Errorf("%s: %d %s", body, r.status, r.body)
		}
	}
	other := strings.ReplaceAll(subscriptionBody("ref_1", "pay_upi", "1", "STANDARD"), "sub_1", "sub_9")
	b.want(b.do("POST", "/pg/subscriptions/sub_9/refunds", other), 404, "subscription_not_found")
	b.want(b.subscribe(subscriptionBody("ref_1", "pay_upi", "299", "STANDARD")), 200, "")
	b.want(b.subscribe(subscriptionBody("ref_2", "pay_upi", "0.01", "STANDARD")), 400, "refund_post_failed")
	b.want(b.subscribe(subscriptionBody("ref_2", "pay_nach", "299", "INSTANT")), 200, "") // each payment has its own balance
	b.want(b.do("GET", "/pg/subscriptions/sub_1/refunds/ref_9", ""), 404, "refund_get_not_found")
}

func TestThePaymentOfASubscriptionRefundIsRequiredFrom2026(t *testing.T) {
	b := start(t, sandbox.Options{})
	body := `{"subscription_id":"sub_1","refund_id":"ref_1","refund_amount":1}`
	b.want(b.subscribe(body, "X-Api-Version", "2026-01-01"), 400, "payment_id_missing")
	b.want(b.subscribe(body, "X-Api-Version", "2022-09-01"), 400, "request_failed")
	r := b.subscribe(body, "X-Api-Version", "2025-01-01")
	b.want(r, 200, "")
	if e := object(t, r); e["payment_id"] != "pay_nach" || e["refund_speed"] != "INSTANT" {
		t.Fatal(e)
	}
}

func TestSubscriptionRefundsHaveKeysToo(t *testing.T) {
	b := start(t, sandbox.Options{})
	body := subscriptionBody("ref_1", "pay_upi", "1", "STANDARD")
	first := b.subscribe(body, "X-Idempotency-Key", "k")
	second := b.subscribe(body, "X-Idempotency-Key", "k")
	if first.body != second.body || second.header.Get("X-Idempotency-Replayed") != "true" {
		t.Fatal(second)
	}
	b.wantMade("ref_1")
}

func TestACfPaymentIDIsANumber(t *testing.T) {
	b := start(t, sandbox.Options{})
	var payments []map[string]any
	decode(t, b.do("GET", "/pg/subscriptions/sub_1/payments", "").body, &payments)
	body := func(id, cfPaymentID string) string {
		return fmt.Sprintf(`{"subscription_id":"sub_1","refund_id":%q,"refund_amount":1,"cf_payment_id":%s}`, id, cfPaymentID)
	}
	first := payments[0]["cf_payment_id"].(string)
	b.want(b.subscribe(body("ref_1", `"`+first+`"`)), 400, "cf_payment_id_invalid")
	b.want(b.subscribe(body("ref_1", "1")), 404, "payment_not_found")
	b.want(b.subscribe(body("ref_2", "null")), 200, "")
	r := b.subscribe(body("ref_1", first))
	b.want(r, 200, "")
	if got := object(t, r)["payment_id"]; got != "pay_upi" {
		t.Fatal(got)
	}
}

func TestOtherKindsShowOnHoldAsPending(t *testing.T) {
	b := start(t, sandbox.Options{SettleAfter: time.Minute})
	b.want(b.subscribe(subscriptionBody("ref_1", "pay_upi", "1", "STANDARD")), 200, "")
	b.want(b.flow(flowBody("ref_1", "1")), 200, "")
	for kind, path := range map[sandbox.Kind]string{sandbox.SubscriptionKind: "/pg/subscriptions/sub_1/refunds/ref_1", sandbox.PaymentKind: "/router/refunds/ref_1"} {
		if err := b.server.SetStatus(kind, "ref_1", "ONHOLD"); err != nil {
			t.Fatal(err)
		}
		if got := object(t, b.do("GET", path, ""))["refund_status"]; got != "PENDING" {
			t.Errorf("%s: %v", kind, got)
		}
	}
	b.want(b.flow(flowBody("ref_2", "1")), 400, "refund_value_invalid") // the first one is still pending
}

func TestACancelledSubscriptionRefundReleasesItsAmount(t *testing.T) {
	w := world()
	w.Refunds = []sandbox.Refund{{Kind: sandbox.SubscriptionKind, ParentID: "sub_1", PaymentID: "pay_upi", RefundID: "dash_1", Amount: inr(29_900), Status: "CANCEL"}}
	b := start(t, sandbox.Options{World: w})
	b.want(b.subscribe(subscriptionBody("ref_1", "pay_upi", "299", "STANDARD")), 200, "")
}

func flowBody(id, amount string) string {
	return fmt.Sprintf(`{"refund_id":%q,"refund_amount":%s,"refund_type":"MERCHANT_INITIATED"}`, id, amount)
}

func (b *bench) flow(body string, headers ...string) reply {
	b.t.Helper()
	return b.do("POST", "/router/payments/pay_flow", body, append([]string{"X-Api-Version", ""}, headers...)...)
}

func TestAFlowwiseRefundNeedsNoVersionAndShowsItsReference(t *testing.T) {
	b := start(t, sandbox.Options{SettleAfter: time.Second, ARNAfter: time.Second})
	want := map[string]any{"payment_id": "pay_flow", "order_id": "order_flow", "refund_id": "ref_1", "refund_amount": json.Number("12"),
		"refund_status": "PENDING", "refund_type": "MERCHANT_INITIATED", "refund_note": nil, "refund_message": "Refund is Initiated",
		"gateway_details": map[string]any{"refund_reference_id": "RFD41805719", "refund_utr": nil}}
	if diff := cmp.Diff(want, object(t, b.flow(flowBody("ref_1", "12")))); diff != "" {
		t.Fatal(diff)
	}
	b.clock.advance(time.Second)
	want["refund_status"] = "SUCCESS"
	want["refund_message"] = "Refund processed successfully. Amount will be credited within 5-7 business days"
	if diff := cmp.Diff(want, object(t, b.do("GET", "/router/refunds/ref_1", "", "X-Api-Version", ""))); diff != "" {
		t.Fatal(diff)
	}
	b.clock.advance(time.Second)
	want["gateway_details"] = map[string]any{"refund_reference_id": "RFD41805719", "refund_utr": "REF41805719"}
	if diff := cmp.Diff(want, object(t, b.do("GET", "/router/refunds/ref_1", "", "X-Api-Version", ""))); diff != "" {
		t.Fatal(diff)
	}
}

func TestFlowwiseRefusalsHaveTheirOwnMessages(t *testing.T) {
	b := start(t, sandbox.Options{SettleAfter: time.Minute})
	rows := []struct {
		r    reply
		want string
	}{
		{b.flow(flowBody("ref_1", "1"), "X-Client-Secret", ""), `401 {"message":"Invalid API credentials provided","code":"unauthorized","type":"authentication_error"}`},
		{b.flow(flowBody("ref_1", "0")), `400 {"message":"Invalid refund amount or refund exceeds payment amount","code":"invalid_refund","type":"validation_error"}`},
		{b.flow(flowBody("ref_1", "1000.01")), `400 {"message":"Total refund amount cannot be greater than the payment amount","code":"invalid_refund","type":"validation_error"}`},
		{b.do("POST", "/router/payments/nothing", flowBody("ref_1", "1")), `404 {"message":"Payment not found or not eligible for refund","code":"payment_not_found","type":"resource_error"}`},
		{b.do("GET", "/router/refunds/ref_1", ""), `404 {"message":" payment refund not found","code":"refund_not_found","type":"resource_error"}`},
		{b.flow(createBody("ref_1", "1")), `400 {"message":"refund_type is required","code":"refund_type_missing","type":"validation_error"}`},
		{b.flow(flowBody("ref_1", "1")), `200`},
		{b.flow(flowBody("ref_1", "1")), `400 {"message":"Refund Entity already exists for the provided refund_id","code":"refund_id_already_exists","type":"validation_error"}`},
		{b.flow(flowBody("ref_2", "1")), `400 {"message":"One refund request is already being processed","code":"refund_value_invalid","type":"validation_error"}`},
	}
	for i, row := range rows {
		if got := fmt.Sprintf("%d %s", row.r.status, row.r.body); !strings.HasPrefix(got, row.want) {
			t.Errorf("row %d: %s\nwant %s", i, got, row.want)
		}
	}
	b.clock.advance(time.Minute)
	b.want(b.flow(flowBody("ref_2", "999")), 200, "")
	b.wantMade("ref_1 ref_2")
}

func TestFlowwiseHasNoKeysAndItsOwnRefundIDs(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.want(b.flow(flowBody("ref_1", "1"), "X-Idempotency-Key", "k"), 200, "")
	b.want(b.flow(flowBody("ref_1", "1"), "X-Idempotency-Key", "k"), 400, "refund_id_already_exists")
	b.want(b.create("order_1", "ref_1", "1"), 200, "")
	for name := range b.flow(flowBody("ref_2", "1")).header {
		if strings.HasPrefix(name, "X-") {
			t.Errorf("%s is not documented for Flowwise", name)
		}
	}
}

func TestFlowwiseIgnoresFieldsOfCashfree(t *testing.T) {
	b := start(t, sandbox.Options{})
	body := strings.Replace(flowBody("ref_1", "1"), "{", `{"refund_speed":"FAST","refund_splits":[{}],"refund_note":"x",`, 1)
	b.want(b.flow(body), 200, "")
}

func TestFlowwiseCanHaveItsOwnCredentials(t *testing.T) {
	b := start(t, sandbox.Options{Credentials: sandbox.Credentials{ClientID: "id-of-a-test", ClientSecret: "word"},
		Flowwise: sandbox.Credentials{ClientID: "id-of-flow", ClientSecret: "word-of-flow"}})
	own := []string{"X-Client-Id", "id-of-flow", "X-Client-Secret", "word-of-flow"}
	b.want(b.flow(flowBody("ref_1", "1")), 401, "unauthorized")
	b.want(b.flow(flowBody("ref_1", "1"), own...), 200, "")
	b.want(b.create("order_1", "ref_1", "1", own...), 401, "request_failed")
	b.want(b.create("order_1", "ref_1", "1"), 200, "")
}

func TestEveryStatusOfFlowwiseHasItsMessage(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.want(b.flow(flowBody("ref_1", "1")), 200, "")
	for _, word := range []string{"PENDING", "SUCCESS", "FAILED", "CANCELLED", "ONHOLD"} {
		if err := b.server.SetStatus(sandbox.PaymentKind, "ref_1", word); err != nil {
			t.Fatal(err)
		}
		if e := object(t, b.do("GET", "/router/refunds/ref_1", "")); e["refund_message"] == "" {
			t.Errorf("%s: %v", word, e)
		}
	}
}

func TestFlowwiseShowsOrdersAndPaymentsInUTC(t *testing.T) {
	b := start(t, sandbox.Options{})
	order := object(t, b.do("GET", "/router/orders/order_flow", ""))
	if diff := cmp.Diff(map[string]any{"order_id": "order_flow", "order_status": "PAID", "created_at": "2026-06-14T06:30:00Z"}, order); diff != "" {
		t.Fatal(diff)
	}
	var payments []map[string]any
	decode(t, b.do("GET", "/router/orders/order_flow/payments", "").body, &payments)
	if len(payments) != 1 || payments[0]["payment_id"] != "pay_flow" || payments[0]["capture_amount"] != json.Number("1000") {
		t.Fatal(payments)
	}
	details, _ := payments[0]["gateway_details"].(map[string]any)
	if got := slices.Sorted(maps.Keys(details)); !slices.Equal(got, []string{"auth_id", "processor_ref", "utr"}) {
		t.Fatal(got)
	}
	b.want(b.do("GET", "/router/orders/nothing", ""), 404, "order_not_found")
}

func TestFaultsUseTheErrorsOfTheCalledAPI(t *testing.T) {
	b := start(t, sandbox.Options{Faults: faults(t, "500-after=#1,read-404=#1")})
	b.want(b.flow(flowBody("ref_1", "1")), 500, "refund_failed")
	b.wantMade("ref_1")
	b.want(b.do("GET", "/router/refunds/ref_1", ""), 404, "refund_not_found")
	b.want(b.do("GET", "/router/refunds/ref_1", ""), 200, "")
}

func TestAnOrdersFileBecomesTheWorld(t *testing.T) {
	file, problems := sandbox.ParseWorld("sandbox.yaml", []byte(`
version: 1
orders:
  - {order_id: order_1, order_amount: 2299.50}
  - {order_id: order_unpaid, order_amount: 100.00, order_status: ACTIVE}
  - {order_id: order_none, order_amount: 100.00, payments: []}
  - order_id: order_auth
    order_amount: 50
    payments: [{payment_amount: 50, is_captured: false}]
subscriptions:
  - subscription_id: sub_77
    payments: [{payment_id: pay_77_02, payment_amount: 299.00}, {payment_id: pay_77_03, payment_amount: 299.00, mode: enach}]
payments:
  - {payment_id: pay_flow, order_id: order_1, payment_amount: 2299.50}
refunds:
  - {order_id: order_1, refund_id: dash_1, refund_amount: 10.00, refund_status: SUCCESS}
  - {subscription_id: sub_77, refund_id: dash_2, refund_amount: 298.00}
  - {payment_id: pay_flow, refund_id: dash_3, refund_amount: 2299.00}
`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	b := start(t, sandbox.Options{World: file})
	b.want(b.create("order_1", "ref_1", "2289.51"), 400, "refund_post_failed")
	b.want(b.create("order_1", "ref_1", "2289.50"), 200, "")
	for _, order := range []string{"order_unpaid", "order_none", "order_auth"} {
		b.want(b.create(order, "ref_2", "1"), 400, "order_id_not_paid")
	}
	sub := func(payment, amount string) reply {
		return b.do("POST", "/pg/subscriptions/sub_77/refunds", fmt.Sprintf(
			`{"subscription_id":"sub_77","payment_id":%q,"refund_id":"ref_3","refund_amount":%s}`, payment, amount))
	}
	b.want(sub("pay_77_03", "1.01"), 400, "refund_post_failed")
	b.want(sub("pay_77_03", "1"), 200, "")
	b.want(b.flow(flowBody("ref_4", "0.51")), 400, "invalid_refund")
	b.want(b.flow(flowBody("ref_4", "0.5")), 200, "")
	b.wantMade("ref_1 ref_3 ref_4")
}

func TestAWorldThatContradictsItselfIsRefused(t *testing.T) {
	one := sandbox.Refund{ParentID: "order_1", RefundID: "dash_1", Amount: inr(1)}
	for want, refunds := range map[string][]sandbox.Refund{
		"twice":        {one, one},
		`no order "x"`: {{ParentID: "x", RefundID: "dash_1", Amount: inr(1)}},
	} {
		w := world()
		w.Refunds = refunds
		if _, err := sandbox.New(sandbox.Options{Clock: newClock().now, World: w}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %s: %v", want, err)
		}
	}
	if _, err := sandbox.New(sandbox.Options{}); err == nil {
		t.Error("an emulator without a clock was started")
	}
}
