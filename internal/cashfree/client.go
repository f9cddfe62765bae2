package cashfree

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Client talks to one account at one address. It is safe for concurrent use.
//
// One retryablehttp.Client carries every request. Its defaults retry a POST, discard the body of
// the last answer and wait as long as a header says, so the Client sets each of them:
//
//   - HTTPClient sends through wire. Its CheckRedirect follows nothing: a 3xx is the answer.
//   - CheckRetry allows another try for reads only. A create or cancel is one request.
//   - RetryMax is 3: a read makes at most four tries.
//   - Backoff follows the headers of the answer, up to 60 s, plus jitter.
//   - ErrorHandler passes on the last answer with its body, or the last error.
//   - Logger is nil: callers learn of requests through Options.Observe, without secrets.
//
// The body of a create is set after retryablehttp.FromRequest and without GetBody, so neither
// retryablehttp nor net/http can send it a second time.
type Client struct {
	api       dialect
	version   string
	base      string
	http      *retryablehttp.Client
	transport http.RoundTripper
	traced    bool // the transport is ours and reports when it has a connection
	timeout   time.Duration
	late      error // the cause of a timeout
	clock     func() time.Time
	jitter    func(time.Duration) time.Duration
	observe   func(Exchange)
	headers   func(requestID string) http.Header
	clean     *cleaner
	limits    *limiter
	reads     atomic.Int64
}

// The largest bodies of answers, in bytes. A larger one is not read to its end.
const (
	maxRead   = 4 << 20
	maxCreate = 1 << 20
)

// retrying returns the retryablehttp.Client that the comment of Client describes.
func (c *Client) retrying() *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: wire{c}, CheckRedirect: neverFollow},
		RetryMax:     maxTries - 1,
		RetryWaitMin: firstPause,
		RetryWaitMax: longestWait,
		CheckRetry:   checkRetry,
		Backoff:      c.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// neverFollow makes net/http return a redirect, with its body, like any other answer.
func neverFollow(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Reads returns how many GET requests were sent so far, counting every try.
func (c *Client) Reads() int { return int(c.reads.Load()) }

// Allowed returns how many requests a minute the Client may send, as far as it knows now; 0 means
// no known limit.
func (c *Client) Allowed() Rates { return c.limits.allowed() }

// Close closes idle connections.
func (c *Client) Close() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// call is one read, create or cancel, with all its tries. The request's context carries it to wire
// and checkRetry.
type call struct {
	class  class
	method string
	path   string // below the base address
	url    *url.URL
	limit  int64 // for the body of the answer, in bytes

	// Of a read, which is a GET: each try waits for its turn, and a failed one may be repeated.
	read   bool
	decode func(body []byte) error // says why the body of a 200 is unusable

	// Of a create or cancel.
	body []byte
	key  string // x-idempotency-key; may be empty

	id    string // x-request-id; if it is empty, each try gets a new one
	tries int    // made so far
	last  string // the x-request-id of the last try
}

type callKey struct{}

// reply is a complete answer. Its status is 0 if no complete answer came.
type reply struct {
	status  int
	header  http.Header
	body    []byte
	notSent bool   // no byte of the request can have left
	sentID  string // the x-request-id of the request; empty if notSent
}

// do makes a call and returns the last answer. The error is either the reason why no complete
// answer came, and then the status is 0, or the error of decode.
func (c *Client) do(ctx context.Context, k *call) (reply, error) {
	plain := &http.Request{Method: k.method, URL: k.url, Host: k.url.Host, Header: http.Header{}}
	req, err := retryablehttp.FromRequest(plain.WithContext(context.WithValue(ctx, callKey{}, k)))
	if err != nil {
		return reply{notSent: true}, err
	}
	if k.body != nil { // after FromRequest, which would keep a copy for further tries
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(k.body)), int64(len(k.body))
		req.Header.Set("Content-Type", "application/json")
	}
	if k.key != "" {
		req.Header.Set("X-Idempotency-Key", k.key)
	}
	if k.decode != nil {
		req.SetResponseHandler(k.handle)
	}
	resp, err := c.http.Do(req)
	if resp != nil {
		return reply{status: resp.StatusCode, header: resp.Header, body: content(resp), sentID: k.last}, err
	}
	var failed *failure
	if errors.As(err, &failed) {
		if failed.notSent {
			k.last = ""
		}
		return reply{notSent: failed.notSent, sentID: k.last}, failed.cause
	}
	return reply{sentID: k.last}, err
}

// handle is the ResponseHandler of a read. retryablehttp passes its error to checkRetry.
func (k *call) handle(resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return nil
	}
	return k.decode(content(resp))
}
