package apply_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
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

// api is one merchant's refunds, with answers to order. It keeps its own count of what it executed.
type api struct {
	mu       sync.Mutex
	live     map[string][]refund.Live // by order
	executed map[string]int           // by refund_id
	keys     map[string]string        // what each key was used for
	posts    []string
	script   map[string][]reply // by refund_id: what the next POSTs meet; then all goes well
	lag      time.Duration
	readFail error
	inFlight map[string]int // by order
	inOrder  bool           // never two POSTs of one order at once
	onPost   func(n int)
}

// reply is what one POST meets. Executed says that the money moves.
type reply struct {
	executed bool
	answer   refund.Answer
	edit     func(*refund.Live) // of the answer of a 200
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

// told collects what a run says of each refund.
type told struct {
	mu     sync.Mutex
	events []apply.Event
}

func (o *told) Observe(e apply.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events = append(o.events, e)
}

func (o *told) finals() string {
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

// project is one repository with its ledger, run after run against one api.
type project struct {
	accepted bool // a person said that the ledger is right
	t        *testing.T
	api      *api
	reader   plan.Reader // in place of api, where it is set
	backend  state.Backend
	specs    []refund.Spec
	ctx      context.Context
	stopNo   bool
	limits   plan.Limits
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

// applied runs recover, plan and apply once, as the command does.
func (p *project) applied() (apply.Result, *told) {
	p.t.Helper()
	s, err := state.Open(context.Background(), p.backend, state.Options{Clock: time.Now})
	if err != nil {
		p.t.Fatal(err)
	}
	defer s.Close()
	o := &told{}
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
		StopOnRefusal: p.stopNo, Clock: time.Now, Observer: o}
}

func (p *project) expect(o *told, want ...string) {
	p.t.Helper()
	slices.Sort(want)
	if got := o.finals(); got != strings.Join(want, "\n") {
		p.t.Errorf("told\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// once is the promise: each refund was executed exactly this often.
func (p *project) executed(want map[string]int) {
	p.t.Helper()
	for _, s := range p.specs {
		if got := p.api.executed[s.RefundID]; got != want[s.RefundID] {
			p.t.Errorf("%s was executed %d times, want %d (posts %q)", s.RefundID, got, want[s.RefundID], p.api.posts)
		}
	}
}

func (p *project) phase(refundID string) state.Entry {
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

func TestASecondApplyDoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2", "o2/r3")
		r, o := p.applied()
		p.expect(o, "sent r1", "sent r2", "sent r3")
		if r.Sent.Count != 3 || r.Sent.Amounts[0] != rupees(33) || r.Stopped != nil {
			t.Errorf("%+v", r)
		}
		r, o = p.applied()
		p.expect(o)
		if r.Sent.Count != 0 || len(p.api.posts) != 3 {
			t.Errorf("%+v %q", r, p.api.posts)
		}
	})
}

func TestR2_ALostLedgerSendsNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.applied()
		p.backend = newLedger()
		_, o := p.applied()
		p.expect(o)
		p.executed(map[string]int{"r1": 1, "r2": 1})
		if e := p.phase("r1"); e.Phase != state.Accepted || e.Attempt != 0 {
			t.Errorf("not adopted: %+v", e)
		}
	})
}

func TestR10_RefundsOfOneOrderGoOneAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2", "o1/r3", "o2/r4", "o3/r5")
		p.applied()
		p.executed(map[string]int{"r1": 1, "r2": 1, "r3": 1, "r4": 1, "r5": 1})
		if !p.api.inOrder {
			t.Error("two refunds of one order were in flight together")
		}
	})
}

