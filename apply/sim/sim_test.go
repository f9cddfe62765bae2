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
	oneSeed = flag.Uint64("seed", 0, "play this seed alone, and tell its story")
	seeds   = flag.Uint64("seeds", 200, "how many seeds to play")
	small   = flag.Bool("shrink", true, "look for the smallest world that breaks the same promise")
	first   = flag.Uint64("first", 1, "the first of them")
)

// TestSimulation plays seed after seed on two goroutines. The first that breaks a promise is
// shrunk, told, and ends the test.
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
							t.Errorf("seed %d broke %s once (%s), and not again: goroutines took turns in another order", seed, found[0].rule, found[0].text)
						}
					}
				}
			})
		}
	})
	t.Logf("%d seeds in %s", *seeds, time.Since(began).Round(time.Millisecond))
}

// one plays one seed, and tells of the smallest world that breaks the same promise.
func one(t *testing.T, seed uint64, dir string) {
	t.Helper()
	w := imagine(seed)
	var found []violation
	for range 10 { // a seed decides the faults, but not which of two goroutines goes first
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
	t.Errorf("seed %d breaks %s: %s\nreplay: go test ./apply/sim -run 'TestSimulation$' -seed %d\n\nthe smallest world that does:\n%s\n%s",
		seed, found[0].rule, found[0].text, seed, w, &story)
}
