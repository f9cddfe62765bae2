package schema

import (
	"strings"
)

// textBlock writes a text that begins with | or >, with the lines below as deep to each other as they
// were. Without a number in its head they stand one step deeper than indent.
func (l *layout) textBlock(b *strings.Builder, indent, column int) {
	rest := l.rest()
	head := 1
	for head < len(rest) && strings.IndexByte("+-0123456789", rest[head]) >= 0 {
		head++
	}
	if rest == "" {
		l.unknown()
		return
	}
	b.WriteString(rest[:head])
	l.off += head
	b.WriteString(l.endOfLine() + "\n")
	depth, deeper := 0, step
	if i := strings.IndexAny(rest[:head], "123456789"); i >= 0 {
		deeper = int(rest[i] - '0')
		depth = column + deeper
	} else {
		depth = l.textDepth(column)
	}
	keep := strings.Contains(rest[:head], "+")
	l.asIs = l.asIs || keep
	end := l.textEnd(depth, keep)
	if end == len(l.lines) && l.torn && !strings.Contains(rest[:head], "-") {
		l.leave("a text that begins with | or > ends the file without a line end, and fmt leaves the file as it is", "end the file with a line end")
		return
	}
	for ; l.at < end; l.at++ {
		if line := l.lines[l.at]; len(line) > depth {
			writeIndent(b, indent+deeper)
			b.WriteString(line[depth:])
		}
		b.WriteByte('\n')
	}
}

// textDepth is the depth of a text's lines, which its first one says, and blank ones before it.
func (l *layout) textDepth(column int) int {
	depth := column + 1
	for _, line := range l.lines[min(l.at, len(l.lines)):] {
		deep := len(line) - len(strings.TrimLeft(line, " "))
		depth = max(depth, deep)
		if deep < len(line) {
			break
		}
	}
	return depth
}

// textEnd is the line below a text. Blank lines at its end are a part of it where it says so, or where
// they are longer than its depth.
func (l *layout) textEnd(depth int, keep bool) int {
	end := l.at
	for i := l.at; i < len(l.lines); i++ {
		line := l.lines[i]
		deep := len(line) - len(strings.TrimLeft(line, " "))
		if deep < len(line) && deep < depth {
			break
		}
		if keep || len(line) > depth {
			end = i + 1
		}
	}
	return end
}
