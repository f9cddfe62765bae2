package schema

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func TestMem(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	switch os.Getenv("CASE") {
	case "dense":
		b.WriteString("version: 1\nrefunds: [" + strings.Repeat("a,", maxMarks-100) + "]\n")
	case "rows":
		b.WriteString("version: 1\nrefunds:\n")
		for i := range 100000 {
			fmt.Fprintf(&b, "  - order_id: order_summer_%06d\n    refund_id: refund_%06d\n    refund_amount: %d.75\n    refund_currency: INR\n    refund_note: Customer requested size exchange\n    refund_speed: STANDARD\n    labels: {ticket: CS-%d, by: desk}\n    refund_splits:\n      - {vendor_id: V1, amount: 1.5}\n    hold: false\n    not_duplicate_of: [refund_x]\n", i, i, 100+i, i)
		}
	case "errors":
		b.WriteString("version: 1\nrefunds:\n")
		for i := range 300000 {
			fmt.Fprintf(&b, "  - {order_id: order_%d, refund_id: r_%d, refund_amount: 0%d, x: 1}\n", i,i,i)
		}
	case "bigscalar":
		b.WriteString("version: 1\nrefunds:\n  - {order_id: order_1, refund_id: r_1, refund_amount: 1, refund_note: \"" + strings.Repeat("1 ", 30<<20) + "\"}\n")
	case "bigkeys":
		b.WriteString("version: 1\n")
		for i := range 1500000 { fmt.Fprintf(&b, "k%d: 1\n", i) }
	}
	os.WriteFile(dir+"/a.yaml", []byte(b.String()), 0o600)
	n := b.Len()
	b.Reset()
	s := time.Now()
	r, err := Load(context.Background(), []string{"."}, Options{Root: dir})
	st, _ := os.ReadFile("/proc/self/status")
	for _, l := range strings.Split(string(st), "\n") { if strings.HasPrefix(l, "VmHWM") { fmt.Println(os.Getenv("CASE"), n>>20, "MiB", time.Since(s), l, len(r.Specs), err, brief(r.Diagnostics[:min(2,len(r.Diagnostics))])) } }
}
