package plan

import (
	"fmt"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// guardUncheckable stops refunds in other currencies than INR for kinds that the API does not list. Their
// answers name no currency, so that a read could not show which amount was sent.
func guardUncheckable(s scope) verdict {
	v := verdict{}
	s.eachCreate(func(i int, c Change) {
		if c.ID.Kind != refund.Order && c.Amount.Currency != money.INR {
			v[i] = Reason{"currency_not_checkable", fmt.Sprintf("the API does not say in which currency a %s is refunded, so %s could not be read back",
				c.ID.Kind, c.Amount.Human()), "refund it in the dashboard"}
		}
	})
	return v
}

// uncheckedNotes says what no guard checked, for a refund whose kind the API does not list.
func (c *Change) uncheckedNotes() []Reason {
	if c.ID.Kind == refund.Order {
		return nil
	}
	lines := []Reason{{Code: "not_checkable", Message: fmt.Sprintf("balance, payment and refund window are not checked, "+
		"and refunds made elsewhere are not seen: the API does not list a %s's refunds", c.ID.Kind)}}
	if c.ID.Kind == refund.Subscription && c.Spec.Speed != "" {
		lines = append(lines, Reason{Code: "speed_not_checkable", Message: "refund_speed " + c.Spec.Speed +
			" is not checked: UPI supports only STANDARD; eNACH and physical NACH support only INSTANT"})
	}
	return lines
}
