package plan

import (
	"fmt"
	"slices"
)

// guardDuplicates stops what looks like the same refund under two ids: same parent, same amount, both
// begun by the merchant.
// not_duplicate_of on either of them clears the pair.
func guardDuplicates(s scope) verdict {
	v := verdict{}
	s.creates(func(i int, c Change) {
		for _, u := range s.union {
			if u.refundID != c.ID.RefundID && !u.dead && u.byMerchant && u.amount == c.Amount && !s.cleared(c, u.refundID) {
				v[i] = twin(c, u.refundID, "already exists")
				return
			}
		}
		for _, other := range s.rows {
			if other.Action == Create && other.ID != c.ID && other.Amount == c.Amount && !s.cleared(c, other.ID.RefundID) {
				v[i] = twin(c, other.ID.RefundID, "is planned as well")
				return
			}
		}
	})
	return v
}

// cleared tells whether either row names the other.
func (s scope) cleared(c Change, other string) bool {
	if slices.Contains(c.Spec.NotDuplicateOf, other) {
		return true
	}
	return slices.ContainsFunc(s.rows, func(o Change) bool {
		return o.ID.RefundID == other && slices.Contains(o.Spec.NotDuplicateOf, c.ID.RefundID)
	})
}

func twin(c Change, other, how string) Reason {
	return Reason{"duplicate_suspected", fmt.Sprintf("refund %s of %s on the same %s %s", other, c.Amount.Human(), c.ID.Kind, how),
		fmt.Sprintf("if both are meant, write not_duplicate_of: [%s]", other)}
}
