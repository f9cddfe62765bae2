package plan

import (
	"fmt"

	"refundctl/internal/refund"
	"refundctl/state"
)

// unread is the code of creates whose parent could not be read.
const unread = "unread"

// guardParent stops refunds of a parent that is unknown, unpaid, unread or paid in another currency. A plan
// that reads nothing relies on no read.
func guardParent(s scope) verdict {
	switch {
	case s.refresh == None && !s.read.Good():
		return nil
	case s.read.Unknown():
		return s.all(Reason{parentUnknown, unknownMessage(s.parent),
			fmt.Sprintf("check the %s_id, and that the account and environment are the ones that took the payment", s.parent.Kind)})
	case s.read.Err != nil:
		return s.all(Reason{unread, fmt.Sprintf("%s %s could not be read: %v", s.parent.Kind, s.parent.ID, s.read.Err), UnreadHint(s.read.Err)})
	case !s.read.Good():
		return s.all(Reason{unread, fmt.Sprintf("%s %s was not read", s.parent.Kind, s.parent.ID), "run it again when the API can be read"})
	case !s.read.Facts.Known:
		return nil
	case s.read.Facts.Captured.Minor == 0:
		return s.all(Reason{"parent_unpaid", fmt.Sprintf("%s %s has no captured payment", s.parent.Kind, s.parent.ID),
			"only captured payments can be refunded"})
	}
	v := verdict{}
	s.eachCreate(func(i int, c Change) {
		if paid := s.read.Facts.Captured.Currency; paid != c.Amount.Currency {
			v[i] = Reason{"currency_differs", fmt.Sprintf("%s %s was paid in %s, the refund is in %s", s.parent.Kind, s.parent.ID, paid, c.Amount.Currency),
				"write refund_currency: " + string(paid)}
		}
	})
	return v
}

// guardDoubt holds back a parent's new refunds while an earlier refund of the parent is in doubt (R11).
func guardDoubt(s scope) verdict {
	sending := map[refund.Identity]bool{}
	for i := range s.rows {
		if s.rows[i].Action == Create {
			sending[s.rows[i].ID] = true
		}
	}
	for _, e := range s.entries {
		if e.Phase == state.Intended && !sending[e.ID] && len(s.read.Find(e.ID.RefundID)) == 0 {
			return s.all(inDoubt(e))
		}
	}
	return nil
}

func inDoubt(e state.Entry) Reason {
	return Reason{"parent_in_doubt", fmt.Sprintf("refund %s of %s on the same %s is in doubt since %s",
		e.ID.RefundID, e.Amount.Human(), e.ID.Kind, clock(e.TriedAt)), "run refundctl recover first: it reads the refund back"}
}
