package refund

import (
	"strings"
	"time"

	"refundctl/internal/money"
)

// Live is a refund as the API reports it. Every field may be missing in an answer; a missing
// text is empty, a missing time zero.
type Live struct {
	RefundID    string
	ParentID    string // order_id of the answer; subscription answers carry none
	PaymentID   string // the merchant's payment id, kinds subscription and payment
	CfRefundID  string // without the refund_ prefix that versions up to 2022-09-01 have
	CfPaymentID string
	Amount      money.Amount
	Status      Status
	Description string // status_description
	Type        string // MERCHANT_INITIATED, PAYMENT_AUTO_REFUND, UNRECONCILED_AUTO_REFUND
	Mode        string
	Note        string
	Speed       Speed
	ARN         string // refund_arn, or the UTR of kind payment
	Splits      []Split
	CreatedAt   time.Time
	ProcessedAt time.Time
}

// Speed is the refund_speed of an answer.
type Speed struct {
	Requested, Accepted, Processed, Message string
}

// Paid is a payment of an order.
type Paid struct {
	CfPaymentID string
	Amount      money.Amount
	Status      string // SUCCESS, FAILED, PENDING, …
	Captured    bool   // an answer without is_captured counts as captured
	Mode        string // the payment method: upi, card, …
	CompletedAt time.Time
}

// Facts is what a plan relies on about a parent's payments: how much was captured, and when.
// The zero value means that nothing is known.
type Facts struct {
	Captured    money.Amount
	CompletedAt time.Time // of the latest successful payment
	Known       bool
	Mode        string // of all successful payments, as upi or card; empty where they differ or it is not told
}

// longestMode bounds a foreign word that is kept, in bytes.
const longestMode = 40

// CaptureFacts adds up the successful and captured payments of one parent. No such payment gives
// Known with a zero amount: the parent is unpaid.
func CaptureFacts(payments []Paid) (Facts, error) {
	f, counted := Facts{Known: true}, 0
	for _, p := range payments {
		if p.Status != "SUCCESS" || !p.Captured {
			continue
		}
		sum, err := f.Captured.Add(p.Amount)
		if err != nil {
			return Facts{}, err
		}
		f.Captured = sum
		if counted++; counted == 1 && len(p.Mode) <= longestMode {
			f.Mode = p.Mode
		} else if p.Mode != f.Mode {
			f.Mode = ""
		}
		if p.CompletedAt.After(f.CompletedAt) {
			f.CompletedAt = p.CompletedAt
		}
	}
	return f, nil
}

// PlainCfID strips the prefix that API versions up to 2022-09-01 put before cf_refund_id, so that
// ids compare across versions.
func PlainCfID(id string) string { return strings.TrimPrefix(id, "refund_") }
