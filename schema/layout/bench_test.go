package layout

import (
	"bytes"
	"fmt"
	"testing"
)

// BenchmarkFormat formats a file of 100,000 refunds, in which every line changes.
func BenchmarkFormat(b *testing.B) {
	text := bytes.NewBufferString("version: 1\r\nrefunds:\r\n")
	for i := range 100_000 {
		_, _ = fmt.Fprintf(text, "  - order_id:  order_summer_%06d\r\n    refund_id: refund_%06d\r\n    refund_amount: %d.75\r\n"+
			"    refund_note: Customer requested size exchange\r\n    labels: {ticket: CS-%d}\r\n", i, i, 100+i, i)
	}
	b.ReportAllocs()
	for b.Loop() {
		formatted, found, err := FormatText("a.yaml", text.Bytes())
		if err != nil || len(found) > 0 || bytes.Equal(formatted, text.Bytes()) {
			b.Fatal(found, err)
		}
	}
}
