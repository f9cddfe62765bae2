package cashfree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

var (
	errTooLarge  = errors.New("answer too large")
	errTruncated = errors.New("answer truncated")
	errHungUp    = errors.New("the connection was closed before an answer arrived")
)

// wire is the http.RoundTripper of the retryablehttp.Client: one RoundTrip is one try of a call.
// It adds the account's headers, reads the whole answer within the timeout, and reports to Observe
// and to the limiter. It has no CloseIdleConnections method: retryablehttp would call it after every
// failure and close connections that other calls use.
type wire struct{ *Client }

// failure is the error of a try without a complete answer.
type failure struct {
	cause   error
	notSent bool // no byte of the request can have left
}

// Error returns the text of the cause.
func (f *failure) Error() string { return f.cause.Error() }

// Unwrap returns the cause.
func (f *failure) Unwrap() error { return f.cause }

// stored is the body of an answer that was read to its end.
type stored struct {
	bytes.Reader
	body []byte
}

// Close does nothing.
func (*stored) Close() error { return nil }

// content returns the whole body of an answer from wire, even after it was drained.
func content(resp *http.Response) []byte {
	if s, ok := resp.Body.(*stored); ok {
		return s.body
	}
	return nil
}

// RoundTrip makes one try. Its error is a *failure.
func (w wire) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	k := ctx.Value(callKey{}).(*call)
	if k.read {
		if err := w.turn(ctx, k.class); err != nil {
			return nil, &failure{err, true}
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, &failure{err, true}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, w.timeout, w.late)
	defer cancel()
	var connections atomic.Int64
	traced := req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connections.Add(1) },
	}))
	header := w.headers(k.id)
	k.last = header.Get("X-Request-Id")
	maps.Copy(header, req.Header)
	traced.Header = header
	k.tries++
	seen := Exchange{Method: k.method, Path: k.path, Try: k.tries, RequestID: k.last}
	started := w.clock()
	resp, err := receive(w.transport, traced, k.limit)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	seen.Duration = w.clock().Sub(started)
	notSent := err != nil && connections.Load() == 0 && (w.traced || failedDial(err))
	if errors.Is(err, io.EOF) {
		err = errHungUp
	}
	if k.read && !notSent {
		w.reads.Add(max(1, connections.Load())) // net/http may repeat a GET on another connection
	}
	w.report(seen, resp, err)
	if err != nil {
		return nil, &failure{err, notSent}
	}
	w.limits.learn(k.class, resp.StatusCode, resp.Header)
	return resp, nil
}

// receive sends a request and returns its answer with the whole body.
func receive(t http.RoundTripper, req *http.Request, limit int64) (*http.Response, error) {
	resp, err := t.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if 0 < resp.ContentLength && resp.ContentLength <= limit {
		body.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	n, err := body.ReadFrom(io.LimitReader(resp.Body, limit+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errTruncated
	case err != nil:
		return nil, fmt.Errorf("reading the answer: %w", err)
	case n > limit:
		return nil, errTooLarge
	}
	if resp.StatusCode/100 == 3 {
		if _, err := req.URL.Parse(resp.Header.Get("Location")); err != nil {
			resp.Header.Del("Location") // http.Client would return an error in place of the answer
		}
	}
	whole := &stored{body: body.Bytes()}
	whole.Reset(whole.body)
	return &http.Response{Status: resp.Status, StatusCode: resp.StatusCode, Header: resp.Header, Body: whole,
		ContentLength: n, Request: req}, nil
}

// failedDial reports whether the connection was never made. It is the only proof that an
// Options.Transport can give that nothing was sent.
func failedDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}

func (w wire) report(seen Exchange, resp *http.Response, err error) {
	seen.RateRemaining = -1
	if resp != nil {
		seen.HTTP = resp.StatusCode
		if left, ok := number(resp.Header, "X-Ratelimit-Remaining"); ok {
			seen.RateRemaining = left
		}
	}
	if err != nil {
		seen.Problem = w.clean.text(err.Error())
	}
	w.observe(seen)
}
