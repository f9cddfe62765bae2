package layout

import (
	"strings"
	"unicode/utf8"

	"refundctl/schema/yamltree"
)

// step is how many columns each level is indented.
const step = 2

// formatter rewrites a text. It follows the tree of the YAML reader, so that it never guesses what a line is, and
// copies every word from the text, so that none changes its spelling.
type formatter struct {
	lines          []string // without their ends
	at, off        int      // the cursor
	noFinalNewline bool
	keepOrder      bool     // of fields: an alias must come after its anchor, or a blank line is text
	fresh          bool     // nothing of this document is written yet
	comments       []string // in order
	unsupported    *unsupported
	out            strings.Builder
}

// unsupported says why fmt leaves a text as it is, and where it saw that.
type unsupported struct {
	line, column  int
	message, hint string
}

func newFormatter(text string) *formatter {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	f := &formatter{lines: strings.Split(text, "\n"), fresh: true}
	if last := len(f.lines) - 1; f.lines[last] == "" {
		f.lines = f.lines[:last]
	} else {
		f.noFinalNewline = true
	}
	return f
}

// giveUp leaves the text as it is, for a reason at the cursor.
func (f *formatter) giveUp(message, hint string) {
	at := min(f.at, len(f.lines)-1)
	f.giveUpAt(at+1, utf8.RuneCountInString(f.lines[at][:min(f.off, len(f.lines[at]))])+1, message, hint)
}

// giveUpAt moves the cursor to the end, so that nothing more is read.
func (f *formatter) giveUpAt(line, column int, message, hint string) {
	if f.unsupported == nil {
		f.unsupported = &unsupported{line, column, message, hint}
	}
	f.at, f.off = len(f.lines), 0
}

func (f *formatter) unknown() {
	f.giveUp("fmt does not support this way of writing YAML, so it leaves the file as it is", "write one field per line, as in: name: value")
}

func (f *formatter) tooDeep() {
	f.giveUp("values are nested too deep for fmt, so it leaves the file as it is", "use fewer levels")
}

// document formats one document, from the comments above it to its last value.
func (f *formatter) document(root *yamltree.Node) {
	head := f.lead()
	if n := foreign(root); n != nil {
		f.giveUpAt(n.Line, n.Column, "this is not a manifest, so fmt leaves the file as it is", "run refundctl validate; manifests have version, account, defaults and refunds")
		return
	}
	f.keepOrder = yamltree.HasAlias(root)
	if yamltree.IsFlow(root) {
		f.write(head, f.flow(0, 0, manifestShape)+f.endOfLine()+"\n")
		return
	}
	parts := f.mapping(root, 0, manifestShape)
	if len(parts) > 0 {
		parts[0].above = append(head, parts[0].above...)
	}
	for _, p := range parts {
		f.write(p.above, p.body)
	}
}

func (f *formatter) write(above []string, body string) {
	writeAbove(&f.out, above, 0, f.fresh)
	f.out.WriteString(body)
	f.fresh = f.fresh && len(above) == 0 && body == ""
}

// foreign returns what shows that a document is not a manifest; nil if it is one. Other documents have their own order
// and layout.
func foreign(root *yamltree.Node) *yamltree.Node {
	if root.Kind != yamltree.MappingNode || yamltree.HasProperties(root) {
		return root
	}
	for i := 0; i < len(root.Content); i += 2 {
		if manifestShape.rank(root.Content[i].Value) < 0 {
			return root.Content[i]
		}
	}
	return nil
}

// lead writes the directives and the markers between documents, with the comments above them, and returns the comments above the next
// document.
func (f *formatter) lead() []string {
	for {
		above := f.above()
		switch {
		case f.at < len(f.lines) && strings.HasPrefix(f.lines[f.at], "%"): // a directive
			f.write(above, strings.TrimRight(f.lines[f.at], " \t")+"\n")
			f.at, f.off, f.fresh = f.at+1, 0, true
			continue
		case f.at >= len(f.lines) || !isMarker(f.lines[f.at]):
			return above
		}
		marker := f.lines[f.at][:3]
		f.off = len(marker)
		f.write(above, marker+f.endOfLine()+"\n")
		f.fresh = true
	}
}

// end writes what is below the last document.
func (f *formatter) end() {
	rest := f.lead()
	if f.at < len(f.lines) {
		f.unknown()
	}
	for len(rest) > 0 && rest[len(rest)-1] == "" {
		rest = rest[:len(rest)-1]
	}
	f.write(rest, "")
}

func isMarker(line string) bool {
	return (strings.HasPrefix(line, "---") || strings.HasPrefix(line, "...")) && (len(line) == 3 || isBlank(line[3]))
}
