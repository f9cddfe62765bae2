package schema

import (
	"fmt"
	"strings"
)

// general says what any other keyword refuses, in words made of the keyword: the contract may grow
// without a sentence here growing with it.
func (d finding) general() {
	code, says := codeRange, ""
	limit := fmt.Sprint(d.document.limit(d.failure))
	switch d.keyword {
	case "maximum":
		says = "must be at most " + limit
	case "minimum":
		says = "must be at least " + limit
	case "exclusiveMaximum":
		says = "must be less than " + limit
	case "exclusiveMinimum":
		says = "must be more than " + limit
	case "multipleOf":
		says = "must be a multiple of " + limit
	case "minItems", "minProperties":
		says = "needs at least " + entries(limit)
	case "maxItems", "maxProperties":
		says = "has more than " + entries(limit)
	case "uniqueItems":
		code, says = codeDuplicateItem, "lists the same thing twice"
	case "minLength":
		code, says = codeLength, fmt.Sprintf("must have at least %s characters", limit)
	case "maxLength":
		code, says = codeLength, fmt.Sprintf("must have at most %s characters", limit)
	case "enum", "const":
		code, says = codeValue, fmt.Sprintf("cannot be %s here", shown(d.value.Value))
	case "type":
		code, says = codeType, fmt.Sprintf("cannot be %s here", written(d.value))
	case "pattern", "format", "not":
		if d.badText() {
			return
		}
		code, says = codeFormat, "does not have the required form"
	default:
		code, says = codeSchema, "is not what the JSON Schema allows here"
	}
	d.out.add(d.value, code, d.name()+" "+says, d.wantedHint())
}

func entries(n string) string {
	if n == "1" {
		return "one entry"
	}
	return n + " entries"
}

// badText finds what else is wrong with a text that the contract does not want.
func (d finding) badText() bool {
	return d.value.Kind == scalarNode && judgeText(d.out, d.name(), d.value)
}

// wantedHint says what to write: what the keyword lists, or an example where that fits.
func (d finding) wantedHint() string {
	var words []string
	switch limit := d.document.limit(d.failure).(type) {
	case []any:
		for _, w := range limit {
			words = append(words, fmt.Sprint(w))
		}
	case string:
		if d.keyword == "pattern" {
			return "it must match " + limit
		}
	}
	const most = 10
	switch {
	case d.keyword == "enum" && len(words) > 0 && len(words) <= most:
		return "write " + d.prefix() + listed(words)
	case strings.HasPrefix(d.keyword, "max") && strings.HasSuffix(d.keyword, "s"):
		return "remove some"
	case d.keyword == "uniqueItems":
		return "list it once"
	case d.rule.Location == d.schema && len(d.rule.Examples) > 0 && check(d.rule, d.rule.Examples[0]) == nil:
		return d.example()
	}
	return schemaHint
}
