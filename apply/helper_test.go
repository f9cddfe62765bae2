package apply_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"refundctl/apply"
	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
	"refundctl/state/statetest"
)

const merchant = "fingerprint-of-the-test-merchant"

// api has the refunds of one merchant and gives scripted answers. It counts what it executes by itself.
type api struct {
	mu       sync.Mutex
	live     map[string][]refund.Live // by order
	executed map[string]int           // by refund_id
	keys     map[string]string        // what each key was used for
	posts    []string
	script   map[string][]reply // by refund_id: replies to the next POSTs; after them all goes well
	lag      time.Duration
	readFail error
	inFlight map[string]int // by order
	inOrder  bool           // there were never two POSTs of one order at once
	onPost   func(n int)
}

// reply is the reply to one POST. executed says that the money moves.
type reply struct {
	executed bool
	answer   refund.Answer
	edit     func(*refund.Live) // changes the refund in a 200
}

var (
	lostBefore = reply{answer: refund.Answer{Cause: "connection reset"}}
	lostAfter  = reply{executed: true, answer: refund.Answer{Cause: "connection reset"}}
)

func newAPI() *api {
	return &api{live: map[string][]refund.Live{}, executed: map[string]int{}, keys: map[string]string{},
		script: map[string][]reply{}, inFlight: map[string]int{}, inOrder: true}
}

func (a *api) Refunds(_ context.Context, p refund.Parent) ([]refund.Live, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.readFail != nil {
		return nil, a.readFail
	}
	var seen []refund.Live
	for _, l := range a.live[p.ID] {
		if time.Since(l.CreatedAt) >= a.lag {
			seen = append(seen, l)
		}
	}
	return seen, nil
}

func (a *api) Payments(context.Context, refund.Parent) ([]refund.Paid, error) {
	return []refund.Paid{{Amount: rupees(100000), Status: "SUCCESS", Captured: true, CompletedAt: time.Now().Add(-time.Hour)}}, nil
}

func (a *api) Refund(_ context.Context, id refund.Identity) (refund.Live, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, l := range a.live[id.ID] {
		if l.RefundID == id.RefundID {
			return l, nil
		}
	}
	return refund.Live{}, &refund.ReadError{Class: refund.NotFound}
}

func (a *api) Turn(ctx context.Context) error { return ctx.Err() }

func (a *api) Create(ctx context.Context, r refund.Request, key string) refund.Answer {
	order := strings.Split(r.Path, "/")[2]
	id := between(string(r.Body), `"refund_id":"`, `"`)
	a.mu.Lock()
	a.inFlight[order]++
	a.inOrder = a.inOrder && a.inFlight[order] == 1
	a.posts = append(a.posts, id+" "+key)
	n := len(a.posts)
	a.mu.Unlock()
	if a.onPost != nil {
		a.onPost(n)
	}
	time.Sleep(100 * time.Millisecond) // virtual: the request is on its way
	a.mu.Lock()
	defer a.mu.Unlock()
	a.inFlight[order]--
	now := reply{executed: true}
	if queue := a.script[id]; len(queue) > 0 {
		now, a.script[id] = queue[0], queue[1:]
	}
	l := refund.Live{RefundID: id, ParentID: order, Status: refund.Pending, CfRefundID: "cf_" + id, CreatedAt: time.Now()}
	l.Amount, _ = money.ParseNumber(between(string(r.Body), `"refund_amount":`, "}"), money.INR)
	if now.executed {
		a.executed[id]++
		a.live[order] = append(a.live[order], l)
	}
	answer := now.answer
	answer.EndedAt = time.Now()
	if answer == (refund.Answer{EndedAt: answer.EndedAt}) {
		if now.edit != nil {
			now.edit(&l)
		}
		answer.HTTP, answer.Live = 200, &l
	}
	return answer
}

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	found, _, _ := strings.Cut(rest, after)
	return found
}

func rupees(n int64) money.Amount { return money.Amount{Minor: n * 100, Currency: money.INR} }

// eventLog collects the events of a run.
type eventLog struct {
	mu     sync.Mutex
	events []apply.Event
}

func (o *eventLog) Observe(e apply.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events = append(o.events, e)
}

