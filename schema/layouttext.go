package schema

import (
	"strings"
)

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func writeIndent(b *strings.Builder, n int) {
	for range n {
		b.WriteByte(' ')
	}
}

// rest is what the cursor's line still holds.
func (l *layout) rest() string {
	if l.at >= len(l.lines) {
		return ""
	}
	return l.lines[l.at][l.off:]
}

// blanks passes over blanks.
func (l *layout) blanks() {
	rest := l.rest()
	l.off += len(rest) - len(strings.TrimLeft(rest, " \t"))
}

// lineDone passes over blanks and tells whether nothing but a comment is left of the line.
func (l *layout) lineDone() bool {
	l.blanks()
	rest := l.rest()
	return rest == "" || rest[0] == '#'
}

// endOfLine takes the comment at the end of a line, with the blanks before it, and goes to the next line.
func (l *layout) endOfLine() string {
	if l.at >= len(l.lines) {
		return ""
	}
	before := l.off
	if !l.lineDone() {
		l.unknown()
		return ""
	}
	gap, comment := gapOf(l.lines[l.at][before:]), strings.TrimRight(l.rest(), " \t")
	l.at, l.off = l.at+1, 0
	if comment == "" {
		return ""
	}
	l.comments = append(l.comments, comment)
	return gap + comment
}

// above takes the comments and blank lines before the next value, and goes to that.
func (l *layout) above() []string {
	end := l.at
	for end < len(l.lines) && isAbove(l.lines[end]) {
		end++
	}
	taken := l.take(end)
	l.off = 0
	l.blanks()
	return taken
}

func isAbove(line string) bool {
	text := strings.TrimLeft(line, " \t")
	return text == "" || text[0] == '#'
}

// take goes to line end over comments and blank lines.
func (l *layout) take(end int) []string {
	var taken []string
	for ; l.at < end; l.at++ {
		text := strings.Trim(l.lines[l.at], " \t")
		if text != "" {
			l.comments = append(l.comments, text)
		}
		taken = append(taken, text)
	}
	return taken
}

// key takes the name of a field and its colon.
func (l *layout) key(n *node) string {
	rest := l.rest()
	end := 0
	for end < len(rest) && (rest[end] == '&' || rest[end] == '!') {
		end += wordLength(rest[end:])
		end += len(rest[end:]) - len(strings.TrimLeft(rest[end:], " \t"))
	}
	if quote := rest[end:]; quote != "" && (quote[0] == '"' || quote[0] == '\'') {
		end += max(closing(quote[1:], quote[0])+2, 1)
	}
	for end < len(rest) && !(rest[end] == ':' && (end+1 == len(rest) || isBlank(rest[end+1]))) {
		end++
	}
	if end == len(rest) || n.Kind != scalarNode && n.Kind != aliasNode || strings.HasPrefix(rest, "? ") || strings.HasPrefix(rest, "?\t") {
		l.unknown()
		return ""
	}
	l.off += end + 1
	name := strings.TrimRight(rest[:end], " \t")
	if n.Kind == aliasNode {
		name += " "
	}
	return name
}

func wordLength(text string) int {
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		return i
	}
	return len(text)
}

// closing is where a quoted text ends in what follows its first quote; -1 where it does not.
func closing(text string, quote byte) int {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] == quote && quote == '\'' && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return i
		}
	}
	return -1
}

// marks takes the anchor and the tag before a value.
func (l *layout) marks() string {
	var marks []string
	for {
		l.blanks()
		rest := l.rest()
		if rest == "" || rest[0] != '&' && rest[0] != '!' {
			break
		}
		n := wordLength(rest)
		marks = append(marks, rest[:n])
		l.off += n
	}
	if len(marks) == 0 {
		l.unknown()
	}
	return strings.Join(marks, " ")
}

// leaf writes a text, an alias, or what stands in brackets, to the end of its last line.
func (l *layout) leaf(b *strings.Builder, n *node, indent, column int, s shape) {
	inside := indent
	switch {
	case isMissing(n) && !marked(n):
		b.WriteString(l.endOfLine() + "\n")
		return
	case l.lineDone(): // the value stands on a line of its own
		b.WriteString(l.endOfLine() + "\n")
		inside = indent + step
		writeAbove(b, l.above(), inside, true)
		writeIndent(b, inside)
	default:
		b.WriteByte(' ')
	}
	if marked(n) {
		b.WriteString(l.marks())
		if isMissing(n) {
			b.WriteString(l.endOfLine() + "\n")
			return
		}
		if l.lineDone() {
			l.unknown()
			return
		}
		b.WriteByte(' ')
	}
	switch {
	case isFlow(n):
		b.WriteString(l.flow(inside, indent+step, s))
	case isText(n):
		l.textBlock(b, indent, column)
		return
	case isQuoted(n):
		b.WriteString(l.quoted(indent + step))
	case n.Kind == scalarNode:
		l.plain(b, indent+step, column)
	default: // an alias
		word := l.rest()[:wordLength(l.rest())]
		b.WriteString(word)
		l.off += len(word)
	}
	b.WriteString(l.endOfLine() + "\n")
}

// plain writes a text without quotes. What stands deeper than column below it goes on with it.
func (l *layout) plain(b *strings.Builder, indent, column int) {
	for l.left == nil {
		rest := l.rest()
		text := beforeComment(rest)
		b.WriteString(text)
		l.off += len(text)
		if strings.TrimLeft(l.rest(), " \t") != "" {
			return
		}
		next := l.at + 1
		for next < len(l.lines) && strings.Trim(l.lines[next], " \t") == "" {
			next++
		}
		if next == len(l.lines) || isAbove(l.lines[next]) {
			return
		}
		deep := len(l.lines[next]) - len(strings.TrimLeft(l.lines[next], " \t"))
		if deep <= column {
			return
		}
		b.WriteString(strings.Repeat("\n", next-l.at))
		writeIndent(b, indent)
		l.at, l.off = next, deep
	}
}

// beforeComment is a text without quotes, up to the comment behind it.
func beforeComment(rest string) string {
	for i := 1; i < len(rest); i++ {
		if rest[i] == '#' && isBlank(rest[i-1]) {
			rest = rest[:i]
			break
		}
	}
	return strings.TrimRight(rest, " \t")
}

// quoted takes a text in quotes; its further lines stand at indent.
func (l *layout) quoted(indent int) string {
	rest := l.rest()
	if rest == "" || rest[0] != '"' && rest[0] != '\'' {
		l.unknown()
		return ""
	}
	quote, from := rest[0], 1
	var b strings.Builder
	for {
		if end := closing(rest[from:], quote); end >= 0 {
			b.WriteString(rest[:from+end+1])
			l.off += from + end + 1
			return b.String()
		}
		b.WriteString(trimRight(rest, quote))
		l.at, l.off, from = l.at+1, 0, 0
		if l.at >= len(l.lines) {
			l.unknown()
			return ""
		}
		b.WriteByte('\n')
		l.blanks()
		if rest = l.rest(); rest != "" {
			writeIndent(&b, indent)
		}
	}
}

// trimRight takes the blanks at the end of a line away, but for one that \ makes a part of the text.
func trimRight(line string, quote byte) string {
	text := strings.TrimRight(line, " \t")
	slashes := len(text) - len(strings.TrimRight(text, `\`))
	if quote == '"' && slashes%2 == 1 && len(text) < len(line) {
		return line[:len(text)+1]
	}
	return text
}
