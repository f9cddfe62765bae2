package refund

// Status is the API's refund_status as received. Unknown words are kept (R18).
type Status string

// The statuses of refunds. Only subscriptions use Initialized and Cancel. The API documents Reversed as an event
// of its reconciliation only; as a status it says the same: the money came back to the merchant.
const (
	Pending     Status = "PENDING"
	OnHold      Status = "ONHOLD"
	Success     Status = "SUCCESS"
	Cancelled   Status = "CANCELLED"
	Failed      Status = "FAILED"
	Initialized Status = "INITIALIZED"
	Cancel      Status = "CANCEL"
	Reversed    Status = "REVERSED"
)

// Dead reports whether the customer will never get the money of the refund.
func (s Status) Dead() bool { return s == Cancelled || s == Cancel || s == Failed || s == Reversed }

// Settled reports whether the status is final: paid or dead. An unknown status is not final.
func (s Status) Settled() bool { return s == Success || s.Dead() }

// Known reports whether the API documents the status.
func (s Status) Known() bool {
	return s.Settled() || s == Pending || s == OnHold || s == Initialized
}
