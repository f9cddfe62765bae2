package refund

import (
	"strings"
	"time"

	"refundctl/internal/money"
)

// Live is a refund as the API reports it. An answer may lack any field but the amount: a missing text is
// empty, a missing time zero.
type Live struct {
	RefundID    string
	ParentID    string // order_id of the answer; subscription answers have none
	PaymentID   string // the merchant's payment id, kinds subscription and payment
	CfRefundID  string // without the refund_ prefix of versions up to 2022-09-01
	CfPaymentID string
	Amount      money.Amount
	Status      Status
	Type        string // MERCHANT_INITIATED, PAYMENT_AUTO_REFUND, UNRECONCILED_AUTO_REFUND
	Mode        string
	Note        string
	ARN         string // refund_arn, or the UTR of kind payment
	Splits      []Split
	CreatedAt   time.Time
	ProcessedAt time.Time
	Details
}

// MerchantInitiated is the refund_type of refunds that the merchant asked for.
const MerchantInitiated = "MERCHANT_INITIATED"

// ByMerchant reports whether the merchant asked for the refund: its type is MerchantInitiated, or the
// answer names none. The API itself made refunds of every other type, known or not.
func (l Live) ByMerchant() bool {
	word := strings.TrimSpace(l.Type)
	return word == "" || strings.EqualFold(word, MerchantInitiated)
}

// Paid is a payment of an order.
type Paid struct {
	CfPaymentID   string
	Amount        money.Amount
	Status        string         // SUCCESS, FAILED, PENDING, …
	Captured      bool           // is_captured; an answer without it counts as captured
	Authorization *Authorization // nil if the payment was not authorised first
	Mode          string         // the payment method: upi, card, …
	CompletedAt   time.Time
}

// Authorization is what became of a pre-authorised payment.
type Authorization struct {
	Action   string // CAPTURE or VOID
	Status   string // SUCCESS or PENDING
	Captured money.Amount
	Readable bool // the answer has an amount in Captured
}

// captured returns what the merchant received, as the API documents it: nothing while the payment is only
// authorised or after it was voided, the captured part of an authorised payment, and all of any other
// successful one. If an answer leaves it open, nothing is captured.
func (p Paid) captured() money.Amount {
	a := p.Authorization
	switch {
	case p.Status != "SUCCESS" || !p.Captured:
		return money.Amount{}
	case a == nil:
		return p.Amount
	case a.Action != "CAPTURE" || a.Status != "SUCCESS" || !a.Readable:
		return money.Amount{}
	case a.Captured.Minor > p.Amount.Minor: // more than was paid cannot have been captured
		return p.Amount
	}
	return a.Captured
}

// Facts is what a plan relies on about a parent's payments: how much was captured, and when. The zero
// value means unknown.
type Facts struct {
	Captured    money.Amount
	CompletedAt time.Time // of the latest successful payment
	Known       bool
	Mode        string // of all successful payments, such as upi or card; empty if they differ or the API does not say
}

// longestMode bounds the length of a mode that is kept, in bytes.
const longestMode = 40

// CaptureFacts adds up what was captured of one parent's payments. If nothing was captured, the result is
// Known with a zero amount: the parent is unpaid.
func CaptureFacts(payments []Paid) (Facts, error) {
	f, counted := Facts{Known: true}, 0
	for _, p := range payments {
		captured := p.captured()
		if captured.Minor == 0 {
			continue
		}
		sum, err := f.Captured.Add(captured)
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

// PlainCfID removes the prefix that API versions up to 2022-09-01 put before cf_refund_id, so that ids of
// all versions compare.
func PlainCfID(id string) string { return strings.TrimPrefix(id, "refund_") }
