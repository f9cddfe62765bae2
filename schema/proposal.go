package schema

import (
	"fmt"
	"strings"

	"refundctl/internal/money"
	"refundctl/schema/yamltree"
)

// idHint says how to write an id. It proposes only a refund_id, which a person chooses, and only one made of what is
// written: an example's id would soon name many refunds, and the other ids are not ours to choose.
func idHint(prefix string, s *subschema, n *node) string {
	if prefix == "refund_id: " && n != nil && n.Kind == yamltree.ScalarNode && !yamltree.IsKeyword(n) {
		if id := proposedID(n.Value, s); id != "" {
			return "write refund_id: " + id
		}
	}
	return fmt.Sprintf("write %s%d to %d letters, digits, _ and -", prefix, max(s.MinLength, 1), s.MaxLength)
}

// proposedID makes an id of a text; empty if that is not possible.
func proposedID(text string, s *subschema) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return !isIDCharacter(r) })
	id := strings.Join(words, "_")
	if 0 < len(id) && len(id) < s.MinLength {
		id = "refund_" + id
	}
	if len(id) < s.MinLength || len(id) > s.MaxLength {
		return ""
	}
	return id
}

// currencyHint proposes the currency that was probably meant.
func currencyHint(prefix, text string) string {
	word := strings.ToUpper(strings.TrimSpace(text))
	if strings.HasPrefix(word, "RS") || strings.HasPrefix(word, "₹") || strings.HasPrefix(word, "RUPEE") {
		word = string(money.INR)
	}
	if c, err := money.ParseCurrency(word); err == nil {
		return "write " + prefix + string(c)
	}
	return "write the payment's currency as three capital letters"
}
