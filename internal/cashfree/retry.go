package cashfree

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

const (
	maxTries   = 4 // of a read
	firstPause = 200 * time.Millisecond
)

// checkRetry reports whether a call may be tried again: a read whose failure can pass. It never
// allows that for a create or a cancel, nor for a request that is no call.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	k, ok := ctx.Value(callKey{}).(*call)
	if !ok || !k.read || ctx.Err() != nil {
		return false, nil
	}
	if resp == nil {
		return !errors.Is(err, errTooLarge), nil
	}
	switch status := resp.StatusCode; {
	case status == http.StatusTooManyRequests, status >= 500:
		return true, nil
	case status == http.StatusOK && err == nil:
		return false, nil
	case status/100 == 3, status/100 == 4 && status != http.StatusNotFound:
		return false, nil
	}
	return !json.Valid(content(resp)), nil // a page of some gateway passes; JSON of another shape does not
}

// backoff returns how long to wait before the next try of a read. After a 429 that is no time: the
// answer closed the class in the limiter, and the next try waits there for its turn. Other answers
// may advise a wait. Without advice the pause is drawn at random from a range that doubles with
// each try, so that many readers do not return at once.
func (c *Client) backoff(least, most time.Duration, retries int, resp *http.Response) time.Duration {
	if resp != nil {
		if resp.StatusCode == http.StatusTooManyRequests {
			return 0
		}
		if wait := advice(resp.Header, c.clock()); wait > 0 {
			return wait + c.jitter(wait/10)
		}
	}
	return c.jitter(min(least<<retries, most))
}
