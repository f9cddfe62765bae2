package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"refundctl/internal/money"
)

// name is what a sentence calls the value: its field, the list that it stands in, or what it is.
func (d finding) name() string {
	switch {
	case len(d.pointer) > 1 && d.pointer[len(d.pointer)-2] == "labels":
		return "label " + shown(d.pointer[len(d.pointer)-1])
	case d.key != nil && len(d.pointer) > 1 && isCurrency(d.key.Value):
		return shown(d.pointer[len(d.pointer)-2]) + ": " + d.key.Value // a budget's amount
	case d.key != nil:
		return shown(d.key.Value)
	case len(d.pointer) > 1:
		return "an entry of " + shown(d.pointer[len(d.pointer)-2])
	}
	return d.rule.Title
}

func isCurrency(text string) bool {
	_, err := money.ParseCurrency(text)
	return err == nil
}

// what is the value that the contract wants.
func (d finding) what() string {
	switch firstType(d.rule) {
	case "boolean":
		return "true or false"
	case "object":
		return "fields with values"
	}
	return cmp.Or(d.rule.Title, "a text")
}

// written is the value that is there.
func written(n *node) string {
	switch {
	case n.Kind == mappingNode:
		return "fields with values"
	case n.Kind == sequenceNode:
		return "a list"
	case isPlain(n):
		return shown(n.Value)
	}
	return "a text in quotes"
}

// example is the hint that writes the value out. Only whole files have no example.
func (d finding) example() string {
	if firstType(d.rule) == "boolean" {
		// One of the two would be a guess at what was meant, and for hold the wrong one sends money.
		return "write " + d.prefix() + "true or " + d.prefix() + "false"
	}
	if isID(d.rule) {
		return idHint(d.prefix(), d.rule, d.value)
	}
	if text := exampleOf(d.rule); text != "" {
		return "write " + d.prefix() + text
	}
	return "begin it with version: 1"
}

func (d finding) prefix() string {
	if d.key == nil {
		return ""
	}
	return d.key.Value + ": "
}

// exampleOf is the first example of a contract, as YAML on one line.
func exampleOf(s *contract) string {
	if s == nil || len(s.Examples) == 0 {
		return ""
	}
	return inline(s.Examples[0])
}

func inline(example any) string {
	var parts []string
	switch e := example.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(e)) {
			parts = append(parts, name+": "+inline(e[name]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		for _, item := range e {
			parts = append(parts, inline(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		if strings.Contains(e, ",") {
			return strconv.Quote(e)
		}
	}
	return fmt.Sprint(example)
}
