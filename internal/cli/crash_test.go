package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const crashRefunds = 12

// killedProject is a project with a sandbox process, applied by a build that dies at a named point.
type killedProject struct {
	t       *testing.T
	dir     string
	program string
	url     string
	env     []string
}

// dyingProgram builds refundctl with its crash points, once for a test.
func dyingProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "refundctl")
	build := exec.Command("go", "build", "-tags", "crashpoints", "-o", program, "refundctl")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building with crash points: %v\n%s", err, out)
	}
	return program
}

func newKilledProject(t *testing.T, program string, faults ...string) *killedProject {
	t.Helper()
	p := &killedProject{t: t, dir: t.TempDir(), program: program,
		env: append(os.Environ(), "CASHFREE_CLIENT_ID=TESTcrash", "CASHFREE_CLIENT_SECRET=crash")}
	var orders, refunds strings.Builder
	orders.WriteString("version: 1\norders:\n")
	refunds.WriteString("version: 1\nrefunds:\n")
	for i := range crashRefunds {
		if i%2 == 0 {
			fmt.Fprintf(&orders, "  - {order_id: order_%02d, order_amount: 500.00}\n", i/2)
		}
		fmt.Fprintf(&refunds, "  - {order_id: order_%02d, refund_id: refund_%02d, refund_amount: 1%02d.50}\n", i/2, i, i)
	}
	p.write("orders.yaml", orders.String())
	p.write("refunds/a.yaml", refunds.String())
	p.url = p.serve(append([]string{"sandbox", "--orders", filepath.Join(p.dir, "orders.yaml")}, faults...))
	p.write("refundctl.yaml", fmt.Sprintf("version: 1\nparallelism: 4\nrecovery: {read_delay: 10ms, settle_after: 1h}\n"+
		"accounts:\n  default: {api: cashfree, environment: sandbox, base_url: %q}\n", p.url+"/pg"))
	return p
}

func (p *killedProject) write(name, text string) {
	p.t.Helper()
	file := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *killedProject) serve(args []string) string {
	p.t.Helper()
	c := exec.Command(p.program, args...)
	c.Env = p.env
	out, err := c.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	url, found := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !found {
		p.t.Fatalf("the sandbox said %q (%v)", line, err)
	}
	return url
}

func (p *killedProject) apply(crash string) *exec.Cmd {
	c := exec.Command(p.program, "apply", "--auto-approve", "--json")
	c.Dir, c.Env = p.dir, append(p.env, "REFUNDCTL_CRASH="+crash)
	return c
}

// settle applies until a run exits 0, and compares the sandbox's refunds with the desired ones.
func (p *killedProject) settle(after string) {
	p.t.Helper()
	for range 5 {
		var out bytes.Buffer
		c := p.apply("")
		c.Stdout, c.Stderr = &out, &out
		if c.Run() == nil {
			p.books(after)
			return
		}
		if !strings.Contains(out.String(), `"in_doubt"`) && !strings.Contains(out.String(), `"not_sent"`) {
			p.t.Fatalf("after %s: %s", after, &out)
		}
	}
	p.t.Fatalf("after %s: not quiet after five runs", after)
}

// books asks the sandbox, not our ledger: every refund exists once.
func (p *killedProject) books(after string) {
	p.t.Helper()
	made := map[string]int{}
	for i := range crashRefunds / 2 {
		req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("%s/pg/orders/order_%02d/refunds", p.url, i), nil)
		if err != nil {
			p.t.Fatal(err)
		}
		req.Header = http.Header{"X-Client-Id": {"TESTcrash"}, "X-Client-Secret": {"crash"}, "X-Api-Version": {"2023-08-01"}}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			p.t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		var list []struct {
			RefundID string `json:"refund_id"`
		}
		if err != nil || json.Unmarshal(body, &list) != nil {
			p.t.Fatalf("reading the books: %s %v", body, err)
		}
		for _, r := range list {
			made[r.RefundID]++
		}
	}
	for i := range crashRefunds {
		if id := fmt.Sprintf("refund_%02d", i); made[id] != 1 {
			p.t.Errorf("after %s: %s was made %d times", after, id, made[id])
		}
	}
	verify := exec.Command(p.program, "state", "verify")
	verify.Dir = p.dir
	if out, err := verify.CombinedOutput(); err != nil {
		p.t.Errorf("after %s: %s", after, out)
	}
}

