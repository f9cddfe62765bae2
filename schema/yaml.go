package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// node is a place in a YAML tree. The name lets the other files walk trees without the library.
type node = yaml.Node

const (
	scalarNode   = yaml.ScalarNode
	sequenceNode = yaml.SequenceNode
	mappingNode  = yaml.MappingNode
	aliasNode    = yaml.AliasNode
)

const (
	nullTag  = "!!null"
	maxDepth = 20 // of values within each other; the contracts need six
)

// documentsOf hands over the root of each document until the text ends or stops being YAML. The
// library gives up on some texts by a panic; that is an error here.
func documentsOf(data []byte, use func(root *node)) error {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	lastLine, lastColumn := endOf(data)
	for {
		root, err := nextDocument(dec)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		pullIn(root, lastLine, lastColumn)
		use(root)
	}
}

// pullIn moves what the library places after the end of the text, a last value that is not
// written, to the end.
func pullIn(n *node, line, column int) {
	if n.Line > line {
		n.Line, n.Column = line, column
	}
	if len(n.Content) > 0 {
		pullIn(n.Content[len(n.Content)-1], line, column)
	}
}

func nextDocument(dec *yaml.Decoder) (root *node, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("the YAML reader cannot make sense of it")
		}
	}()
	var doc node
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 {
		return &node{Kind: scalarNode, Tag: nullTag, Line: 1, Column: 1}, nil
	}
	return doc.Content[0], nil
}

func isNull(n *node) bool { return n.Kind == scalarNode && n.Tag == nullTag }

func isPlain(n *node) bool {
	const marked = yaml.TaggedStyle | yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	return n.Style&marked == 0
}

// isFlow tells whether a mapping or list is written in brackets.
func isFlow(n *node) bool { return n.Style&yaml.FlowStyle != 0 }

// isText tells whether a text begins with | or >.
func isText(n *node) bool { return n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 }

func isQuoted(n *node) bool { return n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 }

// marked tells whether an anchor or a tag stands before a value.
func marked(n *node) bool { return n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 }

// isMissing tells a value of which nothing is written, but for an anchor or a tag.
func isMissing(n *node) bool {
	return n.Kind == scalarNode && n.Value == "" && !isText(n) && !isQuoted(n)
}

func hasAlias(n *node) bool { return n.Kind == aliasNode || slices.ContainsFunc(n.Content, hasAlias) }

// target is what an alias stands for, and any other node itself.
func target(n *node) *node {
	if n.Kind == aliasNode {
		return n.Alias
	}
	return n
}

// find follows a JSON pointer's tokens to a value and, where it stands in a mapping, its key. It
// stops early at what is not there.
func find(root *node, tokens []string) (key, value *node) {
	value = target(root)
	for _, token := range tokens {
		k, v := child(value, token)
		if v == nil {
			break
		}
		key, value = k, target(v)
	}
	return key, value
}

func child(n *node, token string) (key, value *node) {
	switch n.Kind {
	case mappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if target(n.Content[i]).Value == token {
				return n.Content[i], n.Content[i+1]
			}
		}
	case sequenceNode:
		if i, err := strconv.Atoi(token); err == nil && 0 <= i && i < len(n.Content) {
			return nil, n.Content[i]
		}
	}
	return nil, nil
}

// converter turns nodes into the JSON values that the contract is held against. What JSON has no
// word for it refuses, and marks the value as bad so that the contract is not asked about it.
type converter struct {
	out      *sink
	bad      bool
	bomb     bool // aliases grew without bound: the file is given up
	depth    int
	inAlias  int
	expanded int       // nodes that aliases may still repeat
	path     []string  // to the current value
	spelled  []failure // of numbers whose characters their fields do not take
}

// newConverter lets aliases repeat as many nodes as a small file holds, and more by the share.
func newConverter(out *sink, share int) converter {
	return converter{out: out, expanded: 10_000 + share}
}

// begin forgets what was found in the value before.
func (c *converter) begin() { c.bad, c.spelled = false, nil }

