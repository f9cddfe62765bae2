// Command mutants breaks the program on purpose, one promise at a time, and runs the test that must
// notice. The breaks are in .ci/mutants.table, whose header explains them. It fails if a break goes
// unnoticed, does not compile or no longer fits the source. The source itself is never changed.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

const tableName = ".ci/mutants.table"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run() error {
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: mutants [flags] [WORD]: the breaks whose line in the table contains WORD")
		flag.PrintDefaults()
	}
	checkOnly := flag.Bool("check", false, "check that every break fits the source; run no tests")
	tenth := flag.Bool("tenth", false, "choose a tenth of the breaks at random")
	seed := flag.Uint64("seed", 0, "the seed of -tenth (default: another one each time)")
	bound := flag.Duration("for", 0, "start no break after this time")
	workers := flag.Int("workers", max(1, runtime.GOMAXPROCS(0)), "how many breaks to test at once")
	seeds := flag.Int("seeds", 6000, "how many seeds the simulation plays")
	timeout := flag.Duration("timeout", 5*time.Minute, "the timeout of one test")
	flag.Parse()

	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("go list -m: %w", err)
	}
	t := newTree(strings.TrimSpace(string(root)))
	entries, err := readTable(filepath.Join(t.root, tableName))
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e entry) bool { return !e.mentions(flag.Arg(0)) })
	if len(entries) == 0 {
		return fmt.Errorf("no entry of %s contains %q", tableName, flag.Arg(0))
	}
	if *checkOnly {
		return check(t, entries, os.Stdout)
	}
	if *tenth {
		entries = choose(entries, *seed)
	}
	r := &runner{tree: t, workers: *workers, seeds: *seeds, timeout: *timeout, out: os.Stdout}
	if *bound > 0 {
		r.until = time.Now().Add(*bound)
	}
	return r.run(entries)
}

// mentions reports whether the entry's line in the table contains the word.
func (e entry) mentions(word string) bool {
	return strings.Contains(strings.Join([]string{e.rule, e.name, e.where, e.by}, "|"), word)
}

// choose returns a tenth of the entries, rounded up, in random order. It prints the seed, which
// repeats the choice.
func choose(entries []entry, seed uint64) []entry {
	if seed == 0 {
		seed = uint64(time.Now().Unix())
	}
	fmt.Printf("a random tenth; SEED=%d repeats this choice\n", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	r.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	return entries[:(len(entries)+9)/10]
}
