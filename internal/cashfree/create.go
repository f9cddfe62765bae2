package cashfree

import (
	"context"
	"errors"
	"net/http"

	"refundctl/internal/refund"
)

// Turn waits until the rate limit lets one create go, and takes its place; creates go in the order
// in which they ask. Its only error is the context's.
func (c *Client) Turn(ctx context.Context) error { return c.limits.turn(ctx, create) }

// Create makes one try: exactly one request on the wire, with the bytes as given, never repeated
// and never waiting for the rate limit (Turn does). Every end of it is an Answer.
func (c *Client) Create(ctx context.Context, req refund.Request, key string) refund.Answer {
	u, err := c.address(req.Path)
	if err == nil && (req.Method != http.MethodPost || len(req.Body) == 0) {
		err = errors.New("not a create request")
	}
	if err != nil {
		return refund.Answer{NotSent: true, Cause: err.Error(), EndedAt: c.clock()}
	}
	r, err := c.exchange(ctx, message{class: create, method: req.Method, path: req.Path, url: u,
		body: req.Body, key: key, try: 1, limit: maxCreate})
	a := refund.Answer{HTTP: r.status, NotSent: r.notSent, EndedAt: c.clock()}
	if err != nil {
		a.Cause = c.clean.text(err.Error())
		return a
	}
	a.Replayed = isTrue(r.header.Get("X-Idempotency-Replayed"))
	if r.status == http.StatusTooManyRequests {
		a.Wait = advisedWait(r.header, a.EndedAt)
	}
	if r.status == http.StatusOK {
		live, err := decodeRefund(r.body)
		if err == nil {
			c.clean.refund(&live)
			a.Live = &live
			return a
		}
		a.Cause = c.clean.text(err.Error())
	}
	p, err := c.problem(r.body)
	if err != nil && a.Cause == "" {
		a.Cause = err.Error()
	}
	a.Code, a.Type, a.Message = p.code, p.kind, p.message
	return a
}
