package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"refundctl/apply"
	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
	"refundctl/state/local"
)

var merchant = refund.Fingerprint("cashfree", "sandbox", "sim")

var errSignal = errors.New("interrupted")

// process is one run of the program, alive or dead.
type process struct {
	*trial
	proc
	name   string
	disk   *disk
	ctx    context.Context
	cancel context.CancelCauseFunc
	began  time.Time

	session  *state.Session
	plan     *plan.Plan
	saved    *plan.Saved // the plan file that it follows; nil if there is none
	manifest []manifestRow

	mu        sync.Mutex
	dead      bool
	steps     map[string]int
	mishaps   []mishap
	ids       int
	requests  int // x-request-ids given
	turns     int
	throttled time.Time
	stopped   time.Time // when a stop rule first applied
	sending   bool      // Perform has begun
	events    []apply.Event
	streak    int
	witness
}

func (tr *trial) process(name string, p proc, d *disk) *process {
	q := &process{trial: tr, proc: p, name: name, disk: d, began: time.Now(), steps: map[string]int{}, manifest: slices.Clone(tr.manifest),
		witness: witness{posts: map[string]int{}, begun: map[string]bool{}, unknown: map[string]time.Time{}, busy: map[string]bool{}, doubts: map[string]bool{}}}
	q.ctx, q.cancel = context.WithCancelCause(context.Background())
	for _, m := range tr.w.mishaps {
		if m.proc == name {
			q.mishaps = append(q.mishaps, m)
		}
	}
	return q
}

// clock is the clock of the process.
func (p *process) clock() time.Time {
	skew := p.skew
	if p.jump != 0 && time.Since(p.began) >= p.jumpAt {
		skew += p.jump
	}
	return monotonic(time.Now().Add(skew), time.Since(p.start))
}

func (p *process) latency(what string, n int) time.Duration {
	return time.Duration(1 + p.w.roll(int64(200*time.Millisecond), what, n))
}

// run is the id of the process's run.
func (p *process) run() string { return p.name + "/1" }

func (p *process) newID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ids++
	return fmt.Sprintf("%s/%d", p.name, p.ids)
}

func (p *process) requestID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	return fmt.Sprintf("%s try %d", p.name, p.requests)
}

func (p *process) isDead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

// step is called wherever something may happen to the process. It fails if the process is dead.
func (p *process) step(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return errDead
	}
	p.steps[name]++
	for _, m := range p.mishaps {
		switch {
		case m.step != name || m.nth != p.steps[name]:
		case m.kind == "stall":
			return p.stalls(m)
		default:
			return p.strike(m)
		}
	}
	return nil
}

// stalls makes a step take a quarter of an hour: the disk hangs, or the process is suspended. The caller holds mu.
func (p *process) stalls(m mishap) error {
	p.logf("%s  stalls at %s %d", p.name, m.step, m.nth)
	p.mu.Unlock()
	time.Sleep(15 * time.Minute) // virtual
	p.mu.Lock()
	if p.dead {
		return errDead
	}
	return nil
}

// strike makes the mishap happen. The caller holds mu.
func (p *process) strike(m mishap) error {
	p.logf("%s  %s at %s %d", p.name, m.kind, m.step, m.nth)
	switch m.kind {
	case "signal":
		p.stop()
		p.cancel(errSignal)
		return nil
	case "fail":
		if slices.Contains([]string{"list", "listed", "request", "handled", "answered", "wrote", "synced"}, m.step) {
			return nil // only steps of the disk can fail; the API has its own troubles
		}
		return errDisk
	}
	p.dead = true
	p.cancel(errDead)
	if m.kind == "power" {
		p.losePower(p.disk)
	}
	return errDying
}

// stop remembers since when nothing new may start. The caller holds mu.
func (p *process) stop() {
	if p.stopped.IsZero() {
		p.stopped = time.Now()
	}
}

