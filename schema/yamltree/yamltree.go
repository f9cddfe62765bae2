// Package yamltree reads YAML as a tree whose every value knows its line and column, and turns that tree
// into exact JSON values. It is the only package that uses gopkg.in/yaml.v3.
//
// It never judges what a file says: package schema checks manifests and the configuration, package layout
// formats them, and the sandbox reads its own file. All of them report problems through Diagnostics.
package yamltree

import (
	"bytes"
	"errors"
	"io"

	"gopkg.in/yaml.v3"
)

// Node is one value or key of a YAML tree, with its place. The alias lets other packages walk trees without
// importing the library.
type Node = yaml.Node

// The kinds of nodes in a tree that Documents returns.
const (
	ScalarNode   = yaml.ScalarNode
	SequenceNode = yaml.SequenceNode
	MappingNode  = yaml.MappingNode
	AliasNode    = yaml.AliasNode
)

const nullTag = "!!null"

// Documents calls use with the root of each document, until the text ends or stops being YAML. The error
// covers the texts for which the library panics.
func Documents(data []byte, use func(root *Node)) error {
	dec := yaml.NewDecoder(bytes.NewReader(asYAML11(data)))
	lastLine, lastColumn := endOf(data)
	for {
		root, err := nextDocument(dec)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		moveInside(root, lastLine, lastColumn)
		use(root)
	}
}

// moveInside moves a missing last value, which the library places after the text, to the end of the text.
func moveInside(n *Node, line, column int) {
	if n.Line > line {
		n.Line, n.Column = line, column
	}
	if len(n.Content) > 0 {
		moveInside(n.Content[len(n.Content)-1], line, column)
	}
}

func nextDocument(dec *yaml.Decoder) (root *Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("the YAML parser cannot process it")
		}
	}()
	var doc Node
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 {
		return &Node{Kind: ScalarNode, Tag: nullTag, Line: 1, Column: 1}, nil
	}
	return doc.Content[0], nil
}

// IsPlain reports whether n has no quotes, no tag, and no | or > in front.
func IsPlain(n *Node) bool {
	const styled = yaml.TaggedStyle | yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	return n.Style&styled == 0
}

// IsFlow reports whether a mapping or list is written in brackets.
func IsFlow(n *Node) bool { return n.Style&yaml.FlowStyle != 0 }

// IsBlock reports whether a text begins with | or >.
func IsBlock(n *Node) bool { return n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 }

// IsQuoted reports whether a text is in single or double quotes.
func IsQuoted(n *Node) bool { return n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 }

// HasProperties reports whether n has an anchor or a tag.
func HasProperties(n *Node) bool { return n.Anchor != "" || isTagged(n) }

// isTagged reports whether n has a tag.
func isTagged(n *Node) bool { return n.Style&yaml.TaggedStyle != 0 }
