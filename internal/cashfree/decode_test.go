package cashfree

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

func inr(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: money.INR} }

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func orderRefund(body []byte) (refund.Live, error) { return decodeRefund(body, refund.Order) }

func TestDecode_EveryVersionDecodesToTheSameRefund(t *testing.T) {
	merchants := refund.Live{
		RefundID: "refund_9_size", ParentID: "order_9", CfRefundID: "41805719", CfPaymentID: "918812", Amount: inr(114975),
		Status: refund.Success, Type: "MERCHANT_INITIATED", Mode: "STANDARD",
		Note: "Size exchange", ARN: "6438723048736130406146", Splits: []refund.Split{{VendorID: "Vendor01", Amount: inr(10012)}},
		Details: refund.Details{Description: "Refund processed successfully",
			Speed: refund.Speed{Requested: "STANDARD", Accepted: "STANDARD", Processed: "STANDARD"}},
		CreatedAt: at(t, "2026-05-03T10:00:05+05:30"), ProcessedAt: at(t, "2026-05-03T10:10:05+05:30"),
	}
	automatic := refund.Live{
		ParentID: "order_9", CfRefundID: "41805720", CfPaymentID: "918813", Amount: inr(20000), Status: refund.Pending,
		Details: refund.Details{Description: "In Progress"}, Type: "PAYMENT_AUTO_REFUND", CreatedAt: at(t, "2026-05-03T11:00:00+05:30"),
	}
	paid := []refund.Paid{
		{CfPaymentID: "918811", Amount: inr(229950), Status: "FAILED", Mode: "upi", CompletedAt: at(t, "2026-05-01T09:00:00+05:30")},
		{CfPaymentID: "918812", Amount: inr(229950), Status: "SUCCESS", Captured: true, Mode: "upi", CompletedAt: at(t, "2026-05-01T09:05:30+05:30")},
	}
	info := OrderInfo{ID: "order_9", CfOrderID: "55001", Amount: inr(229950), Status: "PAID",
		CreatedAt: at(t, "2026-05-01T09:00:00+05:30"), ExpiresAt: at(t, "2026-05-31T09:00:00+05:30")}
	for _, version := range Versions {
		t.Run(version, func(t *testing.T) {
			want := merchants
			if version == "2022-01-01" { // has no speed
				want.Speed = refund.Speed{}
			}
			check(t, decodeRefunds, fixture(t, version, "refunds.json"), []refund.Live{want, automatic})
			check(t, orderRefund, fixture(t, version, "created.json"), want)
			check(t, decodePayments, fixture(t, version, "payments.json"), paid)
			check(t, decodeOrder, fixture(t, version, "order.json"), info)
			p, err := answering(t, 404, nil, "").problem(fixture(t, version, "error.json"))
			if err != nil || p != (problem{"order_not_found", "invalid_request_error", "Order Reference Id does not exist"}) {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
}

func check[T any](t *testing.T, decode func([]byte) (T, error), body []byte, want T) {
	t.Helper()
	got, err := decode(body)
	if err != nil {
		t.Error(err)
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecode_ToleratesVariations(t *testing.T) {
	base := refund.Live{RefundID: "r", Amount: inr(100)}
	for name, tc := range map[string]struct {
		body string
		want func(*refund.Live)
	}{
		"amount as a string":    {`{"refund_id":"r","refund_amount":" 1.00 "}`, func(*refund.Live) {}},
		"amount with exponent":  {`{"refund_id":"r","refund_amount":1e0}`, func(*refund.Live) {}},
		"blanks around keys":    {`{" refund_id ":"r","refund_amount ":1,"order_id ":"o"}`, func(l *refund.Live) { l.ParentID = "o" }},
		"currency null":         {`{"refund_id":"r","refund_amount":1,"refund_currency":null}`, func(*refund.Live) {}},
		"ids as numbers":        {`{"refund_id":"r","refund_amount":1,"cf_payment_id":214978794866624123,"cf_refund_id":1e3}`, func(l *refund.Live) { l.CfPaymentID, l.CfRefundID = "214978794866624123", "1e3" }},
		"yen":                   {`{"refund_id":"r","refund_amount":7,"refund_currency":"JPY"}`, func(l *refund.Live) { l.Amount = money.Amount{Minor: 7, Currency: "JPY"} }},
		"unknown status":        {`{"refund_id":"r","refund_amount":1,"refund_status":"PENDING_APPROVAL"}`, func(l *refund.Live) { l.Status = "PENDING_APPROVAL" }},
		"speed as a word":       {`{"refund_id":"r","refund_amount":1,"refund_speed":"NORMAL"}`, func(l *refund.Live) { l.Speed.Accepted = "NORMAL" }},
		"speed without meaning": {`{"refund_id":"r","refund_amount":1,"refund_speed":[1]}`, func(*refund.Live) {}},
		"times without meaning": {`{"refund_id":"r","refund_amount":1,"created_at":"2021-07-25 08:57:52+05:30","processed_at":17}`, func(*refund.Live) {}},
		"split without amount": {`{"refund_id":"r","refund_amount":1,"refund_splits":[{"vendor_id":"a","amount":1},{"vendor_id":"b","percentage":5}]}`,
			func(l *refund.Live) { l.Shares = "a 1, b 5%" }},
		"texts of other types": {`{"refund_id":"r","refund_amount":1,"refund_note":{"a":1},"refund_arn":[],"order_id":true}`, func(*refund.Live) {}},
	} {
		t.Run(name, func(t *testing.T) {
			want := base
			tc.want(&want)
			check(t, orderRefund, []byte(tc.body), want)
		})
	}
}

func TestDecode_GuessesNoAmount(t *testing.T) {
	for _, fields := range []string{
		`"refund_amount":null`, `"refund_amount":""`, `"refund_amount":"0b11"`, `"refund_amount":"1,000.00"`, `"refund_amount":"017"`,
		`"refund_amount":-1`, `"refund_amount":1.005`, `"refund_amount":true`, `"refund_amount":[1]`, `"refund_amount":1e30`,
		`"refund_amount":1,"refund_currency":"RUPEE"`, `"refund_amount":1,"refund_currency":"inr"`, `"refund_amount":1,"refund_currency":5`,
		`"refund_amount":92233720368547758.08`, `"refund_amount":1e999999999`, `"Refund_Amount":1`,
	} {
		live, err := orderRefund([]byte(`{"refund_id":"r",` + fields + `}`))
		if err == nil {
			t.Errorf("%s was read as %s", fields, live.Amount)
		}
	}
}

func TestDecode_AutomaticRefundsCountWithoutAnID(t *testing.T) {
	body := `[{"refund_type":"PAYMENT_AUTO_REFUND","refund_amount":1},{"refund_type":"UNRECONCILED_AUTO_REFUND","refund_amount":2,"refund_id":null},` +
		`{"refund_id":"r","refund_amount":3},{"refund_id":"r","refund_amount":3}]`
	check(t, decodeRefunds, []byte(body), []refund.Live{
		{Type: "PAYMENT_AUTO_REFUND", Amount: inr(100)}, {Type: "UNRECONCILED_AUTO_REFUND", Amount: inr(200)},
		{RefundID: "r", Amount: inr(300)}, {RefundID: "r", Amount: inr(300)}})
}

func TestDecode_Captured(t *testing.T) {
	for raw, want := range map[string]bool{
		``: true, `,"is_captured":null`: true, `,"is_captured":true`: true, `,"is_captured":"true"`: true,
		`,"is_captured":false`: false, `,"is_captured":0`: false, `,"is_captured":"no"`: false,
	} {
		paid, err := decodePayments([]byte(`[{"payment_status":"SUCCESS","payment_amount":1` + raw + `}]`))
		if err != nil || paid[0].Captured != want {
			t.Errorf("%q: %+v, %v", raw, paid, err)
		}
	}
	if _, err := decodePayments([]byte(`[{"payment_status":"SUCCESS"}]`)); err == nil {
		t.Error("a payment without its amount was read")
	}
	if _, err := decodePayments([]byte(`[{"payment_status":"FAILED","payment_amount":null}]`)); err != nil {
		t.Error(err)
	}
}

func TestDecode_PlainDigitsAndJSONNumbersAreTheSameAmount(t *testing.T) {
	for _, currency := range []money.Currency{money.INR, "JPY", "KWD"} {
		for _, text := range []string{"1", "299", "100.5", "100.50", "0.01", "1149.75", "2000.00", "0", "0.00", "1E2", "-1", "1.005", "1.0000", "92233720368547758.07"} {
			want, wrong := money.ParseNumber(text, currency)
			got, err := object{"amount": []byte(text)}.amount("amount", currency)
			if got != want || (err == nil) != (wrong == nil) {
				t.Errorf("%s %s is %v, %v, want %v, %v", currency, text, got, err, want, wrong)
			}
		}
	}
}

func TestDecode_Authorization(t *testing.T) {
	for text, want := range map[string]*refund.Authorization{
		`"x":1`: nil, `"authorization":null`: nil, `"authorization":{}`: nil,
		`"authorization":{"action":"CAPTURE","status":"SUCCESS","captured_amount":40.5}`:   {Action: "CAPTURE", Status: "SUCCESS", Captured: inr(4050), Readable: true},
		`"authorization":{"action":"CAPTURE","status":"SUCCESS","captured_amount":"40.5"}`: {Action: "CAPTURE", Status: "SUCCESS", Captured: inr(4050), Readable: true},
		`"authorization":{"action":"CAPTURE","status":"SUCCESS"}`:                          {Action: "CAPTURE", Status: "SUCCESS"},
		`"authorization":{"action":"CAPTURE","status":"SUCCESS","captured_amount":40.555}`: {Action: "CAPTURE", Status: "SUCCESS"},
		`"authorization":{"approve_by":"2026-07-02T10:20:12+05:30"}`:                       {},
		`"authorization":"CAPTURE"`: {},
		`"authorization":[]`:        {},
	} {
		body := `[{"payment_status":"SUCCESS","payment_amount":100,` + text + `}]`
		check(t, decodePayments, []byte(body), []refund.Paid{{Amount: inr(10000), Status: "SUCCESS", Captured: true, Authorization: want}})
	}
}

func TestDecode_AMerchantsRefundNeedsAnID(t *testing.T) {
	for word, readable := range map[string]bool{"PAYMENT_AUTO_REFUND": true, "SOMETHING_NEW": true, "MERCHANT_INITIATED": false, "": false} {
		body := `[{"refund_amount":1,"refund_status":"SUCCESS","refund_type":"` + word + `"}]`
		if _, err := decodeRefunds([]byte(body)); (err == nil) != readable {
			t.Errorf("%q: %v", word, err)
		}
	}
}
