package plan

import (
	"fmt"
	"time"

	"refundctl/internal/refund"
	"refundctl/state"
)

// IDOnOtherParent is the code of a refusal that no further attempt can change: ids are unique for
// ever, and this one was given to another parent.
const IDOnOtherParent = "refund_id_on_other_parent"

// conflicts holds a wanted refund against what lives or is remembered under its id.
func (g *group) conflicts(c *Change, read ParentRead, now time.Time) {
	if c.Entry != nil && c.Entry.Conflict != "" {
		c.decide(Conflict, "two_refunds", "the ledger knows two refunds of the API under this id: "+c.Entry.Conflict)
	}
	for _, e := range g.in.State.OfRefundID(g.parent.Account, c.ID.RefundID) {
		if e.ID.Parent != g.parent && e.Phase != state.Refused && e.Phase != state.NotSent {
			c.decide(Conflict, "refund_id_moved", fmt.Sprintf(
				"the ledger holds this refund_id for %s %s (%s); an id belongs to one parent for ever", e.ID.Kind, e.ID.ID, e.Phase))
		}
	}
	switch {
	case c.Live == nil && c.Entry != nil && c.Entry.Phase == state.Refused && c.Entry.Code == IDOnOtherParent:
		c.decide(Conflict, IDOnOtherParent, "the API refuses this refund_id as taken, but does not list it here: another parent has it")
	case c.Live != nil:
		if code, message := Differs(*c.Spec, *c.Live); code != "" {
			c.decide(Conflict, code, message)
		}
	case c.Entry != nil && (c.Entry.Phase.Sent() || c.Entry.Phase == state.Intended):
		c.differsFromLedger()
		if c.Entry.Phase.Sent() && (read.Good() || g.gone(read)) && c.Entry.MustBeListed(now, g.in.SettleAfter) {
			held := "accepted"
			if c.Entry.ByPerson {
				held = "a person found it sent"
			}
			c.decide(Conflict, "missing_live", fmt.Sprintf(
				"%s at %s, but the API does not list it", held, c.Entry.AcceptedAt.In(IST).Format(time.RFC3339)))
		}
	}
	if c.Action == Conflict {
		for i := range c.Reasons {
			c.Reasons[i].Hint = g.conflictHint(c, c.Reasons[i].Code)
		}
	}
}

// Differs compares what is wanted with what is live. An empty code means that they are the same
// refund; speed and note are not compared, the API changes them by itself.
func Differs(want refund.Spec, live refund.Live) (code, message string) {
	switch {
	case live.ParentID != "" && live.ParentID != want.ParentID:
		return "parent_differs", fmt.Sprintf("wanted for %s, live on %s", want.ParentID, live.ParentID)
	case want.PaymentID != "" && live.PaymentID != "" && live.PaymentID != want.PaymentID:
		return "payment_differs", fmt.Sprintf("wanted for payment %s, live on %s", want.PaymentID, live.PaymentID)
	case live.Amount != want.Amount:
		return "amount_differs", fmt.Sprintf("wanted %s, live %s", want.Amount.Human(), live.Amount.Human())
	case len(live.Splits) > 0 && !refund.SameSplits(want.Splits, live.Splits):
		return "splits_differ", fmt.Sprintf("wanted %s, live %s", splits(want.Splits), splits(live.Splits))
	}
	return "", ""
}

func (c *Change) differsFromLedger() {
	e := c.Entry
	switch {
	case e.Amount != c.Amount:
		c.decide(Conflict, "amount_differs", fmt.Sprintf("wanted %s, the ledger holds %s as %s", c.Amount.Human(), e.Amount.Human(), e.Phase))
	case c.PaymentID != "" && e.PaymentID != "" && c.PaymentID != e.PaymentID:
		c.decide(Conflict, "payment_differs", fmt.Sprintf("wanted for payment %s, the ledger holds payment %s", c.PaymentID, e.PaymentID))
	case (e.Attempt > 0 || len(e.Splits) > 0) && !refund.SameSplits(c.Spec.Splits, e.Splits):
		c.decide(Conflict, "splits_differ", fmt.Sprintf("wanted %s, the ledger holds %s", splits(c.Spec.Splits), splits(e.Splits)))
	}
}

func splits(list []refund.Split) string {
	if len(list) == 0 {
		return "no splits"
	}
	text := "splits"
	for _, s := range list {
		text += " " + s.VendorID + "=" + s.Amount.Human()
	}
	return text
}

// attend notes what the API changed by itself and what a reader should know of the live refund.
func (c *Change) attend() {
	l := c.Live
	if l == nil || c.Action != InSync && c.Action != Pending {
		return
	}
	note := func(code, format string, args ...any) {
		c.Attention = append(c.Attention, Reason{Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if l.Speed.Accepted != "" && c.Spec.Speed == "INSTANT" && l.Speed.Accepted != "INSTANT" {
		note("speed_differs", "asked for INSTANT, the API accepted %s", l.Speed.Accepted)
	}
	if c.Spec.Note != "" && l.Note != "" && l.Note != c.Spec.Note {
		note("note_differs", "the note differs, [-wanted-] from {+live+}: %s", TextDiff(c.Spec.Note, l.Note))
	}
	if !l.Status.Known() {
		note("unknown_status", "the API says %q, a word this version does not know: treated as pending", l.Status)
	}
	if l.Status == refund.OnHold {
		note("on_hold", "the API holds it: the account's balance at Cashfree is too small")
	}
}
