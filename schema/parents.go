package schema

import (
	"fmt"
	"slices"

	"refundctl/internal/refund"
	"refundctl/schema/yamltree"
)

// kindOf returns the kind that a refund's fields imply; empty if they imply none.
func kindOf(row *node) refund.Kind {
	for _, parent := range []struct {
		field string
		kind  refund.Kind
	}{{"order_id", refund.Order}, {"subscription_id", refund.Subscription}, {"payment_id", refund.Payment}} {
		if _, value := yamltree.Child(row, parent.field); value != nil {
			return parent.kind
		}
	}
	return ""
}

// conflictingParents returns the first parent of a refund that does not fit an earlier one.
func conflictingParents(row *node) (earlier, later *node) {
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

// forbidden reports a field that the refund's kind does not have; the schema refuses the parent or the field. A second
// parent is reported once, at the later key. Until it is gone the kind is unknown, and no field is reported for it.
func (d finding) forbidden() {
	if earlier, later := conflictingParents(d.holder); later != nil {
		d.out.Error(later, CodeTwoParents, fmt.Sprintf("%s and %s cannot be combined", earlier.Value, later.Value),
			"keep the one to refund: order_id, subscription_id (with or without payment_id), or payment_id alone")
		return
	}
	name := d.name()
	if i := slices.Index(d.path, "dependencies"); i >= 0 && i+1 < len(d.path) && !isParent(d.path[i+1]) {
		name = d.path[i+1]
	}
	key, _ := yamltree.Child(d.holder, name)
	if key == nil {
		key, name = d.key, d.name()
	}
	d.out.Error(key, CodeFieldKind, fmt.Sprintf("%s does not apply to a refund of kind %s", name, kindOf(d.holder)), "remove it")
}

func isParent(field string) bool {
	return field == "order_id" || field == "subscription_id" || field == "payment_id"
}
