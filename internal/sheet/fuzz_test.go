package sheet_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"refundctl/internal/sheet"
)

// FuzzRead reads any file. Rows come in order, each good row is a refund, and each problem names a place
// that exists.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"order_id,amount\norder_1,100\n", "\xEF\xBB\xBFOrder ID;Refund Amount (INR);Note\r\n'001;\"1,20,450.00\";\"a\r\nb\"\r\n\r\n;;\r\n",
		"order_id\tamount\tNote\norder_1\t1,2,3\tx\n", "order_id,amount,note\no,1,149.75\n", "order_id,amount\n\"o,1\n", "a\"b,c\n", "\xFF\xFE", "order_id,amount\n\xF6,1\n", "order_id|amount|amount\n1|2|3\n",
		"subscription_id,payment_id,amount,currency\ns,p,1.234,BHD\n", "\"order\nid\",amount\nx,1\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, whole := rowsOf(t, text, cashfree("batch"))
		last := 1
		lines := strings.Count(text, "\n") + 1
		for _, r := range rows {
			if r.Number < last || r.Number > lines {
				t.Fatalf("row %d after row %d of %d lines", r.Number, last, lines)
			}
			last = r.Number
			s := r.Spec
			if !r.Failed() && (s.Kind == "" || s.ParentID == "" || s.RefundID == "" || s.Amount.Minor <= 0 || s.Labels["batch"] != "batch") {
				t.Fatalf("row %d is good and no refund: %+v", r.Number, s)
			}
			whole = append(whole, r.Problems...)
		}
		for _, p := range whole {
			if p.Code == "" || p.Message == "" || p.Hint == "" || p.Row < 0 || p.Row > lines || p.Column < 0 {
				t.Fatalf("%+v", p)
			}
		}
	})
}

// endless is a sheet of that many rows, generated while it is read.
type endless struct {
	rows, next int
	rest       string
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		switch {
		case e.next > e.rows:
			return 0, io.EOF
		case e.next == 0:
			e.rest = "Order ID,Customer,Refund Amount (INR),Reason,Ticket\r\n"
		default:
			e.rest = fmt.Sprintf("order_%07d,A Customer of a usual name,\"₹1,%03d.75\",Customer requested size exchange,CS-%d\r\n", e.next/2, e.next%1000, e.next)
		}
		e.next++
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// readEndless reads a sheet. It returns the number of rows and the largest amount of memory in use, in
// ten measurements.
func readEndless(t testing.TB, rows int) (n int, held uint64) {
	r, problems, err := sheet.Open(&endless{rows: rows}, cashfree("batch"))
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	m := sheet.NewMerge(nil, "default", "batch")
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for ; ; n++ {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return n, held
		}
		if err != nil || row.Failed() {
			t.Fatal(row.Problems, err)
		}
		_, _ = m.Take(row)
		if n%(rows/10+1) == rows/20 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			held = max(held, now.HeapAlloc-min(now.HeapAlloc, before.HeapAlloc))
		}
	}
}

// Of a hundred thousand rows only the ids stay in memory: 500 bytes for each are enough.
func TestMemoryGrowsWithTheIdsOnly(t *testing.T) {
	const rows = 100_000
	n, held := readEndless(t, rows)
	if n != rows || held > rows*500 {
		t.Errorf("%d rows took %d MiB", n, held>>20)
	}
	t.Logf("%d rows held %d KiB", n, held>>10)
}

func BenchmarkRead(b *testing.B) {
	for range b.N {
		n, held := readEndless(b, 100_000)
		b.Logf("%d rows in %s, at most %d KiB held", n, b.Elapsed(), held>>10)
	}
}
