package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
	"refundctl/state/local"
)

// trial is one play of a world.
type trial struct {
	w     *world
	api   *api
	start time.Time
	disk  *disk

	manifest []manifestRow
	edited   map[string]bool
	copied   bool
	lost     bool
	jumpy    bool            // some clock is not right
	history  [][]byte        // the ledger after each round
	kept     map[string]bool // runs that the ledger must account for

	mu         sync.Mutex
	file       []byte               // the newest plan file
	dark       map[*disk][]*process // by machine: the processes that die in a power failure
	cut        map[*disk]bool
	bodies     map[string]string // by key
	violations []violation
	story      *strings.Builder // nil if nobody reads it
}

type violation struct{ rule, text string }

func (tr *trial) violate(rule, format string, args ...any) {
	tr.mu.Lock()
	tr.violations = append(tr.violations, violation{rule, fmt.Sprintf(format, args...)})
	tr.mu.Unlock()
	tr.logf("!!!!! "+rule+": "+format, args...)
}

func (tr *trial) logf(format string, args ...any) {
	if tr.story == nil {
		return
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	fmt.Fprintf(tr.story, "%14s  %s\n", time.Since(tr.start).Round(time.Microsecond), fmt.Sprintf(format, args...))
}

// checkOneBody checks that a key is sent with one body only. The exception is an edited manifest after the ledger was
// lost or copied: then no run could know the earlier bytes.
func (tr *trial) checkOneBody(key, body, id string) {
	tr.mu.Lock()
	old, used := tr.bodies[key]
	tr.bodies[key] = body
	excused := tr.edited[id] && (tr.lost || tr.copied)
	tr.mu.Unlock()
	if used && old != body && !excused {
		tr.violate("R5", "one key of %s carries two bodies", id)
	}
}

// play plays a world in a bubble of virtual time.
func play(t *testing.T, w *world, dir string, story *strings.Builder) (found []violation) {
	dir, err := os.MkdirTemp(dir, "w")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	defer func() {
		if p := recover(); p != nil { // for example a deadlock
			panic(fmt.Sprintf("seed %d: %v", w.seed, p))
		}
	}()
	synctest.Test(t, func(*testing.T) {
		tr := &trial{w: w, start: time.Now(), manifest: slices.Clone(w.manifest), edited: map[string]bool{}, kept: map[string]bool{},
			dark: map[*disk][]*process{}, cut: map[*disk]bool{}, bodies: map[string]string{}, story: story}
		tr.api = &api{trial: tr, keys: map[string]stored{}, posts: map[string]int{}, reads: map[string]int{}, coming: map[string]int{}}
		tr.disk = &disk{w: w, path: filepath.Join(dir, "ledger")}
		for _, r := range w.rounds {
			tr.jumpy = tr.jumpy || slices.ContainsFunc(r.procs, func(p proc) bool { return p.skew != 0 || p.jump != 0 })
		}
		for i, r := range w.rounds {
			tr.round(i, r)
		}
		tr.comeToRest()
		found = tr.violations
	})
	return found
}

// round is one pause and the processes after it.
func (tr *trial) round(i int, r round) {
	tr.before(i, r)
	time.Sleep(r.pause) // virtual
	if tr.w.bare && slices.ContainsFunc(tr.w.others, func(o other) bool { return o.round == i }) {
		time.Sleep(readDelay) // virtual: reads show what others made before the next run
	}
	tr.logf("----- round %d", i)
	disks := tr.machines(i, r)
	tr.mu.Lock()
	clear(tr.dark)
	clear(tr.cut)
	var procs []*process
	for j, p := range r.procs {
		q := tr.process(procName(i, j), p, disks[j])
		tr.dark[disks[j]] = append(tr.dark[disks[j]], q)
		procs = append(procs, q)
	}
	tr.mu.Unlock()
	var all sync.WaitGroup
	for _, p := range procs {
		all.Go(p.live)
	}
	if !tr.w.bare {
		for _, o := range tr.w.others {
			if o.round == i {
				all.Go(func() { time.Sleep(o.delay); tr.api.refundByOthers(o) }) // virtual
			}
		}
	}
	all.Wait()
	tr.after(i, r, disks)
	for _, p := range procs {
		tr.kept[p.run()] = true
	}
	tr.checkAccounted()
}

// before is what people do between runs.
func (tr *trial) before(i int, r round) {
	for _, e := range tr.w.edits {
		if e.round == i {
			tr.edit(e)
		}
	}
	if r.loss != "" {
		if tr.w.bare {
			time.Sleep(3 * time.Minute) // virtual: nothing is under way
		}
		back := []byte(nil)
		if n := len(tr.history); r.loss == "rolled back" && n > 0 {
			back = tr.history[int(tr.w.roll(int64(n), "roll back", i))]
		}
		tr.logf("----- the ledger is %s", r.loss)
		tr.lost = true
		tr.save(tr.disk, back)
		clear(tr.kept)
	}
	if tr.w.bare {
		for _, o := range tr.w.others {
			if o.round == i {
				tr.api.refundByOthers(o)
			}
		}
	}
}

func (tr *trial) edit(e edit) {
	tr.logf("----- edit: %s of %s", e.what, e.id)
	tr.edited[e.id] = true
	tr.api.mu.Lock() // a request of a dead process may still be under way
	defer tr.api.mu.Unlock()
	i := slices.IndexFunc(tr.manifest, func(x manifestRow) bool { return x.id == e.id })
	if i < 0 {
		return
	}
	x := &tr.manifest[i]
	switch e.what {
	case "note":
		x.note += "!"
	case "amount":
		x.amount += 50
	case "hold":
		x.hold = !x.hold
	case "reissue":
		tr.manifest = append(tr.manifest, manifestRow{order: x.order, id: fmt.Sprintf("%s_%d", x.id, e.round), amount: x.amount, note: x.note, replaces: x.id})
	case "remove":
		tr.manifest = slices.Delete(tr.manifest, i, i+1)
	}
}

func (tr *trial) save(d *disk, ledger []byte) {
	if err := d.set(ledger); err != nil {
		tr.violate("harness", "%v", err)
	}
}

// machines returns the disk of each process: one for all, or a copy for each.
func (tr *trial) machines(i int, r round) []*disk {
	var disks []*disk
	for j := range r.procs {
		d := tr.disk
		if r.copies {
			tr.copied = true
			d = &disk{w: tr.w, path: fmt.Sprintf("%s.%d.%d", tr.disk.path, i, j)}
			if ledger := tr.disk.bytes(); len(ledger) > 0 {
				tr.save(d, ledger)
			}
		}
		disks = append(disks, d)
	}
	return disks
}

// losePower ends every process of the machine. What was not synced may be lost.
func (tr *trial) losePower(d *disk) {
	tr.mu.Lock()
	tr.cut[d] = true
	others := slices.Clone(tr.dark[d])
	tr.mu.Unlock()
	for _, p := range others {
		go func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.dead = true
			p.cancel(errDead)
		}()
	}
}

