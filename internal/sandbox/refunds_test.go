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

	"refundctl/internal/money"
	"refundctl/internal/sandbox"
)

func TestANewRefundIsPendingAndSettlesByTheClock(t *testing.T) {
	b := start(t, sandbox.Options{SettleAfter: sandbox.DefaultSettleAfter, ARNAfter: -1})
	body := `{"refund_amount":1149.75,"refund_id":"ref_1","refund_note":"size exchange","refund_splits":[{"vendor_id":"v1","amount":100.1}]}`
	if err := b.server.Add(sandbox.World{Orders: []sandbox.Order{{OrderID: "order_3", Amount: inr(229_950), Payments: []sandbox.Payment{{Amount: inr(229_950), CfPaymentID: "918812"}}}}}); err != nil {
		t.Fatal(err)
	}
	created := b.do("POST", "/pg/orders/order_3/refunds", body)
	b.want(created, 200, "")
	want := map[string]any{
		"cf_payment_id": "918812", "cf_refund_id": "41805719", "order_id": "order_3", "refund_id": "ref_1", "entity": "refund",
		"refund_amount": json.Number("1149.75"), "refund_currency": "INR", "refund_note": "size exchange", "refund_status": "PENDING",
		"refund_arn": nil, "refund_charge": json.Number("0"), "status_description": "In Progress", "metadata": nil,
		"refund_splits": []any{map[string]any{"vendor_id": "v1", "amount": json.Number("100.1")}},
		"refund_type":   "MERCHANT_INITIATED", "refund_mode": "NORMAL", "created_at": "2026-06-15T12:00:00+05:30", "processed_at": nil,
		"refund_speed": map[string]any{"requested": "STANDARD", "accepted": "STANDARD", "processed": nil, "message": nil},
	}
	if diff := cmp.Diff(want, object(t, created)); diff != "" {
		t.Fatal(diff)
	}
	b.clock.advance(1499 * time.Millisecond)
	if diff := cmp.Diff([]map[string]any{want}, b.list("order_3")); diff != "" {
		t.Fatal("too early:", diff)
	}
	b.clock.advance(time.Millisecond)
	maps.Copy(want, map[string]any{"refund_status": "SUCCESS", "status_description": "Refund processed successfully",
		"processed_at": "2026-06-15T12:00:01+05:30", "refund_speed": map[string]any{"requested": "STANDARD", "accepted": "STANDARD", "processed": "STANDARD", "message": nil}})
	if diff := cmp.Diff([]map[string]any{want}, b.list("order_3")); diff != "" {
		t.Fatal(diff)
	}
	if diff := cmp.Diff(want, object(t, b.do("GET", "/pg/orders/order_3/refunds/ref_1", ""))); diff != "" {
		t.Fatal("get one:", diff)
	}
}

func TestWithoutADelayTheCreateStillAnswersPending(t *testing.T) {
	b := start(t, sandbox.Options{})
	if got := object(t, b.create("order_1", "ref_1", "1"))["refund_status"]; got != "PENDING" {
		t.Fatal(got)
	}
	if got := b.list("order_1")[0]["refund_status"]; got != "SUCCESS" {
		t.Fatal(got)
	}
}

func TestFieldsFollowTheVersion(t *testing.T) {
	b := start(t, sandbox.Options{World: sandbox.World{Orders: []sandbox.Order{
		{OrderID: "order_1", Amount: inr(100_000), Payments: []sandbox.Payment{{Amount: inr(100_000), CfPaymentID: "214978794866624"}}}}}})
	b.create("order_1", "ref_1", "1")
	for version, want := range map[string]struct {
		payment, refund, mode string
		speed, forex, links   bool
	}{
		"2022-01-01": {`214978794866624`, "refund_41805719", "STANDARD", false, false, true},
		"2022-09-01": {`214978794866624`, "refund_41805719", "STANDARD", true, false, true},
		"2023-08-01": {`"214978794866624"`, "41805719", "NORMAL", true, false, false},
		"2025-01-01": {`"214978794866624"`, "41805719", "NORMAL", true, true, false},
		"2026-01-01": {`"214978794866624"`, "41805719", "NORMAL", true, true, false},
	} {
		text := b.do("GET", "/pg/orders/order_1/refunds/ref_1", "", "X-Api-Version", version).body
		for part, has := range map[string]bool{
			`"cf_payment_id":` + want.payment + `,`:              true,
			`"cf_refund_id":"` + want.refund + `"`:               true,
			`"refund_mode":"` + want.mode + `"`:                  true,
			`"refund_speed":`:                                    want.speed,
			`"forex_conversion_rate":0,"charges_currency":"INR"`: want.forex,
			`"refund_splits":[]`:                                 true,
		} {
			if strings.Contains(text, part) != has {
				t.Errorf("%s: %s is %v in %s", version, part, !has, text)
			}
		}
		_, links := object(t, b.do("GET", "/pg/orders/order_1", "", "X-Api-Version", version))["refunds"]
		if links != want.links {
			t.Errorf("%s: order links %v", version, links)
		}
	}
}

