package state

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"refundctl/internal/refund"
)

func someDetails() *refund.Details {
	return &refund.Details{
		Description: "Request sent to merchant to collect customer details", Charge: "612.34", ForexCharge: "11.12", ForexTax: "1.12", ForexRate: "84.24",
		ChargesCurrency: "INR", Speed: refund.Speed{Requested: "INSTANT", Accepted: "STANDARD", Processed: "STANDARD", Message: "not possible"},
		Shares: "Vendor01 62.75%", Metadata: `{"option":"gift"}`,
	}
}

// detailed is a ledger with what a line gained: x-request-ids and details.
func detailed(tb testing.TB) []byte {
	in := someIntent(1)
	in.Request.ID = "11111111-2222-4333-8444-555555555555"
	unknown := outcomeOf(in, Intended)
	unknown.RequestID = "REQ-502"
	found := outcomeOf(in, Accepted)
	found.How, found.Details = "read_back", someDetails()
	cancel := Cancel{AccountName: in.AccountName, ID: in.ID, Amount: in.Amount, Status: refund.Pending,
		Request: refund.Request{Method: "PUT", Path: "/p", Body: []byte("{}"), ID: "66666666-7777-4888-8999-000000000000"}}
	return run(tb, runID(1), Header{}, ticking(0), intents(in), outcomes(unknown), outcomes(found), &event{Type: typeCancel, Cancel: cancel})
}

func TestTheLedgerKeepsRequestIDsAndDetails(t *testing.T) {
	ledger := detailed(t)
	for i, line := range lines(ledger)[1:] {
		if !strings.HasPrefix(line, `{"v":3,`) {
			t.Errorf("line %d has an older format, which does not have its fields: %s", i+2, line)
		}
	}
	records, err := History(t.Context(), bytes.NewReader(ledger), someIntent(1).ID.RefundID)
	if err != nil || len(records) != 4 {
		t.Fatalf("%v, %d events", err, len(records))
	}
	if id := records[0].Intent.Request.ID; id != "11111111-2222-4333-8444-555555555555" {
		t.Errorf("the intent has the request id %q", id)
	}
	if id := records[1].Outcome.RequestID; id != "REQ-502" {
		t.Errorf("the answer has the request id %q", id)
	}
	if d := records[2].Outcome.Details; d == nil || *d != *someDetails() {
		t.Errorf("the details are %+v", d)
	}
	if id := records[3].Cancel.Request.ID; id != "66666666-7777-4888-8999-000000000000" {
		t.Errorf("the cancel has the request id %q", id)
	}
	if e, _ := folded(t, ledger).Entry(someIntent(1).ID); e.Details == nil || *e.Details != *someDetails() {
		t.Errorf("the entry has %+v", e.Details)
	}
}

func TestADoubtHasTheRequestIDOfItsAnswerOrElseOfItsTry(t *testing.T) {
	in := someIntent(1)
	in.Request.ID = "sent-1"
	unknown := outcomeOf(in, Intended)
	begun := run(t, runID(1), Header{}, ticking(0), intents(in))
	answered := unknown
	answered.RequestID = "REQ-502"
	for want, ledger := range map[string][]byte{
		"sent-1":  begun,
		"REQ-502": run(t, runID(1), Header{}, ticking(0), intents(in), outcomes(answered)),
	} {
		if e, _ := folded(t, ledger).Entry(in.ID); e.Phase != Intended || e.RequestID != want {
			t.Errorf("%s with request id %q, want %q", e.Phase, e.RequestID, want)
		}
	}
	unsent := unknown
	unsent.Class = "not_attempted"
	never := run(t, runID(1), Header{}, ticking(0), intents(in), outcomes(unsent))
	if e, _ := folded(t, never).Entry(in.ID); e.RequestID != "" {
		t.Errorf("of a try that never left, the request id is %q", e.RequestID)
	}
	again := in
	again.Try, again.Request.ID = 2, "sent-2"
	if e, _ := folded(t, run(t, runID(1), Header{}, ticking(0), intents(in), outcomes(unsent), intents(again))).Entry(in.ID); e.RequestID != "sent-2" {
		t.Errorf("of the try after it, the request id is %q", e.RequestID)
	}
	lost := run(t, runID(1), Header{}, ticking(0), intents(in), outcomes(unknown))
	if e, _ := folded(t, lost).Entry(in.ID); e.RequestID != "sent-1" {
		t.Errorf("after a lost answer the request id is %q", e.RequestID)
	}
}

func TestTheLatestDetailsCountInAnyOrderOfRuns(t *testing.T) {
	in := someIntent(1)
	before, after := outcomeOf(in, Accepted), outcomeOf(in, Accepted)
	before.Details = &refund.Details{Description: "In Progress"}
	after.Details = someDetails()
	first := run(t, runID(1), Header{}, ticking(0), intents(in), outcomes(before))
	second := run(t, runID(2), Header{}, ticking(time.Hour), outcomes(after))
	for _, ledger := range [][]byte{join(first, second), join(second, first)} {
		if e, _ := folded(t, ledger).Entry(in.ID); e.Details == nil || *e.Details != *someDetails() {
			t.Errorf("the entry has %+v", e.Details)
		}
	}
}

func TestEmptyDetailsAreNotWritten(t *testing.T) {
	in := someIntent(1)
	o := outcomeOf(in, Accepted)
	o.Details = &refund.Details{}
	if ledger := run(t, runID(1), Header{}, ticking(0), intents(in), outcomes(o)); bytes.Contains(ledger, []byte("details")) {
		t.Errorf("%s", ledger)
	}
}
