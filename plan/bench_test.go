package plan_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"refundctl/plan"
)

func BenchmarkPlanFile10000(b *testing.B) {
	x := newBench(b)
	for i := range 5000 {
		order := fmt.Sprintf("order_%06d", i)
		x.paid(order, "1000.00", noon.Add(-time.Hour))
		x.want(order, fmt.Sprintf("refund_%06d_a", i), "10.50")
		x.want(order, fmt.Sprintf("refund_%06d_b", i), "20.25")
	}
	p := x.plan()
	text := encoded(b, p)
	b.Run("encode", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := plan.Encode(p, noon); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := plan.Decode(bytes.NewReader(text)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
