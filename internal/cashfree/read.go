package cashfree

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"refundctl/internal/refund"
)

// read gets a path and hands the body of a 200 to decode, trying again where that may help. A
// 429 needs no pause here: it closes the class, and the next try waits for its turn.
func read[T any](ctx context.Context, c *Client, class class, path string, decode func([]byte) (T, error)) (T, error) {
	var none, got T
	u, err := c.address(path)
	if err != nil {
		return none, fmt.Errorf("reading %q: %w", path, err)
	}
	var last reply
	err = attempts{
		pause: func(try int) time.Duration { return c.pause(try, last) },
		send: func(try int) (bool, error) {
			if err := c.limits.turn(ctx, class); err != nil {
				return false, err
			}
			var err error
			last, err = c.exchange(ctx, message{class: class, method: http.MethodGet, path: path, url: u, try: try, limit: maxRead})
			if err == nil && last.status == http.StatusOK {
				if got, err = decode(last.body); err == nil {
					return false, nil
				}
			}
			return c.failedRead(last, err)
		},
	}.run(ctx)
	switch {
	case err == nil:
		return got, nil
	case ctx.Err() != nil:
		return none, fmt.Errorf("reading %q: %w", path, ctx.Err())
	}
	return none, err
}

// failedRead is the error of one try, and whether another may do better. Err is why there is no
// complete answer, or why a 200 does not hold what it should.
func (c *Client) failedRead(r reply, err error) (again bool, e *refund.ReadError) {
	switch {
	case errors.Is(err, errTooLarge):
		return false, &refund.ReadError{Class: refund.Unreadable, Message: err.Error()}
	case r.status == 0:
		return true, &refund.ReadError{Class: refund.Unreachable, Message: c.clean.text(err.Error())}
	}
	e = c.readError(r, err)
	switch e.Class {
	case refund.Throttled, refund.Unreachable:
		return true, e
	case refund.Unreadable: // a gateway's page passes, a redirect or another shape does not
		return r.status/100 != 3 && !json.Valid(r.body), e
	}
	return false, e
}

// pause grows from try to try and is drawn by lot, so that many readers do not come back at once.
func (c *Client) pause(try int, last reply) time.Duration {
	if last.status == http.StatusTooManyRequests {
		return 0
	}
	if wait := advice(last.header, c.clock()); wait > 0 {
		return wait + c.jitter(wait/10)
	}
	return c.jitter(firstPause << (try - 1))
}
