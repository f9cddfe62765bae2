package plan

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Visible tells whether a character shows itself. IsPrint knows controls, direction marks and odd
// blanks, but takes fillers and variation selectors for letters and marks.
func Visible(r rune) bool {
	if r < 0x7f {
		return r >= ' '
	}
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// Shown writes the characters of a JSON text that cannot be seen as \u and four digits, so that it
// can be looked at on a terminal; any reader gets the same text back. encoding/json did so with those
// below the blank and with broken UTF-8, and what is left of them stands inside of strings. So does
// what a CI system would obey in its log, such as ::command and ##[command]: it is broken likewise.
func Shown(json []byte) []byte { return seen(tamed(json)) }

func tamed(json []byte) []byte {
	if bytes.Contains(json, []byte("::")) || bytes.Contains(json, []byte("section_")) {
		json = []byte(commands.Replace(string(json)))
	}
	if bytes.Contains(json, []byte("##")) {
		json = hashCommand.ReplaceAll(json, []byte(`#\u0023$1`))
	}
	return json
}

var (
	commands    = strings.NewReplacer("::", `:\u003a`, "section_start:", `section_start\u003a`, "section_end:", `section_end\u003a`)
	hashCommand = regexp.MustCompile(`##([A-Za-z.]*\[)`)
)

func seen(json []byte) []byte {
	if !bytes.ContainsFunc(json, hidden) {
		return json
	}
	out := make([]byte, 0, len(json)+64)
	for len(json) > 0 {
		r, size := utf8.DecodeRune(json)
		switch {
		case !hidden(r):
			out = append(out, json[:size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		json = json[size:]
	}
	return out
}

// hidden counts the replacement character in: encoding/json spells broken UTF-8 as its escape, and
// a text that is read and written again must have one spelling.
func hidden(r rune) bool { return !Visible(r) || r == utf8.RuneError }
