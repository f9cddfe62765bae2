package sim

import (
	"flag"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var (
	oneSeed = flag.Uint64("seed", 0, "play only this seed, and print its story")
	seeds   = flag.Uint64("seeds", 200, "the number of seeds to play")
	small   = flag.Bool("shrink", true, "find the smallest world that breaks the same promise")
	first   = flag.Uint64("first", 1, "the first seed")
)

// TestSimulation plays one seed after another, on two goroutines. The first seed that breaks a promise ends the
// test: its world is shrunk and its story printed.
func TestSimulation(t *testing.T) {
	if *oneSeed != 0 {
		one(t, *oneSeed, t.TempDir())
		return
	}
	began := time.Now()
	var next atomic.Uint64
	var failed atomic.Bool
	next.Store(*first)
	t.Run("seeds", func(t *testing.T) {
		for range 2 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				for !failed.Load() {
					seed := next.Add(1) - 1
					if seed >= *first+*seeds {
						return
					}
					if found := play(t, imagine(seed), dir, nil); len(found) > 0 && failed.CompareAndSwap(false, true) {
						one(t, seed, dir)
						if !t.Failed() {
							t.Errorf("seed %d broke %s once (%s), but not again: goroutines ran in another order", seed, found[0].rule, found[0].text)
						}
					}
				}
			})
		}
	})
	t.Logf("%d seeds in %s", *seeds, time.Since(began).Round(time.Millisecond))
}

// one plays one seed, and prints the smallest world that breaks the same promise.
func one(t *testing.T, seed uint64, dir string) {
	t.Helper()
	w := imagine(seed)
	var found []violation
	for range 10 { // a seed decides the faults, but not which of two goroutines runs first
		if found = play(t, w, dir, nil); len(found) > 0 {
			break
		}
	}
	if len(found) == 0 {
		return
	}
	if *small {
		w = shrink(w, func(w *world) bool {
			return slices.ContainsFunc(play(t, w, dir, nil), func(v violation) bool { return v.rule == found[0].rule })
		})
	}
	var story strings.Builder
	play(t, w, dir, &story)
	t.Errorf("seed %d breaks %s: %s\nreplay: go test ./apply/sim -run 'TestSimulation$' -seed %d\n\nthe smallest world that breaks it:\n%s\n%s",
		seed, found[0].rule, found[0].text, seed, w, &story)
}
