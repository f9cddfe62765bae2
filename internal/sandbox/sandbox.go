// Package sandbox emulates the refund APIs of Cashfree (under /pg) and Flowwise (under /router),
// strictly enough that a client which is careless about money fails against it.
//
// It never talks to a network of its own, reads no YAML, and shares no wire type with the client.
// The command line serves it on loopback or mounts it in-process; tests drive it either way.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"
)

// DefaultSettleAfter is how long a refund stays PENDING in the live sandbox, about.
const DefaultSettleAfter = 1500 * time.Millisecond

// DefaultARNAfter is how long after SUCCESS the program's own emulators show a bank reference. The
// live sandbox never does.
const DefaultARNAfter = time.Second

// DefaultKeyLifetime is how long an idempotency key is remembered where Options say nothing.
const DefaultKeyLifetime = 24 * time.Hour

// Options shape an emulator. Only Clock is needed.
type Options struct {
	Clock        func() time.Time
	Credentials  Credentials // zero: any complete combination of non-empty credentials is accepted
	Flowwise     Credentials // zero: as Credentials
	World        World
	Faults       Faults
	Seed         uint64        // of the faults' chances
	Latency      time.Duration // before every answer
	SettleAfter  time.Duration // PENDING for so long; zero: the next read shows the final status
	ReadLag      time.Duration // reads do not show younger refunds
	ARNAfter     time.Duration // SUCCESS for so long before refund_arn or refund_utr shows; negative: never, as live
	Limits       Limits
	KeyLifetime  time.Duration // zero: DefaultKeyLifetime
	Compare      Comparison
	AmountFormat AmountFormat
	DataFile     string // keeps refunds and stored answers between runs; empty: memory only
}

// Limits are requests a minute by class, as the API counts them; zero is no limit.
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

// AmountFormat is how answers print amounts; the live API uses both.
type AmountFormat int

// Shortest prints 200 and 100.1, Decimals prints 200.00 and 100.10.
const (
	Shortest AmountFormat = iota
	Decimals
)

// Server is one emulated merchant. It is an http.Handler and safe for concurrent use.
type Server struct {
	opts    Options
	chance  *chance
	limiter *limiter
	ctx     context.Context // ends with Close: no wait outlives the emulator
	close   context.CancelFunc

	mu       sync.Mutex // guards what follows; held while one request is decided and recorded
	book     *book
	data     *dataFile
	requests map[Endpoint]int
}

// New makes an emulator that knows Options.World and, with a DataFile, what earlier runs did.
func New(o Options) (*Server, error) {
	if o.Clock == nil {
		return nil, errors.New("sandbox: no clock")
	}
	if o.KeyLifetime == 0 {
		o.KeyLifetime = DefaultKeyLifetime
	}
	o.ReadLag = max(o.ReadLag, o.Faults.readLag)
	s := &Server{opts: o, book: newBook(), requests: map[Endpoint]int{},
		chance: newChance(o.Faults, o.Seed), limiter: newLimiter(o.Limits)}
	s.ctx, s.close = context.WithCancel(context.Background())
	if err := s.load(); err != nil {
		s.close()
		return nil, fmt.Errorf("starting the sandbox: %w", err)
	}
	return s, nil
}

// load reads the data file, then lays the world over it.
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

// Close ends all waits and lets go of the data file. Requests that wait then lose their answer.
func (s *Server) Close() error {
	s.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.data == nil {
		return nil
	}
	return s.data.close()
}

// locked runs do while this process alone decides, having seen what other processes recorded.
func (s *Server) locked(do func() error) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.data == nil {
		return do()
	}
	if err := s.data.begin(s.ctx, s.book.apply); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.data.end()) }()
	return do()
}

// commit makes an event durable, then true. It is called within locked.
func (s *Server) commit(e event) error {
	if e.empty() {
		return nil
	}
	if s.data != nil {
		if err := s.data.append(e); err != nil {
			return err
		}
	}
	return s.book.apply(e)
}

// Requests counts the requests that arrived, by endpoint, refused ones included.
func (s *Server) Requests() map[Endpoint]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.requests)
}

// Executions lists every refund that was really made by a request, in order. On a data file it has
// those of earlier runs too, and those of other processes up to this emulator's last request.
func (s *Server) Executions() []Execution {
	s.mu.Lock()
	defer s.mu.Unlock()
	made := make([]Execution, 0, len(s.book.made))
	for _, r := range s.book.made {
		made = append(made, Execution{r.Kind, r.Parent, r.PaymentID, r.RefundID, r.Amount, r.Key, r.CreatedAt})
	}
	return made
}
