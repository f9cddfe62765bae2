package state

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
)

// oneOfEach is a small ledger in which every field of the format occurs.
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

func TestR13_ALastLineCutAtAnyByteIsSkipped(t *testing.T) {
	whole := oneOfEach(t)
	all := lines(whole)
	last := all[len(all)-1]
	kept := len(whole) - len(last)
	for cut := range len(last) {
		s, end, err := foldAll(context.Background(), bytes.NewReader(whole[:kept+cut]))
		if err != nil {
			t.Fatalf("cut after byte %d of the last line: %v", cut, err)
		}
		wantEvents, want := len(all)-1, tail{size: int64(kept), torn: int64(cut)}
		if cut == len(last)-1 { // nothing but the line end is missing
			wantEvents, want = len(all), tail{size: int64(len(whole) - 1), unended: true}
		}
		if end != want || s.events != wantEvents {
			t.Errorf("cut after byte %d: %+v and %d events, want %+v and %d", cut, end, s.events, want, wantEvents)
		}
	}
}

func TestR13_ZerosAtTheEndAreSkipped(t *testing.T) {
	whole := oneOfEach(t)
	for _, zeros := range []int{1, 4096, 3 * maxLine} {
		_, end, err := foldAll(context.Background(), bytes.NewReader(join(whole, make([]byte, zeros))))
		if want := (tail{size: int64(len(whole)), torn: int64(zeros)}); err != nil || end != want {
			t.Errorf("%d zeros: %+v, %v, want %+v", zeros, end, err, want)
		}
	}
}

func TestR13_AFlippedBitAnywhereIsFound(t *testing.T) {
	whole := oneOfEach(t)
	for i := range whole[:len(whole)-1] {
		for _, bit := range []byte{1, 0x20, 0x80} {
			spoilt := bytes.Clone(whole)
			spoilt[i] ^= bit
			_, _, err := foldAll(context.Background(), bytes.NewReader(spoilt))
			if err == nil {
				t.Fatalf("byte %d with bit %#x flipped was not found", i, bit)
			}
		}
	}
}

