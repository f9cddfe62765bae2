package cashfree

import (
	"context"
	"errors"

	"refundctl/internal/refund"
)

// Spare reads only with what is left of the rate limits: it never waits for a turn and never tries twice. Without
// room, its reads fail with refund.Throttled at once. It is for reads that can be made later just as well.
type Spare struct{ *Client }

// Spare returns a reader that uses only what is left of the client's limits.
func (c *Client) Spare() Spare { return Spare{c} }

// Refunds is Client.Refunds, if there is room for it now.
func (s Spare) Refunds(ctx context.Context, p refund.Parent) ([]refund.Live, error) {
	return s.Client.Refunds(context.WithValue(ctx, spareKey{}, true), p)
}

// Refund is Client.Refund, if there is room for it now.
func (s Spare) Refund(ctx context.Context, id refund.Identity) (refund.Live, error) {
	return s.Client.Refund(context.WithValue(ctx, spareKey{}, true), id)
}

type spareKey struct{}

func isSpare(ctx context.Context) bool { return ctx.Value(spareKey{}) != nil }

// errNoRoom is why a Spare does not read.
var errNoRoom = errors.New("nothing is left of the rate limit for now")

// turn waits until a read may go. For a Spare it does not wait.
func (c *Client) turn(ctx context.Context, of class) error {
	if !isSpare(ctx) {
		return c.limits.turn(ctx, of)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if !c.limits.lanes[of].takeRoom() {
		return errNoRoom
	}
	return nil
}

// takeRoom takes a place in the window if one is free and nobody waits for it.
func (l *lane) takeRoom() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting == 0 && l.reserve() <= 0
}
