package money

import (
	"maps"
	"slices"
	"strings"
)

// Budget is the most that may be spent, by currency. An empty budget sets no limit.
type Budget map[Currency]Amount

// BudgetOf makes a budget of amounts in different currencies.
func BudgetOf(amounts ...Amount) Budget {
	b := Budget{}
	for _, a := range amounts {
		b[a.Currency] = a
	}
	return b
}

// Smaller returns a budget with the currencies of both, each with the lower amount.
func (b Budget) Smaller(c Budget) Budget {
	if len(b) == 0 {
		return maps.Clone(c)
	}
	least := maps.Clone(b)
	for currency, a := range c {
		if have, both := least[currency]; !both || a.Minor < have.Minor {
			least[currency] = a
		}
	}
	return least
}

// Exceeded reports whether a is more than the budget of its currency. Without such a budget it is not.
func (b Budget) Exceeded(a Amount) bool {
	most, limited := b[a.Currency]
	return limited && a.Minor > most.Minor
}

// Lacks reports whether the budget limits other currencies and not this one.
func (b Budget) Lacks(c Currency) bool {
	_, limited := b[c]
	return len(b) > 0 && !limited
}

// String returns the budget as written in the configuration, sorted by currency: {INR: 100.00, USD: 50.00}.
func (b Budget) String() string {
	var parts []string
	for _, c := range slices.Sorted(maps.Keys(b)) {
		parts = append(parts, string(c)+": "+b[c].String())
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