func (tr *trial) after(i int, r round, disks []*disk) {
	for d := range tr.cut {
		tr.logf("----- power failure")
		if err := d.losePower(i); err != nil {
			tr.violate("harness", "%v", err)
		}
	}
	if r.copies {
		tr.merge(disks)
	}
	tr.history = append(tr.history, tr.disk.bytes())
}

// merge merges the copies, in both orders.
func (tr *trial) merge(disks []*disk) {
	all := tr.disk.bytes()
	for _, d := range disks {
		var ab, ba bytes.Buffer
		_, one := state.Merge(context.Background(), bytes.NewReader(all), bytes.NewReader(d.bytes()), &ab)
		_, other := state.Merge(context.Background(), bytes.NewReader(d.bytes()), bytes.NewReader(all), &ba)
		err := errors.Join(one, other)
		if err != nil || !bytes.Equal(ab.Bytes(), ba.Bytes()) {
			tr.violate("R13", "merging two ledgers: %v, and the order matters: %t", err, !bytes.Equal(ab.Bytes(), ba.Bytes()))
			return
		}
		all = ab.Bytes()
	}
	tr.save(tr.disk, all)
	tr.logf("----- the copies are merged")
}

func (tr *trial) load() (*state.State, error) {
	ledger, err := local.New(tr.disk.path)
	if err != nil {
		return nil, err
	}
	st, _, err := state.Load(context.Background(), ledger)
	return st, err
}

