package refund

// Status is the API's refund_status as received. Unknown words are kept (R18).
type Status string

// The statuses of refunds. Only subscriptions use Initialized and Cancel.
const (
	Pending     Status = "PENDING"
	OnHold      Status = "ONHOLD"
	Success     Status = "SUCCESS"
	Cancelled   Status = "CANCELLED"
	Failed      Status = "FAILED"
	Initialized Status = "INITIALIZED"
	Cancel      Status = "CANCEL"
)

// Dead reports whether the refund will never move money.
func (s Status) Dead() bool { return s == Cancelled || s == Cancel || s == Failed }

// Settled reports whether the status is final: paid or dead. An unknown status is not final.
func (s Status) Settled() bool { return s == Success || s.Dead() }

// Known reports whether the API documents the status.
func (s Status) Known() bool {
	return s.Settled() || s == Pending || s == OnHold || s == Initialized
}
