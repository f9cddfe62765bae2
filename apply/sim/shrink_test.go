package sim

import (
	"fmt"
	"slices"
	"strings"
)

// shrink removes parts that the failure does not need, until no more can be removed.
func shrink(w *world, fails func(*world) bool) *world {
	for again := true; again; {
		again = false
		for i := 0; i < parts(w); i++ {
			if smaller := without(w, i); smaller.String() != w.String() && fails(smaller) {
				w, again = smaller, true
				i--
			}
		}
	}
	return w
}

// lists are the parts of a world that can be removed one by one.
func (w *world) lists() []cutter {
	return []cutter{of(&w.rounds), of(&w.edits), of(&w.others), of(&w.troubles), of(&w.mishaps), of(&w.manifest), of(&w.orders)}
}

type cutter struct {
	size int
	cut  func(i int)
}

func of[T any](list *[]T) cutter {
	return cutter{len(*list), func(i int) { *list = slices.Delete(slices.Clone(*list), i, i+1) }}
}

func parts(w *world) (n int) {
	for _, l := range w.lists() {
		n += l.size
	}
	return n + len(simpler)
}

// simpler are changes that make a world easier to read.
var simpler = []func(*world){
	func(w *world) { w.parallel = 1 },
	func(w *world) { w.lag = 0 },
	func(w *world) { w.keyLife = never },
	func(w *world) { w.eachProc(func(p *proc) { p.skew, p.jump = 0, 0 }) },
	func(w *world) { w.eachProc(func(p *proc) { p.confirm = 0 }) },
	func(w *world) { w.eachProc(func(p *proc) { p.stopOnNo = false }) },
	func(w *world) { w.eachProc(func(p *proc) { p.lockWait = 0 }) },
}

func (w *world) eachProc(change func(*proc)) {
	w.rounds = slices.Clone(w.rounds)
	for i := range w.rounds {
		w.rounds[i].procs = slices.Clone(w.rounds[i].procs)
		for j := range w.rounds[i].procs {
			change(&w.rounds[i].procs[j])
		}
	}
}

// without returns the world without its i-th part. A removed round stays as an empty one, because processes are
// named after their round.
func without(w *world, i int) *world {
	smaller := *w
	for n, l := range smaller.lists() {
		switch {
		case i >= l.size:
			i -= l.size
		case n == 0:
			smaller.rounds = slices.Clone(w.rounds)
			r := &smaller.rounds[i]
			if len(r.procs) > 0 {
				r.procs = r.procs[:len(r.procs)-1]
			} else {
				*r = round{}
			}
			return &smaller
		default:
			l.cut(i)
			return &smaller
		}
	}
	simpler[i](&smaller)
	return &smaller
}

func (w *world) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "bare %t, parallel %d, lag %s, keys live %s\n", w.bare, w.parallel, w.lag, w.keyLife)
	for _, part := range []struct {
		name string
		of   any
	}{{"orders", w.orders}, {"manifest", w.manifest}, {"edits", w.edits}, {"others", w.others}, {"rounds", w.rounds}, {"troubles", w.troubles}, {"mishaps", w.mishaps}} {
		fmt.Fprintf(&b, "%s %+v\n", part.name, part.of)
	}
	return b.String()
}
