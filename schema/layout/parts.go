package layout

import (
	"slices"
	"strings"

	"refundctl/schema/yamltree"
)

// part is a field of a mapping or an item of a list: the comments above it ("" for a blank line), and its lines.
// Comments at the end of a mapping or list are a part without lines.
type part struct {
	above []string
	body  string
	rank  int
}

func writeParts(b *strings.Builder, parts []part, indent int) {
	for i, p := range parts {
		writeAbove(b, p.above, indent, i == 0)
		b.WriteString(p.body)
	}
}

// writeAbove writes comments, and one blank line for any number of them, but none at the very beginning.
func writeAbove(b *strings.Builder, above []string, indent int, first bool) {
	blank := false
	for _, text := range above {
		if text == "" {
			blank = !first
			continue
		}
		if blank {
			b.WriteByte('\n')
		}
		writeIndent(b, indent)
		b.WriteString(text)
		b.WriteByte('\n')
		blank, first = false, false
	}
	if blank {
		b.WriteByte('\n')
	}
}

// block formats a mapping or list that is not in brackets; outer is the column of the value around it.
func (f *formatter) block(n *yamltree.Node, indent, outer int, s shape) []part {
	switch {
	case indent > step*yamltree.MaxDepth:
		f.tooDeep()
		return nil
	case n.Kind == yamltree.MappingNode:
		return f.mapping(n, indent, s)
	}
	return f.list(n, indent, outer, s)
}

func (f *formatter) mapping(n *yamltree.Node, indent int, s shape) []part {
	column := f.off
	parts := make([]part, 0, len(n.Content)/2+1)
	known := true
	for i := 0; i+1 < len(n.Content); i += 2 {
		p := part{rank: s.rank(n.Content[i].Value)}
		if i > 0 {
			p.above = f.above()
		}
		if f.off != column {
			f.unknown()
			return nil
		}
		p.body = f.field(n.Content[i], n.Content[i+1], indent, s)
		parts = append(parts, p)
		known = known && p.rank >= 0
	}
	if known && !f.keepOrder {
		slices.SortStableFunc(parts, func(a, b part) int { return a.rank - b.rank })
	}
	return f.withFoot(parts, column)
}

func (f *formatter) list(n *yamltree.Node, indent, outer int, s shape) []part {
	column := f.off
	parts := make([]part, 0, len(n.Content)+1)
	for i, item := range n.Content {
		var above []string
		if i > 0 {
			above = f.above()
		}
		if rest := f.rest(); f.off != column || !strings.HasPrefix(rest, "-") || len(rest) > 1 && !isBlank(rest[1]) {
			f.unknown()
			return nil
		}
		p := f.item(item, indent, s)
		p.above = append(above, p.above...)
		parts = append(parts, p)
	}
	if column == outer { // a list may begin in the column of its key: comments in that column are then not its own
		column++
	}
	return f.withFoot(parts, column)
}

// withFoot adds the comments below the last part that are indented as much as the parts.
func (f *formatter) withFoot(parts []part, column int) []part {
	end := f.at
	for i := f.at; i < len(f.lines); i++ {
		text := strings.TrimLeft(f.lines[i], " \t")
		if text != "" && (text[0] != '#' || len(f.lines[i])-len(text) < column) {
			break
		}
		if text != "" {
			end = i + 1
		}
	}
	if end == f.at {
		return parts
	}
	return append(parts, part{above: f.take(end)})
}

// item formats one item of a list. The first field of a mapping goes beside the dash; comments between the two go
// above them.
func (f *formatter) item(n *yamltree.Node, indent int, s shape) part {
	column := f.off
	f.off++
	var b strings.Builder
	writeIndent(&b, indent)
	b.WriteByte('-')
	if yamltree.IsFlow(n) || n.Kind == yamltree.ScalarNode || n.Kind == yamltree.AliasNode || yamltree.HasProperties(n) {
		f.value(&b, n, indent, column, s)
		return part{body: b.String()}
	}
	var p part
	if f.lineDone() {
		if comment := strings.TrimLeft(f.endOfLine(), " "); comment != "" {
			p.above = append(p.above, comment)
		}
		p.above = append(p.above, f.above()...)
	}
	parts := f.block(n, indent+step, column, s)
	if len(parts) == 0 {
		return p
	}
	p.above = append(withoutBlank(p.above), withoutBlank(parts[0].above)...)
	parts[0].above = nil
	b.WriteByte(' ')
	parts[0].body = parts[0].body[min(indent+step, len(parts[0].body)):]
	writeParts(&b, parts, indent+step)
	p.body = b.String()
	return p
}

func withoutBlank(above []string) []string {
	for len(above) > 0 && above[0] == "" {
		above = above[1:]
	}
	return above
}

func (f *formatter) field(k, v *yamltree.Node, indent int, s shape) string {
	column := f.off
	var b strings.Builder
	writeIndent(&b, indent)
	b.WriteString(f.key(k))
	b.WriteByte(':')
	f.value(&b, v, indent, column, s.within(k.Value))
	return b.String()
}

// value writes what follows a key or a dash, to the end of its last line.
func (f *formatter) value(b *strings.Builder, n *yamltree.Node, indent, column int, s shape) {
	if yamltree.IsFlow(n) || n.Kind == yamltree.ScalarNode || n.Kind == yamltree.AliasNode {
		f.leaf(b, n, indent, column, s)
		return
	}
	if yamltree.HasProperties(n) {
		b.WriteString(" " + f.marks())
	}
	b.WriteString(f.endOfLine() + "\n")
	above := f.above()
	parts := f.block(n, indent+step, column, s)
	if len(parts) > 0 {
		parts[0].above = append(above, parts[0].above...)
	}
	writeParts(b, parts, indent+step)
}
