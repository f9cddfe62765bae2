package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"refundctl/internal/money"
	"refundctl/schema/yamltree"
)

// name is what a message calls the value: its field, the list that it is in, or the schema's title.
func (d finding) name() string {
	switch {
	case len(d.pointer) > 1 && d.pointer[len(d.pointer)-2] == "labels":
		return "label " + yamltree.Printable(d.pointer[len(d.pointer)-1])
	case d.key != nil && len(d.pointer) > 1 && isCurrency(d.key.Value):
		return yamltree.Printable(d.pointer[len(d.pointer)-2]) + ": " + d.key.Value // a budget's amount
	case d.key != nil:
		return yamltree.Printable(d.key.Value)
	case len(d.pointer) > 1:
		return "an entry of " + yamltree.Printable(d.pointer[len(d.pointer)-2])
	}
	return d.rule.Title
}

func isCurrency(text string) bool {
	_, err := money.ParseCurrency(text)
	return err == nil
}

// expected says what the value should be.
func (d finding) expected() string {
	switch firstType(d.rule) {
	case "boolean":
		return "true or false"
	case "object":
		return "a mapping"
	}
	return cmp.Or(d.rule.Title, "text")
}

// actual says what the value is.
func actual(n *node) string {
	switch {
	case n.Kind == yamltree.MappingNode:
		return "a mapping"
	case n.Kind == yamltree.SequenceNode:
		return "a list"
	case yamltree.IsPlain(n):
		return yamltree.Printable(n.Value)
	}
	return "quoted text"
}

// example is the hint that shows a value to write. Only whole files have no example.
func (d finding) example() string {
	if firstType(d.rule) == "boolean" {
		// Naming only one would be a guess, and for hold the wrong guess sends money.
		return "write " + d.prefix() + "true or " + d.prefix() + "false"
	}
	if isID(d.rule) {
		return idHint(d.prefix(), d.rule, d.value)
	}
	if text := exampleOf(d.rule); text != "" {
		return "write " + d.prefix() + text
	}
	return beginHint
}

func (d finding) prefix() string {
	if d.key == nil {
		return ""
	}
	return d.key.Value + ": "
}

// exampleOf returns the first example of a schema, as YAML on one line.
func exampleOf(s *subschema) string {
	if s == nil || len(s.Examples) == 0 {
		return ""
	}
	return exampleYAML(s.Examples[0])
}

func exampleYAML(example any) string {
	var parts []string
	switch e := example.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(e)) {
			parts = append(parts, name+": "+exampleYAML(e[name]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		for _, item := range e {
			parts = append(parts, exampleYAML(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		if strings.Contains(e, ",") {
			return strconv.Quote(e)
		}
	}
	return fmt.Sprint(example)
}

// orList joins words as a sentence does: a, b or c.
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
