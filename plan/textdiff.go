package plan

import (
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// TextDiff shows on one line how live differs from want: [-only wanted-] and {+only live+}.
func TextDiff(want, live string) string {
	d := diffmatchpatch.New()
	d.DiffTimeout = 0 // notes are short, and the same texts must give the same line
	var b strings.Builder
	for _, part := range d.DiffCleanupSemantic(d.DiffMain(want, live, false)) {
		switch part.Type {
		case diffmatchpatch.DiffDelete:
			b.WriteString("[-" + part.Text + "-]")
		case diffmatchpatch.DiffInsert:
			b.WriteString("{+" + part.Text + "+}")
		default:
			b.WriteString(part.Text)
		}
	}
	return b.String()
}
