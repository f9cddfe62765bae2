package cashfree

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"
)

const (
	concurrency = 64
	perWorker   = 20
)

// together runs do perWorker times in each worker and returns how long that took.
func together(b *testing.B, do func() error) time.Duration {
	start := time.Now()
	var workers sync.WaitGroup
	for range concurrency {
		workers.Go(func() {
			for range perWorker {
				if err := do(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	workers.Wait()
	return time.Since(start)
}

// BenchmarkGet compares the client's reads with bare net/http. The metric that counts is ratio%: the
// client's requests per second in percent of those of net/http.
func BenchmarkGet(b *testing.B) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, fixture(b, "2023-08-01", "created.json")); err != nil {
		b.Fatal(err)
	}
	body := []byte("[" + compact.String() + "]") // most orders have one refund
	s := serve(b, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Ratelimit-Remaining", "1")
		w.Write(body)
	})
	o := options(s.URL + "/pg")
	o.Parallelism = concurrency
	c := newClient(b, o)
	transport := &http.Transport{MaxIdleConnsPerHost: concurrency, MaxConnsPerHost: concurrency}
	defer transport.CloseIdleConnections()
	bare := &http.Client{Transport: transport}
	var ours, theirs time.Duration
	for b.Loop() {
		theirs += together(b, func() error {
			resp, err := bare.Get(s.URL + "/pg/orders/order_9/refunds")
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			_, err = io.Copy(io.Discard, resp.Body)
			return err
		})
		ours += together(b, func() error {
			_, err := c.Refunds(b.Context(), orderNine)
			return err
		})
	}
	b.ReportMetric(100*theirs.Seconds()/ours.Seconds(), "ratio%")
	gets := time.Duration(b.N*concurrency*perWorker) * time.Second
	b.ReportMetric(gets.Seconds()/ours.Seconds(), "gets/s")
	b.ReportMetric(gets.Seconds()/theirs.Seconds(), "bare/s")
}

// BenchmarkCreate measures what a create allocates between the caller and the transport.
func BenchmarkCreate(b *testing.B) {
	c := answering(b, 200, nil, string(fixture(b, "2023-08-01", "created.json")))
	b.ReportAllocs()
	for b.Loop() {
		if a := c.Create(b.Context(), createOne, "key-1"); a.Live == nil {
			b.Fatal(a.Cause)
		}
	}
}
