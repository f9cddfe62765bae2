package apply_test

import (
	"testing"

	"refundctl/apply"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// One case for each row of the outcome table, and for the boundaries between rows.
func TestR9_EachAnswerHasItsClass(t *testing.T) {
	amount := money.Amount{Minor: 1000, Currency: money.INR}
	want := state.Intent{ID: refund.Identity{Parent: refund.Parent{Account: "f", Kind: refund.Order, ID: "o1"}, RefundID: "r1"},
		Amount: amount, Attempt: 1, Try: 1}
	live := func(change func(*refund.Live)) *refund.Live {
		l := refund.Live{RefundID: "r1", ParentID: "o1", Amount: amount, Status: refund.Pending}
		change(&l)
		return &l
	}
	same := func(*refund.Live) {}
	cases := []struct {
		name      string
		answer    refund.Answer
		unsettled bool
		want      apply.Class
	}{
		{"a replayed 400", refund.Answer{HTTP: 400, Replayed: true, Message: "Duplicate Merchant Refund Id"}, false, apply.Replayed},
		{"a replayed 500", refund.Answer{HTTP: 500, Replayed: true}, true, apply.Replayed},
		{"a replayed 429", refund.Answer{HTTP: 429, Replayed: true}, false, apply.Replayed},
		{"a replayed 200 that is right", refund.Answer{HTTP: 200, Replayed: true, Live: live(same)}, true, apply.Accepted},
		{"a 200 that is right", refund.Answer{HTTP: 200, Live: live(same)}, false, apply.Accepted},
		{"a 200 without a parent", refund.Answer{HTTP: 200, Live: live(func(l *refund.Live) { l.ParentID = "" })}, false, apply.Accepted},
		{"a 200 with another refund_id", refund.Answer{HTTP: 200, Live: live(func(l *refund.Live) { l.RefundID = "r2" })}, false, apply.Mismatch},
		{"a 200 with another amount", refund.Answer{HTTP: 200, Live: live(func(l *refund.Live) { l.Amount.Minor++ })}, false, apply.Mismatch},
		{"a 200 in another currency", refund.Answer{HTTP: 200, Live: live(func(l *refund.Live) { l.Amount.Currency = "USD" })}, false, apply.Mismatch},
		{"a 200 with another parent", refund.Answer{HTTP: 200, Live: live(func(l *refund.Live) { l.ParentID = "o2" })}, false, apply.Mismatch},
		{"a 200 that cannot be read", refund.Answer{HTTP: 200, Cause: "truncated"}, false, apply.Unknown},
		{"a 201", refund.Answer{HTTP: 201, Live: live(same)}, false, apply.Unknown},
		{"a 204", refund.Answer{HTTP: 204}, false, apply.Unknown},
		{"a 307", refund.Answer{HTTP: 307}, false, apply.Redirected},
		{"a 400 duplicate by message", refund.Answer{HTTP: 400, Code: "refund_id_invalid", Message: "Duplicate Merchant Refund Id"}, false, apply.Exists},
		{"a 400 duplicate by code", refund.Answer{HTTP: 400, Code: "refund_id_already_exists"}, false, apply.Exists},
		{"a 409 already present", refund.Answer{HTTP: 409, Message: "order with same id is already present"}, false, apply.Exists},
		{"a 400 already exists", refund.Answer{HTTP: 400, Message: "Refund Entity already exists for the provided refund_id"}, false, apply.Exists},
		{"a duplicate after an unknown try", refund.Answer{HTTP: 400, Message: "duplicate"}, true, apply.Exists},
		{"a 400 already being processed", refund.Answer{HTTP: 400, Message: "One refund request is already being processed"}, false, apply.Busy},
		{"a 409 already being processed", refund.Answer{HTTP: 409, Message: "already being processed"}, false, apply.Busy},
		{"another 409", refund.Answer{HTTP: 409, Code: "refund_not_allowed"}, false, apply.Unknown},
		{"a 400 after an unknown try", refund.Answer{HTTP: 400, Code: "refund_post_failed"}, true, apply.Unknown},
		{"a 404 after an unknown try", refund.Answer{HTTP: 404, Code: "order_not_found"}, true, apply.Unknown},
		{"another 400", refund.Answer{HTTP: 400, Code: "refund_id_invalid", Message: "refund_id format not valid"}, false, apply.Rejected},
		{"another 404", refund.Answer{HTTP: 404, Code: "order_not_found"}, false, apply.Rejected},
		{"a 422", refund.Answer{HTTP: 422, Type: "idempotency_error"}, false, apply.OtherBytes},
		{"an idempotency error as 400", refund.Answer{HTTP: 400, Type: "idempotency_error"}, false, apply.OtherBytes},
		{"a 401", refund.Answer{HTTP: 401}, false, apply.Credentials},
		{"a 403", refund.Answer{HTTP: 403}, true, apply.Credentials},
		{"a 429", refund.Answer{HTTP: 429}, false, apply.NotAttempted},
		{"a refused connection", refund.Answer{NotSent: true, Cause: "connection refused"}, false, apply.NotAttempted},
		{"a 500", refund.Answer{HTTP: 500}, false, apply.Unknown},
		{"a 502 of HTML", refund.Answer{HTTP: 502, Cause: "answer is not JSON"}, false, apply.Unknown},
		{"a reset connection", refund.Answer{Cause: "connection reset"}, false, apply.Unknown},
		{"R18: an unknown code", refund.Answer{HTTP: 418, Code: "teapot"}, false, apply.Unknown},
		{"R18: a 400 that says two different things", refund.Answer{HTTP: 400, Ambiguous: true}, false, apply.Unknown},
		{"R18: a 409 that says two different things", refund.Answer{HTTP: 409, Ambiguous: true}, false, apply.Unknown},
		{"R18: a 422 that says two different things", refund.Answer{HTTP: 422, Ambiguous: true}, false, apply.Unknown},
		{"a 401 that says two different things", refund.Answer{HTTP: 401, Ambiguous: true}, false, apply.Credentials},
		{"R18: a 408", refund.Answer{HTTP: 408}, false, apply.Unknown},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := apply.Classify(c.answer, want, c.unsettled); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
