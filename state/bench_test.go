package state

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"
	"time"
)

// ledgerOf is a ledger of n refunds, each intended, accepted and settled, one order each.
func ledgerOf(tb testing.TB, n int) []byte {
	tb.Helper()
	head := run(tb, runID(1), Header{Actor: "asha", Command: "apply", Program: "1.0.0"}, ticking(0), bindings(Binding{Account: "default"}))
	ledger := slices.Grow(head, n*2500)
	seq, prev, now := 2, sumOf(lines(ledger)[1]), ticking(time.Minute)
	for i := range n {
		in := someIntent(i)
		settled := outcomeOf(in, Settled)
		settled.How, settled.ARN = "status", fmt.Sprintf("205907%014d", i)
		for _, e := range []*event{intents(in), outcomes(outcomeOf(in, Accepted)), outcomes(settled)} {
			seq++
			e.Run, e.Seq, e.At, e.Prev = runID(1), seq, now(), prev
			line, err := encode(e)
			if err != nil {
				tb.Fatal(err)
			}
			ledger = append(append(ledger, line...), '\n')
			prev = sumOf(string(line) + "\n")
		}
	}
	return ledger
}

func sumOf(line string) digest { return sha256.Sum256([]byte(line[:len(line)-hashSuffix-1])) }

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

func TestMemoryPerRememberedRefundStaysBelowOneKilobyte(t *testing.T) {
	const refunds = 100_000
	ledger := ledgerOf(t, refunds)
	before := heap()
	s, _, err := foldAll(context.Background(), io.Reader(bytes.NewReader(ledger)))
	if err != nil {
		t.Fatal(err)
	}
	each := (heap() - before) / refunds
	runtime.KeepAlive(ledger)
	if s.count != refunds || each >= 1024 {
		t.Errorf("%d refunds take %d bytes each, want less than 1024", s.count, each)
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