// checkAccounted checks that, however the runs ended, the ledger has every refund that they moved, and not as unsent.
func (tr *trial) checkAccounted() {
	st, err := tr.load()
	if err != nil {
		tr.violate("R13", "the ledger can no longer be read: %v", err)
		return
	}
	tr.api.mu.Lock()
	defer tr.api.mu.Unlock()
	for _, b := range tr.api.books {
		if b.run == "" || !tr.kept[b.run] {
			continue
		}
		e, known := st.Entry(tr.w.identity(b.order, b.id))
		if !known || !e.Phase.Sent() && e.Phase != state.Intended && e.Conflict == "" {
			tr.violate("R1", "the API executed %s, but the ledger has it as %q", b.id, e.Phase)
		}
	}
}

func (w *world) identity(orderID, id string) refund.Identity {
	return refund.Identity{Parent: refund.Parent{Account: merchant, Kind: w.kind(orderID), ID: orderID}, RefundID: id}
}

// comeToRest lets everything under way arrive, and applies without troubles until nothing changes.
func (tr *trial) comeToRest() {
	time.Sleep(3 * time.Hour) // virtual: later than any clock that jumped
	tr.logf("----- no more troubles")
	tr.api.mu.Lock()
	tr.api.calm = true
	tr.api.mu.Unlock()
	var last *process
	for i := range 8 {
		last = tr.process(fmt.Sprintf("q%d", i), proc{command: "apply"}, tr.disk)
		last.live()
		tr.kept[last.run()] = true
		time.Sleep(settleAfter + time.Minute) // virtual
		if len(last.witness.posts) == 0 && !tr.disk.knows(last.run()) {
			break
		}
	}
	if last.plan == nil {
		tr.violate("quiet", "the last run made no plan")
		return
	}
	tr.checkAccounted()
	tr.judge(last)
}

// judge compares the last plan and the ledger with the API's books.
func (tr *trial) judge(last *process) {
	st, err := tr.load()
	if err != nil {
		tr.violate("quiet", "%v", err)
		return
	}
	tr.api.mu.Lock()
	defer tr.api.mu.Unlock()
	for _, c := range last.plan.Changes {
		if c.Spec != nil {
			tr.judgeRow(c)
		}
	}
	inManifest := map[string]bool{}
	for _, x := range tr.manifest {
		inManifest[x.id] = true
	}
	for _, e := range st.Entries() {
		tr.judgeEntry(e, inManifest[e.ID.RefundID])
	}
	for _, b := range tr.api.books {
		e, known := st.Entry(tr.w.identity(b.order, b.id))
		ours := b.run != "" && (tr.kept[b.run] || inManifest[b.id] && !tr.edited[b.id])
		if ours && (!known || !e.Phase.Sent()) {
			tr.violate("quiet", "the API has %s, but the ledger has %q", b.id, e.Phase)
		}
	}
}

func rowOf(wishes []manifestRow, id string) (manifestRow, bool) {
	for _, x := range wishes {
		if x.id == id {
			return x, true
		}
	}
	return manifestRow{}, false
}