func TestUnknownOrdersAre404AndListsAreNeverNull(t *testing.T) {
	b := start(t, sandbox.Options{})
	for _, path := range []string{"", "/refunds", "/payments", "/refunds/ref_1"} {
		b.want(b.do("GET", "/pg/orders/nobody"+path, ""), 404, "order_not_found")
	}
	b.want(b.do("GET", "/pg/orders//refunds", ""), 404, "order_not_found")
	for _, path := range []string{"/pg/orders/order_unpaid/refunds", "/pg/orders/order_unpaid/payments"} {
		if r := b.do("GET", path, ""); r.status != 200 || r.body != "[]\n" {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	b.want(b.do("GET", "/pg/orders/a=b", ""), 400, "order_id_invalid")
	b.want(b.create("a=b", "ref_1", "1"), 400, "order_id_invalid")
	b.want(b.do("GET", "/pg/orders/order%5F1", ""), 200, "")
}

func TestARefundIsFoundOnlyUnderItsOwnOrder(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.create("order_1", "ref_1", "1")
	b.want(b.do("GET", "/pg/orders/order_1/refunds/ref_1", ""), 200, "")
	b.want(b.do("GET", "/pg/orders/order_2/refunds/ref_1", ""), 404, "refund_get_not_found")
	b.want(b.do("GET", "/pg/orders/order_1/refunds/41805719", ""), 404, "refund_get_not_found")
}

func TestARefundIDIsTakenForTheWholeMerchantForever(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.want(b.create("order_1", "ref_1", "1"), 200, "")
	b.want(b.create("order_2", "ref_1", "1"), 400, "refund_id_invalid")
	if err := b.server.SetStatus(sandbox.OrderKind, "ref_1", "CANCELLED"); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(48 * time.Hour)
	b.want(b.create("order_1", "ref_1", "1"), 400, "refund_id_invalid")
	b.wantMade("ref_1")
}

func TestTheCapCountsAllRefundsExceptFailedAndCancelledOnes(t *testing.T) {
	b := start(t, sandbox.Options{SettleAfter: time.Hour})
	b.want(b.create("order_1", "ref_1", "600"), 200, "")
	b.want(b.create("order_1", "ref_2", "400.01"), 400, "refund_post_failed")
	for status, want := range map[string]int{"ONHOLD": 400, "SUCCESS": 400, "NEW_WORD": 400} {
		_ = b.server.SetStatus(sandbox.OrderKind, "ref_1", status)
		b.want(b.create("order_1", "ref_2", "400.01"), want, "")
	}
	b.want(b.create("order_1", "ref_3", "400"), 200, "")
	_ = b.server.SetStatus(sandbox.OrderKind, "ref_1", "FAILED")
	b.want(b.create("order_1", "ref_4", "600"), 200, "")
	_ = b.server.SetStatus(sandbox.OrderKind, "ref_4", "CANCELLED")
	b.want(b.create("order_1", "ref_5", "600.01"), 400, "refund_post_failed")
	b.want(b.create("order_1", "ref_6", "600"), 200, "")
	b.wantMade("ref_1 ref_3 ref_4 ref_6")
}

func TestTheCapCountsCapturedPaymentsAndAutoRefunds(t *testing.T) {
	w := sandbox.World{
		Orders: []sandbox.Order{{OrderID: "order_1", Amount: inr(10_000), Payments: []sandbox.Payment{
			{Amount: inr(10_200)}, {Amount: inr(10_200), Status: "FAILED"}, {Amount: inr(5_000)}, {Amount: inr(90_000), Uncaptured: true}}}},
		Refunds: []sandbox.Refund{
			{ParentID: "order_1", RefundID: "auto/1", Amount: inr(5_000), Type: "PAYMENT_AUTO_REFUND", ARN: "205907014017"},
			{ParentID: "order_1", RefundID: "dash_1", Amount: inr(1_000), Status: "CANCELLED"}},
	}
	b := start(t, sandbox.Options{World: w, ARNAfter: -1})
	b.want(b.create("order_1", "ref_1", "102.01"), 400, "refund_post_failed")
	b.want(b.create("order_1", "ref_1", "102"), 200, "")
	var shown []string
	for _, r := range b.list("order_1") {
		shown = append(shown, fmt.Sprint(r["refund_id"], " ", r["refund_type"], " ", r["refund_status"], " ", r["refund_arn"]))
	}
	want := []string{"auto/1 PAYMENT_AUTO_REFUND SUCCESS 205907014017", "dash_1 MERCHANT_INITIATED CANCELLED <nil>", "ref_1 MERCHANT_INITIATED SUCCESS <nil>"}
	if !slices.Equal(shown, want) {
		t.Fatalf("%q", shown)
	}
	b.wantMade("ref_1")
}

func TestAListIsSortedByCreation(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.create("order_1", "ref_2", "1")
	b.clock.advance(time.Second)
	b.create("order_1", "ref_1", "1")
	late := sandbox.Refund{ParentID: "order_1", RefundID: "dash_1", Amount: inr(100), CreatedAt: b.clock.now().Add(-500 * time.Millisecond)}
	if err := b.server.Add(sandbox.World{Refunds: []sandbox.Refund{late}}); err != nil {
		t.Fatal(err)
	}
	var ids []any
	for _, r := range b.list("order_1") {
		ids = append(ids, r["refund_id"])
	}
	if !slices.Equal(ids, []any{"ref_2", "dash_1", "ref_1"}) {
		t.Fatal(ids)
	}
}

func TestAPaymentOlderThanSixMonthsCannotBeRefunded(t *testing.T) {
	now := newClock().now()
	b := start(t, sandbox.Options{World: sandbox.World{Orders: []sandbox.Order{
		{OrderID: "order_edge", Amount: inr(100), PaidAt: now.AddDate(0, -6, 0)},
		{OrderID: "order_old", Amount: inr(100), PaidAt: now.AddDate(0, -6, 0).Add(-time.Second)}}}})
	b.want(b.create("order_old", "ref_1", "1"), 400, "refund_invalid")
	b.want(b.create("order_edge", "ref_2", "1"), 200, "")
}

func TestFieldsAreCheckedAsTheAPIDoes(t *testing.T) {
	b := start(t, sandbox.Options{World: sandbox.World{Orders: []sandbox.Order{
		{OrderID: "order_1", Amount: inr(100_000)}, {OrderID: "order_yen", Amount: money.Amount{Minor: 500, Currency: "JPY"}}}}})
	rows := []struct{ body, code string }{
		{`{"refund_id":"ref_a","refund_amount":0}`, "refund_amount_invalid"},
		{`{"refund_id":"ref_a","refund_amount":0.001}`, "refund_amount_invalid"},
		{`{"refund_id":"ref_a","refund_amount":"1"}`, "refund_amount_invalid"},
		{`{"refund_id":"ref_a","refund_amount":true}`, "refund_amount_invalid"},
		{`{"refund_id":"ref_a"}`, "refund_amount_missing"},
		{`{"refund_id":"ref_a","refund_amount":null}`, "refund_amount_missing"},
		{`{"refund_id":"ab","refund_amount":1}`, "refund_id_invalid"},
		{`{"refund_id":"` + strings.Repeat("a", 41) + `","refund_amount":1}`, "refund_id_invalid"},
		{`{"refund_id":7,"refund_amount":1}`, "refund_id_invalid"},
		{`{"refund_id":null,"refund_amount":1}`, "refund_id_missing"},
		{`{"refund_id":"ref_a","refund_amount":1,"refund_note":""}`, "refund_note_invalid"},
		{`{"refund_id":"ref_a","refund_amount":1,"refund_note":"` + strings.Repeat("é", 101) + `"}`, "refund_note_invalid"},
		{`{"refund_id":"ref_a","refund_amount":1,"refund_speed":"FAST"}`, "refund_speed_invalid"},
		{`{"refund_id":"ref_a","refund_amount":1,"refund_speed":""}`, "refund_speed_invalid"},
		{`{"refund_id":"ref_a","refund_amount":1,"refund_splits":[{"vendor_id":"v","amount":1.01}]}`, "refund_splits_invalid"},
		{`{"refund_id":"ref_a","refund_amount":1,"refund_splits":[{"amount":1}]}`, "refund_splits_invalid"},
		{`{"refund_id":"ref_a","refund_amount":1,"refund_splits":{}}`, "refund_splits_invalid"},
		{`{"refund_id":"ref_a","refund_amount":1`, "request_invalid"},
	}
	for _, row := range rows {
		r := b.do("POST", "/pg/orders/order_1/refunds", row.body)
		if r.status != 400 || object(t, r)["code"] != row.code {
			t.Errorf("%s: %d %s", row.body, r.status, r.body)
		}
	}
	b.want(b.create("order_yen", "ref_y", "1.5"), 400, "refund_amount_invalid")
	b.wantMade("")
	for i, body := range []string{
		`{"refund_id":"r-1","refund_amount":1.00,"refund_note":null,"refund_speed":null,"refund_splits":null}`,
		`{"refund_id":"` + strings.Repeat("a", 40) + `","refund_amount":1e0,"refund_note":"` + strings.Repeat("é", 100) + `"}`,
	} {
		if r := b.do("POST", "/pg/orders/order_1/refunds", body); r.status != 200 {
			t.Errorf("%d: %s", i, r.body)
		}
	}
	b.want(b.create("order_yen", "ref_y", "500"), 200, "")
}

func TestANoteCanForceTheStatus(t *testing.T) {
	for note, want := range map[string]string{"SUCCESS": "SUCCESS", "FAILED": "FAILED", "PENDING": "PENDING", "ACTIVE": "PENDING", "FAILED twice": "SUCCESS", "failed": "SUCCESS"} {
		b := start(t, sandbox.Options{SettleAfter: time.Second})
		r := b.do("POST", "/pg/orders/order_1/refunds", fmt.Sprintf(`{"refund_id":"ref_1","refund_amount":1000,"refund_note":%q}`, note))
		b.want(r, 200, "")
		if got := object(t, r)["refund_status"]; got != "PENDING" {
			t.Errorf("%s: created as %v", note, got)
		}
		b.clock.advance(time.Minute)
		row := b.list("order_1")[0]
		if row["refund_status"] != want || row["refund_note"] != note || (row["processed_at"] != nil) != (want == "SUCCESS") {
			t.Errorf("%s: %v", note, row)
		}
	}
}

func TestInstantIsDowngradedWithoutAMessage(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.do("POST", "/pg/orders/order_1/refunds", `{"refund_id":"ref_1","refund_amount":1,"refund_speed":"INSTANT"}`)
	want := map[string]any{"requested": "INSTANT", "accepted": "STANDARD", "processed": "STANDARD", "message": nil}
	if diff := cmp.Diff(want, b.list("order_1")[0]["refund_speed"]); diff != "" {
		t.Fatal(diff)
	}
}

func TestABankReferenceAppearsAfterTheConfiguredTime(t *testing.T) {
	live := start(t, sandbox.Options{ARNAfter: -1})
	live.create("order_1", "ref_1", "1")
	live.clock.advance(240 * time.Hour)
	if got := live.list("order_1")[0]["refund_arn"]; got != nil {
		t.Fatalf("the live sandbox shows no reference, but this one shows %v", got)
	}
	b := start(t, sandbox.Options{SettleAfter: time.Second, ARNAfter: time.Second})
	b.create("order_1", "ref_1", "1")
	b.clock.advance(1999 * time.Millisecond)
	if got := b.list("order_1")[0]["refund_arn"]; got != nil {
		t.Fatalf("too early: %v", got)
	}
	b.clock.advance(time.Millisecond)
	got := b.list("order_1")[0]["refund_arn"]
	if got == nil || got != start(t, sandbox.Options{}).settled("ref_1")["refund_arn"] {
		t.Fatalf("%v is not a reference, or not the same each time", got)
	}
}

// settled makes a refund, and returns it as the list then shows it.
func (b *bench) settled(id string) map[string]any {
	b.t.Helper()
	b.create("order_1", id, "1")
	return b.list("order_1")[0]
}

func TestAmountsCanBeWrittenInBothFormats(t *testing.T) {
	for format, want := range map[sandbox.AmountFormat]string{sandbox.Shortest: "200 100.1 1.05", sandbox.Decimals: "200.00 100.10 1.05"} {
		b := start(t, sandbox.Options{AmountFormat: format})
		var got []string
		for i, amount := range []string{"200.00", "100.1", "1.05"} {
			got = append(got, fmt.Sprint(object(t, b.create("order_1", fmt.Sprintf("ref_%d", i), amount))["refund_amount"]))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s, want %s", text, want)
		}
	}
}

func TestACancelSeesWhatReadsDoNotShowYet(t *testing.T) {
	b := start(t, sandbox.Options{SettleAfter: time.Minute, ReadLag: time.Minute})
	b.want(b.create("order_1", "ref_1", "1"), 200, "")
	const path = "/pg/orders/order_1/refunds/ref_1"
	b.want(b.do("GET", path, ""), 404, "refund_get_not_found")
	b.want(b.do("PUT", path, `{"refund_status":"CANCELLED"}`, "X-Api-Version", "2025-01-01"), 200, "")
}

func TestCancelExistsFrom2025AndOnlyForUnsettledRefunds(t *testing.T) {
	b := start(t, sandbox.Options{SettleAfter: time.Minute})
	b.create("order_1", "ref_1", "1000")
	put := func(id, body, version string) reply {
		return b.do("PUT", "/pg/orders/order_1/refunds/"+id, body, "X-Api-Version", version)
	}
	const cancel = `{"refund_status":"CANCELLED","remarks":"sent by mistake"}`
	b.want(put("ref_1", cancel, "2023-08-01"), 400, "request_failed")
	b.want(put("ref_1", `{"refund_status":"SUCCESS"}`, "2025-01-01"), 400, "refund_status_invalid")
	b.want(put("ref_1", `{"refund_status":"CANCELLED","remarks":"`+strings.Repeat("x", 251)+`"}`, "2025-01-01"), 400, "remarks_invalid")
	b.want(put("nothing", cancel, "2025-01-01"), 404, "refund_get_not_found")
	b.want(put("ref_1", `{"remarks":"sent by mistake"}`, "2025-01-01"), 400, "refund_status_missing")
	r := put("ref_1", cancel, "2026-01-01")
	b.want(r, 200, "")
	if e := object(t, r); e["refund_status"] != "CANCELLED" || e["status_description"] != "Refund is cancelled" {
		t.Fatal(e)
	}
	b.clock.advance(time.Hour)
	if got := b.list("order_1")[0]["refund_status"]; got != "CANCELLED" {
		t.Fatal(got)
	}
	b.want(put("ref_1", cancel, "2025-01-01"), 400, "refund_invalid")
	b.want(b.create("order_1", "ref_2", "1000"), 200, "")
	b.clock.advance(time.Hour)
	b.want(put("ref_2", cancel, "2025-01-01"), 400, "refund_invalid")
	if err := b.server.SetStatus(sandbox.OrderKind, "ref_2", "ONHOLD"); err != nil {
		t.Fatal(err)
	}
	b.want(put("ref_2", cancel, "2025-01-01"), 200, "")
}

func TestOrdersAndPaymentsShowAmountsAndTimes(t *testing.T) {
	b := start(t, sandbox.Options{World: sandbox.World{Orders: []sandbox.Order{{OrderID: "order_1", Amount: inr(229_950), Tags: map[string]string{"shop": "7"}}}}})
	b.clock.advance(time.Hour)
	order := object(t, b.do("GET", "/pg/orders/order_1", ""))
	if order["order_amount"] != json.Number("2299.5") || order["order_currency"] != "INR" || order["order_status"] != "PAID" ||
		order["created_at"] != "2026-06-13T12:00:00+05:30" || order["order_tags"].(map[string]any)["shop"] != "7" {
		t.Fatal(order)
	}
	var payments []map[string]any
	decode(t, b.do("GET", "/pg/orders/order_1/payments", "").body, &payments)
	p := payments[0]
	if len(payments) != 1 || p["payment_amount"] != json.Number("2299.5") || p["payment_status"] != "SUCCESS" || p["is_captured"] != true ||
		p["payment_completion_time"] != "2026-06-14T12:00:00+05:30" || p["payment_currency"] != "INR" || p["order_id"] != "order_1" {
		t.Fatal(payments)
	}
}

func TestAnOrderCanBePaidLate(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.want(b.create("order_unpaid", "ref_1", "1"), 400, "order_id_not_paid")
	if err := b.server.Add(sandbox.World{Orders: []sandbox.Order{{OrderID: "order_unpaid", Amount: inr(10_000), PaidAt: b.clock.now()}}}); err != nil {
		t.Fatal(err)
	}
	b.want(b.create("order_unpaid", "ref_1", "1"), 200, "")
}

func TestYoungRefundsAreHiddenFromReadsButNotFromTheCap(t *testing.T) {
	b := start(t, sandbox.Options{Faults: faults(t, "read-lag=3s")})
	b.create("order_1", "ref_1", "1000")
	b.clock.advance(2999 * time.Millisecond)
	if got := b.list("order_1"); len(got) != 0 {
		t.Fatal(got)
	}
	b.want(b.do("GET", "/pg/orders/order_1/refunds/ref_1", ""), 404, "refund_get_not_found")
	b.want(b.create("order_1", "ref_1", "1"), 400, "refund_id_invalid")
	b.want(b.create("order_1", "ref_2", "1"), 400, "refund_post_failed")
	b.clock.advance(time.Millisecond)
	if got := b.list("order_1"); len(got) != 1 {
		t.Fatal(got)
	}
}
