// Package sandbox emulates the refund APIs of Cashfree (under /pg) and Flowwise (under /router), strictly enough that a
// client that is careless with money fails against it.
//
// It never opens a network connection, and shares no wire types with the client: a shared mistake would pass every test.
// The command line serves it on loopback or uses it in-process; tests do both.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"
)

// DefaultSettleAfter is about how long a refund stays PENDING in the live sandbox.
const DefaultSettleAfter = 1500 * time.Millisecond

// DefaultARNAfter is how long after SUCCESS the command line's emulators show a bank reference. The live sandbox never
// shows one.
const DefaultARNAfter = time.Second

// DefaultKeyLifetime is how long the emulator remembers an idempotency key by default.
const DefaultKeyLifetime = 24 * time.Hour

// Options configure an emulator. Only Clock is required.
type Options struct {
	Clock        func() time.Time
	Credentials  Credentials // zero accepts any complete combination of non-empty credentials
	Flowwise     Credentials // zero for the same as Credentials
	World        World
	Faults       Faults
	Seed         uint64        // of the faults
	Latency      time.Duration // before every answer
	SettleAfter  time.Duration // how long a refund stays PENDING; at zero, the next read shows the final status
	ReadLag      time.Duration // reads do not show refunds younger than this
	ARNAfter     time.Duration // from SUCCESS to the first refund_arn or refund_utr; negative for never, as in the live sandbox
	Limits       Limits
	KeyLifetime  time.Duration // zero for DefaultKeyLifetime
	Compare      Comparison
	AmountFormat AmountFormat
	DataFile     string // keeps refunds and stored answers between runs; empty for memory only
}

// Limits are requests per minute by class, as the API counts them. Zero is no limit.
type Limits struct {
	Create, Refund, Order, Payments int
}

// Comparison says when two bodies under one idempotency key are the same.
type Comparison int

// Semantic compares JSON values, Textual compares bytes.
const (
	Semantic Comparison = iota
	Textual
)

// AmountFormat is how answers write amounts. The live API uses both formats.
type AmountFormat int

// Shortest writes 200 and 100.1, Decimals writes 200.00 and 100.10.
const (
	Shortest AmountFormat = iota
	Decimals
)

// Server is one emulated merchant. It is an http.Handler and safe for concurrent use.
type Server struct {
	opts    Options
	faults  *faultDraw
	limiter *limiter
	ctx     context.Context // ends with Close: no wait outlives the emulator
	close   context.CancelFunc

	mu       sync.Mutex // guards the rest; locked while one request is executed and recorded
	store    *store
	data     *dataFile
	requests map[Endpoint]int
}

// New returns an emulator that knows Options.World and, with a DataFile, what earlier runs did.
func New(o Options) (*Server, error) {
	if o.Clock == nil {
		return nil, errors.New("sandbox: no clock")
	}
	if o.KeyLifetime == 0 {
		o.KeyLifetime = DefaultKeyLifetime
	}
	o.ReadLag = max(o.ReadLag, o.Faults.readLag)
	s := &Server{opts: o, store: newStore(), requests: map[Endpoint]int{},
		faults: newFaultDraw(o.Faults, o.Seed), limiter: newLimiter(o.Limits)}
	s.ctx, s.close = context.WithCancel(context.Background())
	if err := s.load(); err != nil {
		s.close()
		return nil, fmt.Errorf("starting the emulator: %w", err)
	}
	return s, nil
}

// load reads the data file, then adds the world.
func (s *Server) load() error {
	if s.opts.DataFile != "" {
		data, err := openData(s.opts.DataFile)
		if err != nil {
			return err
		}
		s.data = data
	}
	err := s.locked(func() error {
		return s.addWorld(s.opts.World)
	})
	if err != nil && s.data != nil {
		s.data.close()
	}
	return err
}

// Close ends all waits and closes the data file. Requests that are waiting lose their answer.
func (s *Server) Close() error {
	s.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.data == nil {
		return nil
	}
	return s.data.close()
}

// locked runs do while no other request or process can, after reading what other processes recorded.
func (s *Server) locked(do func() error) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.data == nil {
		return do()
	}
	if err := s.data.begin(s.ctx, s.store.apply); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.data.end()) }()
	return do()
}

// commit makes an event durable, then applies it. It must be called within locked.
func (s *Server) commit(e event) error {
	if e.empty() {
		return nil
	}
	if s.data != nil {
		if err := s.data.append(e); err != nil {
			return err
		}
	}
	return s.store.apply(e)
}

// Requests returns the number of requests that arrived, by endpoint, including refused ones.
func (s *Server) Requests() map[Endpoint]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.requests)
}

// Executions returns every refund that a request really made, in order. With a data file, it includes those of earlier
// runs, and those of other processes up to this emulator's last request.
func (s *Server) Executions() []Execution {
	s.mu.Lock()
	defer s.mu.Unlock()
	made := make([]Execution, 0, len(s.store.created))
	for _, r := range s.store.created {
		made = append(made, Execution{r.Kind, r.Parent, r.PaymentID, r.RefundID, r.Amount, r.Key, r.CreatedAt})
	}
	return made
}
