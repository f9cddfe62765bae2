package schema

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/schema/yamltree"
)

// defaults are a document's values for refunds that have none of their own.
type defaults struct {
	note, speed, refundType string
	currency                money.Currency
	labels                  map[string]string
	hold                    bool
}

func (d *defaults) read(out *yamltree.Diagnostics, n *node) {
	if n.Kind != yamltree.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		v := yamltree.Resolve(n.Content[i+1])
		switch n.Content[i].Value {
		case "refund_note":
			d.note = v.Value
			validateText(out, "refund_note", v)
		case "refund_speed":
			d.speed = v.Value
		case "refund_type":
			d.refundType = v.Value
		case "refund_currency":
			d.currency = currencyOf(v)
		case "labels":
			d.labels = labelsOf(v)
			validateLabels(out, v)
		case "hold":
			d.hold = isTrue(v)
		}
	}
}

func isTrue(n *node) bool { return strings.EqualFold(n.Value, "true") }

// currencyOf returns the currency as written, or INR if it is not one, so that amounts can still be read: the schema
// refuses it.
func currencyOf(n *node) money.Currency {
	c, err := money.ParseCurrency(n.Value)
	if err != nil {
		return money.INR
	}
	return c
}

func labelsOf(n *node) map[string]string {
	if n.Kind != yamltree.MappingNode {
		return nil
	}
	labels := make(map[string]string, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		labels[n.Content[i].Value] = yamltree.Resolve(n.Content[i+1]).Value
	}
	return labels
}

// row is one refund of a manifest while it is read.
type row struct {
	out      *yamltree.Diagnostics
	node     *node
	failures []failure // why the schema refuses it
	spec     refund.Spec
	currency money.Currency

	id, amount, note, labels, splits, supersedes, notDuplicateOf *node // nil if not written
}

// failedAt reports whether the schema refuses a field, so that its rules need not be checked.
func (r *row) failedAt(field string) bool {
	return slices.ContainsFunc(r.failures, func(f failure) bool { return len(f.pointer) > 0 && f.pointer[0] == field })
}

// decode fills the spec with what is written, then with the defaults of its kind.
func (r *row) decode(d defaults) {
	r.spec.Hold = d.hold
	for i := 0; i+1 < len(r.node.Content); i += 2 {
		r.field(r.node.Content[i].Value, yamltree.Resolve(r.node.Content[i+1]))
	}
	s := &r.spec
	s.Kind = kindOf(r.node)
	if s.Kind == refund.Payment {
		s.ParentID, s.PaymentID = s.PaymentID, ""
		s.Type = cmp.Or(s.Type, d.refundType, refund.MerchantInitiated)
	} else {
		s.Speed = cmp.Or(s.Speed, d.speed)
	}
	s.Note = cmp.Or(s.Note, d.note)
	s.Labels = mergeLabels(d.labels, s.Labels)
}

// mergeLabels returns both; special wins. The result may be one of the two, so it must not be changed.
func mergeLabels(general, special map[string]string) map[string]string {
	switch {
	case len(general) == 0:
		return special
	case len(special) == 0:
		return general
	}
	both := maps.Clone(general)
	maps.Copy(both, special)
	return both
}

func (r *row) field(name string, v *node) {
	s := &r.spec
	switch name {
	case "order_id", "subscription_id":
		s.ParentID = v.Value
		warnPersonal(r.out, name, v)
	case "payment_id":
		s.PaymentID = v.Value
		warnPersonal(r.out, name, v)
	case "refund_id":
		r.id, s.RefundID = v, v.Value
		warnPersonal(r.out, name, v)
	case "refund_amount":
		r.amount = v
	case "refund_currency":
		r.currency = currencyOf(v)
	case "refund_note":
		r.note, s.Note = v, v.Value
	case "refund_speed":
		s.Speed = v.Value
	case "refund_type":
		s.Type = v.Value
	case "refund_splits":
		r.splits = v
	case "labels":
		r.labels, s.Labels = v, labelsOf(v)
	case "hold":
		s.Hold = isTrue(v)
	case "not_duplicate_of":
		r.notDuplicateOf = v
		for _, id := range v.Content {
			s.NotDuplicateOf = append(s.NotDuplicateOf, yamltree.Resolve(id).Value)
		}
	case "supersedes":
		r.supersedes, s.Supersedes = v, v.Value
	}
}
