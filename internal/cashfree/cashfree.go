// Package cashfree is a client for Cashfree's payment gateway, API versions 2022-01-01 to
// 2026-01-01, and for Flowwise. It creates and gets refunds of orders, subscriptions and payments,
// lists and cancels refunds of orders, and reads orders and their payments.
//
// A create or cancel is one request on the wire and is never repeated here. A read is tried up to
// four times. The package does not interpret outcomes, write the ledger or log, and no error or
// Exchange contains a secret. Package cli creates clients; plan and apply use them through
// interfaces of their own.
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

// Options configure a Client. BaseURL, APIVersion, Credentials and Clock are required.
type Options struct {
	API         API    // empty means Cashfree
	BaseURL     string // with its path, such as https://api.cashfree.com/pg; http for loopback only
	APIVersion  string // one of Versions; empty for Flowwise, which has none
	Credentials Credentials

	// Transport replaces the network. If it is nil, the Client uses its own, which never sends a
	// write twice. A Transport must not send a request twice or follow redirects. After an error
	// the request counts as sent, unless the error is the *net.OpError of a dial.
	Transport   http.RoundTripper
	Timeout     time.Duration // for one request and its whole answer; 0 means 30 s
	Parallelism int           // maximum number of connections to the host, all kept for reuse; 0 means 8

	Documented        Rates // the host's published limits, until the headers of answers correct them
	RequestsPerMinute Rates // the user's own limits, never exceeded whatever the headers say
	Headroom          int   // percent of the API's limit left to other systems; 0 means 20, negative means none

	Clock     func() time.Time                       // with a monotonic reading, like time.Now
	RequestID func() string                          // a new x-request-id for each request that brings none; nil means random
	Jitter    func(most time.Duration) time.Duration // a duration from 0 to most; nil means random
	Observe   func(Exchange)                         // called after every request, concurrently; may be nil
	UserAgent string                                 // such as refundctl/1.2.3
	Waiting   func(until time.Time)                  // called when requests have to wait for the rate limit, concurrently; may be nil
}

// Rates are limits in requests per minute, one for each group of calls that the API limits together.
// 0 means that no limit is known.
type Rates struct {
	Create   int // create refund
	Refund   int // list refunds, get refund
	Order    int // get order
	Payments int // get payments of an order
}

// Window is the time in which a Client sends at most Client.Allowed requests of a group.
const Window = window

// Exchange describes one request for logs. It has no body and no header except the remaining rate.
type Exchange struct {
	Method, Path  string // Path is below the base address
	RequestID     string
	HTTP          int // status; 0 if no complete answer came
	Try           int // from 1
	Duration      time.Duration
	RateRemaining int    // x-ratelimit-remaining; -1 if the answer has none
	Problem       string // why no complete answer came, without secrets
}

// Versions are the versions of Cashfree's API that this client speaks.
var Versions = []string{"2022-01-01", "2022-09-01", "2023-08-01", "2025-01-01", "2026-01-01"}

// New returns a Client. It makes no request. Its error says which option is wrong; for credentials it
// is a *CredentialsError, which names fields and contains no value.
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
		headers: accountHeaders(o), clean: newCleaner(o.Credentials), limits: newLimiter(o),
	}
	if c.transport == nil {
		c.transport, c.traced = newTransport(o, base), true
	}
	c.http = c.retrying()
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

// accountHeaders returns a function that makes the headers of one request. Without an x-request-id, the
// request gets a new one. It is a closure so that no way of printing a Client reaches the secrets.
func accountHeaders(o Options) func(requestID string) http.Header {
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
	return func(requestID string) http.Header {
		if requestID == "" {
			requestID = o.RequestID()
		}
		h := maps.Clone(always) // the copies share their values, which nothing changes
		h["X-Request-Id"] = []string{requestID}
		return h
	}
}
