package schema

import (
	"time"

	"refundctl/internal/money"
)

// readSingle reads a file that is one document, known by one of the fields, and checks it against a contract. Without an error in
// the sink the tree has the types that the contract says.
func readSingle(out *sink, data []byte, doc *document, fields ...string) *node {
	text, ok := legible(out, data)
	if !ok {
		return nil
	}
	var root *node
	err := documentsOf(text, func(n *node) {
		switch {
		case isNull(n):
		case root == nil:
			root = n
		default:
			out.add(n, codeOneDocument, "the file holds a second YAML document", "take it and the --- away")
		}
	})
	switch {
	case err != nil:
		illSyntax(out, text, err)
	case root == nil:
		out.addAt(1, 1, codeEmptyFile, "the file is empty", "begin it with version: 1")
	}
	if root == nil {
		return nil
	}
	if isForeign(root, fields...) {
		refuseForeign(out, root, doc.contract)
		return root
	}
	refuseSecrets(out, root)
	c := newConverter(out, len(text)/10)
	if value := c.value(root, doc.contract); !c.bad {
		explain(out, doc, doc.contract, root, c.judge(doc.contract, value), money.INR)
	}
	return root
}

// text is what a field holds, or otherwise where it is not written.
func text(n *node, field, otherwise string) string {
	if _, v := child(n, field); v != nil {
		return target(v).Value
	}
	return otherwise
}

// list is what a field's list holds; nil where it is not written.
func list(n *node, field string) []*node {
	_, v := child(n, field)
	if v == nil {
		return nil
	}
	items := make([]*node, len(target(v).Content))
	for i, item := range target(v).Content {
		items[i] = target(item)
	}
	return items
}

// within is the mapping that a field holds; an empty one where it is not written.
func within(n *node, field string) *node {
	if _, v := child(n, field); v != nil {
		return target(v)
	}
	return &node{Kind: mappingNode}
}

// amount is what a field holds; nothing where it is not written or, with a diagnostic, wrong.
func amount(out *sink, n *node, field string, c money.Currency) money.Amount {
	_, v := child(n, field)
	if v == nil {
		return money.Amount{}
	}
	return parseAmount(out, field, target(v), c)
}

// instant is the time that a field holds; zero where it is not written or, with a diagnostic, wrong.
func instant(out *sink, n *node, field string) time.Time {
	_, v := child(n, field)
	if v == nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, target(v).Value)
	if err != nil {
		out.add(target(v), codeFormat, field+" is not a time", "write it like 2026-06-01T10:00:00+05:30")
	}
	return t
}

func currencyField(n *node, field string) money.Currency {
	_, v := child(n, field)
	if v == nil {
		return money.INR
	}
	return currencyOf(target(v))
}
