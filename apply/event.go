package apply

import (
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// Observer receives the events of a run as they happen, from several goroutines at once.
type Observer interface {
	Observe(Event)
}

// EventKind says what happened to one refund.
type EventKind string

// Sending and Waiting report progress. Sent, AlreadyPresent, Refused, InDoubt and NotSent are ends: each
// refund of a run has exactly one. Resolved says that a refund which an earlier run left in doubt is no
// longer in doubt, Recorded that a live fact was written to the ledger, Stopping that the run stops early.
// Moved and Unread come from Follow: the ledger now has something else about a refund; a read showed
// nothing about it.
const (
	Sending        EventKind = "sending"
	Waiting        EventKind = "waiting"
	Sent           EventKind = "sent"
	AlreadyPresent EventKind = "already_present"
	Refused        EventKind = "refused"
	InDoubt        EventKind = "in_doubt"
	NotSent        EventKind = "not_sent"
	Resolved       EventKind = "settled"
	Recorded       EventKind = "recorded"
	Stopping       EventKind = "stopping"
	Moved          EventKind = "moved"
	Unread         EventKind = "unread"
)

// NotRecorded is the code of an event that could not be written to the ledger.
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
	Status      refund.Status // as the API reports it, if it does
	Was         refund.Status // Moved: the status before
	Phase       state.Phase   // Moved: the phase now
	ARN         string        // Moved: refund_arn
	CfRefundID  string
	Class       Class
	Code        string
	Message     string
	RequestID   string    // x-request-id to quote to the API's support: that of the answer, or without one, of the request if it was sent
	ReadID      string    // InDoubt: the same of a failed read
	Since       time.Time // InDoubt: the latest try
	ResolvesAt  time.Time // InDoubt: from then on a read resolves it
}

// entryEvent is an event about the attempt that the ledger has of a refund.
func entryEvent(kind EventKind, at time.Time, e state.Entry) Event {
	return Event{Kind: kind, At: at, AccountName: e.AccountName, ID: e.ID, Amount: e.Amount, Attempt: e.Attempt, Key: e.Key}
}
