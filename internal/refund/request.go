package refund

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
)

// Request is a call as it is sent: Path is relative to the API's base address, Body has the exact bytes
// (R5). ID is the x-request-id of the one try that carries it, under which the API's support finds that try.
type Request struct {
	Method string
	Path   string
	Body   []byte
	ID     string
}

// NewRequestID returns a random x-request-id, a version 4 UUID.
func NewRequestID() string {
	var u [16]byte
	rand.Read(u[:]) // never fails
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return uuidText(u[:])
}

// createBody fixes the order and names of the fields. Amounts are numbers with the currency's decimals.
type createBody struct {
	SubscriptionID string      `json:"subscription_id,omitempty"`
	PaymentID      string      `json:"payment_id,omitempty"`
	RefundID       string      `json:"refund_id"`
	RefundAmount   json.Number `json:"refund_amount"`
	RefundType     string      `json:"refund_type,omitempty"`
	RefundNote     string      `json:"refund_note,omitempty"`
	RefundSpeed    string      `json:"refund_speed,omitempty"`
	RefundSplits   []splitBody `json:"refund_splits,omitempty"`
}

type splitBody struct {
	VendorID string      `json:"vendor_id"`
	Amount   json.Number `json:"amount"`
}

// Request renders the call that creates the refund. The same spec always gives the same bytes.
func (s Spec) Request() (Request, error) {
	body := createBody{
		RefundID: s.RefundID, RefundAmount: json.Number(s.Amount.String()),
		RefundType: s.Type, RefundNote: s.Note, RefundSpeed: s.Speed,
	}
	for _, split := range s.Splits {
		body.RefundSplits = append(body.RefundSplits, splitBody{split.VendorID, json.Number(split.Amount.String())})
	}
	if slices.Contains(elsewhere, s.ParentID) {
		return Request{}, fmt.Errorf("rendering refund %s: %q cannot be part of a path", s.RefundID, s.ParentID)
	}
	var path string
	switch s.Kind {
	case Order:
		path = "/orders/" + url.PathEscape(s.ParentID) + "/refunds"
	case Subscription:
		path = "/subscriptions/" + url.PathEscape(s.ParentID) + "/refunds"
		body.SubscriptionID, body.PaymentID = s.ParentID, s.PaymentID
	case Payment:
		path = "/payments/" + url.PathEscape(s.ParentID)
	default:
		return Request{}, fmt.Errorf("rendering refund %s: unknown kind %q", s.RefundID, s.Kind)
	}
	b, err := rendered(body)
	if err != nil {
		return Request{}, fmt.Errorf("rendering refund %s: %w", s.RefundID, err)
	}
	return Request{Method: "POST", Path: path, Body: b}, nil
}

// elsewhere lists the segments that change a path, escaped or not.
var elsewhere = []string{"", ".", ".."}

func rendered[T createBody | cancelBody](body T) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(body)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// cancelBody fixes the order and names of the fields.
type cancelBody struct {
	Status  Status `json:"refund_status"`
	Remarks string `json:"remarks,omitempty"`
}

// CancelRequest renders the call that cancels a refund of an order. The same refund and remarks always
// give the same bytes.
func CancelRequest(id Identity, remarks string) (Request, error) {
	if id.Kind != Order {
		return Request{}, fmt.Errorf("refund %s: a refund of kind %s cannot be cancelled", id.RefundID, id.Kind)
	}
	for _, segment := range []string{id.ID, id.RefundID} {
		if slices.Contains(elsewhere, segment) {
			return Request{}, fmt.Errorf("refund %s: %q cannot be part of a path", id.RefundID, segment)
		}
	}
	body, err := rendered(cancelBody{Cancelled, remarks})
	return Request{Method: "PUT", Path: "/orders/" + url.PathEscape(id.ID) + "/refunds/" + url.PathEscape(id.RefundID), Body: body}, err
}
