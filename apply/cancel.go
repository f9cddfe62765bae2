package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Canceller cancels one account's refunds.
type Canceller interface {
	// Turn waits until one more request that changes something may be sent under the rate limit.
	// Its only error is the context's.
	Turn(ctx context.Context) error
	// Cancel makes exactly one try: one request that is never repeated underneath.
	Cancel(ctx context.Context, r refund.Request) refund.Answer
}

// CancelLedger makes cancels and what came of them durable, as Ledger does for refunds.
type CancelLedger interface {
	BeginCancel(ctx context.Context, a state.Cancel) error
	Finish(ctx context.Context, o state.Outcome) error
}

// Cancellation cancels one refund. Entry is what the ledger holds of it.
type Cancellation struct {
	Ledger    CancelLedger
	Entry     state.Entry
	Remarks   string
	Reader    plan.Reader
	Canceller Canceller
	ReadDelay time.Duration // before an unknown outcome is read back
	Clock     func() time.Time

	Live    refund.Live    // as Prepare read it
	Request refund.Request // what Perform sends
	readAt  time.Time
}

// CannotCancel is the reason for which a refund is not cancelled.
type CannotCancel struct {
	ID            refund.Identity
	Code, Message string
}

// Error names the refund_id and the reason.
func (e *CannotCancel) Error() string {
	return fmt.Sprintf("refund %s cannot be cancelled: %s", e.ID.RefundID, e.Message)
}

// Cancelled is what became of a cancel. Kind is Cancelled, or as for a refund: Refused, InDoubt where
// nobody knows yet, or NotSent. Live is what was read last.
type Cancelled struct {
	Kind  CancelEnd
	Class Class
	HTTP  int
	Code  string
	Text  string // the API's message, or what became of the connection
	Live  refund.Live
}

// CancelEnd says how a cancel ended.
type CancelEnd string

// The API holds the refund as cancelled; it said no; it may still take effect; it did not leave.
const (
	CancelDone    CancelEnd = "cancelled"
	CancelRefused CancelEnd = "refused"
	CancelInDoubt CancelEnd = "in_doubt"
	CancelNotSent CancelEnd = "not_sent"
)

// Prepare reads the refund and renders the request. What the ledger does not hold as accepted, what
// lives otherwise than it remembers, and what is not PENDING or ONHOLD is a *CannotCancel; a status
// that the ledger did not know is recorded then. Other errors are those of reads and of the ledger.
func (c *Cancellation) Prepare(ctx context.Context) error {
	if why := c.forbidden(); why != nil {
		return why
	}
	request, err := refund.CancelRequest(c.Entry.ID, c.Remarks)
	if err != nil {
		return c.refuse("kind", "refunds of kind "+string(c.Entry.ID.Kind)+" have no cancel")
	}
	read := plan.Relist(ctx, c.Reader, c.Entry.ID, c.Clock)
	found := read.Find(c.Entry.ID.RefundID)
	switch {
	case read.Err != nil:
		return fmt.Errorf("reading %s %s: %w", c.Entry.ID.Kind, c.Entry.ID.ID, read.Err)
	case len(found) == 0:
		return c.refuse("missing_live", "the API does not list it")
	case len(found) > 1 || !c.isSame(found[0]):
		return c.refuse("conflict", "what lives under its id is not what the ledger remembers")
	}
	c.Live, c.Request, c.readAt = found[0], request, read.ListedAt
	if status := c.Live.Status; status != refund.Pending && status != refund.OnHold {
		return c.refuseStatus(ctx, status)
	}
	return nil
}

// forbidden is what the ledger alone says against it.
func (c *Cancellation) forbidden() error {
	switch e := c.Entry; {
	case e.Conflict != "":
		return c.refuse("conflict", "the ledger contradicts itself about it: "+e.Conflict)
	case e.Phase == state.Intended:
		return c.refuse("in_doubt", "nobody knows whether it was sent")
	case e.Phase == state.Settled, e.Phase == state.Failed:
		return c.refuse("settled", "it is settled: "+string(e.Status))
	case e.Phase != state.Accepted:
		return c.refuse("not_sent", "it was not sent, as the ledger remembers it: "+string(e.Phase))
	}
	return nil
}

// ours tells whether the live refund is the one that the ledger remembers.
func (c *Cancellation) isSame(l refund.Live) bool {
	code, _ := plan.Differs(specOfEntry(c.Entry), l)
	return code == "" && (c.Entry.CfRefundID == "" || l.CfRefundID == "" || l.CfRefundID == c.Entry.CfRefundID)
}

