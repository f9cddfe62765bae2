package plan

import (
	"bytes"
	"cmp"
	"slices"

	"refundctl/internal/refund"
)

// Difference is a row that differs between two plans. Before is nil if only the second plan has the row,
// After if only the first has it.
type Difference struct {
	Before, After *Change
	Fields        []string // of a row that both have: those of action, amount, request, reasons that differ
}

// Row returns the row of the second plan, or of the first if the second has none.
func (d Difference) Row() Change {
	if d.After != nil {
		return *d.After
	}
	return *d.Before
}

// rowKey identifies a row. Live refunds that others made may have no refund_id.
type rowKey struct {
	refund.Identity
	cfRefundID string
}

func keyOf(c Change) rowKey {
	k := rowKey{Identity: c.ID}
	if c.ID.RefundID == "" && c.Live != nil {
		k.cfRefundID = c.Live.CfRefundID
	}
	return k
}

// Compare returns what changed between two plans, sorted by account name, kind, parent and refund_id.
func Compare(before, after *Plan) []Difference {
	old := map[rowKey]*Change{}
	for i := range before.Changes {
		old[keyOf(before.Changes[i])] = &before.Changes[i]
	}
	var all []Difference
	for i := range after.Changes {
		c := &after.Changes[i]
		was := old[keyOf(*c)]
		delete(old, keyOf(*c))
		if was == nil {
			all = append(all, Difference{After: c})
		} else if fields := differing(*was, *c); len(fields) > 0 {
			all = append(all, Difference{was, c, fields})
		}
	}
	for _, c := range old {
		all = append(all, Difference{Before: c})
	}
	slices.SortFunc(all, func(a, b Difference) int {
		x, y := a.Row(), b.Row()
		return cmp.Or(cmp.Compare(x.AccountName, y.AccountName), cmp.Compare(x.ID.Kind, y.ID.Kind), cmp.Compare(x.ID.ID, y.ID.ID),
			cmp.Compare(x.ID.RefundID, y.ID.RefundID), cmp.Compare(keyOf(x).cfRefundID, keyOf(y).cfRefundID))
	})
	return all
}

// differing returns the fields of which a reviewer of the first row has not seen the new value.
func differing(a, b Change) []string {
	var fields []string
	for _, f := range []struct {
		name string
		same bool
	}{
		{"action", a.Action == b.Action},
		{"amount", a.Amount == b.Amount},
		{"request", a.Key == b.Key && sameRequest(a.Request, b.Request)},
		{"reasons", slices.Equal(a.Reasons, b.Reasons) && slices.Equal(a.Attention, b.Attention)},
	} {
		if !f.same {
			fields = append(fields, f.name)
		}
	}
	return fields
}

func sameRequest(a, b *refund.Request) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Method == b.Method && a.Path == b.Path && bytes.Equal(a.Body, b.Body)
}
