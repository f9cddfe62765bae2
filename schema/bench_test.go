package schema

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// rowsPerFile is the number of refunds in each manifest of the benchmarks.
const rowsPerFile = 2000

func benchManifest(file int) []byte {
	var b strings.Builder
	b.WriteString("version: 1\ndefaults:\n  refund_speed: STANDARD\nrefunds:\n")
	for i := range rowsPerFile {
		_, _ = fmt.Fprintf(&b, "  - order_id: order_summer_%06d\n    refund_id: refund_%d_%06d\n    refund_amount: %d.75\n"+
			"    refund_note: Customer requested size exchange\n    labels: {ticket: CS-%d}\n", i, file, i, 100+i, i)
	}
	return []byte(b.String())
}

// perRefund runs work b.N times and reports what it cost for each of the refunds it went through.
func perRefund(b *testing.B, refunds int, work func()) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.ResetTimer()
	for range b.N {
		work()
	}
	b.StopTimer()
	runtime.ReadMemStats(&after)
	n := int64(b.N * refunds)
	report := func(total int64, unit string) { b.Logf("%d %s/refund", total/n, unit) }
	report(b.Elapsed().Nanoseconds(), "ns")
	report(int64(after.TotalAlloc-before.TotalAlloc), "B")
	report(int64(after.Mallocs-before.Mallocs), "allocs")
}

// BenchmarkYAMLNodes is the floor: the YAML library alone.
func BenchmarkYAMLNodes(b *testing.B) {
	data := benchManifest(0)
	perRefund(b, rowsPerFile, func() {
		if err := documentsOf(data, func(*node) {}); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkValidate is one file on one core, from bytes to specs.
func BenchmarkValidate(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), benchManifest(0), 0o600); err != nil {
		b.Fatal(err)
	}
	benchLoad(b, dir, rowsPerFile)
}

// BenchmarkLoadFiles is eight files on all cores.
func BenchmarkLoadFiles(b *testing.B) {
	const files = 8
	dir := b.TempDir()
	for i := range files {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.yaml", i)), benchManifest(i), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	benchLoad(b, dir, files*rowsPerFile)
}

// BenchmarkFormat is a file of 100,000 refunds, each of whose lines moves.
func BenchmarkFormat(b *testing.B) {
	const files = 100_000 / rowsPerFile
	text := bytes.NewBufferString("version: 1\nrefunds:\n")
	for i := range files {
		_, rows, _ := bytes.Cut(benchManifest(i), []byte("refunds:\n"))
		text.Write(bytes.ReplaceAll(rows, []byte("\n"), []byte("\r\n")))
	}
	perRefund(b, files*rowsPerFile, func() {
		laid, found, err := FormatText("a.yaml", text.Bytes())
		if err != nil || len(found) > 0 || bytes.Equal(laid, text.Bytes()) {
			b.Fatal(found, err)
		}
	})
}

func benchLoad(b *testing.B, dir string, refunds int) {
	perRefund(b, refunds, func() {
		r, err := Load(context.Background(), []string{"."}, Options{Root: dir})
		if err != nil || len(r.Specs) != refunds {
			b.Fatalf("%d specs, %v: %v", len(r.Specs), err, r.Diagnostics)
		}
	})
}
