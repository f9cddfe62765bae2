package statetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// Clock returns a clock that starts at a fixed time and advances by a second at each call. It is for one
// goroutine at a time.
func Clock() func() time.Time {
	now := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	return func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}

// Open is state.Open with a Clock. The test fails if Open does.
func Open(t testing.TB, b state.Backend) *state.Session {
	t.Helper()
	s, err := state.Open(context.Background(), b, state.Options{
		Clock: Clock(), Header: state.Header{Actor: "asha", Command: "apply", Program: "test"}, Holder: holder(),
	})
	if err != nil {
		t.Fatalf("opening the ledger: %v", err)
	}
	return s
}

// Intent is a well-formed intent to refund ₹10.00 of an order.
func Intent(orderID, refundID string) state.Intent {
	spec := refund.Spec{
		Account: "default", Kind: refund.Order, ParentID: orderID, RefundID: refundID,
		Amount: money.Amount{Minor: 1000, Currency: money.INR},
	}
	request, err := spec.Request()
	if err != nil {
		panic(err) // a known kind always has a request
	}
	id := spec.Identity(refund.Fingerprint("cashfree", "sandbox", "merchant"))
	return state.Intent{
		AccountName: spec.Account, ID: id, Amount: spec.Amount, Key: refund.Key(id, 1), Attempt: 1, Try: 1, Request: request,
	}
}

// Accepted is the outcome of an intent that the API answered with PENDING.
func Accepted(in state.Intent) state.Outcome {
	return state.Outcome{
		AccountName: in.AccountName, ID: in.ID, Attempt: in.Attempt, Phase: state.Accepted, Amount: in.Amount,
		Status: refund.Pending, CfRefundID: "cf_" + in.ID.RefundID, How: "answered", Class: "accepted", HTTP: 200,
	}
}

func sessions(t *testing.T, a, b state.Backend) {
	first := Open(t, a)
	in := Intent("order_1", "refund_1")
	if err := first.Begin(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	_, err := state.Open(context.Background(), b, state.Options{Clock: Clock()})
	var locked *state.LockedError
	if !errors.As(err, &locked) {
		t.Errorf("a second session returned %v, want a LockedError", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := Open(t, b)
	defer second.Close()
	e, known := second.State().Entry(in.ID)
	if !known || e.Phase != state.Intended || string(e.Request.Body) != string(in.Request.Body) {
		t.Errorf("the next session has %+v, want the intent with its bytes", e)
	}
}
