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
	d := untimed()
	found := d.DiffCleanupSemantic(d.DiffMain(before, after, false))
	spans := make([]Span, 0, len(found))
	for _, f := range found {
		spans = append(spans, Span{opOf(f.Type), f.Text})
	}
	return spans
}

// DiffLists compares two lists whose elements have meaning only as a whole, such as vendors' shares. Each element
// is one piece; the spans join to the lists with a comma and a blank between two elements.
func DiffLists(before, after []string) []Span {
	const separator = ", "
	pieces, runes := []string{separator}, map[string]rune{separator: 0} // each piece is compared as one rune
	encode := func(list []string) []rune {
		var encoded []rune
		for i, text := range list {
			if i > 0 {
				encoded = append(encoded, runes[separator])
			}
			if _, known := runes[text]; !known {
				runes[text] = rune(len(pieces))
				pieces = append(pieces, text)
			}
			encoded = append(encoded, runes[text])
		}
		return encoded
	}
	var spans []Span
	for _, f := range untimed().DiffMainRunes(encode(before), encode(after), false) {
		s := Span{Op: opOf(f.Type)}
		for _, r := range f.Text {
			s.Text += pieces[r]
		}
		spans = append(spans, s)
	}
	return spans
}

// untimed compares without a clock, which would make the spans depend on the machine. The texts are short.
func untimed() *diffmatchpatch.DiffMatchPatch {
	d := diffmatchpatch.New()
	d.DiffTimeout = 0
	return d
}

func opOf(o diffmatchpatch.Operation) Op {
	switch o {
	case diffmatchpatch.DiffDelete:
		return Removed
	case diffmatchpatch.DiffInsert:
		return Added
	}
	return Equal
}

// Replaced is the difference of two values that have meaning only as a whole, such as amounts and ids.
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
