package plan

import (
	"fmt"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// balance is a parent's money: excess is what refunds and creates take beyond what was captured.
type balance struct {
	captured, refunded, planned, excess money.Amount
}

// guardBalance stops every create of a parent whose refunds would exceed its payments: a person chooses
// which of them is right.
func guardBalance(s scope) verdict {
	if !s.read.Facts.Known || s.read.Facts.Captured.Minor == 0 {
		return nil
	}
	b, err := balanceOf(s.known, s.rows, s.read.Facts)
	if err != nil {
		return s.all(Reason{"over_refund", "the balance cannot be computed: " + err.Error(), "correct the amounts and currencies"})
	}
	if b.excess.Minor <= 0 {
		return nil
	}
	return s.all(Reason{"over_refund", fmt.Sprintf("over-refund on %s: captured %s, refunded %s, planned %s: %s too much", s.parent.ID,
		b.captured.Human(), b.refunded.Human(), b.planned.Human(), b.excess.Human()),
		"lower, hold or remove refunds until they fit the captured amount"})
}

// balanceOf counts the known refunds that are not dead, and the creates that are not among them. Creates
// in another currency than the payments are left to guardParent.
func balanceOf(known []knownRefund, rows []Change, facts refund.Facts) (balance, error) {
	zero := money.Amount{Currency: facts.Captured.Currency}
	b := balance{captured: facts.Captured, refunded: zero, planned: zero}
	var err error
	counted := map[string]bool{}
	for _, k := range known {
		counted[k.refundID] = true
		if !k.dead && err == nil {
			b.refunded, err = b.refunded.Add(k.amount)
		}
	}
	for _, c := range rows {
		if c.Action == Create && c.Amount.Currency == zero.Currency && !counted[c.ID.RefundID] && err == nil {
			b.planned, err = b.planned.Add(c.Amount)
		}
	}
	if err == nil {
		b.excess, err = b.refunded.Add(b.planned)
	}
	if err == nil {
		b.excess, err = b.excess.Sub(b.captured)
	}
	return b, err
}
