package schema

import (
	"slices"

	"refundctl/internal/money"
	"refundctl/schema/yamltree"
)

// node is a place in a YAML tree.
type node = yamltree.Node

// ReadDocument reads a file that is a single YAML document and has at least one of these fields, and checks it
// against the schema. If out has no errors afterwards, every value in the tree has the type that the schema
// requires. The result is nil if there is no tree.
func (s *JSONSchema) ReadDocument(out *yamltree.Diagnostics, data []byte, fields ...string) *yamltree.Node {
	text, ok := yamltree.CheckText(out, data)
	if !ok {
		return nil
	}
	var root *node
	err := yamltree.Documents(text, func(n *node) {
		switch {
		case yamltree.IsNull(n):
		case root == nil:
			root = n
		default:
			out.Error(n, CodeOneDocument, "the file contains a second YAML document", "remove it and the ---")
		}
	})
	switch {
	case err != nil:
		yamltree.ReportSyntax(out, text, err)
	case root == nil:
		out.ErrorAt(1, 1, CodeEmptyFile, "the file is empty", beginHint)
	}
	if root == nil {
		return nil
	}
	if isForeign(root, fields...) {
		refuseForeign(out, root, s.root)
		return root
	}
	refuseSecrets(out, root)
	c := newConverter(out, len(text)/10)
	if value := c.value(root, s.root); !c.Refused {
		explain(out, s, s.root, root, c.failures(s.root, value), money.INR)
	}
	return root
}

const beginHint = "begin it with version: 1"

// isForeign reports whether a document is not one of ours: it is not a mapping, or has no field that says what
// it is. It could contain anything, so messages then repeat nothing of it.
func isForeign(root *node, fields ...string) bool {
	if root.Kind != yamltree.MappingNode {
		return true
	}
	if _, version := yamltree.Child(root, "version"); version != nil && yamltree.Resolve(version).Value == "1" {
		return false
	}
	return !slices.ContainsFunc(fields, func(field string) bool { _, v := yamltree.Child(root, field); return v != nil })
}

// refuseForeign says what a document should be, and repeats nothing of what it is.
func refuseForeign(out *yamltree.Diagnostics, root *node, s *subschema) {
	if root.Kind == yamltree.ScalarNode && yamltree.IsPlain(root) && yamltree.ReportBlank(out, root) {
		return
	}
	switch root.Kind {
	case yamltree.MappingNode:
		out.Error(root, CodeForeign, "this is not "+s.Title+": it has none of its fields", beginHint)
	case yamltree.SequenceNode:
		out.Error(root, CodeType, s.Title+" must be a mapping, not a list", beginHint)
	default:
		out.Error(root, CodeType, s.Title+" must be a mapping, not text", beginHint)
	}
}