// Each case is a bad answer and what becomes of the refund in this run.
func TestR8_UnknownOutcomesAreReadBack(t *testing.T) {
	stored := refund.Answer{HTTP: 500, Replayed: true}
	cases := []struct {
		name     string
		script   []reply
		lag      time.Duration
		want     string
		executed int
		attempt  int
		posts    int
	}{
		{"lost after the money moved", []reply{lostAfter}, 0, "sent r1", 1, 1, 1},
		{"lost after, and reads lag", []reply{lostAfter}, 2 * time.Second, "sent r1", 1, 1, 1},
		{"lost before the money moved", []reply{lostBefore}, 0, "sent r1", 1, 1, 2},
		{"lost twice", []reply{lostBefore, lostBefore}, 0, "sent r1", 1, 1, 3},
		{"lost three times is enough for a run", []reply{lostBefore, lostBefore, lostBefore}, 0, "in_doubt r1", 0, 1, 3},
		{"a 500 that did nothing", []reply{{answer: refund.Answer{HTTP: 500}}}, 0, "sent r1", 1, 1, 2},
		{"a 500 after the money moved", []reply{{executed: true, answer: refund.Answer{HTTP: 500}}}, 0, "sent r1", 1, 1, 1},
		{"a stored 500 that did nothing", []reply{{answer: refund.Answer{HTTP: 500}}, {answer: stored}}, 0, "sent r1", 1, 2, 3},
		{"R7: burnt keys are passed over", []reply{{answer: stored}, {answer: stored}, {answer: stored}}, 0, "sent r1", 1, 4, 4},
		{"R7: one fresh answer after burnt keys", []reply{{answer: stored}, lostBefore}, 0, "in_doubt r1", 0, 2, 2},
		{"garbage after the money moved", []reply{{executed: true, answer: refund.Answer{HTTP: 200, Cause: "not JSON"}}}, 0, "sent r1", 1, 1, 1},
		{"a 409 without a word", []reply{{answer: refund.Answer{HTTP: 409}}}, 0, "sent r1", 1, 1, 2},
		{"a 400 after a lost try", []reply{lostAfter, {answer: refund.Answer{HTTP: 400}}}, 4 * time.Second, "sent r1", 1, 1, 2},
		{"a duplicate after a lost try", []reply{lostAfter, {answer: refund.Answer{HTTP: 400, Message: "Duplicate"}}}, 4 * time.Second, "sent r1", 1, 1, 2},
		{"a 429", []reply{{answer: refund.Answer{HTTP: 429}}}, 0, "sent r1", 1, 1, 2},
		{"a 422 of somebody else", []reply{{answer: refund.Answer{HTTP: 422}}}, 0, "in_doubt r1", 0, 1, 1},
		{"a duplicate that no read shows", []reply{{answer: refund.Answer{HTTP: 400, Message: "Duplicate"}}}, 0, "in_doubt r1 exists_not_visible", 0, 1, 1},
		{"a plain no", []reply{{answer: refund.Answer{HTTP: 400, Code: "refund_unsupported"}}}, 0, "refused r1 refund_unsupported", 0, 1, 1},
		{"throttled to the end", slices.Repeat([]reply{{answer: refund.Answer{HTTP: 429, Code: "request_failed"}}}, 5), 0, "not_sent r1 request_failed", 0, 1, 5},
		{"busy with the try that was lost", []reply{lostBefore, {executed: true, answer: refund.Answer{HTTP: 409, Message: "already being processed"}}}, 2 * time.Second, "sent r1", 1, 1, 2},
		{"busy to the end", slices.Repeat([]reply{{answer: refund.Answer{HTTP: 409, Message: "already being processed"}}}, 3), 0, "not_sent r1", 0, 1, 3},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				p.api.script["r1"], p.api.lag = c.script, c.lag
				_, o := p.applied()
				p.expect(o, c.want)
				p.executed(map[string]int{"r1": c.executed})
				if e := p.phase("r1"); e.Attempt != c.attempt || len(p.api.posts) != c.posts {
					t.Errorf("attempt %d after %d posts, want %d and %d", e.Attempt, len(p.api.posts), c.attempt, c.posts)
				}
			})
		})
	}
}

func TestR4_TriesOfOneAttemptCarryOneKeyAndOneBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{lostBefore, lostBefore}
		p.applied()
		if len(p.api.posts) != 3 || p.api.posts[0] != p.api.posts[1] || p.api.posts[1] != p.api.posts[2] {
			t.Errorf("%q", p.api.posts)
		}
	})
}

func TestR7_TheNextRunTriesARefusedRefundUnderTheNextKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Code: "refund_unsupported"}}}
		p.applied()
		begun := time.Now()
		_, o := p.applied()
		p.expect(o, "sent r1")
		if e := p.phase("r1"); e.Attempt != 2 || p.api.posts[0] == p.api.posts[1] {
			t.Errorf("attempt %d, posts %q", e.Attempt, p.api.posts)
		}
		if waited := time.Since(begun); waited < 3*time.Second {
			t.Errorf("the second read came after %s: no proof of absence", waited)
		}
	})
}

