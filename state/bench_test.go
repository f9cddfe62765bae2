package state

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"refundctl/internal/refund"
)

// ledgerOf is a ledger of n refunds of n orders, each intended, accepted and settled.
func ledgerOf(tb testing.TB, n int) []byte {
	tb.Helper()
	in := someIntent(1)
	in.Request.ID = "11111111-2222-4333-8444-555555555555"
	accepted, settled := outcomeOf(in, Accepted), outcomeOf(in, Settled)
	settled.How, accepted.RequestID = "status", in.Request.ID
	accepted.Details = &refund.Details{Description: "In Progress", Speed: refund.Speed{Requested: "STANDARD", Accepted: "STANDARD"}}
	settled.Details = &refund.Details{Description: "Refund processed successfully", Speed: refund.Speed{Requested: "STANDARD", Accepted: "STANDARD", Processed: "STANDARD"}}
	ledger := run(tb, runID(1), Header{Actor: "asha", Command: "apply", Program: "1.0.0"}, ticking(0),
		intents(in), outcomes(accepted), outcomes(settled))
	var formats []string
	for i, line := range lines(ledger)[1:] {
		prev := line[strings.Index(line, `"prev":"`)+len(`"prev":"`):][:64]
		formats = append(formats, strings.NewReplacer("summer_000001", "summer_%06[1]d", fmt.Sprintf(`"seq":%d,`, i+2), `"seq":%[2]d,`, prev, "%[3]x").
			Replace(line[:len(line)-hashSuffix-1]))
	}
	ledger = slices.Grow(ledger, n*3000)
	seq, prev := 4, sha256.Sum256([]byte(lines(ledger)[3][:len(lines(ledger)[3])-hashSuffix-1]))
	for i := 2; i <= n; i++ {
		for _, format := range formats {
			begin := len(ledger)
			seq++
			ledger = fmt.Appendf(ledger, format, i, seq, prev)
			prev = sha256.Sum256(ledger[begin:])
			ledger = fmt.Appendf(ledger, `,"hash":"%x"}`+"\n", prev)
		}
	}
	return ledger
}

func BenchmarkFold(b *testing.B) {
	const refunds = 100_000
	ledger := ledgerOf(b, refunds)
	b.ReportAllocs()
	b.SetBytes(int64(len(ledger)))
	for b.Loop() {
		if _, _, err := foldAll(context.Background(), bytes.NewReader(ledger)); err != nil {
			b.Fatal(err)
		}
	}
}

func TestARefundTakesLessThanOneKilobyteOfMemory(t *testing.T) {
	const refunds = 100_000
	ledger := ledgerOf(t, refunds)
	before := heap()
	s, _, err := foldAll(context.Background(), io.Reader(bytes.NewReader(ledger)))
	if err != nil {
		t.Fatal(err)
	}
	each := (heap() - before) / refunds
	runtime.KeepAlive(ledger)
	if s.refunds != refunds || each >= 1024 {
		t.Errorf("%d refunds take %d bytes each, want less than 1024", s.refunds, each)
	}
	t.Logf("%d bytes a refund", each)
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