func TestR13_AMissingLineIsFound(t *testing.T) {
	all := lines(oneOfEach(t))
	for i := range all[:len(all)-1] {
		rest := strings.Join(all[:i], "") + strings.Join(all[i+1:], "")
		want := Gap
		if i == 1 { // the last one of a run is known by the head alone
			want = MissingHead
		}
		if d := damage(t, []byte(rest)); d.Kind != want {
			t.Errorf("without line %d: %v (%s), want %s", i+1, &d, d.Kind, want)
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

func TestALedgerOfManyChunksIsReadAsOne(t *testing.T) {
	ledger := ledgerOf(t, 3000)
	want := folded(t, ledger)
	for name, r := range map[string]io.Reader{
		"in halves": iotest.HalfReader(bytes.NewReader(ledger)), "with the end": iotest.DataErrReader(bytes.NewReader(ledger)),
	} {
		s, end, err := foldAll(context.Background(), r)
		if err != nil || end != (tail{size: int64(len(ledger))}) || s.events != want.events || s.Heads()[0] != want.Heads()[0] || s.refunds != 3000 {
			t.Errorf("%s: %+v, %v", name, end, err)
		}
	}
	all := lines(ledger)
	for _, n := range []int{2, 1000, 5000, len(all)} {
		spoilt := strings.Join(all[:n-1], "") + "x\n" + strings.Join(all[n:], "")
		if d := damage(t, []byte(spoilt)); d.Line != n || d.Kind != Garbage {
			t.Errorf("line %d is spoilt: %v", n, &d)
		}
	}
}

func TestARepeatedLineCountsOnce(t *testing.T) {
	whole := oneOfEach(t)
	all := lines(whole)
	twice := strings.Join(all[:4], "") + strings.Join(all[1:], "")
	got, want := folded(t, []byte(twice)), folded(t, whole)
	if got.events != want.events || len(got.Heads()) != 1 || got.Heads()[0] != want.Heads()[0] {
		t.Errorf("%d events, heads %v, want %d and %v", got.events, got.Heads(), want.events, want.Heads())
	}
}

func TestWindowsLineEndsAreRead(t *testing.T) {
	whole := oneOfEach(t)
	s, end, err := foldAll(context.Background(), strings.NewReader(strings.ReplaceAll(string(whole), "\n", "\r\n")))
	if want := int64(len(whole) + len(lines(whole))); err != nil || s.events != len(lines(whole)) || end != (tail{size: want}) {
		t.Errorf("%+v, %v, want all events and size %d", end, err, want)
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

// FuzzLedger: no input makes the reader panic or lose its place, and what it accepts it writes
// again to the same bytes.
func FuzzLedger(f *testing.F) {
	whole := oneOfEach(f)
	f.Add(whole)
	for _, line := range lines(whole) {
		f.Add([]byte(line))
		f.Add([]byte(line[:len(line)-hashSuffix-1]))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		if _, end, err := foldAll(context.Background(), bytes.NewReader(input)); err == nil && end.size+end.torn != int64(len(input)) {
			t.Errorf("%+v does not cover %d bytes", end, len(input))
		}
		line := seal(bytes.Clone(input)) // so that the fuzzer gets past the hash
		var e event
		_, problem := (&decoder{interner: interner{}}).decode(line, &e)
		if problem != nil {
			return
		}
		if again, err := encode(&e); err != nil || !bytes.Equal(again, line) {
			t.Errorf("%s\nis written again as\n%s\n%v", line, again, err)
		}
	})
}

// What stands behind the last line end and cannot have been left there by an append that was cut short may
// have been an event: it is named, and never dropped.
func TestR13_OnlyTheBeginningOfALineIsSkipped(t *testing.T) {
	whole := oneOfEach(t)
	all := lines(whole)
	n, last := len(all), strings.TrimSuffix(all[len(all)-1], "\n")
	before := strings.Join(all[:n-1], "")
	for name, c := range map[string]struct {
		ledger string
		kind   DamageKind
	}{
		"an event whose outcome was removed":       {strings.Join(all[:n-2], "") + last, Gap},
		"another event of one number":              {before + strings.TrimSuffix(string(rehashed(strings.Replace(all[n-2], "41805719", "41805720", 1))), "\n"), Forked},
		"an altered event":                         {before + strings.Replace(last, `"sent":1`, `"sent":2`, 1), Altered},
		"an altered event with the end of Windows": {before + strings.Replace(last, `"sent":1`, `"sent":2`, 1) + "\r", Altered},
		"an altered event and zeros":               {before + strings.Replace(last, `"sent":1`, `"sent":2`, 1) + "\x00\x00", Altered},
		"an event without its hash":                {before + last[:len(last)-hashSuffix] + "}", Altered},
		"an event of a newer format":               {before + strings.Replace(last, `{"v":1`, `{"v":9`, 1), Newer},
		"the beginning of one of a newer format":   {before + strings.Replace(last, `{"v":1`, `{"v":9`, 1)[:40], Newer},
		"an event of format 10":                    {before + strings.Replace(last, `{"v":1`, `{"v":10`, 1), Newer},
		"a conflict marker":                        {string(whole) + ">>>>>>> theirs", Unmerged},
		"the beginning of a conflict marker":       {string(whole) + "<<<", Garbage},
		"a word":                                   {string(whole) + "torn", Garbage},
		"a blank":                                  {string(whole) + " ", Garbage},
		"the middle of a line":                     {before + last[20:40], Garbage},
		"another object":                           {before + `{"version":1`, Garbage},
		"an event that does not begin with a run":  {before + `{"v":1,"seq":2`, Garbage},
		"format 0":                                 {before + `{"v":0,"run":"`, Garbage},
		"a line that lost its middle":              {before + last[:20] + "\x00" + last[30:60], Garbage},
		"a text that is too long":                  {before + `{"v":1,"run":"` + strings.Repeat("x", 3*maxLine), TooLong},
		"zeros and a text behind them":             {before + string(make([]byte, 3*maxLine)) + last, TooLong},
	} {
		t.Run(name, func(t *testing.T) {
			d := damage(t, []byte(c.ledger))
			if want := strings.Count(c.ledger, "\n") + 1; d.Line != want || d.Kind != c.kind {
				t.Errorf("%v (%s), want line %d, %s", &d, d.Kind, want, c.kind)
			}
		})
	}
}

func TestR13_AWholeEventIsKeptWithoutItsLineEnd(t *testing.T) {
	whole := bytes.TrimSuffix(oneOfEach(t), []byte("\n"))
	events := len(lines(whole))
	for name, c := range map[string]struct {
		behind string
		want   tail
	}{
		"nothing":                        {"", tail{size: int64(len(whole)), unended: true}},
		"the half of one of Windows":     {"\r", tail{size: int64(len(whole)) + 1, unended: true}},
		"a zero":                         {"\x00", tail{size: int64(len(whole)), torn: 1, unended: true}},
		"more zeros than a line is long": {string(make([]byte, 3*maxLine)), tail{size: int64(len(whole)), torn: 3 * maxLine, unended: true}},
	} {
		s, end, err := foldAll(context.Background(), strings.NewReader(string(whole)+c.behind))
		if err != nil || end != c.want || s.events != events {
			t.Errorf("%s: %+v, %v, want %+v", name, end, err, c.want)
		}
	}
}
