package plan

import (
	"fmt"
	"slices"

	"refundctl/state"
)

// guardAddresses stops what was sent through another address that may lead to the same API: the same
// refund, a likely duplicate of it, or a refund whose parent has another one in doubt there. A read that
// shows the refund here clears it.
func guardAddresses(s scope) verdict {
	v := verdict{}
	s.eachCreate(func(i int, c Change) {
		for _, e := range s.nearby {
			switch {
			case e.ID == c.ID, e.Phase == state.Intended:
				v[i] = sentElsewhere(e)
				return
			case e.Phase != state.Failed && e.Amount == c.Amount && !s.cleared(c, e.ID.RefundID):
				v[i] = duplicate(c, e.ID.RefundID, "was sent through "+e.BaseURL)
			}
		}
	})
	return v
}

func sentElsewhere(e state.Entry) Reason {
	sent := "was sent"
	if e.Phase == state.Intended {
		sent = "is in doubt: it may have been sent"
	}
	return Reason{"sent_elsewhere", fmt.Sprintf("refund %s of %s on the same %s %s through %s, which may be the same API", e.ID.RefundID, e.Amount.Human(), e.ID.Kind, sent, e.BaseURL),
		"set the account's base_url to that address again"}
}

// unseenNearby returns the parent's refunds through other addresses that the read does not show here.
func (g *group) unseenNearby(read ParentRead) []state.Entry {
	return slices.DeleteFunc(slices.Clone(g.nearby), func(e state.Entry) bool { return len(read.Find(e.ID.RefundID)) > 0 })
}
