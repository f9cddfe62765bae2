package cashfree

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"refundctl/internal/refund"
)

// read gets a path and decodes the body of a 200, in at most maxTries tries. Its error is a
// *refund.ReadError or the context's.
func read[T any](ctx context.Context, c *Client, class class, path string, decode func([]byte) (T, error)) (T, error) {
	var none, got T
	u, err := c.address(path)
	if err != nil {
		return none, fmt.Errorf("reading %q: %w", path, err)
	}
	last, err := c.do(ctx, &call{class: class, method: http.MethodGet, path: path, url: u, limit: maxRead, read: true,
		decode: func(body []byte) (err error) { got, err = decode(body); return err }})
	switch {
	case err == nil && last.status == http.StatusOK:
		return got, nil
	case ctx.Err() != nil:
		return none, fmt.Errorf("reading %q: %w", path, ctx.Err())
	case errors.Is(err, errTooLarge):
		return none, &refund.ReadError{Class: refund.Unreadable, Message: err.Error(), RequestID: last.sentID}
	case errors.Is(err, errNoRoom):
		return none, &refund.ReadError{Class: refund.Throttled, Message: err.Error()}
	case last.status == 0:
		return none, &refund.ReadError{Class: refund.Unreachable, Message: c.clean.text(err.Error()), RequestID: last.sentID}
	}
	return none, c.readError(last, err)
}
