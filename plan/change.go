package plan

import (
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// Action is what a plan says of one refund; its value is the sign that is printed.
type Action rune

// The actions. A refund gets the first one that fits, in this order.
const (
	Conflict  Action = '!' // the API or the ledger holds something else under this id
	Failed    Action = 'x' // the API holds it, CANCELLED or FAILED
	InSync    Action = '=' // the API holds it, SUCCESS
	Pending   Action = '…' // the API holds it, not settled
	InDoubt   Action = '?' // it may have been sent, and nothing is live
	Held      Action = 'h' // hold: true
	Blocked   Action = '#' // a guard says no
	Create    Action = '+' // would be sent
	Unmanaged Action = '*' // live on a parent that was read, in no manifest
	Orphaned  Action = 'o' // in the ledger, in no manifest
)

// Actions lists all of them in the order of precedence.
var Actions = []Action{Conflict, Failed, InSync, Pending, InDoubt, Held, Blocked, Create, Unmanaged, Orphaned}

var actionNames = map[Action]string{
	Conflict: "conflict", Failed: "failed", InSync: "in_sync", Pending: "pending", InDoubt: "in_doubt",
	Held: "held", Blocked: "blocked", Create: "create", Unmanaged: "unmanaged", Orphaned: "orphaned",
}

// String is the action's name in JSON.
func (a Action) String() string { return actionNames[a] }

// Reason says why a row has its action, or what a reader should know about it. Code is stable.
type Reason struct {
	Code    string
	Message string
	Hint    string // what a person can do; may be empty
}

// Change is one row of a plan.
type Change struct {
	Action      Action
	AccountName string
	ID          refund.Identity
	PaymentID   string
	Amount      money.Amount
	Spec        *refund.Spec    // nil for unmanaged and orphaned rows
	Live        *refund.Live    // what the API holds under this id; nil where nothing was read or found
	Entry       *state.Entry    // what the ledger remembers; nil for nothing
	Reasons     []Reason        // why the action
	Attention   []Reason        // what else to know; never changes the action
	Request     *refund.Request // what would be sent: only for Create, Held and Blocked
	Attempt     int             // the attempt that Create would use
	Key         string          // the key of that attempt
	Superseded  bool            // a Failed row that another row replaces: not counted, needs nobody
}

// NeedsPerson tells whether the row waits for a decision: exit 4.
func (c Change) NeedsPerson() bool {
	return c.Action == Conflict || c.Action == Blocked || c.Action == Failed && !c.Superseded
}

// Source is where the manifest asks for it; the zero Place where none does.
func (c Change) Source() diag.Place {
	if c.Spec == nil {
		return diag.Place{}
	}
	return c.Spec.Source
}

// ParentRead is what a plan read of one parent, and when it began to.
type ParentRead struct {
	Parent   refund.Parent
	Live     []refund.Live
	Facts    refund.Facts
	ListedAt time.Time // when the list was asked for, with the monotonic clock; zero: not read
	Err      error     // why it could not be read
}
