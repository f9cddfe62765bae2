package refund

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"refundctl/internal/money"
)

func TestCaptureFactsCountsOnlySuccessfulCapturedPayments(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 6, d, 12, 0, 0, 0, time.UTC) }
	paid := func(minor int64, d int) Paid {
		return Paid{Amount: inr(minor), Status: "SUCCESS", Captured: true, CompletedAt: day(d)}
	}
	by := func(mode string) Paid {
		p := paid(1, 3)
		p.Mode = mode
		return p
	}
	pending, failed, voided, lower := paid(1, 20), paid(1, 20), paid(1, 20), paid(1, 20)
	pending.Status, failed.Status, voided.Captured, lower.Status = "PENDING", "FAILED", false, "success"
	for _, c := range []struct {
		name     string
		payments []Paid
		want     Facts
	}{
		{"no payments", nil, Facts{Known: true}},
		{"none successful", []Paid{pending, failed, voided, lower}, Facts{Known: true}},
		{"one", []Paid{paid(229950, 3)}, Facts{inr(229950), day(3), true, ""}},
		{"two, the latest completion", []Paid{paid(100, 9), pending, paid(250, 3)}, Facts{inr(350), day(9), true, ""}},
		{"one way to pay", []Paid{by("upi"), by("upi"), pending}, Facts{inr(2), day(3), true, "upi"}},
		{"two ways to pay", []Paid{by("upi"), by("card"), by("upi")}, Facts{inr(3), day(3), true, ""}},
		{"one way told", []Paid{by(""), by("upi")}, Facts{inr(2), day(3), true, ""}},
		{"a word that is too long", []Paid{by(strings.Repeat("u", 41))}, Facts{inr(1), day(3), true, ""}},
		{"one without a time", []Paid{{Amount: inr(100), Status: "SUCCESS", Captured: true}, paid(1, 3)}, Facts{inr(101), day(3), true, ""}},
	} {
		if got, err := CaptureFacts(c.payments); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
}

// The table is that of the API's documents; what an answer leaves open is not captured.
func TestCaptureFactsCountsWhatWasCapturedOfAnAuthorisation(t *testing.T) {
	read := func(a Authorization) *Authorization { a.Readable = true; return &a }
	for _, c := range []struct {
		name string
		is   bool // is_captured
		a    *Authorization
		want int64
	}{
		{"not authorised first", true, nil, 1000},
		{"captured in part", true, read(Authorization{"CAPTURE", "SUCCESS", inr(400), false}), 400},
		{"captured in full", true, read(Authorization{"CAPTURE", "SUCCESS", inr(1000), false}), 1000},
		{"more than was paid", true, read(Authorization{"CAPTURE", "SUCCESS", inr(1001), false}), 1000},
		{"nothing captured", true, read(Authorization{"CAPTURE", "SUCCESS", inr(0), false}), 0},
		{"the amount missing", true, &Authorization{Action: "CAPTURE", Status: "SUCCESS"}, 0},
		{"only authorised", false, read(Authorization{"CAPTURE", "SUCCESS", inr(400), false}), 0},
		{"not captured, not authorised first", false, nil, 0},
		{"the capture not done", true, read(Authorization{"CAPTURE", "PENDING", inr(400), false}), 0},
		{"voided", true, read(Authorization{"VOID", "SUCCESS", inr(400), false}), 0},
		{"to be voided", true, read(Authorization{"VOID", "PENDING", inr(400), false}), 0},
		{"an unknown status", true, read(Authorization{"CAPTURE", "DONE", inr(400), false}), 0},
		{"an unknown action", true, read(Authorization{"HOLD", "SUCCESS", inr(400), false}), 0},
		{"nothing done yet", true, &Authorization{}, 0},
	} {
		first := Paid{Amount: inr(1000), Status: "SUCCESS", Captured: c.is, Authorization: c.a}
		other := Paid{Amount: inr(7), Status: "SUCCESS", Captured: true}
		for _, payments := range [][]Paid{{first, other}, {other, first}} {
			if got, err := CaptureFacts(payments); err != nil || got.Captured != inr(c.want+7) {
				t.Errorf("%s: %+v, %v; want %d", c.name, got, err, c.want+7)
			}
		}
	}
}

func TestOnlyAMissingOrMerchantTypeIsByMerchant(t *testing.T) {
	for word, want := range map[string]bool{"MERCHANT_INITIATED": true, "": true, " merchant_initiated ": true,
		"PAYMENT_AUTO_REFUND": false, "UNRECONCILED_AUTO_REFUND": false, "AUTO_REFUND": false, "DISPUTE_REFUND": false} {
		if got := (Live{Type: word}).ByMerchant(); got != want {
			t.Errorf("%q: %t", word, got)
		}
	}
}

func TestCaptureFactsAreEmptyIfTheSumOverflows(t *testing.T) {
	paid := func(a money.Amount) Paid { return Paid{Amount: a, Status: "SUCCESS", Captured: true} }
	for want, payments := range map[error][]Paid{
		money.ErrOverflow: {paid(inr(math.MaxInt64)), paid(inr(1))},
		money.ErrMixed:    {paid(inr(1)), paid(money.Amount{Minor: 1, Currency: "USD"})},
	} {
		if got, err := CaptureFacts(payments); !errors.Is(err, want) || got != (Facts{}) {
			t.Errorf("%+v, %v; want %v", got, err, want)
		}
	}
}

func TestPlainCfIDComparesAcrossVersions(t *testing.T) {
	for id, want := range map[string]string{"refund_11325632": "11325632", "11325632": "11325632", "ref_212": "ref_212", "": ""} {
		if got := PlainCfID(id); got != want {
			t.Errorf("PlainCfID(%q) = %q, want %q", id, got, want)
		}
	}
}

func TestR18_OnlyKnownWordsAreFinal(t *testing.T) {
	for _, c := range []struct {
		word                 Status
		known, settled, dead bool
	}{
		{Pending, true, false, false},
		{OnHold, true, false, false},
		{Initialized, true, false, false},
		{Success, true, true, false},
		{Cancelled, true, true, true},
		{Cancel, true, true, true},
		{Failed, true, true, true},
		{"", false, false, false},
		{"success", false, false, false},
		{"SUCCESS ", false, false, false},
		{"REVERSED", true, true, true},
		{"RETURNED", false, false, false},
	} {
		if c.word.Known() != c.known || c.word.Settled() != c.settled || c.word.Dead() != c.dead {
			t.Errorf("%q: known %v, settled %v, dead %v", c.word, c.word.Known(), c.word.Settled(), c.word.Dead())
		}
	}
}

func TestReadClassOfSeesThroughWrapping(t *testing.T) {
	err := fmt.Errorf("listing refunds: %w", &ReadError{Class: NotFound, HTTP: 404, Code: "order_not_found", Message: "Order Reference Id does not exist"})
	if want := "listing refunds: not_found (HTTP 404): Order Reference Id does not exist"; err.Error() != want {
		t.Errorf("got %s, want %s", err, want)
	}
	if ReadClassOf(err) != NotFound || ReadClassOf(errors.New("other")) != "" || ReadClassOf(nil) != "" {
		t.Errorf("classes %q, %q, %q", ReadClassOf(err), ReadClassOf(errors.New("other")), ReadClassOf(nil))
	}
	if got := (&ReadError{Class: Unreachable}).Error(); got != "unreachable" {
		t.Errorf("got %s", got)
	}
}
