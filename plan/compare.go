package plan

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// Comparison is what differs between two plans.
type Comparison struct {
	Accounts bool // they are for different accounts, environments or addresses
	Ledgers  bool // they were made with different ledgers
	Rows     []Difference
	Parents  []ParentDifference
}

// Same reports whether a reviewer of the first plan has seen everything that the second one says.
func (c Comparison) Same() bool {
	return !c.Accounts && !c.Ledgers && len(c.Rows)+len(c.Parents) == 0
}

// Difference is a row that differs between two plans. Before is nil if only the second plan has the row,
// After if only the first has it.
type Difference struct {
	Before, After *Change
	Fields        []string // of a row that both have: the names of those that differ
}

// Row returns the row of the second plan, or of the first if the second has none.
func (d Difference) Row() Change {
	if d.After != nil {
		return *d.After
	}
	return *d.Before
}

// ParentDifference is a parent that was read for both plans, with different live facts.
type ParentDifference struct {
	AccountName   string
	Before, After ParentRead
	Fields        []string // those of captured, mode and live that differ
}

// parentKey identifies a parent in plans of different merchants: their accounts may have one name.
type parentKey struct {
	account string
	kind    refund.Kind
	id      string
}

func (k parentKey) compare(other parentKey) int {
	return cmp.Or(cmp.Compare(k.account, other.account), cmp.Compare(k.kind, other.kind), cmp.Compare(k.id, other.id))
}

// rowKey identifies a row. Live refunds that others made may have no refund_id.
type rowKey struct {
	parentKey
	refundID, cfRefundID string
}

func keyOf(c Change) rowKey {
	k := rowKey{parentKey{c.AccountName, c.ID.Kind, c.ID.ID}, c.ID.RefundID, ""}
	if c.ID.RefundID == "" && c.Live != nil {
		k.cfRefundID = c.Live.CfRefundID
	}
	return k
}

// Compare returns what changed between two plans. Rows and parents are sorted by account name, kind, parent and
// refund_id. A desired refund that moved to another parent is one row.
func Compare(before, after *Plan) Comparison {
	c := Comparison{
		Accounts: !maps.Equal(addresses(before), addresses(after)),
		Ledgers:  before.Lineage != after.Lineage && before.Lineage != "" && after.Lineage != "",
	}
	old := map[rowKey]*Change{}
	for i := range before.Changes {
		old[keyOf(before.Changes[i])] = &before.Changes[i]
	}
	var added []*Change
	for i := range after.Changes {
		row := &after.Changes[i]
		was := old[keyOf(*row)]
		delete(old, keyOf(*row))
		if was == nil {
			added = append(added, row)
		} else if fields := differing(*was, *row); len(fields) > 0 {
			c.Rows = append(c.Rows, Difference{was, row, fields})
		}
	}
	c.Rows = append(c.Rows, moved(old, added)...)
	slices.SortFunc(c.Rows, func(a, b Difference) int {
		x, y := keyOf(a.Row()), keyOf(b.Row())
		return cmp.Or(x.compare(y.parentKey), cmp.Compare(x.refundID, y.refundID), cmp.Compare(x.cfRefundID, y.cfRefundID))
	})
	c.Parents = comparedParents(before, after)
	return c
}

// addresses are a plan's accounts by name: who pays, and where.
func addresses(p *Plan) map[string]address {
	all := map[string]address{}
	for _, a := range p.Accounts {
		all[a.Name] = address{a.API, a.Environment, a.BaseURL, a.Fingerprint}
	}
	return all
}

type address struct{ api, environment, baseURL, fingerprint string }

// moved pairs desired refunds of which each plan has one, on another parent, and returns the other rows as removed
// or added.
func moved(old map[rowKey]*Change, added []*Change) (all []Difference) {
	type name struct{ account, refundID string }
	removed := map[name]*Change{}
	for _, was := range old {
		if was.Spec != nil {
			removed[name{was.AccountName, was.ID.RefundID}] = was
		}
	}
	for _, row := range added {
		was := removed[name{row.AccountName, row.ID.RefundID}]
		if was == nil || row.Spec == nil {
			all = append(all, Difference{After: row})
			continue
		}
		delete(old, keyOf(*was))
		all = append(all, Difference{was, row, append([]string{"parent_id"}, differing(*was, *row)...)})
	}
	for _, was := range old {
		all = append(all, Difference{Before: was})
	}
	return all
}

