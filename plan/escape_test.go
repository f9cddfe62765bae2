package plan_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"refundctl/plan"
)

// obeyed is what a CI system would obey in its log, or take for a section's mark.
var obeyed = regexp.MustCompile(`::|##[A-Za-z.]*\[|section_(start|end):`)

func TestNoJSONIsACICommand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{"", "section_start:", "##vso[x]", "\u200b"}).Draw(t, "begin") +
			rapid.StringOf(rapid.SampledFrom([]rune(`::##[]\"ax `))).Draw(t, "text")
		line, err := json.Marshal(map[string]string{"text": text, text: "key"})
		if err != nil {
			t.Fatal(err)
		}
		shown := plan.EscapeJSON(line)
		var got map[string]string
		if err := json.Unmarshal(shown, &got); err != nil || got["text"] != text && text != "text" || got[text] != "key" && text != "text" {
			t.Fatalf("%q is written as %s: %v", text, shown, err)
		}
		if obeyed.Match(shown) {
			t.Fatalf("%q is written as %s", text, shown)
		}
	})
}
