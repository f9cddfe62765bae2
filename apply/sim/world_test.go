package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

const (
	readDelay   = 3 * time.Second
	settleAfter = 10 * time.Minute
	never       = 1000 * time.Hour
)

// world is what a seed decides in advance, as plain lists, so that shrinking can remove parts. What is decided later
// (latencies, lags, the statuses of refunds) comes from roll.
type world struct {
	seed     uint64
	bare     bool // the API enforces neither refund_id nor the captured amount
	parallel int
	lag      time.Duration // the most lag of a read
	keyLife  time.Duration
	perDay   int64 // the budget of a day; 0 is none
	orders   []order
	manifest []manifestRow // at the start
	edits    []edit
	others   []other
	rounds   []round
	troubles []trouble // of requests
	mishaps  []mishap  // of processes
}

// order is a parent: usually an order. Subscriptions and payments have no list of refunds, and the API has no keys
// for payments.
type order struct {
	id       string
	kind     refund.Kind
	captured int64
	paid     time.Duration // after the start
	unknown  bool
}

// manifestRow is a row of the manifest.
type manifestRow struct {
	order, id string
	amount    int64
	note      string
	hold      bool
	clears    []string // not_duplicate_of
	replaces  string   // supersedes
}

// edit changes the manifest before a round.
type edit struct {
	round int
	id    string
	what  string // note, amount, hold, remove, reissue
}

// other is a refund made by others.
type other struct {
	round     int
	delay     time.Duration
	order, id string
	amount    int64
}

// round is a set of processes that run at the same time.
type round struct {
	pause  time.Duration // before it
	copies bool          // each process has its own copy of the ledger; they are merged afterwards
	loss   string        // before it: "", "lost", "rolled back"
	procs  []proc
}

type proc struct {
	command  string // apply, recover, look (plan --out), file (apply of the newest plan file)
	delay    time.Duration
	lockWait time.Duration
	confirm  time.Duration // how long the person takes to confirm
	skew     time.Duration // of the clock
	jumpAt   time.Duration // the time from the start until the clock jumps
	jump     time.Duration
	stopOnNo bool
}

// trouble happens to the n-th request about a target: a POST of a refund_id, or a read of an order.
type trouble struct {
	target string
	nth    int
	kind   string
	delay  time.Duration
}

// mishap happens to a process when it takes a step for the n-th time.
type mishap struct {
	proc string
	step string
	nth  int
	kind string // die, power, fail, signal, stall
}

// roll returns a number below n that depends on the seed and on what it is for, but not on the order of calls.
func (w *world) roll(n int64, what string, numbers ...int) int64 {
	h := w.seed ^ 0xcbf29ce484222325
	for i := range len(what) {
		h = (h ^ uint64(what[i])) * 0x100000001b3
	}
	for _, k := range numbers {
		h = (h ^ uint64(k)) * 0x100000001b3
	}
	h ^= h >> 30
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 27
	h *= 0x94d049bb133111eb
	h ^= h >> 31
	return int64(h % uint64(n))
}

func (w *world) kind(orderID string) refund.Kind {
	i := slices.IndexFunc(w.orders, func(o order) bool { return o.id == orderID })
	if i < 0 {
		return refund.Order // shrinking removed it
	}
	return w.orders[i].kind
}

func procName(round, i int) string { return fmt.Sprintf("p%d.%d", round, i) }

// dice are the random numbers of imagine.
type dice struct{ *rand.Rand }

func (d dice) oneIn(n int) bool { return d.IntN(n) == 0 }

func (d dice) upTo(t time.Duration) time.Duration { return time.Duration(d.Int64N(int64(t) + 1)) }

func pick[T any](d dice, of []T) T { return of[d.IntN(len(of))] }

// imagine returns the world of a seed.
func imagine(seed uint64) *world {
	d := dice{rand.New(rand.NewPCG(seed, 0x5eed))}
	w := &world{seed: seed, bare: d.oneIn(2), parallel: 1 + d.IntN(4), keyLife: never}
	w.lag = pick(d, []time.Duration{0, time.Second, readDelay - time.Millisecond})
	jumps := d.oneIn(4)
	if !w.bare {
		w.keyLife = pick(d, []time.Duration{never, 24 * time.Hour, 5 * time.Minute, 2 * time.Second})
		if !jumps && d.oneIn(2) {
			w.lag = 10 * time.Second
		}
	}
	if d.oneIn(8) {
		w.perDay = int64(5000 + 1000*d.IntN(10))
	}
	w.imagineManifest(d)
	w.imagineRounds(d, jumps)
	w.imagineOthers(d)
	w.imagineTroubles(d, jumps)
	w.imagineMishaps(d)
	w.imagineStalls(d)
	return w
}

func (w *world) imagineManifest(d dice) {
	for i := range 1 + d.IntN(3) {
		o := order{id: fmt.Sprintf("order_%d", i), captured: int64(10000 + 5000*d.IntN(9)), paid: -24 * time.Hour,
			kind: pick(d, []refund.Kind{refund.Order, refund.Order, refund.Order, refund.Order, refund.Subscription, refund.Payment})}
		switch d.IntN(14) {
		case 0:
			o.paid = d.upTo(20 * time.Minute)
		case 1:
			o.paid = never
		case 2:
			o.unknown = true
		}
		w.orders = append(w.orders, o)
	}
	for i := range 1 + d.IntN(5) {
		x := manifestRow{order: pick(d, w.orders).id, id: fmt.Sprintf("refund_%d", i), amount: int64(1000 + 100*i + 500*d.IntN(10)),
			note: "as agreed", hold: d.oneIn(20)}
		if i > 0 && d.oneIn(12) {
			twin := w.manifest[i-1]
			x.order, x.amount = twin.order, twin.amount
			if d.oneIn(2) {
				x.clears = []string{twin.id}
			}
		}
		w.manifest = append(w.manifest, x)
	}
}

