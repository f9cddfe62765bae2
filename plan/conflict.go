package plan

import (
	"fmt"
	"slices"
	"time"

	"refundctl/internal/refund"
	"refundctl/state"
)

// IDOnOtherParent is the code of a refusal that no further attempt can change: the API accepts a refund_id
// once, and another parent has this one.
const IDOnOtherParent = "refund_id_on_other_parent"

// conflicts compares a desired refund with the live refund and the ledger entry under its refund_id.
func (g *group) conflicts(c *Change, read ParentRead, now time.Time) {
	if c.Entry != nil && c.Entry.Conflict != "" {
		c.decide(Conflict, "two_refunds", "the ledger has two live refunds under this refund_id: "+c.Entry.Conflict)
	}
	for _, e := range g.in.State.OfRefundID(g.parent.Account, c.ID.RefundID) {
		if e.ID.Parent != g.parent && e.Phase != state.Refused && e.Phase != state.NotSent {
			c.decide(Conflict, "refund_id_moved", fmt.Sprintf(
				"the ledger has this refund_id on %s %s (%s); a refund_id stays with its %s", e.ID.Kind, e.ID.ID, e.Phase, e.ID.Kind))
		}
	}
	switch {
	case c.Live == nil && c.Entry != nil && c.Entry.Phase == state.Refused && c.Entry.Code == IDOnOtherParent:
		c.decide(Conflict, IDOnOtherParent, "the API says that this refund_id is taken, but does not list it here: another "+string(c.ID.Kind)+" has it")
	case c.Live != nil:
		if code, message := Differs(c.Spec.Terms(), c.Live.Terms()); code != "" {
			c.decide(Conflict, code, message)
		}
	case c.Entry != nil && (c.Entry.Phase.Sent() || c.Entry.Phase == state.Intended):
		c.differsFromLedger()
		if g.missing(c.Entry, read, now) {
			how := "accepted"
			if c.Entry.ByPerson {
				how = "a person recorded it as sent"
			}
			c.decide(Conflict, "missing_live", fmt.Sprintf(
				"%s at %s, but the API does not list it", how, c.Entry.AcceptedAt.In(refund.IST).Format(time.RFC3339)))
		}
	}
	if c.Action == Conflict {
		for i := range c.Reasons {
			c.Reasons[i].Hint = g.conflictHint(c, c.Reasons[i].Code)
		}
	}
}

// missing reports whether the API no longer lists a refund that it accepted. Without a good read, what the ledger
// recorded counts.
func (g *group) missing(e *state.Entry, read ParentRead, now time.Time) bool {
	switch {
	case read.Good():
		return read.Misses(*e, now, g.in.SettleAfter)
	case !e.MissingSince.IsZero():
		return true
	}
	return g.parentMissing(read) && e.Phase.Sent() && e.MustBeListed(now, g.in.SettleAfter)
}

// Differs compares a desired refund with a live one. It returns the code of the first difference, or an empty
// code if they are the same refund.
func Differs(desired, live refund.Terms) (code, message string) {
	all := refund.Differences(desired, live)
	if len(all) == 0 {
		return "", ""
	}
	switch all[0] {
	case refund.ParentDiffers:
		message = fmt.Sprintf("desired for %s, live on %s", desired.ParentID, live.ParentID)
	case refund.PaymentDiffers:
		message = fmt.Sprintf("desired for payment %s, live on %s", desired.PaymentID, live.PaymentID)
	case refund.AmountDiffers:
		message = fmt.Sprintf("desired %s, live %s", desired.Amount.Human(), live.Amount.Human())
	case refund.SplitsDiffer:
		message = fmt.Sprintf("desired %s, live %s", splits(desired.Splits), splits(live.Splits))
	}
	return string(all[0]), message
}

// differsFromLedger reports the amount first: it is what an edit changes most.
func (c *Change) differsFromLedger() {
	e := c.Entry
	all := refund.Differences(c.Spec.Terms(), e.Terms())
	switch {
	case slices.Contains(all, refund.AmountDiffers):
		c.decide(Conflict, string(refund.AmountDiffers), fmt.Sprintf("desired %s, the ledger has %s (%s)", c.Amount.Human(), e.Amount.Human(), phaseText(e.Phase)))
	case slices.Contains(all, refund.PaymentDiffers):
		c.decide(Conflict, string(refund.PaymentDiffers), fmt.Sprintf("desired for payment %s, the ledger has payment %s", c.PaymentID, e.PaymentID))
	case slices.Contains(all, refund.SplitsDiffer):
		c.decide(Conflict, string(refund.SplitsDiffer), fmt.Sprintf("desired %s, the ledger has %s", splits(c.Spec.Splits), splits(e.Splits)))
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

// AsksMerchant is the code of the remark that a refund may wait for the merchant.
const AsksMerchant = "asks_merchant"

// noteDifferences notes what the API changed by itself, and what else to know about the live refund.
func (c *Change) noteDifferences() {
	l := c.Live
	if l == nil || c.Action != InSync && c.Action != Pending {
		return
	}
	note := func(code, format string, args ...any) {
		c.Attention = append(c.Attention, Reason{Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if l.Speed.Accepted != "" && c.Spec.Speed == "INSTANT" && l.Speed.Accepted != "INSTANT" {
		note("speed_differs", "INSTANT was requested; the API accepted %s", l.Speed.Accepted)
	}
	if c.Spec.Note != "" && l.Note != "" && l.Note != c.Spec.Note {
		note("note_differs", "the note differs, [-desired-] from {+live+}: %s", InLine(DiffText(c.Spec.Note, l.Note)))
	}
	if !l.Status.Known() {
		note("unknown_status", "the API reports the status %q, which this version does not know: treated as pending", l.Status)
	}
	if !l.Status.Settled() && l.MayAsk() {
		note(AsksMerchant, "the API says: %s; it may be waiting for you", l.Description)
	}
	if l.Shares != "" && len(l.Splits) == 0 {
		note("splits_by_share", "the API reports the splits by percentage, which are not compared: %s", l.Shares)
	}
	if l.Status == refund.OnHold {
		note("on_hold", "ONHOLD at the API: the account's balance at Cashfree is too low")
	}
}

// phaseText names a phase in the words that people read.
func phaseText(p state.Phase) string {
	switch p {
	case state.Settled:
		return "paid"
	case state.Intended:
		return "may have been sent"
	case state.NotSent:
		return "not sent"
	}
	return string(p)
}