func TestR1_SIGKILLAtEveryNamedPointLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	program := dyingProgram(t)
	for _, point := range []string{"before-intent", "after-intent", "after-answer", "before-outcome", "after-outcome",
		"before-write", "torn-write", "before-sync", "after-sync"} {
		for _, n := range []int{1, 2, 5} {
			t.Run(fmt.Sprintf("%s#%d", point, n), func(t *testing.T) {
				t.Parallel()
				p := newKilledProject(t, program)
				name := fmt.Sprintf("%s#%d", point, n)
				if err := p.apply(name).Run(); err == nil || !strings.Contains(err.Error(), "killed") {
					t.Fatalf("%s: the run was not killed: %v", name, err)
				}
				p.settle(name)
			})
		}
	}
}

// A defect of the program ends a run in an orderly way: one error without a trace, a summary that accounts for every
// refund, and a ledger that the next run can go on with.
func TestR12_APanicAnywhereEndsTheRunInOrder(t *testing.T) {
	t.Parallel()
	program := dyingProgram(t)
	for _, point := range []string{"before-intent#1", "before-intent#5", "after-intent#2", "after-answer#2", "before-outcome#3", "after-outcome#1",
		"before-write#1", "before-write#5", "before-sync#3", "after-sync#2"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			p := newKilledProject(t, program)
			c := p.apply("panic:" + point)
			var out, below bytes.Buffer
			c.Stdout, c.Stderr = &out, &below
			err := c.Run()
			if code := c.ProcessState.ExitCode(); err == nil || code != 1 && code != 6 {
				t.Errorf("exit %d", code)
			}
			if !strings.Contains(below.String(), "internal error: crash point ") || !strings.Contains(below.String(), "refundctl recover") || strings.Contains(below.String(), "goroutine") {
				t.Errorf("on stderr: %s", &below)
			}
			n, summary := accountedFor(t, out.Bytes())
			if begun := point != "before-write#1"; !summary || begun && n != crashRefunds { // the first write comes before the plan
				t.Errorf("%d of %d refunds are in the summary:\n%s", n, crashRefunds, &out)
			}
			p.settle(point)
		})
	}
}

// accountedFor returns how many refunds the summary, which is the last line, has.
func accountedFor(t *testing.T, lines []byte) (n int, ended bool) {
	t.Helper()
	all := bytes.Split(bytes.TrimSpace(lines), []byte("\n"))
	var last map[string]json.RawMessage
	if err := json.Unmarshal(all[len(all)-1], &last); err != nil || string(last["type"]) != `"summary"` {
		return 0, false
	}
	for _, field := range []string{"sent", "already_present", "refused", "in_doubt", "not_sent"} {
		var tally struct{ Count int }
		_ = json.Unmarshal(last[field], &tally)
		n += tally.Count
	}
	return n, true
}

// The moments are drawn from the duration of a whole run, with a fixed seed.
func TestR1_SIGKILLAtRandomMomentsLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	program := dyingProgram(t)
	draw := rand.New(rand.NewPCG(1, 2))
	for round := range 8 {
		moment := time.Duration(draw.IntN(400)) * time.Millisecond
		t.Run(fmt.Sprintf("round %d", round), func(t *testing.T) {
			t.Parallel()
			p := newKilledProject(t, program, "--latency", "20ms", "--seed", fmt.Sprint(round), "--fault", "drop-after=0.2,drop-before=0.1,500-stored=0.1")
			c := p.apply("")
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(moment, func() { _ = c.Process.Kill() })
			_ = c.Wait()
			timer.Stop()
			p.settle(fmt.Sprintf("a kill after %s", moment))
		})
	}
}
