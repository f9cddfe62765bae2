package state

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
)

// oneOfEach is a small ledger with every field of the format.
func oneOfEach(tb testing.TB) []byte {
	in := someIntent(1)
	in.PaymentID, in.Attempt, in.Try, in.Key = "pay_1", 2, 3, refund.Key(in.ID, 2)
	in.Splits = []refund.Split{{VendorID: "Vendor01", Amount: inr(10012)}, {VendorID: "Vendor02", Amount: inr(1)}}
	in.Labels = map[string]string{"ticket": "CS-4411", "requested_by": "returns-desk", "quote": "tab\tand \"quotes\" and ₹ and \\"}
	in.Proof = &Proof{FirstRead: start, SecondRead: start.Add(3 * time.Second), SettledBy: "two_reads"}
	out := Outcome{
		AccountName: "default", ID: in.ID, PaymentID: "pay_1", Attempt: 2, Phase: Settled, Amount: in.Amount, Splits: in.Splits,
		Status: refund.Success, CfRefundID: "41805719", ARN: "20590700000000000001", How: "read_back", Class: "unknown", HTTP: 500, Replayed: true,
		Code: "internal_error", Message: "api error", CreatedAt: start, ProcessedAt: start.Add(time.Hour),
		Proof: &Proof{SettledBy: "person", Reason: "told by the bank"},
	}
	first := run(tb, runID(1), Header{}, ticking(0),
		bindings(Binding{Account: "default", API: "cashfree", Environment: "sandbox", Fingerprint: in.ID.Account, Reason: "new keys"}))
	return join(first, run(tb, runID(2), Header{
		Heads: []string{headOf(first)}, Actor: "asha", Command: "apply", Program: "1.2.0", Commit: "4be1ac", PlanDigest: "d1",
	}, ticking(time.Hour), intents(in), outcomes(out), &event{Type: typeEnd, End: End{Sent: 1, Refused: 2, InDoubt: 3, NotSent: 4}}))
}

func TestTheFormatMatchesTheGoldenLedger(t *testing.T) {
	golden, err := os.ReadFile("testdata/format1.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if got := oneOfEach(t); !bytes.Equal(got, golden) {
		t.Errorf("the format has changed: raise its version.\ngot\n%s\nwant\n%s", got, golden)
	}
	folded(t, golden)
}

func TestAHeaderNamesItsApproversAndItsPipelineRun(t *testing.T) {
	in := someIntent(1)
	h := Header{Lineage: "lineage", Actor: "asha", Command: "apply", Program: "1.2.0", Commit: "4be1ac", PlanDigest: "d1",
		Approvers: []string{"meera", "ravi \"the bank\""}, CIRun: "https://ci.example/runs/7?a=1&b=2"}
	records, err := History(t.Context(), bytes.NewReader(run(t, runID(1), h, ticking(0), intents(in))), in.ID.RefundID)
	if err != nil || len(records) != 1 {
		t.Fatalf("%v %+v", err, records)
	}
	if !reflect.DeepEqual(h, records[0].Header) {
		t.Errorf("%+v", records[0].Header)
	}
}

func TestEveryLineIsStandardJSON(t *testing.T) {
	for _, line := range lines(oneOfEach(t)) {
		var fields struct {
			Type    string
			Request struct{ Body string }
			Labels  []struct{ Name, Value string }
			Hash    string
		}
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if fields.Type != typeIntent {
			continue
		}
		if want := string(someIntent(1).Request.Body); fields.Request.Body != want {
			t.Errorf("another reader finds the body %s, want %s", fields.Request.Body, want)
		}
		if got, want := fields.Labels[0].Value, "tab\tand \"quotes\" and ₹ and \\"; got != want {
			t.Errorf("another reader finds the label %q, want %q", got, want)
		}
	}
}

