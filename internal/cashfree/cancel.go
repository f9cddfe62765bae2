package cashfree

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"refundctl/internal/refund"
)

// CancelSince is the first API version that can cancel a refund. It cancels refunds of orders only.
const CancelSince = "2025-01-01"

// Cancel makes one try to cancel a refund of an order: like Create one request, a PUT of exactly
// these bytes, never repeated, without waiting for the rate limit. The Live of a 200 is the refund
// after the change. There is no idempotency key, which the API documents for creates only.
func (c *Client) Cancel(ctx context.Context, req refund.Request) refund.Answer {
	s := strings.Split(req.Path, "/")
	err := c.supports(refund.Order)
	switch {
	case req.Method != http.MethodPut || len(req.Body) == 0 || len(s) != 5 || s[1] != "orders" || s[3] != "refunds":
		err = errors.New("not a cancel request")
	case err == nil && c.version < CancelSince:
		err = fmt.Errorf("cancelling needs API version %s or newer, not %s", CancelSince, c.version)
	}
	return c.sendOnce(ctx, req, "", refund.Order, err)
}