// judge is what is wrong with the value that was converted: what the contract refuses, and how its
// numbers are written.
func (c *converter) judge(s *contract, value any) []failure {
	return append(check(s, value), c.spelled...)
}

// value is n as JSON has it, for the contract s.
func (c *converter) value(n *node, s *contract) any {
	c.depth++
	defer func() { c.depth-- }()
	switch {
	case c.depth > maxDepth && c.inAlias > 0:
		return c.giveUp(n)
	case c.depth > maxDepth:
		c.refuse(n, codeTooDeep, fmt.Sprintf("values are nested more than %d deep", maxDepth), "write it flatter")
		return nil
	case c.tagged(n):
		return nil
	case c.inAlias > 0:
		c.expanded--
	}
	switch n.Kind {
	case mappingNode:
		m := make(map[string]any, len(n.Content)/2)
		c.mapping(n, s, m, "")
		return m
	case sequenceNode:
		return c.list(n, s)
	case aliasNode:
		return c.alias(n, s)
	}
	value := scalar(n)
	if _, is := value.(json.Number); is {
		for _, f := range spelling(n, s) {
			f.pointer = slices.Clone(c.path)
			c.spelled = append(c.spelled, f)
		}
	}
	return value
}

// list holds one item more than the contract allows, and no others: of a list that is too long it is
// enough to know that, and comparing each item with each would take for ever.
func (c *converter) list(n *node, s *contract) []any {
	items := n.Content
	if s != nil && s.MaxItems >= 0 && len(items) > s.MaxItems {
		items = items[:s.MaxItems+1]
	}
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = c.at(strconv.Itoa(i), item, itemContract(s))
	}
	return list
}

// at is the value below the current one.
func (c *converter) at(token string, n *node, s *contract) any {
	c.path = append(c.path, token)
	value := c.value(n, s)
	c.path = c.path[:len(c.path)-1]
	return value
}

func (c *converter) tagged(n *node) bool {
	if n.Style&yaml.TaggedStyle == 0 || n.Tag == "!!str" {
		return false
	}
	c.refuse(n, codeTag, "a YAML tag is not read here", "take the word that begins with ! away")
	return true
}

func (c *converter) alias(n *node, s *contract) any {
	if c.bomb || c.expanded <= 0 {
		return c.giveUp(n)
	}
	c.inAlias++
	defer func() { c.inAlias-- }()
	return c.value(n.Alias, s)
}

func (c *converter) giveUp(n *node) any {
	if !c.bomb {
		c.refuse(n, codeAliasBomb, "aliases (*) grow without bound", "write the values out instead of repeating them")
	}
	c.bomb, c.bad = true, true
	return nil
}

// mapping fills into. A list under the key leave becomes one of nothings: its items are read one by one.
func (c *converter) mapping(n *node, s *contract, into map[string]any, leave string) {
	if c.tagged(n) {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch _, twice := into[k.Value]; {
		case k.Tag == "!!merge":
			c.refuse(k, codeMergeKey, "merge keys (<<) are not read", "write the fields out, or use defaults")
		case isWord(k):
			c.refuse(k, codeKey, fmt.Sprintf("a field's name must not be an unquoted %s", k.Value), quoteHint)
		case k.Kind != scalarNode || k.Style&yaml.TaggedStyle != 0 || k.Value == "":
			c.refuse(k, codeKey, "a field's name must be a plain word", "write it like name: value")
		case twice:
			first, _ := child(n, k.Value)
			c.out.add(k, codeDuplicateKey, fmt.Sprintf("%s is written twice", shown(k.Value)),
				fmt.Sprintf("keep one of them; the first is at line %d", first.Line))
		case leave != "" && k.Value == leave && v.Kind == sequenceNode:
			into[leave] = make([]any, len(v.Content))
		default:
			into[k.Value] = c.at(k.Value, v, fieldContract(s, k.Value))
		}
	}
}

func (c *converter) refuse(n *node, code, message, hint string) {
	c.bad = true
	c.out.add(n, code, message, hint)
}
