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

// checkRetry is the CheckRetry of retryablehttp. It allows another try only for a read, and only if
// its failure may be temporary. Without a call in the context there is no retry.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	k, ok := ctx.Value(callKey{}).(*call)
	if !ok || !k.read || ctx.Err() != nil || isSpare(ctx) {
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
	return !json.Valid(content(resp)), nil // a gateway's HTML page is temporary, JSON of another shape is not
}

// backoff is the Backoff of retryablehttp: how long to wait before the next try of a read. After a
// 429 it is 0, because the answer has closed the class in the limiter and the next try waits there
// for its turn. After another answer it follows the headers, up to 60 s plus a tenth of jitter.
// Without such a header it is random, from a range that doubles with each try, so that many readers
// do not come back at once.
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