func TestDamageIsNamedWithItsLine(t *testing.T) {
	whole := string(oneOfEach(t))
	all := lines([]byte(whole))
	change := func(n int, old, new string) string {
		changed := strings.Replace(all[n-1], old, new, 1)
		if changed == all[n-1] {
			t.Fatalf("%q is not in line %d", old, n)
		}
		return strings.Join(all[:n-1], "") + string(rehashed(changed)) + strings.Join(all[n:], "")
	}
	for name, c := range map[string]struct {
		ledger string
		line   int
		kind   DamageKind
		says   string
	}{
		"a newer format":                    {change(4, `{"v":1`, `{"v":9`), 4, Newer, "written by a newer refundctl (format 9)"},
		"a format that the event is not of": {change(4, `{"v":1`, `{"v":2`), 4, Malformed, "does not have format 2"},
		"an event that its format lacks":    {change(4, `"type":"intent"`, `"type":"cancel"`), 4, Malformed, ""},
		"a much newer format":               {change(4, `{"v":1`, `{"v":1234567890123`), 4, Newer, "newer"},
		"no version":                        {change(4, `{"v":1`, `{"w":1`), 4, Garbage, "not a ledger event"},
		"version zero":                      {change(4, `{"v":1`, `{"v":0`), 4, Garbage, "not a ledger event"},
		"no run":                            {change(4, `"run":"`+runID(2)+`",`, ``), 4, Malformed, "run"},
		"an unknown type":                   {change(4, `"type":"intent"`, `"type":"wish"`), 4, Malformed, `"wish"`},
		"an unknown field":                  {change(4, `"amount":`, `"colour":"red","amount":`), 4, Malformed, `"colour"`},
		"an unknown last field":             {change(5, `,"prev"`, `,"z":1,"prev"`), 5, Malformed, `"z"`},
		"an unknown inner field":            {change(4, `"method":`, `"host":"h","method":`), 4, Malformed, `"host"`},
		"a field twice":                     {change(4, `"try":3`, `"try":3,"try":3`), 4, Malformed, `"try"`},
		"fields in another order":           {change(4, `"attempt":2,"try":3`, `"try":3,"attempt":2`), 4, Malformed, `"attempt"`},
		"blanks":                            {change(4, `"attempt":2`, `"attempt": 2`), 4, Malformed, "attempt"},
		"a leading zero":                    {change(4, `"attempt":2`, `"attempt":02`), 4, Malformed, "attempt"},
		"a large number":                    {change(4, `"attempt":2`, `"attempt":1234567890`), 4, Malformed, ""},
		"another escape":                    {change(4, `returns-desk`, `returns\u002ddesk`), 4, Malformed, "in the form"},
		"bytes that are no text":            {change(4, `returns-desk`, "returns\xffdesk"), 4, Malformed, "in the form"},
		"a raw control character":           {change(4, `returns-desk`, "returns\tdesk"), 4, Malformed, "in the form"},
		"an amount of one decimal":          {change(4, `"amount":"1149.76"`, `"amount":"1149.7"`), 4, Malformed, "amount"},
		"an amount without digits":          {change(4, `"amount":"1149.76"`, `"amount":".76"`), 4, Malformed, "amount"},
		"an amount too large":               {change(4, `"amount":"1149.76"`, `"amount":"92233720368547758.08"`), 4, Malformed, "amount"},
		"an amount of nothing":              {change(4, `"amount":"1149.76"`, `"amount":"0.00"`), 4, Malformed, "amount"},
		"an amount with a sign":             {change(4, `"amount":"1149.76"`, `"amount":"-149.76"`), 4, Malformed, "amount"},
		"a local time":                      {change(4, `03-01T10:30:01.123456789Z`, `03-01T10:30:01.123456789+05:30`), 4, Malformed, "at is not"},
		"an intent without its key":         {change(4, `"idempotency_key":"`+refund.Key(someIntent(1).ID, 2)+`",`, ``), 4, Malformed, "key"},
		"labels out of order":               {change(4, `"quote"`, `"zebra"`), 4, Malformed, "sorted"},
		"a label twice":                     {change(4, `"quote"`, `"requested_by"`), 4, Malformed, "sorted"},
		"an empty list":                     {change(4, `,"labels":[`, `,"labels":[],"x":[`), 4, Malformed, "empty"},
		"an empty source":                   {change(4, `"file":"refunds/2026/june.refunds.yaml","line":2,"column":5`, ``), 4, Malformed, "source"},
		"an empty text":                     {change(4, `"pay_1"`, `""`), 4, Malformed, "payment_id"},
		"a hash in capitals":                {change(4, `"prev":"5`, `"prev":"A`), 4, Malformed, "prev"},
		"an unknown phase":                  {change(5, `"phase":"settled"`, `"phase":"sent"`), 5, Malformed, `"sent"`},
		"an unknown kind":                   {change(5, `"kind":"order"`, `"kind":"parcel"`), 5, Malformed, "identity"},
		"a second header":                   {change(5, `"type":"outcome"`, `"type":"run"`), 5, Malformed, ""},
		"a head that is no hash":            {change(3, `"heads":["`, `"heads":["zz`), 3, Malformed, "head"},
		"a head that is missing":            {all[0] + string(rehashed(strings.Replace(all[2], headOf([]byte(all[1]))[:3], "fff", 1))), 2, MissingHead, "missing"},
		"an event changed and hashed again": {change(2, "new keys", "old keys"), 3, MissingHead, "missing"},
		"another event of one number":       {whole + string(rehashed(strings.Replace(all[4], "41805719", "41805720", 1))), 7, Forked, "event 3 of run"},
		"a gap in the run":                  {strings.Join(all[:3], "") + all[4], 4, Gap, "event 3"},
		"an event of the wrong chain":       {strings.Join(all[:3], "") + string(rehashed(strings.Replace(all[3], headOf([]byte(all[2])), strings.Repeat("ab", 32), 1))), 4, Gap, "follow"},
		"a conflict marker":                 {all[0] + "<<<<<<< HEAD\n" + strings.Join(all[1:], ""), 2, Unmerged, "Git"},
		"a conflict's middle":               {all[0] + "=======\n" + strings.Join(all[1:], ""), 2, Unmerged, "Git"},
		"an empty line":                     {all[0] + "\n" + strings.Join(all[1:], ""), 2, Garbage, "not a ledger event"},
		"zeros in the middle":               {all[0] + "\x00\x00\n" + strings.Join(all[1:], ""), 2, Garbage, "not a ledger event"},
		"a line of many megabytes":          {all[0] + strings.Repeat("x", 3*maxLine) + "\n", 2, TooLong, "longer"},
		"a last line that is cut and ended": {whole[:len(whole)-20] + "\n", 6, Altered, "hash"},
	} {
		t.Run(name, func(t *testing.T) {
			d := damage(t, []byte(c.ledger))
			if d.Line != c.line || d.Kind != c.kind || !strings.Contains(d.Problem, c.says) {
				t.Errorf("got %v (%s), want line %d, %s, %q", &d, d.Kind, c.line, c.kind, c.says)
			}
		})
	}
}