func (w *world) imagineRounds(d dice, jumps bool) {
	for i := range 1 + d.IntN(4) {
		r := round{pause: pick(d, []time.Duration{0, time.Second, 5 * time.Second, time.Minute, 11 * time.Minute, 25 * time.Hour})}
		processes := pick(d, []int{1, 1, 1, 2, 2, 3})
		r.copies = processes > 1 && !w.bare && d.oneIn(2)
		if i > 0 {
			r.loss = pick(d, []string{"", "", "", "", "", "", "", "", "lost", "rolled back"})
		}
		for range processes {
			r.procs = append(r.procs, imagineProc(d, jumps))
		}
		w.rounds = append(w.rounds, r)
		for _, x := range w.manifest {
			if i > 0 && d.oneIn(12) {
				w.edits = append(w.edits, edit{i, x.id, pick(d, []string{"note", "amount", "hold", "remove", "reissue"})})
			}
		}
	}
}

func imagineProc(d dice, jumps bool) proc {
	p := proc{
		command: pick(d, []string{"apply", "apply", "apply", "apply", "file", "file", "recover", "look", "look"}),
		delay:   d.upTo(2 * time.Second), stopOnNo: d.oneIn(8),
		lockWait: pick(d, []time.Duration{0, 0, time.Second, 2 * time.Second}),
		confirm:  pick(d, []time.Duration{0, 0, 0, 1500 * time.Millisecond, 5 * time.Second, 11 * time.Minute}),
	}
	if jumps && d.oneIn(2) {
		p.skew = pick(d, []time.Duration{-time.Hour, -4 * time.Minute, time.Minute, 11 * time.Minute, time.Hour})
	}
	if jumps && d.oneIn(2) {
		p.jumpAt, p.jump = d.upTo(5*time.Second), pick(d, []time.Duration{-time.Hour, -time.Minute, 11 * time.Minute, time.Hour})
	}
	return p
}

func (w *world) imagineOthers(d dice) {
	for i := range d.IntN(3) {
		o := other{round: d.IntN(len(w.rounds)), delay: d.upTo(5 * time.Second), order: pick(d, w.orders).id,
			id: fmt.Sprintf("dash_%d", i), amount: int64(700 + 100*d.IntN(40))}
		if !w.bare && d.oneIn(3) { // with one of our ids
			x := pick(d, w.manifest)
			o.id = x.id
			if d.oneIn(2) {
				o.order = x.order
			}
			if d.oneIn(2) {
				o.amount = x.amount
			}
		}
		w.others = append(w.others, o)
	}
}

func (w *world) imagineTroubles(d dice, jumps bool) {
	for range d.IntN(7) {
		t := trouble{target: pick(d, w.manifest).id, nth: 1 + d.IntN(4), kind: pick(d, postTroubles), delay: d.upTo(2 * time.Minute)}
		x, _ := rowOf(w.manifest, t.target)
		if t.kind == "late" && (jumps || w.bare && w.kind(x.order) == refund.Payment) {
			t.kind = "lost before"
		}
		w.troubles = append(w.troubles, t)
	}
	for range d.IntN(4) {
		w.troubles = append(w.troubles, trouble{target: pick(d, w.orders).id, nth: 1 + d.IntN(8), kind: pick(d, readTroubles)})
	}
	if d.oneIn(10) { // for a while the API gives the same bad answer to everything
		kind := pick(d, postTroubles)
		if kind == "late" {
			kind = "lost after"
		}
		for _, x := range w.manifest {
			for n := range 3 {
				w.troubles = append(w.troubles, trouble{target: x.id, nth: n + 1, kind: kind})
			}
		}
	}
}

func (w *world) imagineMishaps(d dice) {
	for i, r := range w.rounds {
		for j := range r.procs {
			for range 2 {
				if !d.oneIn(3) {
					continue
				}
				m := mishap{proc: procName(i, j), step: pick(d, steps), nth: 1 + d.IntN(5),
					kind: pick(d, []string{"die", "die", "power", "fail", "signal"})}
				if m.step == "stat" || m.step == "open" || m.step == "read" {
					m.nth += d.IntN(12)
				}
				w.mishaps = append(w.mishaps, m)
			}
		}
	}
}

// perDay is the budget of a day as a plan has it; 0 is none.
func perDay(minor int64) money.Budget {
	if minor == 0 {
		return nil
	}
	return money.BudgetOf(money.Amount{Minor: minor, Currency: money.INR})
}

// imagineStalls makes some writes and reads take a quarter of an hour. Nothing stalls from the request on: what
// was sent cannot be called back.
func (w *world) imagineStalls(d dice) {
	for i, r := range w.rounds {
		for j := range r.procs {
			if d.oneIn(6) {
				step := pick(d, []string{"write", "wrote", "sync", "sync", "synced", "synced", "synced", "listed", "listed"})
				w.mishaps = append(w.mishaps, mishap{proc: procName(i, j), step: step, nth: 1 + d.IntN(8), kind: "stall"})
			}
		}
	}
}
