package schema

import (
	"fmt"
	"strings"

	"refundctl/schema/yamltree"
)

// general reports any other keyword, in words made from it: the schema can grow without a new sentence here.
func (d finding) general() {
	code, says := CodeRange, ""
	limit := fmt.Sprint(d.whole.limit(d.failure))
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
		code, says = CodeDuplicateItem, "lists the same thing twice"
	case "minLength":
		code, says = CodeLength, fmt.Sprintf("must have at least %s characters", limit)
	case "maxLength":
		code, says = CodeLength, fmt.Sprintf("must have at most %s characters", limit)
	case "enum", "const":
		code, says = CodeValue, fmt.Sprintf("cannot be %s here", yamltree.Printable(d.value.Value))
	case "type":
		code, says = CodeType, fmt.Sprintf("cannot be %s here", actual(d.value))
	case "pattern", "format", "not":
		if d.badText() {
			return
		}
		code, says = CodeFormat, "does not have the required form"
	default:
		code, says = CodeSchema, "is not allowed here by the JSON Schema"
	}
	d.out.Error(d.value, code, d.name()+" "+says, d.valueHint())
}

func entries(n string) string {
	if n == "1" {
		return "one entry"
	}
	return n + " entries"
}

// badText reports what else is wrong with a text that the schema refuses.
func (d finding) badText() bool {
	return d.value.Kind == yamltree.ScalarNode && validateText(d.out, d.name(), d.value)
}

// valueHint says what to write: what the keyword lists, or an example if that is valid.
func (d finding) valueHint() string {
	var words []string
	switch limit := d.whole.limit(d.failure).(type) {
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
		return "write " + d.prefix() + orList(words)
	case strings.HasPrefix(d.keyword, "max") && strings.HasSuffix(d.keyword, "s"):
		return "remove some"
	case d.keyword == "uniqueItems":
		return "list it once"
	case d.rule.Location == d.schema && len(d.rule.Examples) > 0 && check(d.rule, d.rule.Examples[0]) == nil:
		return d.example()
	}
	return schemaHint
}
