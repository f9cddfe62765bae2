package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Canceller cancels refunds of one account.
type Canceller interface {
	// Turn waits until the rate limit allows one more request that changes something. It fails only with
	// the context's error.
	Turn(ctx context.Context) error
	// Cancel makes exactly one try: one request, which no lower layer repeats.
	Cancel(ctx context.Context, r refund.Request) refund.Answer
}

// CancelLedger makes cancels and their outcomes durable, as Ledger does for refunds.
type CancelLedger interface {
	BeginCancel(ctx context.Context, a state.Cancel) error
	Finish(ctx context.Context, o state.Outcome) error
}

// Cancellation cancels one refund. Entry is what the ledger knows about it.
type Cancellation struct {
	Ledger    CancelLedger
	Entry     state.Entry
	Remarks   string
	Reader    plan.Reader
	Canceller Canceller
	ReadDelay time.Duration // before an unknown outcome is read back
	Clock     func() time.Time
	RequestID func() string // as in Run

	Live    refund.Live    // as Prepare read it
	Request refund.Request // what Perform sends
	readAt  time.Time
}

// CannotCancel says why a refund cannot be cancelled.
type CannotCancel struct {
	ID            refund.Identity
	Code, Message string
}

// Error names the refund_id and the reason.
func (e *CannotCancel) Error() string {
	return fmt.Sprintf("refund %s cannot be cancelled: %s", e.ID.RefundID, e.Message)
}

// Cancelled is how a cancel ended. Live is the refund as it was read last.
type Cancelled struct {
	Kind  CancelEnd
	Class Class
	HTTP  int
	Code  string
	Text  string // the API's message, or what happened to the connection
	Live  refund.Live

	Answered  string // x-request-id of the answer; empty if none came
	RequestID string // x-request-id to quote to the API's support: Answered, or that of a request that was sent
}

// CancelEnd says how a cancel ended.
type CancelEnd string

// The refund is cancelled; the API refused to cancel it; the cancel may still take effect; it was not sent.
const (
	CancelDone    CancelEnd = "cancelled"
	CancelRefused CancelEnd = "refused"
	CancelInDoubt CancelEnd = "in_doubt"
	CancelNotSent CancelEnd = "not_sent"
)

// Prepare reads the refund and renders the request. It returns a *CannotCancel for a refund that the
// ledger does not have as accepted, that is live in another form than the ledger has it, or that is not
// PENDING or ONHOLD. In the last case it records a status that is new to the ledger. Other errors come
// from the read or the ledger.
func (c *Cancellation) Prepare(ctx context.Context) error {
	if why := c.forbidden(); why != nil {
		return why
	}
	request, err := refund.CancelRequest(c.Entry.ID, c.Remarks)
	if err != nil {
		return c.refuse("kind", "the API has no cancel for refunds of a "+string(c.Entry.ID.Kind))
	}
	read := plan.Relist(ctx, c.Reader, c.Entry.ID, c.Clock)
	found := read.Find(c.Entry.ID.RefundID)
	switch {
	case read.Err != nil:
		return fmt.Errorf("reading %s %s: %w", c.Entry.ID.Kind, c.Entry.ID.ID, read.Err)
	case len(found) == 0:
		return c.refuse("missing_live", "the API does not list it")
	case len(found) > 1 || !c.isSame(found[0]):
		return c.refuse("conflict", "the live refund under its refund_id is not the one in the ledger")
	}
	c.Live, c.Request, c.readAt = found[0], request, read.ListedAt
	if status := c.Live.Status; status != refund.Pending && status != refund.OnHold {
		return c.refuseStatus(ctx, status)
	}
	return nil
}

// forbidden is the reason that the ledger alone gives against the cancel; nil if there is none.
func (c *Cancellation) forbidden() error {
	switch e := c.Entry; {
	case e.Conflict != "":
		return c.refuse("conflict", "the ledger has two API refunds for it: "+e.Conflict)
	case e.Phase == state.Intended:
		return c.refuse("in_doubt", "it is not known whether it was sent")
	case e.Phase == state.Settled, e.Phase == state.Failed:
		return c.refuse("settled", "it is settled: "+string(e.Status))
	case e.Phase != state.Accepted:
		return c.refuse("not_sent", "it was not sent: the ledger has it as "+string(e.Phase))
	}
	return nil
}

