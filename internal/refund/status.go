package refund

// Status is the API's refund_status, as it came. Words that are not known are kept (R18).
type Status string

// The words of order refunds, and those that only subscriptions (Initialized, Cancel) use.
const (
	Pending     Status = "PENDING"
	OnHold      Status = "ONHOLD"
	Success     Status = "SUCCESS"
	Cancelled   Status = "CANCELLED"
	Failed      Status = "FAILED"
	Initialized Status = "INITIALIZED"
	Cancel      Status = "CANCEL"
)

// Dead tells whether the money will not move under this refund any more.
func (s Status) Dead() bool { return s == Cancelled || s == Cancel || s == Failed }

// Settled tells whether the word is final: paid or dead. A word that is not known is not final.
func (s Status) Settled() bool { return s == Success || s.Dead() }

// Known tells whether the word stands in the API's documents.
func (s Status) Known() bool {
	return s.Settled() || s == Pending || s == OnHold || s == Initialized
}
