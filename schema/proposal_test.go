package schema

import (
	"strings"
	"testing"
)

func TestHintsProposeTheGivenTextAndNeverAnExampleID(t *testing.T) {
	for written, want := range map[string]string{
		"refund_id: r1":                         "write refund_id: refund_r1",
		"refund_id: ''":                         "write refund_id: 3 to 40 letters, digits, _ and -",
		"refund_id: [a]":                        "write refund_id: 3 to 40 letters, digits, _ and -",
		"refund_id: " + strings.Repeat("x", 41): "shorten it to at most 40 characters",
		"refund_amount: 5":                      "add refund_id: 3 to 40 letters, digits, _ and -",
		"refund_id: r_1, order_id: o":           "write order_id: 3 to 45 letters, digits, _ and -",
		"refund_id: r_1, refund_currency: usd":  "write refund_currency: USD",
		"refund_id: r_1, refund_currency: Rs.":  "write refund_currency: INR",
		"refund_id: r_1, refund_currency: ₹":    "write refund_currency: INR",
		"refund_id: r_1, refund_currency: XQZ":  "write the payment's currency as three capital letters",
		"refund_id: r_1, refund_currency: USDT": "write the payment's currency as three capital letters",
	} {
		row := "order_id: order_1, refund_amount: 10, " + written
		for _, field := range []string{"order_id: order_1, ", "refund_amount: 10, "} {
			if name, _, _ := strings.Cut(field, ":"); strings.Contains(written, name) {
				row = strings.Replace(row, field, "", 1)
			}
		}
		found := loadOne(t, "version: 1\nrefunds:\n  - {"+row+"}\n").Diagnostics
		if len(found) != 1 || found[0].Hint != want {
			t.Errorf("{%s}: %+v, not %q", row, found, want)
		}
	}
}