// isSame reports whether the live refund is the one that the ledger has.
func (c *Cancellation) isSame(l refund.Live) bool {
	code, _ := differs(c.Entry, l)
	return code == "" && (c.Entry.CfRefundID == "" || l.CfRefundID == "" || l.CfRefundID == c.Entry.CfRefundID)
}

// refuseStatus refuses a status that cannot be cancelled, and records it.
func (c *Cancellation) refuseStatus(ctx context.Context, status refund.Status) error {
	if hasNews(c.Entry, c.Live) {
		if err := c.Ledger.Finish(ctx, c.outcome("status", c.Live)); err != nil {
			return err
		}
	}
	if status.Settled() {
		return c.refuse("settled", "it is settled: "+string(status))
	}
	return c.refuse("status", "its status is "+string(status)+", and only PENDING and ONHOLD refunds can be cancelled")
}

func (c *Cancellation) refuse(code, message string) error {
	return &CannotCancel{c.Entry.ID, code, message}
}

func (c *Cancellation) outcome(how string, l refund.Live) state.Outcome {
	return newsOutcome(c.Entry, how, l)
}

// Perform records the intent, makes one PUT, reads back what its answer does not show, and records the
// outcome. If the read of Prepare has become too old, it reads again first. A request that was sent is not
// cut off when ctx ends.
func (c *Cancellation) Perform(ctx context.Context) (Cancelled, error) {
	if err := c.Canceller.Turn(ctx); err != nil {
		return Cancelled{}, context.Cause(ctx)
	}
	if !fresh(c.readAt, c.Clock()) {
		if err := c.Prepare(ctx); err != nil {
			return Cancelled{}, err
		}
	}
	c.Request.ID = newRequestID(c.RequestID)
	err := c.Ledger.BeginCancel(ctx, state.Cancel{AccountName: c.Entry.AccountName, ID: c.Entry.ID, Amount: c.Live.Amount, Status: c.Live.Status, Request: c.Request})
	if err != nil {
		return Cancelled{}, err
	}
	if ctx.Err() != nil || !fresh(c.readAt, c.Clock()) { // checked last, as for a create (R19)
		old := readTooOld(c.Entry.ID.Kind)
		end := Cancelled{Kind: CancelNotSent, Class: NotAttempted, Code: old.Code, Text: old.Message, Live: c.Live}
		return end, errors.Join(context.Cause(ctx), c.record(ctx, end))
	}
	a := c.Canceller.Cancel(context.WithoutCancel(ctx), c.Request)
	end := Cancelled{Class: c.classify(a), HTTP: a.HTTP, Code: a.Code, Text: a.Message + a.Cause, Live: c.Live,
		Answered: a.RequestID, RequestID: cmp.Or(a.RequestID, c.Request.ID)}
	if a.NotSent {
		end.RequestID = ""
	}
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

// classify returns the class of the answer. A 200 counts only if it shows this refund as cancelled.
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

// readBack reads the refund after an answer that does not show it. It gives an unknown outcome time to
// show.
func (c *Cancellation) readBack(ctx context.Context, end *Cancelled) {
	if end.Class == Unknown && sleep(ctx, c.ReadDelay) != nil {
		return
	}
	read := plan.Relist(ctx, c.Reader, c.Entry.ID, c.Clock)
	if found := read.Find(c.Entry.ID.RefundID); len(found) == 1 && c.isSame(found[0]) {
		end.Live = found[0]
	}
}

// judge goes by the refund that was read last. A cancelled refund is done, whatever the answer was. One that
// succeeded or failed meanwhile can no longer be cancelled.
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

// record writes the answer and the refund that was read last. An unknown answer leaves the cancel open in
// the ledger.
func (c *Cancellation) record(ctx context.Context, end Cancelled) error {
	how := state.Cancelling
	if end.Kind == CancelInDoubt {
		how = "status"
	}
	o := c.outcome(how, end.Live)
	o.Class, o.HTTP, o.Code, o.Message, o.RequestID = string(end.Class), end.HTTP, end.Code, end.Text, end.Answered
	return c.Ledger.Finish(ctx, o)
}
