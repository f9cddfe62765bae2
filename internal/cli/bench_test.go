package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"refundctl/internal/cli"
)

const (
	benchRefunds  = 10_000
	benchParallel = 64
)

// leanAPI answers as cheaply as a server can, so that a benchmark measures the program.
func leanAPI() http.Handler {
	var made sync.Map
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		order, what, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/pg/orders/"), "/")
		w.Header().Set("Content-Type", "application/json")
		refund := `{"order_id":"` + order + `","refund_id":"refund_` + order + `","refund_amount":100.50,"refund_currency":"INR","refund_status":"SUCCESS","cf_refund_id":"1"}`
		_, exists := made.Load(order)
		switch {
		case what == "payments":
			_, _ = io.WriteString(w, `[{"payment_amount":2000.00,"payment_currency":"INR","payment_status":"SUCCESS","is_captured":true,"payment_completion_time":"`+
				time.Now().Add(-time.Hour).Format(time.RFC3339)+`"}]`)
		case r.Method == http.MethodPost:
			_, _ = io.Copy(io.Discard, r.Body)
			made.Store(order, true)
			_, _ = io.WriteString(w, refund)
		case exists:
			_, _ = io.WriteString(w, "["+refund+"]")
		default:
			_, _ = io.WriteString(w, "[]")
		}
	})
}

func benchProject(b *testing.B, url string) string {
	b.Helper()
	dir := b.TempDir()
	var m bytes.Buffer
	m.WriteString("version: 1\nrefunds:\n")
	for i := range benchRefunds {
		fmt.Fprintf(&m, "  - {order_id: o%06d, refund_id: refund_o%06d, refund_amount: 100.50}\n", i, i)
	}
	config := fmt.Sprintf("version: 1\nparallelism: %d\naccounts:\n  default: {api: cashfree, environment: sandbox, base_url: %q}\n", benchParallel, url+"/pg")
	for name, content := range map[string]string{"refundctl.yaml": config, "refunds/a.yaml": m.String()} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

func benchRun(b *testing.B, dir string, args ...string) {
	b.Helper()
	env := map[string]string{"CASHFREE_CLIENT_ID": "TESTbench", "CASHFREE_CLIENT_SECRET": "bench"}
	var out, errs bytes.Buffer
	code := cli.Main(append([]string{"--config", filepath.Join(dir, "refundctl.yaml")}, args...), cli.Streams{
		In: strings.NewReader(""), Out: &out, Err: &errs, Env: func(name string) string { return env[name] }, Clock: time.Now})
	if code != 0 {
		b.Fatalf("%v: exit %d: %s", args, code, &errs)
	}
}

// BenchmarkPlan plans 10,000 new orders with 2 reads each, and divides the reads a second by those of a bare client
// against the same server (ratio).
func BenchmarkPlan(b *testing.B) {
	server := httptest.NewServer(leanAPI())
	defer server.Close()
	dir := benchProject(b, server.URL)
	bare := bareReads(b, server.URL)
	begun := time.Now()
	for b.Loop() {
		benchRun(b, dir, "plan")
	}
	perRead := time.Since(begun) / time.Duration(b.N) / (2 * benchRefunds)
	b.ReportMetric(float64(bare)/float64(perRead), "ratio")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRefunds, "ns/refund")
}

// bareReads returns how long one read takes with a bare net/http client at the same concurrency.
func bareReads(b *testing.B, url string) time.Duration {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchParallel}}
	defer client.CloseIdleConnections()
	next := make(chan int)
	var wg sync.WaitGroup
	begun := time.Now()
	for range benchParallel {
		wg.Go(func() {
			for i := range next {
				r, err := client.Get(fmt.Sprintf("%s/pg/orders/o%06d/refunds", url, i))
				if err != nil {
					b.Error(err)
					continue
				}
				_, _ = io.Copy(io.Discard, r.Body)
				_ = r.Body.Close()
			}
		})
	}
	for i := range 2 * benchRefunds {
		next <- i
	}
	close(next)
	wg.Wait()
	return time.Since(begun) / (2 * benchRefunds)
}

// BenchmarkApply applies 10,000 refunds; each intent and answer is durable before the run continues.
func BenchmarkApply(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		server := httptest.NewServer(leanAPI())
		dir := benchProject(b, server.URL)
		b.StartTimer()
		benchRun(b, dir, "apply", "--auto-approve")
		b.StopTimer()
		server.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRefunds, "ns/refund")
}

// BenchmarkPlanOfASettledProject plans 10,000 settled refunds: no read at all.
func BenchmarkPlanOfASettledProject(b *testing.B) {
	server := httptest.NewServer(leanAPI())
	defer server.Close()
	dir := benchProject(b, server.URL)
	benchRun(b, dir, "apply", "--auto-approve")
	for b.Loop() {
		benchRun(b, dir, "plan")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRefunds, "ns/refund")
}
