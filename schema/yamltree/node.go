package yamltree

import (
	"slices"
	"strconv"
)

// IsNull reports whether n is null, written out or missing.
func IsNull(n *Node) bool { return n.Kind == ScalarNode && n.Tag == nullTag }

// IsEmpty reports whether nothing is written for a value, except perhaps an anchor or a tag.
func IsEmpty(n *Node) bool {
	return n.Kind == ScalarNode && n.Value == "" && !IsBlock(n) && !IsQuoted(n)
}

// HasAlias reports whether n or anything in it is an alias.
func HasAlias(n *Node) bool { return n.Kind == AliasNode || slices.ContainsFunc(n.Content, HasAlias) }

// IsMerge reports whether a key is YAML's merge key, an unquoted <<.
func IsMerge(key *Node) bool { return key.Tag == "!!merge" }

// Resolve returns the node that an alias refers to, and any other node unchanged.
func Resolve(n *Node) *Node {
	if n.Kind == AliasNode {
		return n.Alias
	}
	return n
}

// Find follows the tokens of a JSON pointer to a value, with its key if the value is in a mapping. It stops
// at the last value that exists.
func Find(root *Node, tokens []string) (key, value *Node) {
	value = Resolve(root)
	for _, token := range tokens {
		k, v := Child(value, token)
		if v == nil {
			break
		}
		key, value = k, Resolve(v)
	}
	return key, value
}

// Child returns the field or list item that one token of a JSON pointer names; value is nil if there is none.
func Child(n *Node, token string) (key, value *Node) {
	switch n.Kind {
	case MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if Resolve(n.Content[i]).Value == token {
				return n.Content[i], n.Content[i+1]
			}
		}
	case SequenceNode:
		if i, err := strconv.Atoi(token); err == nil && 0 <= i && i < len(n.Content) {
			return nil, n.Content[i]
		}
	}
	return nil, nil
}

// Text returns the text of a field, or otherwise if the field is missing.
func Text(n *Node, field, otherwise string) string {
	if _, v := Child(n, field); v != nil {
		return Resolve(v).Value
	}
	return otherwise
}

// List returns the items of a field's list, aliases resolved; nil if the field is missing.
func List(n *Node, field string) []*Node {
	_, v := Child(n, field)
	if v == nil {
		return nil
	}
	items := make([]*Node, len(Resolve(v).Content))
	for i, item := range Resolve(v).Content {
		items[i] = Resolve(item)
	}
	return items
}

// Mapping returns the mapping of a field; an empty one if the field is missing.
func Mapping(n *Node, field string) *Node {
	if _, v := Child(n, field); v != nil {
		return Resolve(v)
	}
	return &Node{Kind: MappingNode}
}
