package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"refundctl/internal/cli"
	"refundctl/internal/refund"
	"refundctl/state"
	"refundctl/state/statetest"
)

const exportedRefunds = 100_000

// bigLedger makes a project whose ledger has 100,000 refunds, all settled.
func bigLedger(b *testing.B) string {
	b.Helper()
	var disk statetest.Disk
	now := time.Date(2026, 10, 1, 6, 0, 0, 0, time.UTC)
	s, err := state.Open(b.Context(), disk.Backend(), state.Options{
		Clock:  func() time.Time { now = now.Add(time.Second); return now },
		Header: state.Header{Actor: "asha", Approvers: []string{"meera"}, Commit: "4be1ac"},
	})
	if err != nil {
		b.Fatal(err)
	}
	for i := range exportedRefunds {
		in := statetest.Intent(fmt.Sprintf("order_%06d", i), fmt.Sprintf("refund_%06d", i))
		in.Labels = map[string]string{"ticket": fmt.Sprintf("CS-%d", i), "desk": "returns"}
		o := statetest.Accepted(in)
		o.Phase, o.Status, o.ARN, o.ProcessedAt = state.Settled, refund.Success, fmt.Sprintf("7462202260802900%07d", i), now
		if i == 0 {
			err = s.Bind(b.Context(), state.Binding{Account: in.AccountName, API: "cashfree", Environment: "sandbox", Fingerprint: in.ID.Account})
		}
		for _, step := range []func() error{func() error { return s.Begin(b.Context(), in) }, func() error { return s.Finish(b.Context(), o) }} {
			if err == nil {
				err = step()
			}
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	dir := b.TempDir()
	for name, content := range map[string][]byte{"refunds.state.jsonl": disk.Bytes(), "refunds/a.yaml": []byte("version: 1\nrefunds: []\n"),
		"refundctl.yaml": []byte("version: 1\naccounts:\n  default: {api: cashfree, environment: sandbox}\n")} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(file, content, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

func benchAccounting(b *testing.B, args ...string) {
	dir := bigLedger(b)
	b.ReportAllocs()
	for b.Loop() {
		var errs bytes.Buffer
		code := cli.Main(append([]string{"--config", filepath.Join(dir, "refundctl.yaml")}, args...), cli.Streams{
			In: strings.NewReader(""), Out: io.Discard, Err: &errs, Env: func(string) string { return "" }, Clock: time.Now})
		if code != 0 {
			b.Fatalf("exit %d: %s", code, &errs)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/exportedRefunds, "ns/refund")
}

// Each processes 100,000 refunds.
func BenchmarkExportCSV(b *testing.B) { benchAccounting(b, "export", "csv") }
func BenchmarkReport(b *testing.B)    { benchAccounting(b, "report") }
func BenchmarkReportHTML(b *testing.B) {
	benchAccounting(b, "report", "--format", "html", "--by", "day,label:ticket")
}
