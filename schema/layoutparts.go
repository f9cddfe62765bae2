package schema

import (
	"slices"
	"strings"
)

// part is a field of a mapping or an item of a list: the comments above it ("" stands for a blank line)
// and its lines. Comments at the end of a mapping or list are a part without lines.
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

// writeAbove writes comments, and one blank line for any number. First of all stands none.
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

// block lays out a mapping or list that is written one part a line; outer is the column of what holds it.
func (l *layout) block(n *node, indent, outer int, s shape) []part {
	switch {
	case indent > step*maxDepth:
		l.tooDeep()
		return nil
	case n.Kind == mappingNode:
		return l.mapping(n, indent, s)
	}
	return l.list(n, indent, outer, s)
}

func (l *layout) mapping(n *node, indent int, s shape) []part {
	column := l.off
	parts := make([]part, 0, len(n.Content)/2+1)
	known := true
	for i := 0; i+1 < len(n.Content); i += 2 {
		p := part{rank: s.rank(n.Content[i].Value)}
		if i > 0 {
			p.above = l.above()
		}
		if l.off != column {
			l.unknown()
			return nil
		}
		p.body = l.field(n.Content[i], n.Content[i+1], indent, s)
		parts = append(parts, p)
		known = known && p.rank >= 0
	}
	if known && !l.asIs {
		slices.SortStableFunc(parts, func(a, b part) int { return a.rank - b.rank })
	}
	return l.withFoot(parts, column)
}

func (l *layout) list(n *node, indent, outer int, s shape) []part {
	column := l.off
	parts := make([]part, 0, len(n.Content)+1)
	for i, item := range n.Content {
		var above []string
		if i > 0 {
			above = l.above()
		}
		if rest := l.rest(); l.off != column || !strings.HasPrefix(rest, "-") || len(rest) > 1 && !isBlank(rest[1]) {
			l.unknown()
			return nil
		}
		p := l.item(item, indent, s)
		p.above = append(above, p.above...)
		parts = append(parts, p)
	}
	if column == outer { // a list may stand as deep as its key: then what is as deep is not its own
		column++
	}
	return l.withFoot(parts, column)
}

// withFoot adds the comments below the last part that stand as deep as the parts do.
func (l *layout) withFoot(parts []part, column int) []part {
	end := l.at
	for i := l.at; i < len(l.lines); i++ {
		text := strings.TrimLeft(l.lines[i], " \t")
		if text != "" && (text[0] != '#' || len(l.lines[i])-len(text) < column) {
			break
		}
		if text != "" {
			end = i + 1
		}
	}
	if end == l.at {
		return parts
	}
	return append(parts, part{above: l.take(end)})
}

// item is one item of a list. The first field of a mapping stands beside the dash; what stood between
// the two goes above them.
func (l *layout) item(n *node, indent int, s shape) part {
	column := l.off
	l.off++
	var b strings.Builder
	writeIndent(&b, indent)
	b.WriteByte('-')
	if isFlow(n) || n.Kind == scalarNode || n.Kind == aliasNode || marked(n) {
		l.value(&b, n, indent, column, s)
		return part{body: b.String()}
	}
	var p part
	if l.lineDone() {
		if comment := strings.TrimLeft(l.endOfLine(), " "); comment != "" {
			p.above = append(p.above, comment)
		}
		p.above = append(p.above, l.above()...)
	}
	parts := l.block(n, indent+step, column, s)
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

func (l *layout) field(k, v *node, indent int, s shape) string {
	column := l.off
	var b strings.Builder
	writeIndent(&b, indent)
	b.WriteString(l.key(k))
	b.WriteByte(':')
	l.value(&b, v, indent, column, s.within(k.Value))
	return b.String()
}

// value writes what stands behind a key or a dash, to the end of its last line.
func (l *layout) value(b *strings.Builder, n *node, indent, column int, s shape) {
	if isFlow(n) || n.Kind == scalarNode || n.Kind == aliasNode {
		l.leaf(b, n, indent, column, s)
		return
	}
	if marked(n) {
		b.WriteString(" " + l.marks())
	}
	b.WriteString(l.endOfLine() + "\n")
	above := l.above()
	parts := l.block(n, indent+step, column, s)
	if len(parts) > 0 {
		parts[0].above = append(above, parts[0].above...)
	}
	writeParts(b, parts, indent+step)
}
