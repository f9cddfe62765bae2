package sandbox_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"refundctl/internal/sandbox"
)

// manyOrders spreads the refunds as in real life: a create adds up only the earlier refunds of its order.
const manyOrders = 500

func benchServer(b *testing.B, o sandbox.Options) *sandbox.Server {
	o.Clock = time.Now
	for i := range manyOrders {
		o.World.Orders = append(o.World.Orders, sandbox.Order{OrderID: fmt.Sprintf("order_%d", i), Amount: inr(1 << 60)})
	}
	s, err := sandbox.New(o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

func benchSend(b *testing.B, via http.RoundTripper, method, url, body, key string) {
	r, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header = http.Header{"X-Client-Id": {"id"}, "X-Client-Secret": {"word"}, "X-Api-Version": {"2023-08-01"}, "X-Idempotency-Key": {key}}
	res, err := via.RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	_, err = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	if err != nil || res.StatusCode != 200 {
		b.Fatal(res.Status, err)
	}
}

func benchCreate(b *testing.B, via http.RoundTripper, base string) {
	n := 0
	for b.Loop() {
		n++
		id := fmt.Sprintf("ref_%d", n)
		benchSend(b, via, "POST", fmt.Sprintf("%s/pg/orders/order_%d/refunds", base, n%manyOrders), createBody(id, "0.01"), id)
	}
}

func BenchmarkCreateInProcess(b *testing.B) {
	benchCreate(b, benchServer(b, sandbox.Options{}).Transport(), "http://emulator.invalid")
}

func BenchmarkCreateOnLoopback(b *testing.B) {
	srv := httptest.NewServer(benchServer(b, sandbox.Options{}))
	defer srv.Close()
	benchCreate(b, &http.Transport{}, srv.URL)
}

func BenchmarkCreateWithDataFile(b *testing.B) {
	s := benchServer(b, sandbox.Options{DataFile: b.TempDir() + "/data.jsonl"})
	benchCreate(b, s.Transport(), "http://emulator.invalid")
}

func BenchmarkListOf10OnLoopback(b *testing.B) {
	const path = "/pg/orders/order_1/refunds"
	s := benchServer(b, sandbox.Options{})
	for i := range 10 {
		id := fmt.Sprintf("ref_%d", i)
		benchSend(b, s.Transport(), "POST", "http://emulator.invalid"+path, createBody(id, "0.01"), id)
	}
	srv := httptest.NewServer(s)
	defer srv.Close()
	via := &http.Transport{}
	for b.Loop() {
		benchSend(b, via, "GET", srv.URL+path, "", "")
	}
}
