package layout

import (
	"strings"
)

// textBlock writes a text that begins with | or >. Its lines keep their indentation relative to each other; without a
// number in its head they are one step deeper than indent.
func (f *formatter) textBlock(b *strings.Builder, indent, column int) {
	rest := f.rest()
	head := 1
	for head < len(rest) && strings.IndexByte("+-0123456789", rest[head]) >= 0 {
		head++
	}
	if rest == "" {
		f.unknown()
		return
	}
	b.WriteString(rest[:head])
	f.off += head
	b.WriteString(f.endOfLine() + "\n")
	depth, deeper := 0, step
	if i := strings.IndexAny(rest[:head], "123456789"); i >= 0 {
		deeper = int(rest[i] - '0')
		depth = column + deeper
	} else {
		depth = f.textDepth(column)
	}
	keep := strings.Contains(rest[:head], "+")
	f.keepOrder = f.keepOrder || keep
	end := f.textEnd(depth, keep)
	if end == len(f.lines) && f.noFinalNewline && !strings.Contains(rest[:head], "-") {
		f.giveUp("a text that begins with | or > ends the file without a newline, so fmt leaves the file as it is", "end the file with a newline")
		return
	}
	for ; f.at < end; f.at++ {
		if line := f.lines[f.at]; len(line) > depth {
			writeIndent(b, indent+deeper)
			b.WriteString(line[depth:])
		}
		b.WriteByte('\n')
	}
}

// textDepth returns the indentation of a text's lines: that of the first one and of the blank lines before it.
func (f *formatter) textDepth(column int) int {
	depth := column + 1
	for _, line := range f.lines[min(f.at, len(f.lines)):] {
		deep := len(line) - len(strings.TrimLeft(line, " "))
		depth = max(depth, deep)
		if deep < len(line) {
			break
		}
	}
	return depth
}

// textEnd returns the line below a text. Blank lines at its end belong to it if it says so, or if they are longer than
// its indentation.
func (f *formatter) textEnd(depth int, keep bool) int {
	end := f.at
	for i := f.at; i < len(f.lines); i++ {
		line := f.lines[i]
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
