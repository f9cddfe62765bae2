package report_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/report"
	"refundctl/state"
	"refundctl/state/statetest"
)

// writer writes a ledger, one run after another.
type writer struct {
	t    *testing.T
	disk *statetest.Disk
	now  time.Time
}

func (w *writer) run(h state.Header, steps ...func(*state.Session) error) {
	w.t.Helper()
	s, err := state.Open(w.t.Context(), w.disk.Backend(), state.Options{Header: h, Clock: func() time.Time { w.now = w.now.Add(time.Minute); return w.now }})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, step := range steps {
		if err := step(s); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *writer) bind(fingerprint string) func(*state.Session) error {
	return func(s *state.Session) error {
		return s.Bind(w.t.Context(), state.Binding{Account: "default", API: "cashfree", Environment: "production", Fingerprint: fingerprint, Reason: "test"})
	}
}

func (w *writer) begin(in state.Intent) func(*state.Session) error {
	return func(s *state.Session) error { return s.Begin(w.t.Context(), in) }
}

func (w *writer) finish(o state.Outcome) func(*state.Session) error {
	return func(s *state.Session) error { return s.Finish(w.t.Context(), o) }
}

const (
	oldPrint = "fingerprint-before"
	newPrint = "fingerprint-now"
)

func intent(id, note string) state.Intent {
	spec := refund.Spec{Account: "default", Kind: refund.Order, ParentID: "order_" + id, RefundID: id, Note: note, Amount: money.Amount{Minor: 1000, Currency: money.INR}}
	request, err := spec.Request()
	if err != nil {
		panic(err)
	}
	identity := spec.Identity(oldPrint)
	return state.Intent{AccountName: "default", ID: identity, Amount: spec.Amount, Key: refund.Key(identity, 1), Attempt: 1, Try: 1, Request: request,
		Source: diag.Place{File: "refunds/a.yaml", Line: 3}, Labels: map[string]string{"ticket": "CS-" + id}}
}

func outcome(in state.Intent, phase state.Phase, status refund.Status, how string) state.Outcome {
	o := statetest.Accepted(in)
	o.Phase, o.Status, o.How = phase, status, how
	return o
}

// bookOf replays a ledger.
func bookOf(t *testing.T, ledger []byte) (*report.Book, *state.State) {
	t.Helper()
	var disk statetest.Disk
	disk.Set(ledger)
	var book report.Book
	st, _, err := state.Replay(t.Context(), disk.Backend(), (*state.State).Places, book.Begin)
	if err != nil {
		t.Fatal(err)
	}
	return &book, st
}

var production = map[string]string{"default": "production"}

// story is a ledger: r1 was tried twice, by two runs, and settled; r2 was refused; r3 was found live; r4
// is in doubt; then the account was bound anew, and r1 was found under the new binding.
func story(t *testing.T) []byte {
	w := &writer{t: t, disk: &statetest.Disk{}, now: at(1, 9, 0)}
	one, two, three, four := intent("r1", "Size exchange"), intent("r2", ""), intent("r3", ""), intent("r4", "")
	w.run(state.Header{Actor: "asha", Approvers: []string{"meera"}}, w.bind(oldPrint), w.begin(one))
	again := one
	again.Try = 2
	refused := state.Outcome{AccountName: "default", ID: two.ID, Attempt: 1, Phase: state.Refused, Amount: two.Amount, How: "answered", Class: "refused", Code: "refund_no"}
	found := outcome(three, state.Settled, refund.Success, "adopted")
	found.Attempt, found.CreatedAt, found.ProcessedAt, found.ARN = 0, at(1, 1, 0), at(3, 1, 0), "arn-3"
	w.run(state.Header{Actor: "kiran", Approvers: []string{"ravi"}, CIRun: "run-2"}, w.begin(again), w.finish(outcome(one, state.Accepted, refund.Pending, "answered")),
		w.begin(two), w.finish(refused), w.finish(found))
	paid := outcome(one, state.Settled, refund.Success, "status")
	paid.ARN, paid.CreatedAt, paid.ProcessedAt = "arn-1", at(1, 9, 5), at(1, 9, 10)
	w.run(state.Header{Actor: "cron", Command: "refundctl status"}, w.finish(paid))
	w.run(state.Header{Actor: "asha"}, w.begin(four))
	moved := paid
	moved.ID.Account, moved.Attempt, moved.How, moved.ARN, moved.ProcessedAt = newPrint, 0, "adopted", "", time.Time{}
	w.run(state.Header{Actor: "admin"}, w.bind(newPrint), w.finish(moved))
	return w.disk.Bytes()
}

func TestARowNamesTheRunThatSentTheRefundAndWhatBecameOfIt(t *testing.T) {
	book, st := bookOf(t, story(t))
	specs := []refund.Spec{{Account: "default", Kind: refund.Order, ParentID: "order_r3", RefundID: "r3", Note: "of the manifest", Labels: map[string]string{"desk": "returns"}, Source: diag.Place{File: "b.yaml", Line: 9}}}
	rows := map[string]*report.Row{}
	all := book.Rows(st, specs, production, false)
	for _, r := range all {
		rows[r.ID.RefundID] = r
	}
	if len(all) != 4 {
		t.Fatalf("%d rows: the one that two bindings know is one", len(all))
	}
	one := rows["r1"]
	if one.Run.Actor != "kiran" || one.Run.Approvers[0] != "ravi" || one.Run.CIRun != "run-2" || one.How != "answered" || one.Note != "Size exchange" ||
		one.Labels["ticket"] != "CS-r1" || one.ARN != "arn-1" || one.Phase != state.Settled || one.Environment != "production" || one.Source.Line != 3 {
		t.Errorf("r1: %+v by %+v", one, one.Run)
	}
	if first, second := one.CreatedAt, one.SentAt; !second.After(first) || one.SettledAt.Before(second) || !one.LiveCreatedAt.Equal(at(1, 9, 5)) || !one.ProcessedAt.Equal(at(1, 9, 10)) {
		t.Errorf("r1: sent %s, settled %s, created %s, processed %s", one.SentAt, one.SettledAt, one.LiveCreatedAt, one.ProcessedAt)
	}
	if two := rows["r2"]; two.Phase != state.Refused || two.Code != "refund_no" || two.SentAt.IsZero() || two.How != "" || two.Run.Actor != "kiran" {
		t.Errorf("r2: %+v", two)
	}
}

func TestARefundThatWasFoundLiveHasNoTryAndTheManifestsNote(t *testing.T) {
	book, st := bookOf(t, found(t))
	specs := []refund.Spec{{Account: "default", Kind: refund.Order, ParentID: "order_r3", RefundID: "r3", Note: "of the manifest", Labels: map[string]string{"desk": "returns"}, Source: diag.Place{File: "b.yaml", Line: 9}},
		{Account: "default", Kind: refund.Order, ParentID: "order_r9", RefundID: "r9", Amount: money.Amount{Minor: 500, Currency: money.INR}}}
	rows := book.Rows(st, specs, production, true)
	if len(rows) != 2 {
		t.Fatalf("%d rows", len(rows))
	}
	r := rows[0]
	if !r.SentAt.IsZero() || r.How != "adopted" || r.Run.Actor != "asha" || r.Note != "of the manifest" || r.Labels["desk"] != "returns" || r.Source.File != "b.yaml" ||
		!r.Date(report.BySent).Equal(at(1, 1, 0)) {
		t.Errorf("%+v", r)
	}
	if p := rows[1]; p.Phase != report.Planned || p.ID.RefundID != "r9" || p.Run != nil || p.Environment != "production" {
		t.Errorf("%+v", p)
	}
	if rows := book.Rows(st, specs, map[string]string{"default": "sandbox"}, true); len(rows) != 3 || rows[0].Note != "" {
		t.Errorf("in another environment the manifest asks for other refunds: %d rows, note %q", len(rows), rows[0].Note)
	}
}

func found(t *testing.T) []byte {
	w := &writer{t: t, disk: &statetest.Disk{}, now: at(1, 9, 0)}
	o := outcome(intent("r3", ""), state.Accepted, refund.Pending, "adopted")
	o.Attempt, o.CreatedAt = 0, at(1, 1, 0)
	w.run(state.Header{Actor: "asha"}, w.bind(oldPrint), w.finish(o))
	return w.disk.Bytes()
}

// Merged ledgers hold the runs in another order.
func TestRowsDoNotDependOnTheOrderOfRuns(t *testing.T) {
	ledger := story(t)
	want := rowsOf(t, ledger)
	runs := map[string][][]byte{}
	var ids []string
	for line := range bytes.Lines(ledger) {
		_, rest, _ := strings.Cut(string(line), `"run":"`)
		id, _, _ := strings.Cut(rest, `"`)
		if runs[id] == nil {
			ids = append(ids, id)
		}
		runs[id] = append(runs[id], line)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		var mixed []byte
		for _, id := range ids {
			mixed = append(mixed, bytes.Join(runs[id], nil)...)
		}
		if diff := cmp.Diff(want, rowsOf(t, mixed)); diff != "" {
			t.Fatal(diff)
		}
	}
}

func rowsOf(t *testing.T, ledger []byte) []report.Row {
	book, st := bookOf(t, ledger)
	rows := book.Rows(st, nil, production, false)
	report.Sort(rows, report.BySent)
	var all []report.Row
	for _, r := range rows {
		all = append(all, *r)
	}
	return all
}

func TestRowsAreSortedByAccountEnvironmentAndDate(t *testing.T) {
	row := func(account, environment, id string, sent time.Time) *report.Row {
		r := &report.Row{Environment: environment, SentAt: sent}
		r.AccountName, r.ID.RefundID = account, id
		return r
	}
	rows := []*report.Row{row("b", "", "1", at(1, 0, 0)), row("a", "production", "2", time.Time{}), row("a", "production", "4", at(2, 0, 0)), row("a", "production", "3", at(2, 0, 0)),
		row("a", "embedded", "5", at(9, 0, 0)), row("a", "production", "6", at(1, 0, 0))}
	report.Sort(rows, report.BySent)
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID.RefundID)
	}
	if want := []string{"5", "6", "3", "4", "2", "1"}; !slices.Equal(ids, want) {
		t.Errorf("%v, not %v", ids, want)
	}
}
