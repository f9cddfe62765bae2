package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// A runner makes breaks, one for each worker at a time, and runs the tests that must notice.
type runner struct {
	tree    *tree
	workers int
	seeds   int           // of the simulation
	timeout time.Duration // of one entry
	until   time.Time     // no entry starts later; zero: no bound
	out     io.Writer

	mu             sync.Mutex // guards out and what follows
	tried, escaped int
}

// run tries the entries and fails if a break goes unnoticed, does not fit the source or does not
// compile.
func (r *runner) run(entries []entry) error {
	work, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	r.row("mutant", "rule", "caught by", "s")
	changes := make([]change, len(entries))
	fits := make([]error, len(entries))
	for i, e := range entries {
		changes[i], fits[i] = r.tree.apply(e)
	}
	var group errgroup.Group
	group.SetLimit(r.workers)
	for i, e := range entries {
		group.Go(func() error {
			began := time.Now()
			if !r.until.IsZero() && began.After(r.until) {
				return nil
			}
			by, err := "", fits[i]
			if err == nil {
				by, err = r.try(filepath.Join(work, fmt.Sprint(i)), e, changes[i])
			}
			r.report(e, by, err, time.Since(began))
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if r.tried < len(entries) {
		fmt.Fprintf(r.out, "time is up: %d entries were not tried\n", len(entries)-r.tried)
	}
	fmt.Fprintf(r.out, "%d mutants, %d not caught\n", r.tried, r.escaped)
	if r.escaped > 0 {
		return fmt.Errorf("%d of %d mutants not caught", r.escaped, r.tried)
	}
	return nil
}

func (r *runner) row(name, rule, by, seconds string) {
	fmt.Fprintf(r.out, "%-62s %-4s %-58s %4s\n", name, rule, by, seconds)
}

func (r *runner) report(e entry, by string, err error, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried++
	if err != nil {
		r.escaped++
		by = "NOT CAUGHT: " + err.Error()
	}
	r.row(e.name, e.rule, by, fmt.Sprint(int64(took/time.Second)))
}

// try builds and tests the program with the change laid over its source, which stays untouched. It
// returns the name of the test that failed.
func (r *runner) try(work string, e entry, ch change) (string, error) {
	if err := os.Mkdir(work, 0o700); err != nil {
		return "", err
	}
	changed := filepath.Join(work, filepath.Base(ch.path))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(r.tree.root, ch.path): changed}})
	if err != nil {
		return "", err
	}
	list := filepath.Join(work, "overlay.json")
	if err := errors.Join(os.WriteFile(changed, []byte(ch.text), 0o600), os.WriteFile(list, overlay, 0o600)); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), r.timeout+10*time.Minute) // building takes time too
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-overlay", list}, r.test(e)...)...)
	cmd.Dir = r.tree.root
	out, err := cmd.CombinedOutput()
	return verdict(e, out, err)
}

// test returns the arguments of go test for an entry.
func (r *runner) test(e entry) []string {
	args := []string{"-vet=off", "-count=1", fmt.Sprintf("-timeout=%s", r.timeout)}
	if e.by == "sim" {
		return append(args, "./apply/sim", "-run", "TestSimulation$", "-seeds", fmt.Sprint(r.seeds), "-shrink=false")
	}
	dir, test, _ := strings.Cut(e.by, " ")
	return append(args, "-run", "^"+test, dir)
}

var (
	failed = regexp.MustCompile(`--- FAIL: (\S+)`)
	broke  = regexp.MustCompile(`seed [0-9]+ breaks [^:\n]+`)
)

// verdict reads the output of go test: which test failed and, for the simulation, which promise was
// broken.
func verdict(e entry, out []byte, err error) (string, error) {
	switch found := deepest(failed.FindAllSubmatch(out, -1)); {
	case err == nil && bytes.Contains(out, []byte("no tests to run")):
		return "", fmt.Errorf("no test matches %s", e.by)
	case err == nil:
		return "", fmt.Errorf("%s passes", e.by)
	case bytes.Contains(out, []byte("[build failed]")):
		return "", fmt.Errorf("it does not compile\n%s", out)
	case found == "", bytes.Contains(out, []byte("panic: test timed out")):
		return "", fmt.Errorf("%s does not finish\n%s", e.by, tail(out, 20))
	default:
		if b := broke.Find(out); b != nil {
			return "simulation, " + string(b), nil
		}
		return found, nil
	}
}

// deepest returns the first of the innermost subtests that failed.
func deepest(found [][][]byte) (name string) {
	for _, m := range found {
		if name == "" || bytes.Count(m[1], []byte("/")) > strings.Count(name, "/") {
			name = string(m[1])
		}
	}
	return name
}

func tail(out []byte, lines int) string {
	all := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
