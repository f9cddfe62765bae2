package plan

import (
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// Op says in which of two texts a span occurs.
type Op int

// The spans of a difference: in both texts, only in the first, only in the second.
const (
	Equal Op = iota
	Removed
	Added
)

// Span is a piece of two texts that were compared.
type Span struct {
	Op   Op
	Text string
}

// DiffText compares two texts. The equal and removed spans join to before, the equal and added ones to
// after. The same texts always give the same spans.
func DiffText(before, after string) []Span {
	d := diffmatchpatch.New()
	d.DiffTimeout = 0 // a clock would make the spans depend on the machine; the texts are short
	found := d.DiffCleanupSemantic(d.DiffMain(before, after, false))
	spans := make([]Span, 0, len(found))
	for _, f := range found {
		op := Equal
		switch f.Type {
		case diffmatchpatch.DiffDelete:
			op = Removed
		case diffmatchpatch.DiffInsert:
			op = Added
		}
		spans = append(spans, Span{op, f.Text})
	}
	return spans
}

// Replaced is the difference of two values of which no part means anything, such as amounts and ids.
func Replaced(before, after string) []Span {
	return []Span{{Removed, before}, {Added, after}}
}

// InLine writes spans on one line: [-removed-] and {+added+}.
func InLine(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		switch s.Op {
		case Removed:
			b.WriteString("[-" + s.Text + "-]")
		case Added:
			b.WriteString("{+" + s.Text + "+}")
		default:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}
