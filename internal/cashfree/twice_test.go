package cashfree

import (
	"errors"
	"strings"
	"testing"

	"refundctl/internal/refund"
)

func TestR18_AnAnswerWithADuplicateKeyIsUnreadable(t *testing.T) {
	bodies := map[string]string{
		"two amounts":              `{"refund_id":"r","refund_amount":1,"refund_amount":2}`,
		"the same amount twice":    `{"refund_id":"r","refund_amount":1,"refund_amount":1}`,
		"in another case":          `{"refund_id":"r","refund_amount":1,"Refund_Amount":2}`,
		"in two other cases":       `{"refund_id":"r","refund_amount":1,"Refund_note":"a","REFUND_NOTE":"a"}`,
		"with blanks":              `{"refund_id":"r","refund_amount":1," refund_amount":2}`,
		"escaped":                  `{"refund_id":"r","refund_amount":1,"refund_\u0061mount":2}`,
		"with a long s":            `{"refund_id":"r","refund_amount":1,"refund_status":"SUCCESS","refund_ſtatus":"FAILED"}`,
		"two ids":                  `{"refund_id":"r","refund_id":"s","refund_amount":1}`,
		"two statuses":             `{"refund_id":"r","refund_amount":1,"refund_status":"SUCCESS","refund_status":"FAILED"}`,
		"below":                    `{"refund_id":"r","refund_amount":1,"refund_speed":{"accepted":"INSTANT","accepted":"STANDARD"}}`,
		"in a split":               `{"refund_id":"r","refund_amount":1,"refund_splits":[{"vendor_id":"a","amount":1,"amount":2}]}`,
		"in what nobody reads":     `{"refund_id":"r","refund_amount":1,"metadata":[[{"a":1,"a":2}]]}`,
		"an amount in an object":   `{"refund_id":"r","refund_amount":1,"refund":{"refund_amount":2}}`,
		"an amount in a list":      `{"refund_id":"r","refund_amount":1,"refunds":[{"id":1},{"Refund_\u0061mount ":2}]}`,
		"nested beyond all reason": `{"refund_id":"r","refund_amount":1,"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
	}
	for name, body := range bodies {
		if live, err := decodeRefund([]byte(body), refund.Order); err == nil {
			t.Errorf("%s: read as %+v", name, live)
		}
		if live, err := decodeRefund([]byte("["+body+"]"), refund.Subscription); err == nil {
			t.Errorf("%s, in an array: read as %+v", name, live)
		}
		if live, err := decodeRefunds([]byte(`[{"refund_id":"q","refund_amount":1},` + body + `]`)); err == nil {
			t.Errorf("%s, in a list: read as %+v", name, live)
		}
	}
	for name, body := range map[string]string{
		"two statuses": `[{"payment_status":"FAILED","payment_status":"SUCCESS","payment_amount":1}]`,
		"two amounts":  `[{"payment_status":"SUCCESS","payment_amount":1,"payment_Amount":2}]`,
		"two captures": `[{"payment_status":"SUCCESS","payment_amount":1,"authorization":{"captured_amount":1,"captured_amount":2}}]`,
	} {
		if paid, err := decodePayments([]byte(body)); err == nil {
			t.Errorf("payments, %s: read as %+v", name, paid)
		}
	}
	if info, err := decodeOrder([]byte(`{"order_id":"o","order_amount":1,"order_amount":2}`)); err == nil {
		t.Errorf("an order was read as %+v", info)
	}
}

func TestDecode_TheSameKeyInTwoObjectsIsNoDuplicate(t *testing.T) {
	live, err := decodeRefunds([]byte(`[{"refund_id":"r","refund_amount":1,"a":{"x":1},"b":{"x":1},"c":["x","x"]},{"refund_id":"s","refund_amount":1,"Note":"A","NOTE_":"A"}]`))
	if err != nil || len(live) != 2 {
		t.Errorf("%+v, %v", live, err)
	}
}

func TestR18_ARefusalWithADuplicateKeyIsAmbiguous(t *testing.T) {
	for body, want := range map[string]bool{
		`{"code":"refund_post_failed","code":"refund_already_exists","message":"no"}`: true,
		`{"code":"refund_post_failed","Code":"refund_already_exists","message":"no"}`: true,
		`{"code":"refund_post_failed","message":"no"}`:                                false,
		`<html>`: false,
	} {
		_, err := answering(t, 400, nil, "").problem([]byte(body))
		var duplicate *duplicateKey
		if got := errors.As(err, &duplicate); got != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}
