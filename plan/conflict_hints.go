package plan

import (
	"fmt"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// A conflict's hint says what a person can do about a refund that may have been accepted. It never
// suggests asking for the refund again, under another refund_id or in any other way (R23).

const (
	notAgain  = "it is not sent again"
	askThem   = "check the account, run refundctl explain %s, then ask Cashfree's support; " + notAgain
	paidTwice = "money may have gone out twice: run refundctl explain %s, then ask Cashfree's support; " + notAgain
)

// conflictHint returns the hint for one of a row's conflicts.
func (g *group) conflictHint(c *Change, code string) string {
	id := c.ID.RefundID
	have := existing(c)
	if code == "missing_live" && c.Entry.ByPerson {
		return "if that was wrong, correct it: refundctl recover --resolve " + id + "=not-sent --reason TEXT"
	}
	switch code {
	case "live_twice", "two_refunds":
		return fmt.Sprintf(paidTwice, id)
	case "missing_live", "parent_differs":
		return fmt.Sprintf(askThem, id)
	case "refund_id_moved":
		return g.otherParentHint(id)
	case IDOnOtherParent:
		return "look for the refund_id in Cashfree's dashboard, or ask Cashfree's support: it may be this refund on another order, subscription or payment; " + notAgain
	case "payment_differs":
		return "restore payment_id: " + have.PaymentID + "; if that payment was the wrong one, ask Cashfree's support; " + notAgain
	case "splits_differ":
		return "restore refund_splits as sent (" + splits(have.Splits) + "): what was sent cannot be changed"
	}
	return g.amountHint(c, have)
}

// amountHint says how to make the row agree with the existing refund, and what else can be done.
func (g *group) amountHint(c *Change, have refund.Live) string {
	hint := "restore " + have.Amount.String() + ": what was sent cannot be changed"
	if have.Amount.Currency != c.Amount.Currency {
		return "restore refund_amount: " + have.Amount.String() + " and refund_currency: " + string(have.Amount.Currency) + ": what was sent cannot be changed"
	}
	if c.Live == nil && c.Entry.Phase == state.Intended {
		return hint + "; refundctl recover finds out whether it was sent"
	}
	if have.Status.Dead() {
		return hint + "; it will not be paid, and once its row is as it was, plan says how to ask for it again"
	}
	if more, err := c.Amount.Sub(have.Amount); err == nil && more.Minor > 0 {
		return hint + "; to pay more, add a row for the difference of " + more.Human()
	}
	if g.mayCancel(c, have) {
		return hint + "; to pay less, refundctl cancel " + c.ID.RefundID + " while it is " + string(have.Status) + ", or ask Cashfree's support"
	}
	return hint + "; if too much was paid, ask Cashfree's support"
}

// mayCancel reports whether cancel accepts the refund: the ledger must have it, and the API in this status.
func (g *group) mayCancel(c *Change, have refund.Live) bool {
	return g.account.Cancels && c.ID.Kind == refund.Order && c.Entry != nil && c.Entry.Phase == state.Accepted &&
		(have.Status == refund.Pending || have.Status == refund.OnHold)
}

// otherParentHint names the parent on which the ledger has the refund_id.
func (g *group) otherParentHint(id string) string {
	for _, e := range g.in.State.OfRefundID(g.parent.Account, id) {
		if e.ID.Parent != g.parent && e.Phase != state.Refused && e.Phase != state.NotSent {
			hint := fmt.Sprintf("restore %s_id: %s, where the refund is; ", e.ID.Kind, e.ID.ID)
			if e.Phase == state.Intended {
				return hint + "refundctl recover finds out whether it was sent"
			}
			return hint + "if that was the wrong one, ask Cashfree's support; " + notAgain
		}
	}
	return notAgain
}

// existing returns what the API, or else the ledger, has under the row's refund_id.
func existing(c *Change) refund.Live {
	switch {
	case c.Live != nil:
		return *c.Live
	case c.Entry != nil:
		return refund.Live{PaymentID: c.Entry.PaymentID, Amount: c.Entry.Amount, Splits: c.Entry.Splits, Status: c.Entry.Status}
	}
	return refund.Live{Amount: money.Amount{Currency: c.Amount.Currency}}
}