// live runs the process from beginning to end, with the steps of the real commands.
func (p *process) live() {
	defer p.cancel(nil)
	if err := rest(p.ctx, p.delay); err != nil {
		return
	}
	p.logf("%s  starts %s", p.name, p.command)
	ledger, err := local.NewOn(processDisk{p.disk, p}, p.disk.path)
	if err != nil {
		p.violate("harness", "%v", err)
		return
	}
	header := state.Header{Actor: p.name, Command: p.command}
	switch p.command {
	case "look":
		p.look(ledger)
		return
	case "file":
		if p.saved = p.approved(); p.saved != nil {
			header.PlanDigest = p.saved.Digest
		}
	}
	s, err := state.Open(p.ctx, ledger, state.Options{Clock: p.clock, Header: header,
		Holder: state.Holder{Actor: p.name}, LockTimeout: p.lockWait, NewID: p.newID})
	if err != nil {
		p.unopened(err)
		return
	}
	p.session = s
	for _, e := range s.State().InDoubt() {
		p.doubts[e.ID.RefundID] = true
	}
	err = s.Bind(p.ctx, state.Binding{Account: "default", API: "cashfree", Environment: "sandbox", Fingerprint: merchant})
	if err == nil {
		err = p.runCommand(s)
	}
	p.logf("%s  ends: %v", p.name, err)
	if err := s.Close(); err != nil && !p.isDead() {
		p.violate("harness", "closing: %v", err)
	}
}

func (p *process) runCommand(s *state.Session) error {
	d := client{p.api, p}
	r := &apply.Run{Ledger: witnessLedger{s, p}, State: s.State(), Gateways: map[string]apply.Gateway{merchant: {Reader: d, Issuer: d}},
		Recovery:    apply.Recovery{ReadDelay: readDelay, SettleAfter: settleAfter, MaxAttempts: 3},
		Parallelism: p.w.parallel, StopOnRefusal: p.stopOnNo, Clock: p.clock, Observer: p, RequestID: p.requestID}
	if p.command == "recover" {
		found, err := r.Recover(p.ctx, nil)
		p.checkRecovered(found)
		return err
	}
	return p.runApply(r, d)
}

// runApply is apply under the lock.
func (p *process) runApply(r *apply.Run, d client) error {
	in, err := p.follow(p.input(r.State, d), r.State)
	if err != nil {
		return err
	}
	prepared, err := r.Prepare(p.ctx, in)
	if err != nil {
		return err
	}
	p.checkRecovered(prepared.Recovered)
	p.plan = prepared.Plan
	p.logf("%s  plans%s", p.name, rows(p.plan))
	if err := rest(p.ctx, p.confirm); err != nil {
		return err
	}
	p.mu.Lock()
	p.sending = true
	p.mu.Unlock()
	result, err := r.Perform(p.ctx, prepared)
	p.checkResult(p.plan, result, err)
	return err
}

func rows(made *plan.Plan) (text string) {
	for _, c := range made.Changes {
		text += fmt.Sprintf(" %c%s", c.Action, c.ID.RefundID)
		for _, r := range c.Reasons {
			text += "(" + r.Code + ")"
		}
	}
	return text
}

func (p *process) input(st *state.State, d client) plan.Input {
	return plan.Input{
		AcceptOlder: true, // every run accepts an old ledger: what is safe then is safe without it
		Accounts: []plan.Account{{Name: "default", API: "cashfree", Environment: "sandbox", Fingerprint: merchant,
			Limits: plan.Limits{MaxTotalAmountPerDay: perDay(p.w.perDay)}}},
		Readers: map[string]plan.Reader{merchant: d}, Specs: p.w.specs(p.manifest), State: st, Refresh: plan.Auto,
		SettleAfter: settleAfter, Parallelism: p.w.parallel, Clock: p.clock,
	}
}

func (w *world) specs(wishes []manifestRow) (all []refund.Spec) {
	for i, x := range wishes {
		all = append(all, refund.Spec{Account: "default", Kind: w.kind(x.order), ParentID: x.order, RefundID: x.id,
			Amount: money.Amount{Minor: x.amount, Currency: money.INR}, Note: x.note, Hold: x.hold, NotDuplicateOf: x.clears, Supersedes: x.replaces,
			Source: diag.Place{File: "a.yaml", Line: i + 1}})
	}
	return all
}

// look is plan --out: it takes no lock, and others may be writing.
func (p *process) look(b state.Backend) {
	st, _, err := state.Load(p.ctx, b)
	if err != nil {
		p.unopened(err)
		return
	}
	made, err := plan.Make(p.ctx, p.input(st, client{p.api, p}))
	if err == nil {
		p.logf("%s  plans%s", p.name, rows(made))
		p.save(made)
	}
}

// unopened judges the error of a ledger that could not be used.
func (p *process) unopened(err error) {
	p.logf("%s  cannot use the ledger: %v", p.name, err)
	var damage *state.DamageError
	if errors.As(err, &damage) && !p.isDead() {
		p.violate("R13", "after a crash, or for a reader, the ledger is damaged: %v", err)
	}
}