func (tr *trial) judgeRow(c plan.Change) {
	b := tr.api.find(c.ID.ID, c.ID.RefundID)
	same := b != nil && b.amount == c.Amount.Minor
	elsewhere := slices.ContainsFunc(tr.api.books, func(b *booking) bool { return b.id == c.ID.RefundID && b.order != c.ID.ID })
	switch c.Action {
	case plan.InSync, plan.Pending, plan.Failed:
		if !same {
			tr.violate("quiet", "the plan calls %s %s, but the API has %+v", c.ID.RefundID, c.Action, b)
		}
	case plan.Conflict:
		if same || b == nil && !elsewhere {
			tr.violate("quiet", "the plan calls %s a conflict %v, but the API has %+v", c.ID.RefundID, c.Reasons, b)
		}
	case plan.Create, plan.InDoubt:
		if b != nil || !tr.hopeless(c) {
			tr.violate("quiet", "%s is still %s %v", c.ID.RefundID, c.Action, c.Reasons)
		}
	case plan.Held:
		if b != nil {
			tr.violate("quiet", "%s is held, but the API has it", c.ID.RefundID)
		}
	case plan.Blocked:
		if b != nil || len(c.Reasons) == 0 {
			tr.violate("quiet", "%s is blocked %v, but the API has %+v", c.ID.RefundID, c.Reasons, b)
		}
		for _, r := range c.Reasons {
			tr.judgeReason(c, r, elsewhere)
		}
	}
}

// judgeReason checks that what a guard says is true of the world.
func (tr *trial) judgeReason(c plan.Change, r plan.Reason, elsewhere bool) {
	o, known := tr.api.order(c.ID.ID)
	old := tr.api.find(c.ID.ID, c.Spec.Supersedes)
	planned, twins := tr.api.refundedOf(c.ID.ID), 0
	for _, x := range tr.manifest {
		b := tr.api.find(x.order, x.id)
		if x.order == c.ID.ID && b == nil && !x.hold {
			planned += x.amount
		}
		if x.order == c.ID.ID && x.id != c.ID.RefundID && x.amount == c.Amount.Minor {
			twins++
		}
	}
	for _, b := range tr.api.books {
		if b.order == c.ID.ID && b.amount == c.Amount.Minor {
			twins++
		}
	}
	so := map[string]bool{
		"parent_unknown": !known, "parent_unpaid": !tr.api.paid(o), "over_refund": planned > o.captured, "duplicate_suspected": twins > 0,
		"budget_day":         tr.w.perDay > 0,
		"supersedes_alive":   old != nil && !old.status(time.Now().Add(-settleAfter-2*time.Minute)).Dead(), // as the last plan saw it
		"supersedes_unknown": old == nil,
		"supersedes_twice":   slices.ContainsFunc(tr.manifest, func(x manifestRow) bool { return x.replaces == c.Spec.Supersedes && x.id != c.ID.RefundID }),
	}
	if !so[r.Code] {
		tr.violate("quiet", "%s is blocked: %s (%s), which is not true", c.ID.RefundID, r.Code, r.Message)
	}
}

// hopeless reports whether the API will refuse a create for a reason that a plan cannot see: the parent has no list
// and no payments to read.
func (tr *trial) hopeless(c plan.Change) bool {
	o, known := tr.api.order(c.ID.ID)
	return c.Action == plan.Create && c.ID.Kind != refund.Order &&
		(!known || !tr.api.paid(o) || tr.api.refundedOf(o.id)+c.Amount.Minor > o.captured)
}

func (tr *trial) judgeEntry(e state.Entry, inManifest bool) {
	b := tr.api.find(e.ID.ID, e.ID.RefundID)
	switch {
	case e.Phase.Sent():
		if b == nil || b.amount != e.Amount.Minor || b.cf != e.CfRefundID || e.Conflict != "" {
			tr.violate("quiet", "the ledger has %s as %s (%d, %s) %s, the API %+v", e.ID.RefundID, e.Phase, e.Amount.Minor, e.CfRefundID, e.Conflict, b)
		} else if inManifest && e.Status != b.status(time.Now().Add(-settleAfter-2*time.Minute)) && e.Status != b.status(time.Now()) {
			tr.violate("quiet", "the ledger has %s as %s, the API as %s", e.ID.RefundID, e.Status, b.status(time.Now()))
		}
	case e.Phase == state.Intended:
		if b == nil || b.amount == e.Amount.Minor {
			tr.violate("quiet", "%s stays in doubt for ever", e.ID.RefundID)
		}
	case inManifest && b != nil && b.run != "" && !tr.edited[b.id]:
		tr.violate("quiet", "the ledger has %s as %s, but the API executed it", e.ID.RefundID, e.Phase)
	}
}
