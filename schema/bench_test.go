package schema

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"refundctl/schema/yamltree"
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

// perRefund runs work b.N times and logs the cost of each refund.
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

// BenchmarkYAMLNodes measures the YAML library alone, which is the floor.
func BenchmarkYAMLNodes(b *testing.B) {
	data := benchManifest(0)
	perRefund(b, rowsPerFile, func() {
		if err := yamltree.Documents(data, func(*node) {}); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkValidate reads one file, from bytes to specs.
func BenchmarkValidate(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), benchManifest(0), 0o600); err != nil {
		b.Fatal(err)
	}
	benchLoad(b, dir, rowsPerFile)
}

// BenchmarkLoadFiles reads eight files on all cores.
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

func benchLoad(b *testing.B, dir string, refunds int) {
	perRefund(b, refunds, func() {
		r, err := Load(context.Background(), []string{"."}, Options{Root: dir})
		if err != nil || len(r.Specs) != refunds {
			b.Fatalf("%d specs, %v: %v", len(r.Specs), err, r.Diagnostics)
		}
	})
}
