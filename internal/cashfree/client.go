package cashfree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// Client talks to one account at one address. It is safe for use by many goroutines.
type Client struct {
	api       dialect
	version   string
	base      string
	transport http.RoundTripper
	traced    bool // the transport is ours and tells when it has a connection
	timeout   time.Duration
	late      error // the cause of a request that took longer
	clock     func() time.Time
	jitter    func(time.Duration) time.Duration
	observe   func(Exchange)
	headers   func() (h http.Header, id string)
	clean     *cleaner
	limits    *limiter
	reads     atomic.Int64
}

// The bounds on an answer's body. What is larger is not read to its end.
const (
	maxRead   = 4 << 20
	maxCreate = 1 << 20
)

var (
	errTooLarge  = errors.New("answer too large")
	errTruncated = errors.New("answer truncated")
	errHungUp    = errors.New("the connection was closed before an answer came")
)

// Reads is how many GET requests were really made so far, counting every try.
func (c *Client) Reads() int { return int(c.reads.Load()) }

// Allowed is how many requests a minute may be made, as far as is known now; 0 is no known limit.
func (c *Client) Allowed() Rates { return c.limits.allowed() }

// Close closes the connections that are idle.
func (c *Client) Close() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// message is one request to be made.
type message struct {
	class  class
	method string
	path   string // as it was asked for
	url    *url.URL
	body   []byte
	key    string
	try    int
	limit  int64 // of the answer's body, in bytes
}

// reply is a complete answer, or none: then status is 0.
type reply struct {
	status  int
	header  http.Header
	body    []byte
	notSent bool // no byte of the request can have left
}

// exchange makes one request and reads its whole answer. An error means that there is no complete
// answer; the reply then still says whether the request can have left.
func (c *Client) exchange(ctx context.Context, m message) (reply, error) {
	if err := ctx.Err(); err != nil {
		return reply{notSent: true}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, c.late)
	defer cancel()
	var connections atomic.Int64
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connections.Add(1) },
	})
	header, id := c.headers()
	req := m.request(traced, header)
	told := Exchange{Method: m.method, Path: m.path, Try: m.try, RequestID: id}
	started := c.clock()
	r, err := roundTrip(c.transport, req, m.limit)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	told.Duration = c.clock().Sub(started)
	r.notSent = err != nil && connections.Load() == 0 && (c.traced || failedDial(err))
	if errors.Is(err, io.EOF) {
		err = errHungUp
	}
	c.count(m.method, r, connections.Load())
	c.tell(told, r, err)
	c.limits.learn(m.class, r)
	return r, err
}

// request never has a GetBody: with one, net/http would send a create again by itself when a
// reused connection breaks, because it carries X-Idempotency-Key.
func (m message) request(ctx context.Context, header http.Header) *http.Request {
	req := (&http.Request{Method: m.method, URL: m.url, Host: m.url.Host, Header: header}).WithContext(ctx)
	if m.body != nil {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(m.body)), int64(len(m.body))
		req.Header.Set("Content-Type", "application/json")
	}
	if m.key != "" {
		req.Header.Set("X-Idempotency-Key", m.key)
	}
	return req
}

// roundTrip uses the transport alone, without http.Client: so nothing follows redirects.
func roundTrip(t http.RoundTripper, req *http.Request, limit int64) (reply, error) {
	resp, err := t.RoundTrip(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if 0 < resp.ContentLength && resp.ContentLength <= limit {
		body.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	n, err := body.ReadFrom(io.LimitReader(resp.Body, limit+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return reply{}, errTruncated
	case err != nil:
		return reply{}, fmt.Errorf("reading the answer: %w", err)
	case n > limit:
		return reply{}, errTooLarge
	}
	return reply{status: resp.StatusCode, header: resp.Header, body: body.Bytes()}, nil
}

// failedDial is the evidence that a handed-in transport can give.
func failedDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}

// count adds a GET for each connection it was written to: net/http may repeat a GET by itself.
func (c *Client) count(method string, r reply, connections int64) {
	if method == http.MethodGet && !r.notSent {
		c.reads.Add(max(1, connections))
	}
}

func (c *Client) tell(told Exchange, r reply, err error) {
	told.HTTP, told.RateRemaining = r.status, -1
	if left, ok := number(r.header, "X-Ratelimit-Remaining"); ok {
		told.RateRemaining = left
	}
	if err != nil {
		told.Problem = c.clean.text(err.Error())
	}
	c.observe(told)
}
