package cashfree

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"refundctl/internal/refund"
)

// Refund gets one refund of any kind. Errors are *refund.ReadError or the context's. NotFound means
// that the API knows no such refund, NoParent that it knows no such order, subscription or payment.
// A 404 that names neither proves nothing and is Unreadable.
func (c *Client) Refund(ctx context.Context, id refund.Identity) (refund.Live, error) {
	if err := c.supports(id.Kind); err != nil {
		return refund.Live{}, &refund.ReadError{Class: refund.Refusal, Message: err.Error()}
	}
	live, err := read(ctx, c, refunds, refundPath(id), func(body []byte) (refund.Live, error) {
		live, err := decodeRefund(body, id.Kind)
		c.clean.refund(&live)
		if err == nil && live.RefundID != id.RefundID {
			err = errOtherRefund
		}
		return live, err
	})
	return live, classifyNotFound(err, id.Kind)
}

// refundPath includes the parent, except for Flowwise.
func refundPath(id refund.Identity) string {
	path := "/refunds/" + url.PathEscape(id.RefundID)
	switch id.Kind {
	case refund.Order:
		return "/orders/" + url.PathEscape(id.ID) + path
	case refund.Subscription:
		return "/subscriptions/" + url.PathEscape(id.ID) + path
	}
	return path
}

// classifyNotFound distinguishes what a 404 says is missing. For kinds without a list, a 404 is the
// only proof that a refund is absent, and a wrong address answers 404 as well.
func classifyNotFound(err error, kind refund.Kind) error {
	var e *refund.ReadError
	if !errors.As(err, &e) || e.Class != refund.NotFound {
		return err
	}
	code, message := strings.ToLower(e.Code), strings.ToLower(e.Message)
	switch parent := string(kind); {
	case strings.Contains(code, "refund"):
	case strings.Contains(code, parent):
		e.Class = refund.NoParent
	case code != "" && strings.Contains(message, "refund"):
	case strings.Contains(message, parent):
		e.Class = refund.NoParent
	default:
		e.Class = refund.Unreadable
	}
	return err
}
