package apply

import (
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// Observer hears what a run does while it does it, from several goroutines at once.
type Observer interface {
	Observe(Event)
}

// EventKind says what happened to one refund.
type EventKind string

// Sending and Waiting are progress. Sent, AlreadyPresent, Refused, InDoubt and NotSent are final:
// each refund of a run has one of them. Settled tells of an earlier run's refund that recovery
// put out of doubt, Recorded of a live fact written to the ledger, Stopping of the run itself. Moved and
// Unread are Follow's: the ledger holds another fact about a refund than before; a read told
// nothing of it.
const (
	Sending        EventKind = "sending"
	Waiting        EventKind = "waiting"
	Sent           EventKind = "sent"
	AlreadyPresent EventKind = "already_present"
	Refused        EventKind = "refused"
	InDoubt        EventKind = "in_doubt"
	NotSent        EventKind = "not_sent"
	Settled        EventKind = "settled"
	Recorded       EventKind = "recorded"
	Stopping       EventKind = "stopping"
	Moved          EventKind = "moved"
	Unread         EventKind = "unread"
)

// NotRecorded is the code of an event about which the ledger could not be written.
const NotRecorded = "not_recorded"

// Event is one thing that a run did.
type Event struct {
	Kind        EventKind
	At          time.Time
	AccountName string
	ID          refund.Identity
	Amount      money.Amount
	Attempt     int
	Try         int
	Key         string
	Status      refund.Status // as the API reports it, where it does
	Was         refund.Status // Moved: before
	Phase       state.Phase   // Moved: now
	ARN         string        // Moved: refund_arn
	CfRefundID  string
	Class       Class
	Code        string
	Message     string
	Since       time.Time // InDoubt: the latest try
	SettlesAt   time.Time // InDoubt: when a read settles it at the latest
}
