package schema

import (
	"fmt"
	"strings"

	"refundctl/internal/money"
)

// quoteHint is for an unquoted word that YAML does not read as the text that is wanted.
const quoteHint = "put quotes around it if this is really the text"

// idHint says how to write an id. Only the name that a person gives a refund can be proposed, and only
// out of what is there: an example's would soon be the name of many, and other ids are given by others.
func idHint(prefix string, s *contract, n *node) string {
	if prefix == "refund_id: " && n != nil && n.Kind == scalarNode && !isWord(n) {
		if id := proposedID(n.Value, s); id != "" {
			return "write refund_id: " + id
		}
	}
	return fmt.Sprintf("write %s%d to %d letters, digits, _ and -", prefix, max(s.MinLength, 1), s.MaxLength)
}

// proposedID is what an id can hold of a text; empty where that is not enough for one.
func proposedID(text string, s *contract) string {
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

// currencyHint proposes the currency that was written in another way.
func currencyHint(prefix, text string) string {
	word := strings.ToUpper(strings.TrimSpace(text))
	if strings.HasPrefix(word, "RS") || strings.HasPrefix(word, "₹") || strings.HasPrefix(word, "RUPEE") {
		word = string(money.INR)
	}
	if c, err := money.ParseCurrency(word); err == nil {
		return "write " + prefix + string(c)
	}
	return "write the three capital letters of the currency that was paid"
}
