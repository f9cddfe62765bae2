package plan

import (
	"fmt"
	"slices"
)

// guardDuplicates stops what looks like the same refund under two ids: the same parent and amount, and
// both made by the merchant. not_duplicate_of on either of them clears the pair.
func guardDuplicates(s scope) verdict {
	v := verdict{}
	s.eachCreate(func(i int, c Change) {
		for _, k := range s.known {
			if k.refundID != c.ID.RefundID && !k.dead && k.byMerchant && k.amount == c.Amount && !s.cleared(c, k.refundID) {
				v[i] = duplicate(c, k.refundID, "already exists")
				return
			}
		}
		for _, other := range s.rows {
			if other.Action == Create && other.ID != c.ID && other.Amount == c.Amount && !s.cleared(c, other.ID.RefundID) {
				v[i] = duplicate(c, other.ID.RefundID, "is planned too")
				return
			}
		}
	})
	return v
}

// cleared reports whether either row names the other in not_duplicate_of.
func (s scope) cleared(c Change, other string) bool {
	if slices.Contains(c.Spec.NotDuplicateOf, other) {
		return true
	}
	return slices.ContainsFunc(s.rows, func(o Change) bool {
		return o.ID.RefundID == other && slices.Contains(o.Spec.NotDuplicateOf, c.ID.RefundID)
	})
}

// duplicate is the reason against a create that looks like another refund.
func duplicate(c Change, other, how string) Reason {
	return Reason{"duplicate_suspected", fmt.Sprintf("refund %s of %s on the same %s %s", other, c.Amount.Human(), c.ID.Kind, how),
		fmt.Sprintf("if they are the same refund, remove this row; if both are intended, write not_duplicate_of: [%s]", other)}
}
