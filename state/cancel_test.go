package state

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"refundctl/internal/refund"
)

func cancelOf(in Intent) Cancel {
	return Cancel{AccountName: in.AccountName, ID: in.ID, Amount: in.Amount, Status: refund.OnHold, Request: refund.Request{Method: "PUT",
		Path: "/orders/" + in.ID.ID + "/refunds/" + in.ID.RefundID, Body: []byte(`{"refund_status":"CANCELLED","remarks":"asked twice"}`)}}
}

func cancelling(a Cancel) *event { return &event{Type: typeCancel, Cancel: a} }

// answerOf is the outcome of a cancel: a refusal leaves the refund accepted.
func answerOf(in Intent, p Phase) Outcome {
	o := outcomeOf(in, p)
	o.How = Cancelling
	return o
}

func TestFormat2MatchesTheGoldenLedger(t *testing.T) {
	in := someIntent(1)
	in.Facts.Mode = "upi"
	got := run(t, runID(1), Header{}, ticking(0), intents(in), outcomes(outcomeOf(in, Accepted)), cancelling(cancelOf(in)), outcomes(answerOf(in, Failed)))
	golden, err := os.ReadFile("testdata/format2.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, golden) {
		t.Errorf("the format has changed: raise its version.\ngot\n%s\nwant\n%s", got, golden)
	}
	folded(t, golden)
}

// An older program reads a ledger without new events, and refuses one with new events by name.
func TestOnlyNewEventsHaveANewerFormat(t *testing.T) {
	in, paid := someIntent(1), someIntent(2)
	paid.Facts.Mode = "upi"
	for _, line := range lines(run(t, runID(1), Header{}, ticking(0), intents(in), intents(paid), cancelling(cancelOf(in)), outcomes(answerOf(in, Accepted)))) {
		if strings.HasPrefix(line, `{"v":2`) != (strings.Contains(line, `"type":"cancel"`) || strings.Contains(line, `"mode":"upi"`)) {
			t.Errorf("the version of %s", line)
		}
	}
}

func TestACancelIsOpenUntilItsAnswerInAnyOrderOfRuns(t *testing.T) {
	in := someIntent(1)
	sent := run(t, runID(1), Header{}, ticking(0), intents(in), outcomes(outcomeOf(in, Accepted)), cancelling(cancelOf(in)))
	read := outcomeOf(in, Accepted)
	read.How = "status"
	for name, c := range map[string]struct {
		later *event
		open  bool
	}{
		"nothing else":           {bindings(Binding{Account: "a", API: "cashfree", Environment: "sandbox", Fingerprint: "f"}), true},
		"a read that shows less": {outcomes(read), true},
		"a refusal":              {outcomes(answerOf(in, Accepted)), false},
		"done":                   {outcomes(answerOf(in, Failed)), false},
	} {
		after := run(t, runID(2), Header{Heads: []string{headOf(sent)}}, ticking(time.Hour), c.later)
		again := run(t, runID(3), Header{Heads: []string{headOf(after)}}, ticking(2*time.Hour), cancelling(cancelOf(in)))
		for _, ledger := range [][]byte{join(sent, after), join(after, sent)} {
			e, _ := folded(t, ledger).Entry(in.ID)
			if e.CancelSent.IsZero() == c.open || e.Phase == Intended {
				t.Errorf("%s: sent %v, phase %s", name, e.CancelSent, e.Phase)
			}
		}
		for _, ledger := range [][]byte{join(sent, after, again), join(again, after, sent)} {
			if e, _ := folded(t, ledger).Entry(in.ID); e.CancelSent.IsZero() {
				t.Errorf("%s, and another cancel: it is not open", name)
			}
		}
	}
}

func TestACancelDoesNotMoveItsParent(t *testing.T) {
	in := someIntent(1)
	ledger := run(t, runID(1), Header{}, ticking(0), intents(in), outcomes(outcomeOf(in, Accepted)))
	before := folded(t, ledger).MovedSince(in.ID.Parent, nil, "")
	ledger = join(ledger, run(t, runID(2), Header{}, ticking(time.Hour), cancelling(cancelOf(in)), outcomes(answerOf(in, Failed))))
	if after := folded(t, ledger).MovedSince(in.ID.Parent, nil, ""); !after.Equal(before) {
		t.Errorf("moved at %v, before the cancel at %v", after, before)
	}
}

func TestHistoryContainsCancels(t *testing.T) {
	in := someIntent(1)
	ledger := run(t, runID(1), Header{}, ticking(0), intents(in), outcomes(outcomeOf(in, Accepted)), cancelling(cancelOf(in)), cancelling(cancelOf(someIntent(2))))
	records, err := History(context.Background(), bytes.NewReader(ledger), in.ID.RefundID)
	if err != nil || len(records) != 3 || records[2].Cancel == nil || string(records[2].Cancel.Request.Body) != string(cancelOf(in).Request.Body) {
		t.Errorf("%v, %+v", err, records)
	}
}
