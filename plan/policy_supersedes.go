package plan

import (
	"fmt"
	"strings"
)

// guardSupersedes lets a refund replace another only where the other is dead on the same parent (R6).
func guardSupersedes(s scope) verdict {
	v := verdict{}
	by := map[string][]string{}
	for _, c := range s.rows {
		if c.Spec.Supersedes != "" {
			by[c.Spec.Supersedes] = append(by[c.Spec.Supersedes], c.ID.RefundID)
		}
	}
	s.creates(func(i int, c Change) {
		old := c.Spec.Supersedes
		if old == "" {
			return
		}
		if len(by[old]) > 1 {
			v[i] = Reason{"supersedes_twice", fmt.Sprintf("%d refunds want to replace %s: %s", len(by[old]), old, strings.Join(by[old], ", ")),
				"keep one of them"}
			return
		}
		for _, u := range s.union {
			if u.refundID == old && u.dead {
				return
			}
			if u.refundID == old {
				v[i] = Reason{"supersedes_alive", fmt.Sprintf("refund %s of %s is %s: it would be paid as well as this one", old, u.amount.Human(), u.standing),
					"only what is CANCELLED or FAILED can be replaced; remove this one, or supersedes if both are meant"}
				return
			}
		}
		v[i] = Reason{"supersedes_unknown", fmt.Sprintf("no refund %s on %s %s", old, s.parent.Kind, s.parent.ID),
			"supersedes names a refund of the same parent that was CANCELLED or FAILED"}
	})
	return v
}

// markSuperseded takes dead rows that another row replaces out of the count. Where several want to,
// the one that is not blocked is named.
func markSuperseded(rows []Change) {
	for i := range rows {
		for _, other := range rows {
			replaces := rows[i].Action == Failed && other.Spec.Supersedes == rows[i].ID.RefundID
			if replaces && (!rows[i].Superseded || other.Action != Blocked) {
				rows[i].Superseded = true
				rows[i].Reasons = []Reason{{Code: "superseded", Message: "replaced by " + other.ID.RefundID}}
			}
		}
	}
}
