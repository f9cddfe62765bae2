package view

import (
	"bytes"
	"regexp"
	"testing"
)

// Pieces that are harmless alone can form a command side by side.
func TestNoLineIsACICommand(t *testing.T) {
	obeyed := regexp.MustCompile(`::|##[A-Za-z.]*\[|section_(start|end):`)
	for _, piece := range []string{":", "#", "##", "x##vso", "section_start"} {
		for _, other := range []string{":", "#[", "[", ":x", "[a"} {
			var out bytes.Buffer
			p := newPrinter(&out, Style{Width: 80})
			p.line("%s%s", Escape(piece), Escape(other))
			p.hang(Escape(piece), 2, Escape(other))
			if err := p.Flush(); err != nil || obeyed.MatchString(out.String()) {
				t.Errorf("%q beside %q: %q (%v)", piece, other, out.String(), err)
			}
		}
	}
}
