package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
)

var start = time.Date(2026, 3, 1, 9, 30, 0, 123456789, time.UTC)

func inr(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: money.INR} }

func someIntent(i int) Intent {
	spec := refund.Spec{
		Account: "default", Kind: refund.Order, ParentID: fmt.Sprintf("order_2026_summer_%06d", i), RefundID: fmt.Sprintf("refund_2026_summer_%06d", i),
		Amount: inr(114975 + int64(i)), Note: "Size exchange, June batch", Speed: "STANDARD",
		Source: diag.Place{File: "refunds/2026/june.refunds.yaml", Line: i + 1, Column: 5},
	}
	return intentOf(spec)
}

func intentOf(spec refund.Spec) Intent {
	request, err := spec.Request()
	if err != nil {
		panic(err)
	}
	id := spec.Identity(refund.Fingerprint("cashfree", "sandbox", "merchant"))
	return Intent{
		AccountName: spec.Account, ID: id, Amount: spec.Amount, Key: refund.Key(id, 1), Attempt: 1, Try: 1, Request: request,
		Facts:  refund.Facts{Captured: inr(229950), CompletedAt: start.Add(-time.Hour), Known: true},
		Source: spec.Source, Labels: map[string]string{"ticket": "CS-4411"},
	}
}

func (in Intent) again(attempt, try int) Intent {
	in.Attempt, in.Try, in.Key = attempt, try, refund.Key(in.ID, attempt)
	return in
}

func outcomeOf(in Intent, p Phase) Outcome {
	o := Outcome{AccountName: in.AccountName, ID: in.ID, Attempt: in.Attempt, Phase: p, How: "answered", Class: "unknown", Code: "code", Message: "message"}
	if p.Sent() {
		o.Class, o.Code, o.Message, o.HTTP = "accepted", "", "", 200
		o.Amount, o.Status, o.CfRefundID, o.CreatedAt = in.Amount, refund.Pending, "cf_"+in.ID.RefundID, start
	}
	switch p {
	case Settled:
		o.Status, o.ARN = refund.Success, "20590700000000000001"
	case Failed:
		o.Status = refund.Cancelled
	}
	return o
}

func intents(in Intent) *event  { return &event{Type: typeIntent, Intent: in} }
func outcomes(o Outcome) *event { return &event{Type: typeOutcome, Outcome: o} }
func bindings(b Binding) *event { return &event{Type: typeBind, Binding: b} }
func runID(n int) string        { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }
func lines(ledger []byte) []string {
	var all []string
	for line := range bytes.Lines(ledger) {
		all = append(all, string(line))
	}
	return all
}

// ticking is a clock that starts at start plus after and advances by a second.
func ticking(after time.Duration) func() time.Time {
	now := start.Add(after - time.Second)
	return func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}

// run returns the lines of one run.
func run(tb testing.TB, id string, h Header, clock func() time.Time, events ...*event) []byte {
	tb.Helper()
	if h.Lineage == "" {
		h.Lineage = "lineage"
	}
	d := draft{session: &Session{clock: clock, header: h, decoder: decoder{interner: interner{}}}, cursor: cursor{run: id}}
	for _, e := range events {
		copied := *e
		if err := d.addEvent(&copied); err != nil {
			tb.Fatal(err)
		}
		d.events = d.events[:0]
	}
	return d.lines
}

// headOf returns the hash of the last line.
func headOf(ledger []byte) string {
	return string(ledger[len(ledger)-len("\"}\n")-64 : len(ledger)-len("\"}\n")])
}

// rehashed returns the line with a correct hash.
func rehashed(line string) []byte {
	body := line[:len(line)-hashSuffix-1]
	return append(seal([]byte(body)), '\n')
}

// foldAll folds a ledger whose times nobody accepted.
func foldAll(ctx context.Context, r io.Reader) (*State, tail, error) {
	return fold(ctx, r, foldContext{accepted: acceptances{}}, nil)
}

func folded(tb testing.TB, ledger []byte) *State {
	tb.Helper()
	s, _, err := load(context.Background(), onlyRead{ledger: ledger})
	if err != nil {
		tb.Fatalf("%v in\n%s", err, ledger)
	}
	return s
}

// onlyRead is a backend that can only be read.
type onlyRead struct {
	Backend
	ledger []byte
}

func (o onlyRead) Read(context.Context) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(o.ledger)), nil
}

// placed is the ledger for accounts at these places.
func placed(tb testing.TB, ledger []byte, places ...Place) *State {
	tb.Helper()
	s, _, err := Load(context.Background(), onlyRead{ledger: ledger})
	if err == nil {
		err = s.UsePlaces(context.Background(), onlyRead{ledger: ledger}, places)
	}
	if err != nil {
		tb.Fatalf("%v in\n%s", err, ledger)
	}
	return s
}

// damage is the error of folding the ledger.
func damage(tb testing.TB, ledger []byte) DamageError {
	tb.Helper()
	_, _, err := foldAll(context.Background(), bytes.NewReader(ledger))
	var d *DamageError
	if !errors.As(err, &d) {
		tb.Fatalf("the fold gave %v, want damage", err)
	}
	return *d
}

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }
