package plan

import (
	"fmt"
	"strings"

	"refundctl/internal/money"
)

// withoutBudget returns the reason against a create in a currency that an amount budget omits: that
// budget would not count it.
func (l Limits) withoutBudget(c money.Currency) (Reason, bool) {
	var names, lines []string
	for _, b := range []struct {
		name   string
		budget money.Budget
	}{
		{"max_refund_amount", l.MaxRefundAmount}, {"max_total_amount", l.MaxTotalAmount}, {"max_total_amount_per_day", l.MaxTotalAmountPerDay},
	} {
		if b.budget.Lacks(c) {
			names = append(names, b.name)
			lines = append(lines, fmt.Sprintf("%s: %s, %s: AMOUNT}", b.name, strings.TrimSuffix(b.budget.String(), "}"), c))
		}
	}
	if len(names) == 0 {
		return Reason{}, false
	}
	return Reason{"budget_currency", fmt.Sprintf("no budget for %s in %s", c, strings.Join(names, ", ")),
		"under limits, write " + strings.Join(lines, "; ")}, true
}
