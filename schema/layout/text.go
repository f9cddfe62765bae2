package layout

import (
	"strings"

	"refundctl/schema/yamltree"
)

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func writeIndent(b *strings.Builder, n int) {
	for range n {
		b.WriteByte(' ')
	}
}

// rest returns what is left of the cursor's line.
func (f *formatter) rest() string {
	if f.at >= len(f.lines) {
		return ""
	}
	return f.lines[f.at][f.off:]
}

// blanks skips spaces and tabs.
func (f *formatter) blanks() {
	rest := f.rest()
	f.off += len(rest) - len(strings.TrimLeft(rest, " \t"))
}

// lineDone skips spaces, and reports whether nothing but a comment is left of the line.
func (f *formatter) lineDone() bool {
	f.blanks()
	rest := f.rest()
	return rest == "" || rest[0] == '#'
}

// endOfLine reads the comment at the end of a line, with the spaces before it, and moves to the next line.
func (f *formatter) endOfLine() string {
	if f.at >= len(f.lines) {
		return ""
	}
	before := f.off
	if !f.lineDone() {
		f.unknown()
		return ""
	}
	gap, comment := gapOf(f.lines[f.at][before:]), strings.TrimRight(f.rest(), " \t")
	f.at, f.off = f.at+1, 0
	if comment == "" {
		return ""
	}
	f.comments = append(f.comments, comment)
	return gap + comment
}

// above reads the comments and blank lines before the next value, and moves to that.
func (f *formatter) above() []string {
	end := f.at
	for end < len(f.lines) && isAbove(f.lines[end]) {
		end++
	}
	taken := f.take(end)
	f.off = 0
	f.blanks()
	return taken
}

func isAbove(line string) bool {
	text := strings.TrimLeft(line, " \t")
	return text == "" || text[0] == '#'
}

// take reads comments and blank lines, and moves to line end.
func (f *formatter) take(end int) []string {
	var taken []string
	for ; f.at < end; f.at++ {
		text := strings.Trim(f.lines[f.at], " \t")
		if text != "" {
			f.comments = append(f.comments, text)
		}
		taken = append(taken, text)
	}
	return taken
}

// key reads the name of a field and its colon.
func (f *formatter) key(n *yamltree.Node) string {
	rest := f.rest()
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
	if end == len(rest) || n.Kind != yamltree.ScalarNode && n.Kind != yamltree.AliasNode || strings.HasPrefix(rest, "? ") || strings.HasPrefix(rest, "?\t") {
		f.unknown()
		return ""
	}
	f.off += end + 1
	name := strings.TrimRight(rest[:end], " \t")
	if n.Kind == yamltree.AliasNode {
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

// closing returns where a quoted text ends, from after its first quote; -1 if it does not end.
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

// marks reads the anchor and the tag before a value.
func (f *formatter) marks() string {
	var marks []string
	for {
		f.blanks()
		rest := f.rest()
		if rest == "" || rest[0] != '&' && rest[0] != '!' {
			break
		}
		n := wordLength(rest)
		marks = append(marks, rest[:n])
		f.off += n
	}
	if len(marks) == 0 {
		f.unknown()
	}
	return strings.Join(marks, " ")
}

// leaf writes a text, an alias, or what is in brackets, to the end of its last line.
func (f *formatter) leaf(b *strings.Builder, n *yamltree.Node, indent, column int, s shape) {
	inside := indent
	switch {
	case yamltree.IsEmpty(n) && !yamltree.HasProperties(n):
		b.WriteString(f.endOfLine() + "\n")
		return
	case f.lineDone(): // the value is on its own line
		b.WriteString(f.endOfLine() + "\n")
		inside = indent + step
		writeAbove(b, f.above(), inside, true)
		writeIndent(b, inside)
	default:
		b.WriteByte(' ')
	}
	if yamltree.HasProperties(n) {
		b.WriteString(f.marks())
		if yamltree.IsEmpty(n) {
			b.WriteString(f.endOfLine() + "\n")
			return
		}
		if f.lineDone() {
			f.unknown()
			return
		}
		b.WriteByte(' ')
	}
	switch {
	case yamltree.IsFlow(n):
		b.WriteString(f.flow(inside, indent+step, s))
	case yamltree.IsBlock(n):
		f.textBlock(b, indent, column)
		return
	case yamltree.IsQuoted(n):
		b.WriteString(f.quoted(indent + step))
	case n.Kind == yamltree.ScalarNode:
		f.plain(b, indent+step, column)
	default: // an alias
		word := f.rest()[:wordLength(f.rest())]
		b.WriteString(word)
		f.off += len(word)
	}
	b.WriteString(f.endOfLine() + "\n")
}

// plain writes a text without quotes. Lines below that are indented more than column continue it.
func (f *formatter) plain(b *strings.Builder, indent, column int) {
	for f.unsupported == nil {
		rest := f.rest()
		text := beforeComment(rest)
		b.WriteString(text)
		f.off += len(text)
		if strings.TrimLeft(f.rest(), " \t") != "" {
			return
		}
		next := f.at + 1
		for next < len(f.lines) && strings.Trim(f.lines[next], " \t") == "" {
			next++
		}
		if next == len(f.lines) || isAbove(f.lines[next]) {
			return
		}
		deep := len(f.lines[next]) - len(strings.TrimLeft(f.lines[next], " \t"))
		if deep <= column {
			return
		}
		b.WriteString(strings.Repeat("\n", next-f.at))
		writeIndent(b, indent)
		f.at, f.off = next, deep
	}
}

// beforeComment returns a text without quotes, up to the comment behind it.
func beforeComment(rest string) string {
	for i := 1; i < len(rest); i++ {
		if rest[i] == '#' && isBlank(rest[i-1]) {
			rest = rest[:i]
			break
		}
	}
	return strings.TrimRight(rest, " \t")
}

// quoted reads a text in quotes, whose further lines go to column indent.
func (f *formatter) quoted(indent int) string {
	rest := f.rest()
	if rest == "" || rest[0] != '"' && rest[0] != '\'' {
		f.unknown()
		return ""
	}
	quote, from := rest[0], 1
	var b strings.Builder
	for {
		if end := closing(rest[from:], quote); end >= 0 {
			b.WriteString(rest[:from+end+1])
			f.off += from + end + 1
			return b.String()
		}
		b.WriteString(trimRight(rest, quote))
		f.at, f.off, from = f.at+1, 0, 0
		if f.at >= len(f.lines) {
			f.unknown()
			return ""
		}
		b.WriteByte('\n')
		f.blanks()
		if rest = f.rest(); rest != "" {
			writeIndent(&b, indent)
		}
	}
}

// trimRight removes the spaces at the end of a line, except one that \ makes a part of the text.
func trimRight(line string, quote byte) string {
	text := strings.TrimRight(line, " \t")
	slashes := len(text) - len(strings.TrimRight(text, `\`))
	if quote == '"' && slashes%2 == 1 && len(text) < len(line) {
		return line[:len(text)+1]
	}
	return text
}
