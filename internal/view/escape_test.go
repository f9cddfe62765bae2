package view_test

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"refundctl/internal/view"
)

// obeyed is what a CI system would obey, or take for a section's mark.
var obeyed = regexp.MustCompile(`::|##[A-Za-z.]*\[|section_(start|end):|\r|\n`)

func TestNoTextIsACICommand(t *testing.T) {
	for text, want := range map[string]string{
		"::add-mask::x":                `:\x3aadd-mask:\x3ax`,
		" ::stop-commands::t":          ` :\x3astop-commands:\x3at`,
		"a ##[add-mask]b":              `a #\x23[add-mask]b`,
		"###[x":                        `##\x23[x`,
		":::":                          `:\x3a:`,
		"##vso[task.setvariable]":      `#\x23vso[task.setvariable]`,
		"##teamcity[x]":                `#\x23teamcity[x]`,
		"section_start:1:a\r\x1b[0Kb":  `section_start\x3a1:a\r\x1b[0Kb`,
		"x\r::error::y":                `x\r:\x3aerror:\x3ay`,
		"a: b, c:d; 10:30:00 #1 ## [x": "a: b, c:d; 10:30:00 #1 ## [x",
	} {
		if got := view.Escape(text); got != want || view.Escape(got) != got {
			t.Errorf("%q is shown as %s, want %s", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("::##[]\r\nax "))).Draw(t, "text")
		if got := view.Escape(text); obeyed.MatchString(got) {
			t.Errorf("%q is shown as %q", text, got)
		}
	})
}
