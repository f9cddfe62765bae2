package schema

import (
	"strings"
	"unicode/utf8"
)

// step is how much deeper each level of the layout stands.
const step = 2

// layout writes a text anew. It follows the tree that the YAML reader made of the text, so that it
// never guesses what a line is, and takes every word from the text itself, so that none is spelled
// anew.
type layout struct {
	lines    []string // without their ends
	at, off  int      // the cursor
	torn     bool     // the last line has no end
	asIs     bool     // fields stay in their order: an alias must stay behind its anchor, or a blank line is text
	fresh    bool     // nothing stands above in this document
	comments []string // in the order of the text
	left     *leaving
	out      strings.Builder
}

// leaving is why a text is left as it is, and where that was seen.
type leaving struct {
	line, column  int
	message, hint string
}

func newLayout(text string) *layout {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	l := &layout{lines: strings.Split(text, "\n"), fresh: true}
	if last := len(l.lines) - 1; l.lines[last] == "" {
		l.lines = l.lines[:last]
	} else {
		l.torn = true
	}
	return l
}

// leave gives the text up at the cursor.
func (l *layout) leave(message, hint string) {
	at := min(l.at, len(l.lines)-1)
	l.leaveAt(at+1, utf8.RuneCountInString(l.lines[at][:min(l.off, len(l.lines[at]))])+1, message, hint)
}

// leaveAt takes the cursor to the end, so that nothing more is read.
func (l *layout) leaveAt(line, column int, message, hint string) {
	if l.left == nil {
		l.left = &leaving{line, column, message, hint}
	}
	l.at, l.off = len(l.lines), 0
}

func (l *layout) unknown() {
	l.leave("fmt does not know this way of writing YAML, and leaves the file as it is", "write a field a line, as in: name: value")
}

func (l *layout) tooDeep() {
	l.leave("values are nested too deep for fmt, which leaves the file as it is", "write it flatter")
}

// document lays out one document, from the comments above it to its last value.
func (l *layout) document(root *node) {
	head := l.lead()
	if n := foreign(root); n != nil {
		l.leaveAt(n.Line, n.Column, "this is no manifest, and fmt leaves the file as it is", "see refundctl validate; manifests have version, account, defaults and refunds")
		return
	}
	l.asIs = hasAlias(root)
	if isFlow(root) {
		l.write(head, l.flow(0, 0, manifestShape)+l.endOfLine()+"\n")
		return
	}
	parts := l.mapping(root, 0, manifestShape)
	if len(parts) > 0 {
		parts[0].above = append(head, parts[0].above...)
	}
	for _, p := range parts {
		l.write(p.above, p.body)
	}
}

func (l *layout) write(above []string, body string) {
	writeAbove(&l.out, above, 0, l.fresh)
	l.out.WriteString(body)
	l.fresh = l.fresh && len(above) == 0 && body == ""
}

// foreign is what shows that a document is no manifest; nil where it is one. Others have an order and
// a layout of their own.
func foreign(root *node) *node {
	if root.Kind != mappingNode || marked(root) {
		return root
	}
	for i := 0; i < len(root.Content); i += 2 {
		if manifestShape.rank(root.Content[i].Value) < 0 {
			return root.Content[i]
		}
	}
	return nil
}

// lead writes the markers between documents, with what stands above them, and takes the comments above
// the next document.
func (l *layout) lead() []string {
	for {
		above := l.above()
		if l.at >= len(l.lines) || !isMarker(l.lines[l.at]) {
			return above
		}
		marker := l.lines[l.at][:3]
		l.off = len(marker)
		l.write(above, marker+l.endOfLine()+"\n")
		l.fresh = true
	}
}

// end writes what stands below the last document.
func (l *layout) end() {
	rest := l.lead()
	if l.at < len(l.lines) {
		l.unknown()
	}
	for len(rest) > 0 && rest[len(rest)-1] == "" {
		rest = rest[:len(rest)-1]
	}
	l.write(rest, "")
}

func isMarker(line string) bool {
	return (strings.HasPrefix(line, "---") || strings.HasPrefix(line, "...")) && (len(line) == 3 || isBlank(line[3]))
}
