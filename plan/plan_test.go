package plan_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
	"refundctl/state/statetest"
)

const merchant = "fingerprint-of-the-test-merchant"

var noon = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

func inr(t testing.TB, text string) money.Amount {
	t.Helper()
	a, err := money.Parse(text, money.INR)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// world is what a test's API holds, and what was asked of it.
type world struct {
	mu       sync.Mutex
	refunds  map[string][]refund.Live
	payments map[string][]refund.Paid
	fails    map[string]error
	noFacts  error // of reading the payments of any order
	none     error // of reading one refund that is not there; nil: NotFound
	asked    []string
	inFlight int
	most     int
}

func (w *world) ask(what string) func() {
	w.mu.Lock()
	w.asked = append(w.asked, what)
	w.inFlight++
	w.most = max(w.most, w.inFlight)
	w.mu.Unlock()
	return func() { w.mu.Lock(); w.inFlight--; w.mu.Unlock() }
}

func (w *world) Refunds(_ context.Context, p refund.Parent) ([]refund.Live, error) {
	defer w.ask("list " + p.ID)()
	if err := w.fails[p.ID]; err != nil {
		return nil, err
	}
	if _, known := w.payments[p.ID]; !known {
		return nil, &refund.ReadError{Class: refund.NotFound, HTTP: 404}
	}
	return slices.Clone(w.refunds[p.ID]), nil
}

func (w *world) Payments(_ context.Context, p refund.Parent) ([]refund.Paid, error) {
	defer w.ask("payments " + p.ID)()
	if w.noFacts != nil {
		return nil, w.noFacts
	}
	return w.payments[p.ID], nil
}

func (w *world) Refund(_ context.Context, id refund.Identity) (refund.Live, error) {
	defer w.ask("get " + id.RefundID)()
	for _, l := range w.refunds[id.ID] {
		if l.RefundID == id.RefundID {
			return l, nil
		}
	}
	if w.none != nil {
		return refund.Live{}, w.none
	}
	return refund.Live{}, &refund.ReadError{Class: refund.NotFound, HTTP: 404}
}

// bench is one planned project: o1 was paid with 1000 rupees ten days ago.
type bench struct {
	t     testing.TB
	world *world
	in    plan.Input
	sess  *state.Session
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, world: &world{refunds: map[string][]refund.Live{}, payments: map[string][]refund.Paid{}, fails: map[string]error{}}}
	b.paid("o1", "1000.00", noon.AddDate(0, 0, -10))
	var err error
	b.sess, err = state.Open(context.Background(), newLedger(), state.Options{Clock: func() time.Time { return noon.Add(-24 * time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.sess.Close() })
	b.in = plan.Input{
		Accounts: []plan.Account{{Name: "default", API: "cashfree", Environment: "sandbox", Fingerprint: merchant}},
		Readers:  map[string]plan.Reader{merchant: b.world}, State: b.sess.State(), Refresh: plan.Auto,
		SettleAfter: 10 * time.Minute, Parallelism: 4, Clock: func() time.Time { return noon },
	}
	return b
}

func (b *bench) paid(order, amount string, at time.Time) {
	p := refund.Paid{Amount: inr(b.t, amount), Status: "SUCCESS", Captured: true, CompletedAt: at}
	b.world.payments[order] = append(b.world.payments[order], p)
}

func (b *bench) want(order, id, amount string, more ...func(*refund.Spec)) {
	s := refund.Spec{Account: "default", Kind: refund.Order, ParentID: order, RefundID: id, Amount: inr(b.t, amount),
		Source: diag.Place{File: "refunds/a.yaml", Line: len(b.in.Specs) + 1, Column: 5}}
	for _, change := range more {
		change(&s)
	}
	b.in.Specs = append(b.in.Specs, s)
}

func (b *bench) live(order, id, amount string, status refund.Status, more ...func(*refund.Live)) {
	l := refund.Live{RefundID: id, ParentID: order, Amount: inr(b.t, amount), Status: status, CfRefundID: "cf_" + id, Type: "MERCHANT_INITIATED"}
	for _, change := range more {
		change(&l)
	}
	b.world.refunds[order] = append(b.world.refunds[order], l)
}

func identity(order, id string) refund.Identity {
	return refund.Identity{Parent: refund.Parent{Account: merchant, Kind: refund.Order, ID: order}, RefundID: id}
}

// remember writes an intent and, unless phase is Intended, its outcome into the ledger.
func (b *bench) remember(order, id, amount string, phase state.Phase, status refund.Status) {
	b.t.Helper()
	b.intend(order, id, amount)
	if phase == state.Intended {
		return
	}
	err := b.sess.Finish(context.Background(), state.Outcome{AccountName: "default", ID: identity(order, id), Attempt: 1, Phase: phase,
		Amount: inr(b.t, amount), Status: status, How: "answered", HTTP: 200, Class: "accepted"})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) intend(order, id, amount string) {
	b.t.Helper()
	spec := refund.Spec{Kind: refund.Order, ParentID: order, RefundID: id, Amount: inr(b.t, amount)}
	request, err := spec.Request()
	if err != nil {
		b.t.Fatal(err)
	}
	facts := refund.Facts{}
	if p := b.world.payments[order]; len(p) > 0 {
		facts = refund.Facts{Known: true, Captured: p[0].Amount, CompletedAt: p[0].CompletedAt}
	}
	err = b.sess.Begin(context.Background(), state.Intent{AccountName: "default", ID: identity(order, id), Amount: spec.Amount, Attempt: 1, Try: 1,
		Key: refund.Key(identity(order, id), 1), Request: request, Facts: facts})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) plan() *plan.Plan {
	b.t.Helper()
	p, err := plan.Make(context.Background(), b.in)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// rows prints a plan as "sign id reason,reason" lines.
func rows(p *plan.Plan) string {
	var lines []string
	for _, c := range p.Changes {
		line := string(rune(c.Action)) + " " + c.ID.RefundID
		for _, r := range c.Reasons {
			line += " " + r.Code
		}
		for _, r := range c.Attention {
			line += " (" + r.Code + ")"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (b *bench) expect(want ...string) *plan.Plan {
	b.t.Helper()
	p := b.plan()
	if got := rows(p); got != strings.Join(want, "\n") {
		b.t.Errorf("plan is\n%s\nwant\n%s\n%s", got, strings.Join(want, "\n"), messages(p))
	}
	return p
}

func messages(p *plan.Plan) string {
	var b strings.Builder
	for _, c := range p.Changes {
		for _, r := range c.Reasons {
			fmt.Fprintf(&b, "%s: %s\n", c.ID.RefundID, r.Message)
		}
	}
	return b.String()
}

// reads are the requests that the plan made, sorted.
func (b *bench) reads(want ...string) {
	b.t.Helper()
	slices.Sort(b.world.asked)
	if !slices.Equal(b.world.asked, want) {
		b.t.Errorf("asked %q, want %q", b.world.asked, want)
	}
}

func hold(s *refund.Spec) { s.Hold = true }
func supersedes(id string) func(*refund.Spec) {
	return func(s *refund.Spec) { s.Supersedes = id }
}
func in(c money.Currency) func(*refund.Spec) {
	return func(s *refund.Spec) { s.Amount.Currency = c }
}
func notDuplicateOf(ids ...string) func(*refund.Spec) {
	return func(s *refund.Spec) { s.NotDuplicateOf = ids }
}

func newLedger() state.Backend { return new(statetest.Disk).Backend() }

func (b *bench) finish(o state.Outcome) {
	b.t.Helper()
	o.AccountName, o.ID.Parent.Account, o.ID.Kind = "default", merchant, cmp.Or(o.ID.Kind, refund.Order)
	if err := b.sess.Finish(context.Background(), o); err != nil {
		b.t.Fatal(err)
	}
}