// late refuses a status that cannot be cancelled, and records it.
func (c *Cancellation) refuseStatus(ctx context.Context, status refund.Status) error {
	if hasNews(c.Entry, c.Live) {
		if err := c.Ledger.Finish(ctx, c.outcome("status", c.Live)); err != nil {
			return err
		}
	}
	if status.Settled() {
		return c.refuse("settled", "it is settled: "+string(status))
	}
	return c.refuse("status", "only PENDING and ONHOLD can be cancelled, and it is "+string(status))
}

func (c *Cancellation) refuse(code, message string) error {
	return &CannotCancel{c.Entry.ID, code, message}
}

func (c *Cancellation) outcome(how string, l refund.Live) state.Outcome {
	return liveOutcome(c.Entry.AccountName, c.Entry.ID, c.Entry.Attempt, how, l)
}

// Perform records the intent, makes one PUT, reads back what its answer does not show, and records
// that. A read that has become old meanwhile is made again first. Nothing that left is cut off when
// ctx ends.
func (c *Cancellation) Perform(ctx context.Context) (Cancelled, error) {
	if err := c.Canceller.Turn(ctx); err != nil {
		return Cancelled{}, context.Cause(ctx)
	}
	if !fresh(c.readAt, c.Clock()) {
		if err := c.Prepare(ctx); err != nil {
			return Cancelled{}, err
		}
	}
	err := c.Ledger.BeginCancel(ctx, state.Cancel{AccountName: c.Entry.AccountName, ID: c.Entry.ID, Amount: c.Live.Amount, Status: c.Live.Status, Request: c.Request})
	if err != nil {
		return Cancelled{}, err
	}
	if ctx.Err() != nil || !fresh(c.readAt, c.Clock()) { // seen last, as for a create (R19)
		end := Cancelled{Kind: CancelNotSent, Class: NotAttempted, Code: readTooOld().Code, Text: readTooOld().Message, Live: c.Live}
		return end, errors.Join(context.Cause(ctx), c.record(ctx, end))
	}
	a := c.Canceller.Cancel(context.WithoutCancel(ctx), c.Request)
	end := Cancelled{Class: c.classify(a), HTTP: a.HTTP, Code: a.Code, Text: a.Message + a.Cause, Live: c.Live}
	switch end.Class {
	case Accepted:
		end.Live = *a.Live
	case NotAttempted, Credentials:
	default:
		c.readBack(ctx, &end)
	}
	end.Kind = end.judge()
	return end, c.record(ctx, end)
}

// classify gives the answer its class. A 200 counts where it shows this refund as cancelled.
func (c *Cancellation) classify(a refund.Answer) Class {
	switch {
	case a.HTTP == 200 && (a.Live == nil || a.Live.RefundID != c.Entry.ID.RefundID || !c.isSame(*a.Live) || a.Live.Status != refund.Cancelled):
		return Unknown
	case a.HTTP == 200:
		return Accepted
	case a.HTTP == 401 || a.HTTP == 403:
		return Credentials
	case a.HTTP == 429 || a.HTTP == 0 && a.NotSent:
		return NotAttempted
	case !a.Ambiguous && (a.HTTP == 400 || a.HTTP == 404 || a.HTTP == 409 || a.HTTP == 422):
		return Rejected
	}
	return Unknown
}

// readBack looks how the refund stands after an answer that does not show it. An unknown outcome
// gets time to show.
func (c *Cancellation) readBack(ctx context.Context, end *Cancelled) {
	if end.Class == Unknown && sleep(ctx, c.ReadDelay) != nil {
		return
	}
	read := plan.Relist(ctx, c.Reader, c.Entry.ID, c.Clock)
	if found := read.Find(c.Entry.ID.RefundID); len(found) == 1 && c.isSame(found[0]) {
		end.Live = found[0]
	}
}

// kind judges by what was read last: cancelled is done, whatever the answer was; what succeeded or
// failed meanwhile can no longer be.
func (e *Cancelled) judge() CancelEnd {
	switch {
	case e.Live.Status == refund.Cancelled:
		return CancelDone
	case e.Class == NotAttempted || e.Class == Credentials:
		return CancelNotSent
	case e.Class == Rejected || e.Live.Status.Settled():
		return CancelRefused
	}
	return CancelInDoubt
}

// record keeps the answer beside what was read. An unknown one leaves the cancel open in the ledger.
func (c *Cancellation) record(ctx context.Context, end Cancelled) error {
	how := state.Cancelling
	if end.Kind == CancelInDoubt {
		how = "status"
	}
	o := c.outcome(how, end.Live)
	o.Class, o.HTTP, o.Code, o.Message = string(end.Class), end.HTTP, end.Code, end.Text
	return c.Ledger.Finish(ctx, o)
}
