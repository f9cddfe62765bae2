package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/internal/cashfree"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// atOnce answers every request immediately: only the limits take time.
func atOnce(r *http.Request) (*http.Response, error) {
	body := "[]"
	switch {
	case r.Method == "POST":
		body = `{"refund_id":"any","refund_amount":1}`
	case strings.HasSuffix(r.URL.Path, "/payments"):
		body = `[{"payment_status":"SUCCESS","is_captured":true,"payment_amount":100}]`
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}, nil
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The limits are those of production less 20 percent headroom: 80 creates and 24 lists a minute.
func TestTheEstimateIsTheLeastWaitOfApply(t *testing.T) {
	for _, n := range []int{1, 24, 25, 80, 81, 240} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { comparedWithTheLimits(t, n) })
		})
	}
}

func comparedWithTheLimits(t *testing.T, n int) {
	client, err := cashfree.New(cashfree.Options{BaseURL: "https://h/pg", APIVersion: "2023-08-01",
		Credentials: cashfree.Credentials{ClientID: "id", ClientSecret: "secret"}, Transport: roundTrip(atOnce), Clock: time.Now,
		Documented: cashfree.Rates{Create: 100, Refund: 30, Payments: 100}})
	if err != nil {
		t.Fatal(err)
	}
	one := account{fingerprint: "f"}
	one.Name = "default"
	in := plan.Input{Accounts: []plan.Account{one.planned(client.Allowed())}, Readers: map[string]plan.Reader{"f": client},
		State: new(state.State), Refresh: plan.Auto, Parallelism: 4, Clock: time.Now}
	for i := range n {
		id := fmt.Sprintf("r%d", i)
		in.Specs = append(in.Specs, refund.Spec{Account: "default", Kind: refund.Order, ParentID: "order_" + id, RefundID: id,
			Amount: money.Amount{Minor: 100, Currency: money.INR}})
	}
	began := time.Now()
	p, err := plan.Make(t.Context(), in)
	if err != nil || len(p.Rows(plan.Create)) != n {
		t.Fatalf("%d creates of %d, %v", len(p.Rows(plan.Create)), n, err)
	}
	if took := time.Since(began); took != p.Rereading() {
		t.Errorf("reading took %s, reading again is said to take %s", took, p.Rereading())
	}
	began = time.Now()
	for _, c := range p.Rows(plan.Create) {
		if err := client.Turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		client.Create(t.Context(), *c.Request, c.Key)
	}
	if took := time.Since(began); took != p.Estimate {
		t.Errorf("sending took %s, the plan says %s", took, p.Estimate)
	}
}

// slowProject makes a project of five orders on the embedded emulator, with two reads a minute, and returns the path
// of its configuration.
func slowProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	manifest, world := "version: 1\nrefunds:\n", "version: 1\norders:\n"
	for i := range 5 {
		manifest += fmt.Sprintf("  - {order_id: order_%d, refund_id: refund_%d, refund_amount: 10}\n", i, i)
		world += fmt.Sprintf("  - {order_id: order_%d, order_amount: 100}\n", i)
	}
	config := "version: 1\naccounts:\n  default: {api: cashfree, environment: embedded, requests_per_minute: {refund: 2}}\n"
	for name, text := range map[string]string{"refundctl.yaml": config, "sandbox.yaml": world, "refunds/june.refunds.yaml": manifest} {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "refundctl.yaml")
}

// Two lists a minute: the third to the fifth wait, in plan and again in apply, which reads them once more.
func TestTheEstimateOfPlanIncludesTheReadsOfApply(t *testing.T) {
	config := slowProject(t)
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		a := &app{Streams: Streams{Out: &out, Err: &out, Env: func(string) string { return "" }, Clock: time.Now}}
		root := a.root()
		root.SetArgs([]string{"plan", "--config", config})
		err := root.ExecuteContext(t.Context())
		if err != nil || !strings.Contains(out.String(), "10 reads made; apply waits at least 3m for the rate limit.") {
			t.Errorf("%v\n%s", err, out.String())
		}
	})
}

func TestEveryLongReadShowsItsProgress(t *testing.T) {
	for _, args := range [][]string{
		{"plan", "--refresh", "all"},
		{"reconcile"},
		{"import", "live", "--order", "order_0,order_1,order_2,order_3,order_4", "--dry-run"},
	} {
		config := slowProject(t)
		synctest.Test(t, func(t *testing.T) {
			var stderr bytes.Buffer
			a := &app{Streams: Streams{Out: io.Discard, Err: &stderr, ErrWidth: 80, Env: func(string) string { return "" }, Clock: time.Now}}
			root := a.root()
			root.SetArgs(append(args, "--config", config))
			_ = root.ExecuteContext(t.Context())                                                                                 // only its progress matters here
			for _, want := range []string{"reading 0/5", "reading [0-4]/5 · waiting for the rate limit until ", "reading 5/5"} { // the line is redrawn only now and then
				if !regexp.MustCompile(want).MatchString(stderr.String()) {
					t.Errorf("%s does not print %q: %q", args[0], want, stderr.String())
				}
			}
		})
	}
}
