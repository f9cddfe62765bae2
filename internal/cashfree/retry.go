package cashfree

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	maxTries   = 4
	firstPause = 200 * time.Millisecond
)

// attempts is one read with its tries: send makes one and tells whether another may help, pause how
// long to wait before it.
type attempts struct {
	send  func(try int) (again bool, err error)
	pause func(try int) time.Duration
}

// run ends with the first good answer, the first error that another try would not help, the last
// try, or the context. It is for GETs alone.
func (a attempts) run(ctx context.Context) error {
	try, again := 0, false
	client := retryablehttp.Client{
		HTTPClient: &http.Client{Transport: roundTripper(func() (err error) {
			try++
			again, err = a.send(try)
			return err
		})},
		RetryMax:     maxTries - 1,
		CheckRetry:   func(context.Context, *http.Response, error) (bool, error) { return again, nil },
		Backoff:      func(_, _ time.Duration, n int, _ *http.Response) time.Duration { return a.pause(n + 1) },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	// The address is only what net/http wants to see: send knows where to go.
	get := &http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: "https", Host: "cashfree.invalid"}, Header: http.Header{}}
	req, err := retryablehttp.FromRequest(get.WithContext(ctx))
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err == nil {
		return resp.Body.Close()
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// roundTripper lets one try stand where net/http has its transport. It answers nothing: what came
// is kept by send, so that no redirect and no body passes through another's hands.
type roundTripper func() error

// RoundTrip is one try.
func (send roundTripper) RoundTrip(*http.Request) (*http.Response, error) {
	if err := send(); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}
