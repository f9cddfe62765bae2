package plan

import (
	"slices"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// Action is what a plan does with one refund. Its value is the printed sign.
type Action rune

// The actions. A refund gets the first that fits.
const (
	Conflict  Action = '!' // the API or the ledger has a different refund under this refund_id
	Failed    Action = 'x' // live: CANCELLED or FAILED
	InSync    Action = '=' // live: SUCCESS
	Pending   Action = '…' // live, not settled
	InDoubt   Action = '?' // it may have been sent, and nothing is live
	Held      Action = 'h' // hold: true
	Blocked   Action = '#' // a guard says no
	Create    Action = '+' // would be sent
	Unmanaged Action = '*' // live on a parent that was read, in no manifest
	Orphaned  Action = 'o' // in the ledger, in no manifest
)

// Actions lists the actions in their order of precedence.
var Actions = []Action{Conflict, Failed, InSync, Pending, InDoubt, Held, Blocked, Create, Unmanaged, Orphaned}

var actionNames = map[Action]string{
	Conflict: "conflict", Failed: "failed", InSync: "in_sync", Pending: "pending", InDoubt: "in_doubt",
	Held: "held", Blocked: "blocked", Create: "create", Unmanaged: "unmanaged", Orphaned: "orphaned",
}

// String returns the action's name in JSON.
func (a Action) String() string { return actionNames[a] }

// Reason says why a row has its action, or what a reader should know about it. Code never changes.
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
	Live        *refund.Live    // what the API has under this refund_id; nil if nothing was read or found
	Entry       *state.Entry    // what the ledger has; nil for nothing
	Reasons     []Reason        // why the action
	Attention   []Reason        // what else to know; it never changes the action
	Request     *refund.Request // what would be sent: only for Create, Held and Blocked
	Attempt     int             // the attempt that Create would use
	Key         string          // the key of that attempt
	Superseded  bool            // a Failed row that another row replaces: it is not counted and needs no action
	WithoutHold *Released       // what a Held row would be without its hold; nil for other rows and for those that a plan file leaves out
	Approved    bool            // a create of the plan file that this plan carries out; not in documents

	unknown    bool // live, and unknown to the ledger
	waits      bool // unknown, and not recorded until a person has accepted the ledger
	unselected bool // counted by the guards of its parent, but neither shown nor sent
}

// Released is what a held row would be if it alone were not held: Create, or Blocked with the reasons.
type Released struct {
	Action  Action
	Reasons []Reason
}

func (r *Released) clone() *Released {
	if r == nil {
		return nil
	}
	return &Released{r.Action, slices.Clone(r.Reasons)}
}

// block adds reasons why the row could not be sent without its hold either.
func (r *Released) block(reasons ...Reason) {
	if len(reasons) > 0 {
		r.Action = Blocked
		r.Reasons = append(r.Reasons, reasons...)
	}
}

// NeedsPerson reports whether the row waits for a person's decision (exit 4). Held rows do so only during
// a freeze, which a person must lift, and if they were approved as creates.
func (c Change) NeedsPerson() bool {
	switch c.Action {
	case Conflict:
		return true
	case Failed:
		return !c.Superseded
	case Blocked:
		return !c.Outside()
	case Held:
		return c.Approved || c.has(frozen)
	}
	return false
}

// Outside reports whether only an outside reason keeps the row from being sent (exit 5): its parent could not
// be read, or has changed since the plan was approved. A later run may send it.
func (c Change) Outside() bool {
	return c.Action == Blocked && (c.has(unread) || c.has(parentMoved))
}

func (c Change) has(code string) bool {
	return slices.ContainsFunc(c.Reasons, func(r Reason) bool { return r.Code == code })
}

// Source returns the row's place in its manifest; it is zero if no manifest asks for the refund.
func (c Change) Source() diag.Place {
	if c.Spec == nil {
		return diag.Place{}
	}
	return c.Spec.Source
}

// ParentRead is the result of reading one parent. If Err is set, the read failed and proves nothing.
type ParentRead struct {
	Parent   refund.Parent
	Live     []refund.Live
	Facts    refund.Facts
	ListedAt time.Time // when the read began, with the monotonic clock; zero: not read
	DoneAt   time.Time // when its answer arrived; failed tries lie between the two
	Partial  bool      // refunds were read one by one: those that others made cannot be seen
	Requests int
	Err      error
}

// Good reports whether the read may count as evidence that a refund is absent.
func (p ParentRead) Good() bool { return !p.ListedAt.IsZero() && p.Err == nil }

// Unknown reports whether the API knows no such order, subscription or payment.
func (p ParentRead) Unknown() bool { return refund.ParentUnknown(p.Err) }

// Failure returns the code and the sentence of a read that is not good because of Err. The sentence does not
// quote the x-request-id, so that equal failures have equal sentences; refund.RequestID returns it.
func (p ParentRead) Failure() (code, message string) {
	if p.Unknown() {
		return parentUnknown, unknownMessage(p.Parent)
	}
	return "unread", refund.Reason(p.Err)
}

// Find returns the live refunds with this refund_id. More than one is a conflict.
func (p ParentRead) Find(refundID string) []refund.Live {
	var found []refund.Live
	for _, l := range p.Live {
		if l.RefundID == refundID {
			found = append(found, l)
		}
	}
	return found
}

// Doubtful reports whether a POST of this refund may have moved money unnoticed.
func (c Change) Doubtful() bool {
	return c.Entry != nil && c.Entry.Phase == state.Intended && c.Live == nil && c.Action != Create
}

// SameFacts reports whether two reads of a parent have the same refunds, as far as a plan relies on them.
// It ignores the refund_ids in except.
func (p ParentRead) SameFacts(q ParentRead, except map[string]bool) bool {
	return p.Digest(except) == q.Digest(except)
}
