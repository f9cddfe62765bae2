package yamltree

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// MaxDepth is how deep values may be nested. Manifests need six levels.
const MaxDepth = 20

// QuoteHint is the hint for an unquoted word that YAML does not read as text.
const QuoteHint = "put quotes around it if you mean the text"

// Shape is what a Converter needs to know of the JSON Schema of a value. A Shape may be about nothing: it
// then knows no fields and no items, and has no maximum.
type Shape interface {
	Field(name string) Shape
	Item() Shape
	MaxItems() int // of a list; negative: any number
}

// Converter turns nodes into the JSON values that a schema is checked against. It reports what JSON cannot
// express, and marks the value as refused, so that the schema is not applied to half a value.
type Converter struct {
	Number      func(n *Node, s Shape, path []string) // called for each unquoted number; path is reused
	Cut         func(n *Node, s Shape, path []string) // called for each text that IsCut, once; path is reused
	Refused     bool                                  // the value is incomplete; the reason is reported
	AliasBomb   bool                                  // aliases grow without bound: the caller gives the file up
	AliasBudget int                                   // nodes that aliases may still repeat

	out     *Diagnostics
	depth   int
	inAlias int
	path    []string // to the current value
}

// NewConverter lets aliases repeat share nodes more than a small file needs.
func NewConverter(out *Diagnostics, share int) Converter {
	return Converter{out: out, AliasBudget: 10_000 + share}
}

// Value returns n as JSON: a map, a slice, or what ScalarValue returns.
func (c *Converter) Value(n *Node, s Shape) any {
	c.depth++
	defer func() { c.depth-- }()
	switch {
	case c.depth > MaxDepth && c.inAlias > 0:
		return c.giveUp(n)
	case c.depth > MaxDepth:
		c.refuse(n, CodeTooDeep, fmt.Sprintf("values are nested more than %d levels deep", MaxDepth), "use fewer levels")
		return nil
	case c.tagged(n):
		return nil
	case c.inAlias > 0:
		c.AliasBudget--
	}
	switch n.Kind {
	case MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		c.Mapping(n, s, m, "")
		return m
	case SequenceNode:
		return c.list(n, s)
	case AliasNode:
		return c.alias(n, s)
	}
	if c.inAlias == 0 && c.Cut != nil && IsCut(n) {
		c.Cut(n, s, c.path)
	}
	value := ScalarValue(n)
	if _, is := value.(json.Number); is && c.Number != nil {
		c.Number(n, s, c.path)
	}
	return value
}

// list returns at most one item more than the schema allows: that is enough to refuse the list, and
// comparing every item with every other would take too long.
func (c *Converter) list(n *Node, s Shape) []any {
	items := n.Content
	if most := s.MaxItems(); most >= 0 && len(items) > most {
		items = items[:most+1]
	}
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = c.at(strconv.Itoa(i), item, s.Item())
	}
	return list
}

// at returns the value one level below the current one.
func (c *Converter) at(token string, n *Node, s Shape) any {
	c.path = append(c.path, token)
	value := c.Value(n, s)
	c.path = c.path[:len(c.path)-1]
	return value
}

func (c *Converter) tagged(n *Node) bool {
	if !isTagged(n) || n.Tag == "!!str" {
		return false
	}
	c.refuse(n, CodeTag, "YAML tags are not supported", "remove the word that begins with !")
	return true
}

func (c *Converter) alias(n *Node, s Shape) any {
	if c.AliasBomb || c.AliasBudget <= 0 {
		return c.giveUp(n)
	}
	c.inAlias++
	defer func() { c.inAlias-- }()
	return c.Value(n.Alias, s)
}

func (c *Converter) giveUp(n *Node) any {
	if !c.AliasBomb {
		c.refuse(n, CodeAliasBomb, "aliases (*) grow without bound", "write the values out instead of repeating them")
	}
	c.AliasBomb, c.Refused = true, true
	return nil
}

// Mapping converts the fields of n into a map. If the field named skip is a list, its items become nulls:
// the caller reads them one by one.
func (c *Converter) Mapping(n *Node, s Shape, into map[string]any, skip string) {
	if c.tagged(n) {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch _, twice := into[k.Value]; {
		case IsMerge(k):
			c.refuse(k, CodeMergeKey, "merge keys (<<) are not supported", "write the fields out, or use defaults")
		case IsKeyword(k):
			c.refuse(k, CodeKey, fmt.Sprintf("a field's name must not be an unquoted %s", k.Value), QuoteHint)
		case k.Kind != ScalarNode || isTagged(k) || k.Value == "":
			c.refuse(k, CodeKey, "a field's name must be a plain word", "write it like name: value")
		case twice:
			first, _ := Child(n, k.Value)
			c.out.Error(k, CodeDuplicateKey, fmt.Sprintf("%s is written twice", Printable(k.Value)),
				fmt.Sprintf("keep one of them; the first is on line %d", first.Line))
		case skip != "" && k.Value == skip && v.Kind == SequenceNode:
			into[skip] = make([]any, len(v.Content))
		default:
			into[k.Value] = c.at(k.Value, v, s.Field(k.Value))
		}
	}
}

func (c *Converter) refuse(n *Node, code, message, hint string) {
	c.Refused = true
	c.out.Error(n, code, message, hint)
}