func (o *eventLog) ends() string {
	var lines []string
	for _, e := range o.events {
		switch e.Kind {
		case apply.Sending, apply.Waiting, apply.Recorded:
		case apply.Stopping:
			lines = append(lines, "stopping")
		default:
			line := fmt.Sprintf("%s %s", e.Kind, e.ID.RefundID)
			if e.Code != "" {
				line += " " + e.Code
			}
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// project is a repository with its ledger and one api, for run after run.
type project struct {
	accepted      bool // a person accepts that the ledger may be old
	t             *testing.T
	api           *api
	reader        plan.Reader // used instead of api if it is set
	backend       state.Backend
	specs         []refund.Spec
	ctx           context.Context
	stopOnRefusal bool
	limits        plan.Limits
}

func newProject(t *testing.T, refunds ...string) *project {
	p := &project{t: t, api: newAPI(), backend: newLedger(), ctx: context.Background()}
	for i, text := range refunds {
		order, id, _ := strings.Cut(text, "/")
		p.specs = append(p.specs, refund.Spec{Account: "default", Kind: refund.Order, ParentID: order, RefundID: id,
			Amount: rupees(int64(10 + i)), Source: diag.Place{File: "a.yaml", Line: i + 1}})
	}
	return p
}

// apply recovers, plans and applies once, as the command does.
func (p *project) apply() (apply.Result, *eventLog) {
	p.t.Helper()
	s, err := state.Open(context.Background(), p.backend, state.Options{Clock: time.Now})
	if err != nil {
		p.t.Fatal(err)
	}
	defer s.Close()
	o := &eventLog{}
	r := p.run(s, o)
	prepared, err := r.Prepare(p.ctx, plan.Input{
		Accounts: []plan.Account{{Name: "default", API: "cashfree", Environment: "sandbox", Fingerprint: merchant, Limits: p.limits}},
		Readers:  map[string]plan.Reader{merchant: p.reads()}, Specs: p.specs, Refresh: plan.Auto,
		SettleAfter: r.Recovery.SettleAfter, Parallelism: 8, Clock: time.Now, AcceptOlder: p.accepted,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	result, err := r.Perform(p.ctx, prepared)
	if err != nil {
		p.t.Fatal(err)
	}
	return result, o
}

func (p *project) reads() plan.Reader {
	if p.reader != nil {
		return p.reader
	}
	return p.api
}

func (p *project) run(s *state.Session, o apply.Observer) *apply.Run {
	return &apply.Run{Ledger: s, State: s.State(), Gateways: map[string]apply.Gateway{merchant: {Reader: p.reads(), Issuer: p.api}},
		Recovery: apply.Recovery{ReadDelay: 3 * time.Second, SettleAfter: 10 * time.Minute, MaxAttempts: 3}, Parallelism: 8,
		StopOnRefusal: p.stopOnRefusal, Clock: time.Now, Observer: o}
}

func (p *project) expect(o *eventLog, want ...string) {
	p.t.Helper()
	slices.Sort(want)
	if got := o.ends(); got != strings.Join(want, "\n") {
		p.t.Errorf("events\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// executed checks how often each refund was executed.
func (p *project) executed(want map[string]int) {
	p.t.Helper()
	for _, s := range p.specs {
		if got := p.api.executed[s.RefundID]; got != want[s.RefundID] {
			p.t.Errorf("%s was executed %d times, want %d (posts %q)", s.RefundID, got, want[s.RefundID], p.api.posts)
		}
	}
}

func (p *project) entry(refundID string) state.Entry {
	p.t.Helper()
	st, _, err := state.Load(context.Background(), p.backend)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, e := range st.OfRefundID(merchant, refundID) {
		return e
	}
	return state.Entry{}
}

var errDisk = errors.New("no space left on device")

type brokenLedger struct{}

func (brokenLedger) Begin(context.Context, state.Intent) error { return errDisk }

func (brokenLedger) End(context.Context, state.End) error { return errDisk }

func (brokenLedger) Finish(context.Context, state.Outcome) error { return errDisk }

func (brokenLedger) BeginCancel(context.Context, state.Cancel) error { return errDisk }

func newLedger() state.Backend { return new(statetest.Disk).Backend() }

// stage is one run whose parts a test can replace before and between its steps.
type stage struct {
	*project
	session *state.Session
	log     *eventLog
	run     *apply.Run
	input   plan.Input
}

func (p *project) stage() *stage {
	p.t.Helper()
	s, err := state.Open(context.Background(), p.backend, state.Options{Clock: time.Now})
	if err != nil {
		p.t.Fatal(err)
	}
	o := &eventLog{}
	r := p.run(s, o)
	return &stage{p, s, o, r, plan.Input{
		Accounts: []plan.Account{{Name: "default", API: "cashfree", Environment: "sandbox", Fingerprint: merchant, Limits: p.limits}},
		Readers:  map[string]plan.Reader{merchant: p.reads()}, Specs: p.specs, Refresh: plan.Auto,
		SettleAfter: r.Recovery.SettleAfter, Parallelism: 8, Clock: time.Now,
	}}
}

func (s *stage) prepare() apply.Prepared {
	s.t.Helper()
	p, err := s.run.Prepare(s.ctx, s.input)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// prepareAndPerform does the whole run.
func (s *stage) prepareAndPerform() (apply.Result, error) {
	s.t.Helper()
	return s.run.Perform(s.ctx, s.prepare())
}

func (s *stage) posts(want int) {
	s.t.Helper()
	if len(s.api.posts) != want {
		s.t.Errorf("sent %q, want %d requests", s.api.posts, want)
	}
}

// hookedLedger is a ledger whose methods a test can make fail.
type hookedLedger struct {
	apply.Ledger
	begin  func(state.Intent) error
	finish func(state.Outcome) error
	ended  *[]state.End
}

func (h hookedLedger) Begin(ctx context.Context, in state.Intent) error {
	if h.begin != nil {
		if err := h.begin(in); err != nil {
			return err
		}
	}
	return h.Ledger.Begin(ctx, in)
}

func (h hookedLedger) Finish(ctx context.Context, o state.Outcome) error {
	if h.finish != nil {
		if err := h.finish(o); err != nil {
			return err
		}
	}
	return h.Ledger.Finish(ctx, o)
}

func (h hookedLedger) End(ctx context.Context, e state.End) error {
	if h.ended != nil {
		*h.ended = append(*h.ended, e)
	}
	return h.Ledger.End(ctx, e)
}

// hookedIssuer lets a test act while a refund waits for its turn.
type hookedIssuer struct {
	*api
	turn func() error
}

func (i hookedIssuer) Turn(context.Context) error { return i.turn() }

// issue makes the run use a hookedIssuer.
func (s *stage) issue(turn func() error) {
	s.run.Gateways[merchant] = apply.Gateway{Reader: s.reads(), Issuer: hookedIssuer{s.api, turn}}
}

// scriptedReader gives scripted answers to the first reads; nil stands for the API's, as do all later reads.
type scriptedReader struct {
	*api
	turn    sync.Mutex
	answers []func() ([]refund.Live, error)
	asked   int
	paid    money.Amount
}

func (r *scriptedReader) Refunds(ctx context.Context, p refund.Parent) ([]refund.Live, error) {
	r.turn.Lock()
	r.asked++
	var now func() ([]refund.Live, error)
	if len(r.answers) > 0 {
		now, r.answers = r.answers[0], r.answers[1:]
	}
	r.turn.Unlock()
	if now != nil {
		return now()
	}
	return r.api.Refunds(ctx, p)
}

func (r *scriptedReader) Payments(ctx context.Context, p refund.Parent) ([]refund.Paid, error) {
	paid, err := r.api.Payments(ctx, p)
	if r.paid.Minor > 0 {
		paid[0].Amount = r.paid
	}
	return paid, err
}

func unreachable() ([]refund.Live, error) {
	return nil, &refund.ReadError{Class: refund.Unreachable, HTTP: 502}
}

// identity names a refund of the test merchant.
func identity(order, id string) refund.Identity {
	return refund.Identity{Parent: refund.Parent{Account: merchant, Kind: refund.Order, ID: order}, RefundID: id}
}

// delayedReader answers the reads of some orders late.
type delayedReader struct {
	*api
	late map[string]time.Duration
}

func (r delayedReader) Refunds(ctx context.Context, p refund.Parent) ([]refund.Live, error) {
	time.Sleep(r.late[p.ID]) // virtual
	return r.api.Refunds(ctx, p)
}

// slowReader answers the first reads late, as a list that was throttled and retried.
type slowReader struct {
	*api
	delays []time.Duration
	begun  []time.Time
}

func (s *slowReader) Refunds(ctx context.Context, p refund.Parent) ([]refund.Live, error) {
	if n := len(s.begun); n < len(s.delays) {
		time.Sleep(s.delays[n]) // virtual
	}
	s.begun = append(s.begun, time.Now())
	return s.api.Refunds(ctx, p)
}

// others adds what somebody else made.
func (a *api) others(order string, l refund.Live) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.live[order] = append(a.live[order], l)
}
