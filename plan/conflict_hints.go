package plan

import (
	"fmt"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// What a conflict's hint says is what a person can do about a refund that may have been accepted. It
// never suggests to ask for it again, under another refund_id or in any other way (R23).

const (
	notAgain  = "it is not sent again"
	askThem   = "check the account, run refundctl explain %s, then ask Cashfree's support; " + notAgain
	paidTwice = "money may have gone out twice: run refundctl explain %s, then ask Cashfree's support; " + notAgain
)

// conflictHint is the hint of one of a row's conflicts.
func (g *group) conflictHint(c *Change, code string) string {
	id := c.ID.RefundID
	held := counterpart(c)
	if code == "missing_live" && c.Entry.ByPerson {
		return "if that was wrong, take it back: refundctl recover --resolve " + id + "=not-sent --reason TEXT"
	}
	switch code {
	case "live_twice", "two_refunds":
		return fmt.Sprintf(paidTwice, id)
	case "missing_live", "parent_differs":
		return fmt.Sprintf(askThem, id)
	case "refund_id_moved":
		return g.movedHint(id)
	case IDOnOtherParent:
		return "look for the refund_id in Cashfree's dashboard, or ask its support: it may be this refund on another parent; " + notAgain
	case "payment_differs":
		return "restore payment_id: " + held.PaymentID + "; if that payment was the wrong one, ask Cashfree's support; " + notAgain
	case "splits_differ":
		return "restore refund_splits as sent (" + splits(held.Splits) + "): what was sent cannot be changed"
	}
	return g.amountHint(c, held)
}

// amountHint says how a row comes to agree with the refund that is there, and what else can be done.
func (g *group) amountHint(c *Change, held refund.Live) string {
	hint := "restore " + held.Amount.String() + ": what was sent cannot be changed"
	if held.Amount.Currency != c.Amount.Currency {
		return "restore refund_amount: " + held.Amount.String() + " and refund_currency: " + string(held.Amount.Currency) + ": what was sent cannot be changed"
	}
	if c.Live == nil && c.Entry.Phase == state.Intended {
		return hint + "; refundctl recover settles whether it was sent"
	}
	if more, err := c.Amount.Sub(held.Amount); err == nil && more.Minor > 0 {
		return hint + "; to pay more, add a row for the difference of " + more.Human()
	}
	if g.mayCancel(c, held) {
		return hint + "; to pay less, refundctl cancel " + c.ID.RefundID + " while it is " + string(held.Status) + ", or ask Cashfree's support"
	}
	return hint + "; if too much was paid, ask Cashfree's support"
}

// mayCancel reports whether the API takes a cancel of the refund as it stands now.
func (g *group) mayCancel(c *Change, held refund.Live) bool {
	return g.account.Cancels && c.ID.Kind == refund.Order && (held.Status == refund.Pending || held.Status == refund.OnHold)
}

// movedHint names the parent that the ledger holds the refund_id under.
func (g *group) movedHint(id string) string {
	for _, e := range g.in.State.OfRefundID(g.parent.Account, id) {
		if e.ID.Parent != g.parent && e.Phase != state.Refused && e.Phase != state.NotSent {
			hint := fmt.Sprintf("restore %s_id: %s, where the refund is; ", e.ID.Kind, e.ID.ID)
			if e.Phase == state.Intended {
				return hint + "refundctl recover settles whether it was sent"
			}
			return hint + "if that was the wrong one, ask Cashfree's support; " + notAgain
		}
	}
	return notAgain
}

// counterpart is what the API or else the ledger holds under the row's id.
func counterpart(c *Change) refund.Live {
	switch {
	case c.Live != nil:
		return *c.Live
	case c.Entry != nil:
		return refund.Live{PaymentID: c.Entry.PaymentID, Amount: c.Entry.Amount, Splits: c.Entry.Splits, Status: c.Entry.Status}
	}
	return refund.Live{Amount: money.Amount{Currency: c.Amount.Currency}}
}
