package plan

import (
	"fmt"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// guardUnlisted stops a refund in another currency than INR where only get-one shows it: those
// answers name no currency, so that what was sent could never be told from another amount.
func guardUnlisted(s scope) verdict {
	v := verdict{}
	s.creates(func(i int, c Change) {
		if c.ID.Kind != refund.Order && c.Amount.Currency != money.INR {
			v[i] = Reason{"currency_not_checkable", fmt.Sprintf("the API does not say in which currency a %s is refunded, so %s could not be read back",
				c.ID.Kind, c.Amount.Human()), "refund it in the dashboard"}
		}
	})
	return v
}

// unlisted are the attention lines of a refund whose parent has no list: what no guard looked at.
func (c *Change) unlisted() []Reason {
	if c.ID.Kind == refund.Order {
		return nil
	}
	lines := []Reason{{Code: "not_checkable", Message: fmt.Sprintf("balance, payment and window are not checked, "+
		"refunds made elsewhere not seen: the API has no list of a %s's refunds", c.ID.Kind)}}
	if c.ID.Kind == refund.Subscription && c.Spec.Speed != "" {
		lines = append(lines, Reason{Code: "speed_not_checkable", Message: "refund_speed " + c.Spec.Speed +
			" is not checked: UPI takes STANDARD alone, eNACH and physical NACH take INSTANT alone"})
	}
	return lines
}