// differing returns the fields of which a reviewer of the first row has not seen the new value. A row's line in its
// file is not one: a row inserted above changes it.
func differing(a, b Change) []string {
	fields := unequal([]comparedField{
		{"action", a.Action == b.Action},
		{"amount", a.Amount == b.Amount},
		{"request", a.Key == b.Key && sameRequest(a.Request, b.Request)},
		{"reasons", slices.Equal(a.Reasons, b.Reasons) && slices.Equal(a.Attention, b.Attention)},
		{"payment_id", a.PaymentID == b.PaymentID},
		{"attempt", a.Attempt == b.Attempt || a.Attempt == 0 || b.Attempt == 0}, // else the action says it
		{"superseded", a.Superseded == b.Superseded},
		{"live", sameLive(a.Live, b.Live) || a.Action != b.Action},
	})
	if a.ID.Account != b.ID.Account { // the keys of two merchants always differ
		fields = slices.DeleteFunc(fields, func(f string) bool { return f == "request" && sameRequest(a.Request, b.Request) })
	}
	if a.Spec != nil && b.Spec != nil {
		fields = append(fields, differingSpecs(*a.Spec, *b.Spec, a.Action == b.Action)...)
	}
	return fields
}

// differingSpecs compares what the manifests ask for. Whether a row is held matters only if the action does not say
// it.
func differingSpecs(a, b refund.Spec, sameAction bool) []string {
	return unequal([]comparedField{
		{"refund_note", a.Note == b.Note},
		{"refund_speed", a.Speed == b.Speed},
		{"refund_type", a.Type == b.Type},
		{"refund_splits", slices.Equal(a.Splits, b.Splits)},
		{"labels", maps.Equal(a.Labels, b.Labels)},
		{"hold", a.Hold == b.Hold || !sameAction},
		{"not_duplicate_of", slices.Equal(a.NotDuplicateOf, b.NotDuplicateOf)},
		{"supersedes", a.Supersedes == b.Supersedes},
		{"source", a.Source.File == b.Source.File},
	})
}

type comparedField struct {
	name string
	same bool
}

func unequal(all []comparedField) (names []string) {
	for _, f := range all {
		if !f.same {
			names = append(names, f.name)
		}
	}
	return names
}

func sameRequest(a, b *refund.Request) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Method == b.Method && a.Path == b.Path && bytes.Equal(a.Body, b.Body)
}

// sameLive reports whether the API reported the same money under an id. Only one of two plans may have read it.
func sameLive(a, b *refund.Live) bool {
	return a == nil || b == nil || a.Status == b.Status && a.Amount == b.Amount
}

// comparedParents compares the parents that were read for both plans.
func comparedParents(before, after *Plan) (all []ParentDifference) {
	old := readParents(before)
	for key, now := range readParents(after) {
		was, both := old[key]
		if !both {
			continue
		}
		fields := unequal([]comparedField{
			{"captured", was.Facts.Captured == now.Facts.Captured || !was.Facts.Known || !now.Facts.Known},
			{"mode", was.Facts.Mode == now.Facts.Mode || !was.Facts.Known || !now.Facts.Known},
			{"live", sameMoney(was.LiveMoney(), now.LiveMoney())},
		})
		if len(fields) > 0 {
			all = append(all, ParentDifference{key.account, was, now, fields})
		}
	}
	slices.SortFunc(all, func(a, b ParentDifference) int { return a.key().compare(b.key()) })
	return all
}

func (d ParentDifference) key() parentKey {
	return parentKey{d.AccountName, d.After.Parent.Kind, d.After.Parent.ID}
}

// readParents returns the parents that were read without an error.
func readParents(p *Plan) map[parentKey]ParentRead {
	names := map[string]string{}
	for _, a := range p.Accounts {
		names[a.Fingerprint] = a.Name
	}
	all := map[parentKey]ParentRead{}
	for id, read := range p.Parents {
		if read.Good() {
			read.Parent = id
			all[parentKey{names[id.Account], id.Kind, id.ID}] = read
		}
	}
	return all
}

func sameMoney(a, b Tally) bool {
	return a.Count == b.Count && slices.EqualFunc(a.Amounts, b.Amounts, func(x, y money.Amount) bool { return x == y })
}
