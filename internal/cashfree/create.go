package cashfree

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"refundctl/internal/refund"
)

// Turn waits until the rate limit allows one more create, and reserves it. Callers get their turn in
// the order in which they ask. The only error is the context's.
func (c *Client) Turn(ctx context.Context) error { return c.limits.turn(ctx, create) }

// Create makes one try: one request on the wire, with exactly these bytes, never repeated. It does
// not wait for the rate limit; Turn does. Every result is an Answer. The key is omitted if the API
// has no header for it. A refund that this API or version does not support is not sent.
func (c *Client) Create(ctx context.Context, req refund.Request, key string) refund.Answer {
	kind := createdKind(req)
	err := c.supports(kind)
	if kind == "" {
		err = errors.New("not a create request")
	}
	if !c.api.keys {
		key = ""
	}
	return c.sendOnce(ctx, req, key, kind, err)
}

// createdKind returns the kind of refund that a request creates, or "" if it is not a create.
func createdKind(req refund.Request) refund.Kind {
	s := strings.Split(req.Path, "/")
	switch {
	case req.Method != http.MethodPost || len(req.Body) == 0:
		return ""
	case len(s) == 4 && s[1] == "orders" && s[3] == "refunds":
		return refund.Order
	case len(s) == 4 && s[1] == "subscriptions" && s[3] == "refunds":
		return refund.Subscription
	case len(s) == 3 && s[1] == "payments":
		return refund.Payment
	}
	return ""
}

// sendOnce makes one request that changes something. With an err it sends nothing.
func (c *Client) sendOnce(ctx context.Context, req refund.Request, key string, kind refund.Kind, err error) refund.Answer {
	u, badPath := c.address(req.Path)
	if err = cmp.Or(err, badPath); err != nil {
		return refund.Answer{NotSent: true, Cause: err.Error(), EndedAt: c.clock()}
	}
	r, err := c.do(ctx, &call{class: create, method: req.Method, path: req.Path, url: u, limit: maxCreate,
		body: req.Body, key: key, id: req.ID})
	a := refund.Answer{HTTP: r.status, NotSent: r.notSent, RequestID: c.clean.requestID(r.header), EndedAt: c.clock()}
	if err != nil {
		a.Cause = c.clean.text(err.Error())
		return a
	}
	a.Replayed = isTrue(r.header.Get("X-Idempotency-Replayed"))
	if r.status == http.StatusTooManyRequests {
		a.Wait = advisedWait(r.header, a.EndedAt)
	}
	if r.status == http.StatusOK {
		live, err := decodeRefund(r.body, kind)
		if err == nil {
			c.clean.refund(&live)
			a.Live = &live
			return a
		}
		a.Cause = cmp.Or(c.foreign(r, err), c.clean.text(err.Error()))
	}
	p, err := c.problem(r.body)
	if err != nil && a.Cause == "" {
		a.Cause = cmp.Or(c.foreign(r, nil), c.clean.text(err.Error()))
	}
	var duplicate *duplicateKey
	a.Ambiguous = errors.As(err, &duplicate) || err != nil && r.status/100 == 4 && c.foreign(r, err) != ""
	a.Code, a.Type, a.Message = p.code, p.kind, p.message
	return a
}