func TestR8_ALaterRunSettlesWhatIsInDoubt(t *testing.T) {
	always := slices.Repeat([]reply{lostBefore}, 3)
	t.Run("and sends it again where it is still wanted", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1")
			p.api.script["r1"] = always
			p.applied()
			_, o := p.applied()
			p.expect(o, "in_doubt r1", "sent r1")
			p.executed(map[string]int{"r1": 1})
			if e := p.phase("r1"); e.Attempt != 1 || e.Try != 4 {
				t.Errorf("%+v", e)
			}
		})
	})
	t.Run("and leaves it alone where it was edited", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1", "o1/r2")
			p.api.script["r1"] = always
			p.applied()
			p.specs[0].Note = "edited since"
			_, o := p.applied()
			p.expect(o, "in_doubt r1")
			p.executed(map[string]int{})
		})
	})
	t.Run("and closes it where it is absent for good", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1")
			p.api.script["r1"] = always
			p.applied()
			p.specs = nil
			time.Sleep(11 * time.Minute) // virtual
			_, o := p.applied()
			p.expect(o, "settled r1")
			if e := p.phase("r1"); e.Phase != state.NotSent {
				t.Errorf("%+v", e)
			}
		})
	})
	t.Run("and finds what arrived late", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1")
			p.api.script["r1"] = []reply{lostAfter, {answer: refund.Answer{HTTP: 500}}, {answer: refund.Answer{HTTP: 500}}}
			p.api.lag = time.Minute
			p.applied()
			if e := p.phase("r1"); e.Phase != state.Intended {
				t.Fatalf("%+v", e)
			}
			time.Sleep(2 * time.Minute) // virtual
			_, o := p.applied()
			p.expect(o, "settled r1")
			p.executed(map[string]int{"r1": 1})
		})
	})
	t.Run("and an id that another order holds is refused", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1")
			p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Message: "Duplicate Merchant Refund Id"}}}
			p.applied()
			p.specs = nil
			time.Sleep(11 * time.Minute) // virtual
			_, o := p.applied()
			p.expect(o, "settled r1 refund_id_on_other_parent")
			if e := p.phase("r1"); e.Phase != state.Refused {
				t.Errorf("%+v", e)
			}
		})
	})
}

func TestR8_FailedReadsProveNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{lostBefore}
		p.api.onPost = func(int) {
			p.api.mu.Lock()
			defer p.api.mu.Unlock()
			p.api.readFail = &refund.ReadError{Class: refund.Throttled, HTTP: 429}
		}
		_, o := p.applied()
		p.expect(o, "in_doubt r1")
		if len(p.api.posts) != 1 {
			t.Errorf("%q", p.api.posts)
		}
	})
}

func TestR9_AMismatchStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2", "o1/r3")
		p.api.script["r1"] = []reply{{executed: true, edit: func(l *refund.Live) { l.Amount.Minor *= 10 }}}
		r, o := p.applied()
		// The refund itself is found to be right when it is read back.
		p.expect(o, "stopping", "sent r1", "not_sent r2 stopped", "not_sent r3 stopped")
		if !errors.Is(r.Stopped, apply.ErrMismatch) {
			t.Errorf("stopped by %v", r.Stopped)
		}
	})
}

func TestR9_AnotherRefundUnderOurIdIsAConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Message: "Duplicate"}}}
		p.api.onPost = func(int) {
			p.api.mu.Lock()
			defer p.api.mu.Unlock()
			p.api.live["o1"] = []refund.Live{{RefundID: "r1", ParentID: "o1", Amount: rupees(999), Status: refund.Success}}
		}
		_, o := p.applied()
		p.expect(o, "refused r1 amount_differs", "sent r2")
	})
}

