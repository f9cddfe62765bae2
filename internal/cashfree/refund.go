package cashfree

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"refundctl/internal/refund"
)

// Refund gets one refund of any kind. Errors are *refund.ReadError or the context's: NotFound says
// that the API knows no such refund, NoParent that it does not know what would be refunded. A 404
// that speaks of neither shows nothing and is Unreadable.
func (c *Client) Refund(ctx context.Context, id refund.Identity) (refund.Live, error) {
	if err := c.able(id.Kind); err != nil {
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
	return live, missing(err, id.Kind)
}

// refundPath names a parent but for Flowwise's refunds, whose ids stand alone.
func refundPath(id refund.Identity) string {
	own := "/refunds/" + url.PathEscape(id.RefundID)
	switch id.Kind {
	case refund.Order:
		return "/orders/" + url.PathEscape(id.ID) + own
	case refund.Subscription:
		return "/subscriptions/" + url.PathEscape(id.ID) + own
	}
	return own
}

// missing reads what a 404 is about. Where there is no list it is all that shows a refund to be
// absent, and a wrong address answers 404 as well.
func missing(err error, kind refund.Kind) error {
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
