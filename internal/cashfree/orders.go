package cashfree

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// OrderInfo is what the API reports about an order, without its payment_session_id.
type OrderInfo struct {
	ID        string
	CfOrderID string
	Amount    money.Amount // of the order; Payments has what was paid
	Status    string       // ACTIVE, PAID, EXPIRED, …
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Refunds lists the refunds of an order, of every type, in the API's order. A list with an unreadable
// row is an error, and so is an unknown order, never an empty list. Errors are *refund.ReadError or
// the context's.
func (c *Client) Refunds(ctx context.Context, p refund.Parent) ([]refund.Live, error) {
	path, err := orderPath(p, "refunds")
	if err != nil {
		return nil, err
	}
	list, err := read(ctx, c, refunds, path, func(body []byte) ([]refund.Live, error) {
		list, err := decodeRefunds(body)
		for i := range list {
			c.clean.refund(&list[i])
		}
		return list, err
	})
	return list, aboutOrder(err)
}

// aboutOrder makes a not-found that does not name the order unreadable: a wrong address has one as well.
func aboutOrder(err error) error {
	var e *refund.ReadError
	if errors.As(err, &e) && e.Class == refund.NotFound && !strings.Contains(strings.ToLower(e.Code+" "+e.Message), "order") {
		e.Class = refund.Unreadable
	}
	return err
}

// Payments lists the payments of an order, whatever their status. Errors are *refund.ReadError or
// the context's.
func (c *Client) Payments(ctx context.Context, p refund.Parent) ([]refund.Paid, error) {
	path, err := orderPath(p, "payments")
	if err != nil {
		return nil, err
	}
	list, err := read(ctx, c, payments, path, decodePayments)
	return list, aboutOrder(err)
}

// Order gets an order. Errors are *refund.ReadError or the context's.
func (c *Client) Order(ctx context.Context, p refund.Parent) (OrderInfo, error) {
	path, err := orderPath(p)
	if err != nil {
		return OrderInfo{}, err
	}
	info, err := read(ctx, c, order, path, decodeOrder)
	return info, aboutOrder(err)
}

func orderPath(p refund.Parent, more ...string) (string, error) {
	if p.Kind != refund.Order {
		return "", fmt.Errorf("reading %s %s: this endpoint is for orders", p.Kind, p.ID)
	}
	path := "/orders/" + url.PathEscape(p.ID)
	for _, segment := range more {
		path += "/" + url.PathEscape(segment)
	}
	return path, nil
}