func TestR12_StopRules(t *testing.T) {
	t.Run("a signal lets nothing new start and records what is in flight", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1", "o1/r2", "o1/r3")
			ctx, cancel := context.WithCancelCause(context.Background())
			p.ctx = ctx
			signal := errors.New("interrupted")
			p.api.onPost = func(n int) { cancel(signal) }
			r, o := p.applied()
			p.expect(o, "sent r1", "not_sent r2 stopped", "not_sent r3 stopped")
			if !errors.Is(r.Stopped, signal) || p.phase("r1").Phase != state.Accepted {
				t.Errorf("stopped by %v, r1 is %s", r.Stopped, p.phase("r1").Phase)
			}
		})
	})
	t.Run("refused credentials end it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1", "o1/r2")
			p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 401, Code: "request_failed"}}}
			r, o := p.applied()
			p.expect(o, "stopping", "not_sent r1 request_failed", "not_sent r2 stopped")
			if !errors.Is(r.Stopped, apply.ErrCredentials) {
				t.Errorf("stopped by %v", r.Stopped)
			}
		})
	})
	t.Run("a redirect ends it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1", "o1/r2")
			p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 307}}}
			r, o := p.applied()
			p.expect(o, "stopping", "in_doubt r1", "not_sent r2 parent_in_doubt")
			if !errors.Is(r.Stopped, apply.ErrRedirected) {
				t.Errorf("stopped by %v", r.Stopped)
			}
		})
	})
	t.Run("five unknown outcomes in a row end it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var names []string
			for i := range 20 {
				names = append(names, fmt.Sprintf("o%02d/r%02d", i, i))
			}
			p := newProject(t, names...)
			for _, s := range p.specs {
				p.api.script[s.RefundID] = slices.Repeat([]reply{lostBefore}, 9)
			}
			r, _ := p.applied()
			if !errors.Is(r.Stopped, apply.ErrUnknownStreak) || r.InDoubt.Count > 13 || r.NotSent.Count+r.InDoubt.Count != 20 {
				t.Errorf("stopped by %v with %d in doubt, %d not sent", r.Stopped, r.InDoubt.Count, r.NotSent.Count)
			}
		})
	})
	t.Run("with --on-error stop the first no ends it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1", "o1/r2")
			p.stopNo = true
			p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Code: "refund_unsupported"}}}
			_, o := p.applied()
			p.expect(o, "stopping", "refused r1 refund_unsupported", "not_sent r2 stopped")
		})
	})
}

func TestR11_InDoubtHoldsBackItsParent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2", "o2/r3")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		_, o := p.applied()
		p.expect(o, "in_doubt r1", "not_sent r2 parent_in_doubt", "sent r3")
	})
}

func TestR1_NothingIsSentWithoutADurableIntent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		s, err := state.Open(context.Background(), p.backend, state.Options{Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		o := &told{}
		r := p.run(s, o)
		r.Ledger = brokenLedger{}
		made, err := plan.Make(context.Background(), plan.Input{
			Accounts: []plan.Account{{Name: "default", Fingerprint: merchant}}, Readers: map[string]plan.Reader{merchant: p.api},
			Specs: p.specs, State: s.State(), Refresh: plan.Auto, Parallelism: 1, Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Perform(context.Background(), apply.Prepared{Plan: made}); !errors.Is(err, errDisk) {
			t.Errorf("got %v", err)
		}
		if len(p.api.posts) != 0 {
			t.Errorf("sent %q", p.api.posts)
		}
		_ = s.Close()
	})
}

var errDisk = errors.New("no space left on device")

type brokenLedger struct{}

func (brokenLedger) Begin(context.Context, state.Intent) error   { return errDisk }
func (brokenLedger) End(context.Context, state.End) error        { return errDisk }
func (brokenLedger) Finish(context.Context, state.Outcome) error { return errDisk }

func (brokenLedger) BeginCancel(context.Context, state.Cancel) error { return errDisk }

func TestAnOldListIsReadAgainBeforeAPOST(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2")
		p.api.onPost = func(n int) {
			if n == 1 {
				time.Sleep(11 * time.Minute) // virtual: a very long answer
				p.api.mu.Lock()
				defer p.api.mu.Unlock()
				p.api.live["o1"] = append(p.api.live["o1"], refund.Live{RefundID: "dash", ParentID: "o1", Amount: rupees(5), Status: refund.Pending})
			}
		}
		_, o := p.applied()
		p.expect(o, "sent r1", "not_sent r2 parent_moved")
	})
}

func TestResolveRecordsAPersonsFinding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		p.applied()
		s, err := state.Open(context.Background(), p.backend, state.Options{Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		r := p.run(s, &told{})
		if _, _, err := r.Resolve(context.Background(), s.State().InDoubt()[0], apply.Resolution{Finding: apply.FoundNotSent, Reason: "ticket 7"}); err != nil {
			t.Fatal(err)
		}
		settled := s.State().Entries()[0]
		settled.ByPerson = false
		if _, _, err := r.Resolve(context.Background(), settled, apply.Resolution{Finding: apply.FoundSent, Reason: "again"}); err == nil {
			t.Error("a refund that is not in doubt was resolved")
		}
		_ = s.Close()
		if e := p.phase("r1"); e.Phase != state.NotSent {
			t.Errorf("%+v", e)
		}
		_, o := p.applied()
		p.expect(o, "sent r1")
	})
}

func newLedger() state.Backend { return new(statetest.Disk).Backend() }
