package plan

import (
	"fmt"
	"strings"
)

// guardSupersedes stops a refund that replaces another, unless the other one is dead and of the same
// parent (R6).
func guardSupersedes(s scope) verdict {
	v := verdict{}
	by := map[string][]string{}
	for _, c := range s.rows {
		if c.Spec.Supersedes != "" {
			by[c.Spec.Supersedes] = append(by[c.Spec.Supersedes], c.ID.RefundID)
		}
	}
	s.eachCreate(func(i int, c Change) {
		old := c.Spec.Supersedes
		if old == "" {
			return
		}
		if len(by[old]) > 1 {
			v[i] = Reason{"supersedes_twice", fmt.Sprintf("%d refunds supersede %s: %s", len(by[old]), old, strings.Join(by[old], ", ")),
				"keep one of them"}
			return
		}
		for _, k := range s.known {
			if k.refundID == old && k.dead {
				return
			}
			if k.refundID == old {
				v[i] = Reason{"supersedes_alive", fmt.Sprintf("refund %s of %s is %s: it would be paid as well as this one", old, k.amount.Human(), k.status),
					"only a CANCELLED or FAILED refund can be replaced; remove this row, or its supersedes if both are intended"}
				return
			}
		}
		v[i] = Reason{"supersedes_unknown", fmt.Sprintf("no refund %s on %s %s", old, s.parent.Kind, s.parent.ID),
			"supersedes must name a CANCELLED or FAILED refund of the same " + string(s.parent.Kind)}
	})
	return v
}

// markSuperseded marks dead rows that another row replaces: they do not count. If several rows replace
// it, the reason names one that is not blocked.
func markSuperseded(rows []Change) {
	for i := range rows {
		for _, other := range rows {
			old, replaces := superseded(other.Spec, other.ID.Parent)
			if replaces && old == rows[i].ID && rows[i].Action == Failed && (!rows[i].Superseded || other.Action != Blocked) {
				rows[i].Superseded = true
				rows[i].Reasons = []Reason{{Code: "superseded", Message: "replaced by " + other.ID.RefundID}}
			}
		}
	}
}
