package plan

import (
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// Side says which of two texts a part of their difference stands in.
type Side int

// The sides of a difference.
const (
	Both Side = iota
	Wanted
	Live
)

// Part is a piece of two texts that were held side by side.
type Part struct {
	Side Side
	Text string
}

// Parts says how live differs from want: without the parts of one side, the others join to the text
// of the other side. The same texts always give the same parts.
func Parts(want, live string) []Part {
	d := diffmatchpatch.New()
	d.DiffTimeout = 0 // notes are short, and a clock would make the parts depend on the machine
	found := d.DiffCleanupSemantic(d.DiffMain(want, live, false))
	parts := make([]Part, 0, len(found))
	for _, f := range found {
		side := Both
		switch f.Type {
		case diffmatchpatch.DiffDelete:
			side = Wanted
		case diffmatchpatch.DiffInsert:
			side = Live
		}
		parts = append(parts, Part{side, f.Text})
	}
	return parts
}

// InLine writes parts on one line: [-only wanted-] and {+only live+}.
func InLine(parts []Part) string {
	var b strings.Builder
	for _, part := range parts {
		switch part.Side {
		case Wanted:
			b.WriteString("[-" + part.Text + "-]")
		case Live:
			b.WriteString("{+" + part.Text + "+}")
		default:
			b.WriteString(part.Text)
		}
	}
	return b.String()
}

// TextDiff shows on one line how live differs from want.
func TextDiff(want, live string) string { return InLine(Parts(want, live)) }
