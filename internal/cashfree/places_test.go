package cashfree

import (
	"errors"
	"strings"
	"testing"

	"refundctl/internal/refund"
)

// A person takes this text to Cashfree: it names the refund or payment, the field, and what the API wrote.
func TestReads_AnUnreadableRowIsNamedWithWhatTheAPIWrote(t *testing.T) {
	row := func(amount string) string {
		return `[{"refund_id":"r_0","refund_amount":1},{"refund_id":"r_1","refund_amount":` + amount + `}]`
	}
	for body, want := range map[string]string{
		row(`203.57999999999998`): `refund r_1: refund_amount: amount "203.57999999999998" in the answer has more decimals than INR`,
		row(`1.005`):              `refund r_1: refund_amount: amount "1.005" in the answer has more decimals than INR`,
		row(`-1`):                 `refund r_1: refund_amount: amount "-1" in the answer is not a plain number`,
		row(`null`):               `refund r_1: no readable refund_amount: "null"`,
		row(`"1,00\n"`):           `refund r_1: no readable refund_amount: "\"1,00\\n\""`,
		row(`"` + strings.Repeat("9", 90) + `x"`): `refund r_1: no readable refund_amount: "\"` + strings.Repeat("9", 59) + `…"`,
		row(`1E-40`): `refund r_1: refund_amount: amount in the answer is not readable (5 characters)`,
		`[{"refund_amount":1.001,"refund_type":"PAYMENT_AUTO_REFUND"}]`: `refund number 1 of the list: refund_amount: amount "1.001" in the answer has more decimals than INR`,
	} {
		_, err := answering(t, 200, nil, body).Refunds(t.Context(), orderNine)
		var e *refund.ReadError
		if !errors.As(err, &e) || e.Message != want || e.Class != refund.Unreadable {
			t.Errorf("%s gives\n%v, want\n%s", body, err, want)
		}
	}
	_, err := answering(t, 200, nil, `[{"cf_payment_id":5114910634577,"payment_status":"SUCCESS","payment_amount":1.1400000000000001}]`).Payments(t.Context(), orderNine)
	if err == nil || !strings.Contains(err.Error(), `payment 5114910634577: payment_amount: amount "1.1400000000000001" in the answer`) {
		t.Errorf("%v", err)
	}
}
