// Package cashfree is the client of Cashfree's payment gateway, in API versions 2022-01-01 to
// 2026-01-01, and of Flowwise: it creates and gets the refunds of orders, subscriptions and payments,
// lists and cancels those of orders, and reads orders and their payments.
//
// A create or cancel is one request on the wire, never repeated here; reads are tried a few times. It
// never judges an answer, never writes the ledger, never logs, and lets no secret into an error or
// an Exchange. The command line builds it; plan and apply use it through their own interfaces.
package cashfree

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"net/http"
	"time"
)

// Options is what a Client is made from. BaseURL, APIVersion, Credentials and Clock are required.
type Options struct {
	API         API    // empty: Cashfree
	BaseURL     string // with its path, as https://api.cashfree.com/pg; http only to loopback
	APIVersion  string // one of Versions; empty for Flowwise, which has none
	Credentials Credentials

	// Transport replaces the network; nil means our own, which never sends a request twice. It
	// must not send one twice either, and must not follow redirects. Its errors count as sent,
	// but for a *net.OpError of a dial.
	Transport   http.RoundTripper
	Timeout     time.Duration // of one request with its answer; 0: 30 s
	Parallelism int           // connections to the host at most, all kept for reuse; 0: 8

	Documented        Rates // the host's published limits: a start, which the answers' headers correct
	RequestsPerMinute Rates // the user's own bounds: never exceeded, whatever the headers say
	Headroom          int   // percent of a documented or told limit left to others; 0: 20, negative: none

	Clock     func() time.Time                       // with the monotonic clock, as time.Now gives it
	RequestID func() string                          // x-request-id, another one each time; nil: random
	Jitter    func(most time.Duration) time.Duration // from 0 up to most; nil: random
	Observe   func(Exchange)                         // told of every request after its end, by many goroutines; may be nil
	UserAgent string                                 // as refundctl/1.2.3
	Waiting   func(until time.Time)                  // told when requests have to wait for the rate limit, by many goroutines; may be nil
}

// Rates are requests a minute for each kind of call the API limits; 0 means that none is known.
type Rates struct {
	Create   int // create refund
	Refund   int // list refunds, get refund
	Order    int // get order
	Payments int // get payments of an order
}

// Window is the time in which no more requests of a kind are sent than Client.Allowed tells.
const Window = window

// Exchange is what may be told of one request: no header but the remaining rate, and no body.
type Exchange struct {
	Method, Path  string // Path is below the base address
	RequestID     string
	HTTP          int // 0: no complete answer
	Try           int // of a read, from 1
	Duration      time.Duration
	RateRemaining int    // x-ratelimit-remaining; -1 where the answer does not say
	Problem       string // why there is no complete answer, without secrets
}

// Versions are those of Cashfree's API whose answers this client reads.
var Versions = []string{"2022-01-01", "2022-09-01", "2023-08-01", "2025-01-01", "2026-01-01"}

// New returns a Client, or an error that tells what is wrong with the options: for credentials a
// *CredentialsError, which names fields and holds no value. It makes no request.
func New(o Options) (*Client, error) {
	base, err := baseAddress(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if err := o.Credentials.Check(o.API); err != nil {
		return nil, err
	}
	api := dialectOf(o.API)
	if err := api.check(o.APIVersion); err != nil {
		return nil, err
	}
	if o.Clock == nil {
		return nil, errors.New("cashfree: no clock")
	}
	o = withDefaults(o)
	c := &Client{
		api: api, version: o.APIVersion,
		base: base, transport: o.Transport, timeout: o.Timeout,
		late:  fmt.Errorf("no answer within %s", o.Timeout),
		clock: o.Clock, jitter: o.Jitter, observe: o.Observe,
		headers: filler(o), clean: newCleaner(o.Credentials), limits: newLimiter(o),
	}
	if c.transport == nil {
		c.transport, c.traced = newTransport(o, base), true
	}
	c.http = c.carrier()
	return c, nil
}

func withDefaults(o Options) Options {
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Parallelism <= 0 {
		o.Parallelism = 8
	}
	if o.Headroom == 0 {
		o.Headroom = 20
	}
	if o.RequestID == nil {
		o.RequestID = rand.Text
	}
	if o.Jitter == nil {
		o.Jitter = randomJitter
	}
	if o.Observe == nil {
		o.Observe = func(Exchange) {}
	}
	if o.Waiting == nil {
		o.Waiting = func(time.Time) {}
	}
	if o.UserAgent == "" {
		o.UserAgent = "refundctl"
	}
	return o
}

func randomJitter(most time.Duration) time.Duration {
	return mathrand.N(max(most, 0) + 1)
}

// filler returns what makes a request's headers. It is a closure so that no printer of a Client
// can reach the secrets in it.
func filler(o Options) func() (h http.Header, id string) {
	always := http.Header{}
	always.Set("Accept", "application/json")
	always.Set("User-Agent", o.UserAgent)
	if o.APIVersion != "" {
		always.Set("X-Api-Version", o.APIVersion)
	}
	for _, f := range o.Credentials.fields() {
		if f.value != "" {
			always.Set(f.header, f.value)
		}
	}
	return func() (http.Header, string) {
		h, id := maps.Clone(always), o.RequestID() // the values are shared: nobody changes them in place
		h["X-Request-Id"] = []string{id}
		return h, id
	}
}
