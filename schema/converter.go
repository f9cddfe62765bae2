package schema

import (
	"fmt"
	"slices"
	"strings"

	"refundctl/schema/yamltree"
)

// converter turns nodes into JSON values, and keeps what a schema says of the characters of their numbers.
type converter struct {
	yamltree.Converter
	spelled []failure // of the current value
}

// newConverter lets aliases repeat share nodes more than a small file needs.
func newConverter(out *yamltree.Diagnostics, share int) *converter {
	c := &converter{Converter: yamltree.NewConverter(out, share)}
	c.Number = func(n *node, s yamltree.Shape, path []string) {
		for _, f := range spelling(n, s.(shape).subschema) {
			f.pointer = slices.Clone(path)
			c.spelled = append(c.spelled, f)
		}
	}
	c.Cut = func(n *node, s yamltree.Shape, path []string) {
		if mayBeCut(s.(shape).subschema) {
			warnCut(out, n, path)
		}
	}
	return c
}

// mayBeCut reports whether a field's value may be any words or an id, so that a # could have been meant as a part of it.
func mayBeCut(s *subschema) bool {
	return firstType(s) == "string" && len(s.Enum) == 0 && (s.Pattern == nil || s.Pattern.MatchString("a"))
}

// warnCut quotes the whole line, so that a person sees what would be sent and what was meant.
func warnCut(out *yamltree.Diagnostics, n *node, path []string) {
	name, start := "this value", ""
	if last := len(path) - 1; last >= 0 {
		name = yamltree.Printable(path[last])
		start = path[last] + ": "
	}
	switch above := len(path) - 2; {
	case above >= 0 && path[above] == "labels":
		name = "label " + name
	case above >= 0 && isIndex(path[above+1]):
		name, start = "an entry of "+yamltree.Printable(path[above]), "- "
	}
	message := name + " is cut short, because the # begins a comment"
	if line := yamltree.PrintableLine(start + n.Value + " " + n.LineComment); line != "" {
		message = fmt.Sprintf("%s is read as %q, because the # begins a comment: %s", name, n.Value, line)
	}
	out.Warn(n, CodeCut, message, yamltree.CutHint)
}

func isIndex(token string) bool { return token != "" && strings.Trim(token, "0123456789") == "" }

// begin prepares for the next value.
func (c *converter) begin() { c.Refused, c.spelled = false, nil }

func (c *converter) value(n *node, s *subschema) any { return c.Value(n, shape{s}) }

// failures returns why the schema refuses the value that was converted last, and its numbers as written.
func (c *converter) failures(s *subschema, value any) []failure {
	return append(check(s, value), c.spelled...)
}

// spelling checks the characters of an unquoted number, since they are what is sent: against the rules for
// texts if the field accepts texts, and otherwise against the usual way to write a number. The schema itself
// sees only the number's value.
func spelling(n *node, s *subschema) []failure {
	if acceptsText(s) {
		ofText := func(f failure) bool { return slices.Contains(textKeywords, f.keyword) }
		return slices.DeleteFunc(check(s, n.Value), func(f failure) bool { return !ofText(f) })
	}
	if s != nil && (!yamltree.IsPlainNumber(n.Value) || firstType(s) == "integer" && strings.Contains(n.Value, ".")) {
		return []failure{{keyword: "type", schema: s.Location}}
	}
	return nil
}

// textKeywords are the keywords of draft-07 about texts only, and not, which may contain them.
var textKeywords = []string{"pattern", "minLength", "maxLength", "format", "not"}
