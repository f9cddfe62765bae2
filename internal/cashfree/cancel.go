package cashfree

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"refundctl/internal/refund"
)

// CancelSince is the first version that cancels; refunds of orders alone.
const CancelSince = "2025-01-01"

// Cancel makes one try at cancelling an order's refund, as Create makes one at creating: one PUT of
// the bytes as given, never repeated, never waiting. A 200 holds the refund as it then is. No key
// goes with it: replay is described for creates alone.
func (c *Client) Cancel(ctx context.Context, req refund.Request) refund.Answer {
	s := strings.Split(req.Path, "/")
	err := c.able(refund.Order)
	switch {
	case req.Method != http.MethodPut || len(req.Body) == 0 || len(s) != 5 || s[1] != "orders" || s[3] != "refunds":
		err = errors.New("not a cancel request")
	case err == nil && c.version < CancelSince:
		err = fmt.Errorf("cancelling needs API version %s or newer, not %s", CancelSince, c.version)
	}
	return c.once(ctx, req, "", refund.Order, err)
}
