package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// folder is one working copy of a project against the double.
type folder struct {
	t    *testing.T
	dir  string
	runs int
	kill int // of a hundred runs are killed at a random moment
	draw *rand.Rand
}

// desiredOf returns two refunds of each of three subscriptions and three payments, and one of an order.
func desiredOf() (manifest string, desired map[string]string) {
	desired = map[string]string{}
	var pg, router strings.Builder
	pg.WriteString("version: 1\nrefunds:\n")
	router.WriteString("---\nversion: 1\naccount: router\nrefunds:\n")
	for i := range 3 {
		for j := range 2 {
			amount := fmt.Sprint(100 + 10*i + j)
			fmt.Fprintf(&pg, "  - {subscription_id: sub%d, payment_id: pay_sub%d, refund_id: rs_%d_%d, refund_amount: %s}\n", i, i, i, j, amount)
			fmt.Fprintf(&router, "  - {payment_id: fpay%d, refund_id: rf_%d_%d, refund_amount: %s}\n", i, i, j, amount)
			desired[fmt.Sprintf("pg rs_%d_%d", i, j)] = amount
			desired[fmt.Sprintf("router rf_%d_%d", i, j)] = amount
		}
	}
	pg.WriteString("  - {order_id: order_1, refund_id: ro_1, refund_amount: 70}\n")
	desired["pg ro_1"] = "70"
	return pg.String() + router.String(), desired
}

func newFolder(t *testing.T, url, manifest string, seed uint64) *folder {
	t.Helper()
	f := &folder{t: t, dir: t.TempDir(), draw: rand.New(rand.NewPCG(seed, 11))}
	f.write("refundctl.yaml", fmt.Sprintf("version: 1\nrequest_timeout: 10s\nrecovery: {read_delay: 120ms, settle_after: 1h}\naccounts:\n"+
		"  default: {api: cashfree, environment: sandbox, api_version: \"2025-01-01\", base_url: \"%s/pg\"}\n"+
		"  router: {api: flowwise, environment: sandbox, base_url: \"%s/router\"}\n", url, url))
	f.write("refunds/all.refunds.yaml", manifest)
	return f
}

func (f *folder) write(name, text string) {
	f.t.Helper()
	file := filepath.Join(f.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
		f.t.Fatal(err)
	}
}

// run runs one command, killed at a random moment with the folder's probability. It returns -1 if it was killed.
func (f *folder) run(args ...string) (code int, out string) {
	c := exec.Command("refundctl", args...)
	c.Dir = f.dir
	c.Env = append(os.Environ(), "CASHFREE_CLIENT_ID=double", "CASHFREE_CLIENT_SECRET=double", "FLOWWISE_CLIENT_ID=double", "FLOWWISE_CLIENT_SECRET=double",
		"GORACE=atexit_sleep_ms=0")
	var all bytes.Buffer
	c.Stdout, c.Stderr = &all, &all
	f.runs++
	if err := c.Start(); err != nil {
		return -2, err.Error()
	}
	if f.draw.IntN(100) < f.kill {
		timer := time.AfterFunc(time.Duration(f.draw.IntN(400))*time.Millisecond, func() { _ = c.Process.Kill() })
		defer timer.Stop()
	}
	_ = c.Wait()
	return c.ProcessState.ExitCode(), all.String()
}

// quiet applies until there is nothing left to do.
func (f *folder) quiet() {
	f.t.Helper()
	last := ""
	for range 25 {
		code, out := f.run("apply", "--auto-approve")
		if code == 0 {
			return
		}
		last = fmt.Sprintf("exit %d\n%s", code, out)
	}
	f.t.Errorf("not quiet after %d runs: %s", f.runs, last)
}

// Even an API that accepts an id twice pays once: a refund is sent again only after two reads showed it absent.
func TestR8_KindsWithoutAListArePaidOnceEvenIfIDsDoNotProtect(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			d := newDouble(seed)
			d.lag, d.chaos = 15*time.Millisecond, 35
			manifest, desired := desiredOf()
			f := newFolder(t, d.serve(t), manifest, seed)
			f.kill = 40
			f.quiet()
			f.settled(d, desired)
		})
	}
}

// Two people run copies of the ledger, killed at random, while some requests arrive late.
func TestR8_TwoCopiesOfALedgerPayOnceIfIDsProtect(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			d := newDouble(seed)
			d.ids, d.late, d.lag, d.chaos = true, 150*time.Millisecond, 15*time.Millisecond, 30
			manifest, desired := desiredOf()
			url := d.serve(t)
			mine, theirs := newFolder(t, url, manifest, seed), newFolder(t, url, manifest, seed+100)
			var both sync.WaitGroup
			for _, f := range []*folder{mine, theirs} {
				f.kill = 30
				both.Go(f.quiet)
			}
			both.Wait()
			d.calm()
			ledger := "refunds.state.jsonl"
			merged := exec.Command("refundctl", "state", "merge", filepath.Join(mine.dir, ledger), filepath.Join(theirs.dir, ledger))
			text, err := merged.Output()
			if err != nil {
				t.Fatalf("merging: %v", err)
			}
			mine.write(ledger, string(text))
			mine.settled(d, desired)
		})
	}
}

// calm stops all faults, and lets late requests arrive.
func (d *double) calm() {
	d.under.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.chaos = 0
}

// settled checks that the double paid each desired refund once, and that a last run has nothing to do.
func (f *folder) settled(d *double, desired map[string]string) {
	f.t.Helper()
	f.kill = 0
	d.calm()
	if wrong := d.books(desired); wrong != "" {
		f.t.Error(wrong)
	}
	posts := maps.Clone(d.posts)
	if code, out := f.run("apply", "--auto-approve", "--refresh", "all"); code != 0 || !maps.Equal(posts, d.posts) {
		f.t.Errorf("then exit %d: %s", code, out)
	}
	if code, out := f.run("state", "verify"); code != 0 {
		f.t.Errorf("%s", out)
	}
	sent := 0
	for _, n := range posts {
		sent += n
	}
	f.t.Logf("%d refunds paid once each, %d POSTs, %d runs; %v", len(desired), sent, f.runs, d.ill)
}

// Each command sends one PUT, whatever its outcome, and the ledger agrees with the API.
func TestACancelSendsOnePUTForEveryOutcome(t *testing.T) {
	t.Parallel()
	for put, want := range map[string]struct {
		code  int
		phase string
	}{"answered": {0, "failed"}, "lost before": {6, "accepted"}, "lost after": {0, "failed"}, "busy": {5, "accepted"}, "other": {0, "failed"}} {
		t.Run(put, func(t *testing.T) {
			t.Parallel()
			d := newDouble(1)
			d.ids, d.put = true, put
			f := newFolder(t, d.serve(t), "version: 1\nrefunds:\n  - {order_id: order_1, refund_id: ro_1, refund_amount: 70}\n", 1)
			f.quiet()
			if code, out := f.run("cancel", "ro_1", "--auto-approve", "--remarks", "kept"); code != want.code || d.puts != 1 {
				t.Errorf("exit %d, %d PUTs\n%s", code, d.puts, out)
			}
			if _, out := f.run("state", "list", "--json"); !strings.Contains(out, `"phase":"`+want.phase+`"`) {
				t.Error(out)
			}
			if code, out := f.run("apply", "--auto-approve"); d.puts != 1 || d.posts["pg ro_1"] != 1 {
				t.Errorf("apply cancelled or sent: exit %d\n%s", code, out)
			}
		})
	}
}
