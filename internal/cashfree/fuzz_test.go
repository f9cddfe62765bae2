package cashfree

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

func seed(f *testing.F, name string) {
	for _, version := range Versions {
		f.Add(fixture(f, version, name))
	}
	for _, body := range []string{"null", "[]", "{}", "[null]", "[[]]", `[{"refund_id":"r","refund_amount":"0x1p3"}]`, "<html>", `{"a ":1,"a":2}`} {
		f.Add([]byte(body))
	}
}

// oracle reads rows with encoding/json. It does not trim keys.
func oracle(t *testing.T, body []byte, rows int) []map[string]json.RawMessage {
	t.Helper()
	var said []map[string]json.RawMessage
	if err := json.Unmarshal(body, &said); err != nil || said == nil || len(said) != rows {
		t.Fatalf("%d rows, but encoding/json says %d (%v)", rows, len(said), err)
	}
	return said
}

// agrees compares an amount and a text with the oracle's.
func agrees(t *testing.T, row map[string]json.RawMessage, amountKey string, a money.Amount, textKey, text string) {
	t.Helper()
	if _, err := money.ParseCurrency(string(a.Currency)); err != nil || a.Minor < 0 {
		t.Fatalf("amount %+v", a)
	}
	if field, given := row[amountKey]; given {
		var number json.Number
		if err := json.Unmarshal(field, &number); err != nil {
			number = json.Number(strings.TrimSpace(strings.Trim(string(field), `"`)))
		}
		said, ok := new(big.Rat).SetString(strings.TrimSpace(number.String()))
		read, _ := new(big.Rat).SetString(a.String())
		if ok && said.Cmp(read) != 0 {
			t.Fatalf("%s was read as %s", field, a)
		}
	}
	var said string
	if field, given := row[textKey]; given && json.Unmarshal(field, &said) == nil && said != text {
		t.Fatalf("%s was read as %q", field, text)
	}
}

func FuzzRefundList(f *testing.F) {
	seed(f, "refunds.json")
	f.Add([]byte(`[{"refund_amount":1,"refund_type":"SOME_AUTO_TYPE"}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		live, err := decodeRefunds(body)
		if err != nil {
			return
		}
		rows := oracle(t, body, len(live))
		for i, l := range live {
			agrees(t, rows[i], "refund_amount", l.Amount, "refund_note", l.Note)
			if l.RefundID == "" && l.ByMerchant() {
				t.Fatalf("a merchant's refund without an id: %+v", l)
			}
		}
	})
}

func FuzzCreateAnswer(f *testing.F) {
	seed(f, "created.json")
	seed(f, "error.json")
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, status := range []int{200, 400, 500} {
			a := answering(t, status, nil, string(body)).Create(t.Context(), createOne, "k")
			if a.HTTP != status || a.NotSent || len([]rune(a.Message)) > maxText {
				t.Fatalf("%+v", a)
			}
			if (a.Live != nil) && (status != 200 || a.Live.RefundID == "" || a.Live.Amount == (money.Amount{})) {
				t.Fatalf("%d: %+v", status, a.Live)
			}
			if status == 200 && a.Live == nil && a.Cause == "" {
				t.Fatal("nothing was read, for no reason")
			}
		}
	})
}

func FuzzPayments(f *testing.F) {
	seed(f, "payments.json")
	f.Fuzz(func(t *testing.T, body []byte) {
		paid, err := decodePayments(body)
		if err != nil {
			return
		}
		rows := oracle(t, body, len(paid))
		for i, p := range paid {
			if p.Status == "SUCCESS" {
				agrees(t, rows[i], "payment_amount", p.Amount, "payment_status", p.Status)
			}
		}
		if _, err := refund.CaptureFacts(paid); err != nil && err != money.ErrMixed && err != money.ErrOverflow {
			t.Fatal(err)
		}
	})
}

// compareOne compares one refund of a kind with encoding/json. parent and payment are the keys of its ids.
func compareOne(t *testing.T, body []byte, kind refund.Kind, parentKey, paymentKey string) {
	t.Helper()
	live, err := decodeRefund(body, kind)
	if err != nil {
		return
	}
	var row map[string]json.RawMessage
	if json.Unmarshal(body, &row) != nil {
		row = oracle(t, body, 1)[0]
	}
	agrees(t, row, "refund_amount", live.Amount, "refund_id", live.RefundID)
	agrees(t, row, "refund_amount", live.Amount, parentKey, live.ParentID)
	if paymentKey != "" {
		agrees(t, row, "refund_amount", live.Amount, paymentKey, live.PaymentID)
	}
	if live.RefundID == "" {
		t.Fatalf("a refund without an id: %+v", live)
	}
}

func FuzzSubscriptionRefund(f *testing.F) {
	seed(f, "created.json")
	f.Add([]byte(subscriptionAnswer))
	f.Add([]byte("[" + subscriptionAnswer + "]"))
	f.Fuzz(func(t *testing.T, body []byte) {
		compareOne(t, body, refund.Subscription, "subscription_id", "payment_id")
	})
}

func FuzzFlowwiseRefund(f *testing.F) {
	f.Add([]byte(flowwiseAnswer))
	f.Add([]byte(strings.Replace(flowwiseAnswer, `"order_id"`, `"order_id "`, 1)))
	f.Add([]byte(`{"refund_id":"r","refund_amount":1,"gateway_details":{"refund_utr":null}}`))
	f.Add([]byte(`{"refund_id":"r","refund_amount":1,"gateway_details":[{}]}`))
	f.Fuzz(func(t *testing.T, body []byte) { compareOne(t, body, refund.Payment, "payment_id", "") })
}