func TestEveryFieldIsDecodedAsItWasEncoded(t *testing.T) {
	records, err := History(context.Background(), bytes.NewReader(oneOfEach(t)), someIntent(1).ID.RefundID)
	if err != nil || len(records) != 2 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	in, out := records[0].Intent, records[1].Outcome
	again := run(t, runID(1), Header{}, ticking(0),
		bindings(Binding{Account: "default", API: "cashfree", Environment: "sandbox", Fingerprint: in.ID.Account, Reason: "new keys"}))
	again = join(again, run(t, runID(2), Header{
		Heads: []string{headOf(again)}, Actor: records[0].Header.Actor, Command: records[0].Header.Command, Program: "1.2.0", Commit: "4be1ac", PlanDigest: "d1",
	}, ticking(time.Hour), intents(*in), outcomes(*out), &event{Type: typeEnd, End: End{1, 2, 3, 4}}))
	if !bytes.Equal(again, oneOfEach(t)) {
		t.Errorf("written again:\n%s\nwant\n%s", again, oneOfEach(t))
	}
	if (in.Source != diag.Place{File: "refunds/2026/june.refunds.yaml", Line: 2, Column: 5}) || records[1].Seq != 3 || records[1].Run != runID(2) {
		t.Errorf("the history holds %+v", records)
	}
}
