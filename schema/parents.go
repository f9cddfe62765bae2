package schema

import (
	"fmt"
	"slices"

	"refundctl/internal/refund"
)

// kindOf is what a refund's fields say that it refunds; empty where they do not say.
func kindOf(row *node) refund.Kind {
	for _, parent := range []struct {
		field string
		kind  refund.Kind
	}{{"order_id", refund.Order}, {"subscription_id", refund.Subscription}, {"payment_id", refund.Payment}} {
		if _, value := child(row, parent.field); value != nil {
			return parent.kind
		}
	}
	return ""
}

// clash finds the first parent of a refund that does not fit to one written before it.
func clash(row *node) (earlier, later *node) {
	for i := 0; i+1 < len(row.Content); i += 2 {
		switch key := row.Content[i]; {
		case !isParent(key.Value):
		case earlier == nil:
			earlier = key
		case key.Value == "order_id" || earlier.Value == "order_id":
			return earlier, key
		}
	}
	return nil, nil
}

// forbidden tells a field that the refund's kind does not have; the schema says it at the parent or
// at the field. A second parent is told once, at
// the later key; until it is gone the kind is not known, and nothing else is said of it.
func (d finding) forbidden() {
	if earlier, later := clash(d.holder); later != nil {
		d.out.add(later, codeTwoParents, fmt.Sprintf("%s and %s cannot stand together", earlier.Value, later.Value),
			"keep the one that is refunded: order_id, subscription_id (with or without payment_id), or payment_id alone")
		return
	}
	name := d.name()
	if i := slices.Index(d.path, "dependencies"); i >= 0 && i+1 < len(d.path) && !isParent(d.path[i+1]) {
		name = d.path[i+1]
	}
	key, _ := child(d.holder, name)
	if key == nil {
		key, name = d.key, d.name()
	}
	d.out.add(key, codeFieldKind, fmt.Sprintf("%s is not for a refund of kind %s", name, kindOf(d.holder)), "take it away")
}

func isParent(field string) bool {
	return field == "order_id" || field == "subscription_id" || field == "payment_id"
}
