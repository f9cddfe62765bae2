package schema

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// defaults is what a document says for refunds that do not say it themselves.
type defaults struct {
	note, speed, kindType string
	currency              money.Currency
	labels                map[string]string
	hold                  bool
}

func (d *defaults) read(out *sink, n *node) {
	if n.Kind != mappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		v := target(n.Content[i+1])
		switch n.Content[i].Value {
		case "refund_note":
			d.note = v.Value
			judgeText(out, "refund_note", v)
		case "refund_speed":
			d.speed = v.Value
		case "refund_type":
			d.kindType = v.Value
		case "refund_currency":
			d.currency = currencyOf(v)
		case "labels":
			d.labels = labelsOf(v)
			judgeLabels(out, v)
		case "hold":
			d.hold = isTrue(v)
		}
	}
}

func isTrue(n *node) bool { return strings.EqualFold(n.Value, "true") }

// currencyOf is a written currency, or INR where it is none, so that amounts can still be read: the
// contract has refused it.
func currencyOf(n *node) money.Currency {
	c, err := money.ParseCurrency(n.Value)
	if err != nil {
		return money.INR
	}
	return c
}

func labelsOf(n *node) map[string]string {
	if n.Kind != mappingNode {
		return nil
	}
	labels := make(map[string]string, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		labels[n.Content[i].Value] = target(n.Content[i+1]).Value
	}
	return labels
}

// row is one refund while it is read.
type row struct {
	out      *sink
	node     *node
	failures []failure // what the contract says no to
	spec     refund.Spec
	currency money.Currency

	id, amount, note, labels, splits, supersedes, clears *node // as far as they are written
}

// failedAt tells whether the contract refused a field, so that nothing more is said of it.
func (r *row) failedAt(field string) bool {
	return slices.ContainsFunc(r.failures, func(f failure) bool { return len(f.pointer) > 0 && f.pointer[0] == field })
}

// decode fills the spec with what is written, then with the defaults that its kind has.
func (r *row) decode(d defaults) {
	r.spec.Hold = d.hold
	for i := 0; i+1 < len(r.node.Content); i += 2 {
		r.field(r.node.Content[i].Value, target(r.node.Content[i+1]))
	}
	s := &r.spec
	s.Kind = kindOf(r.node)
	if s.Kind == refund.Payment {
		s.ParentID, s.PaymentID = s.PaymentID, ""
		s.Type = cmp.Or(s.Type, d.kindType, refund.MerchantInitiated)
	} else {
		s.Speed = cmp.Or(s.Speed, d.speed)
	}
	s.Note = cmp.Or(s.Note, d.note)
	s.Labels = joined(d.labels, s.Labels)
}

// joined is both, the second before the first. It may be one of the two and is not written to.
func joined(general, special map[string]string) map[string]string {
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
		r.clears = v
		for _, id := range v.Content {
			s.NotDuplicateOf = append(s.NotDuplicateOf, target(id).Value)
		}
	case "supersedes":
		r.supersedes, s.Supersedes = v, v.Value
	}
}
