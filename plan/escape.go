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

// Visible reports whether a character shows on a terminal. unicode.IsPrint rejects controls, direction marks
// and odd blanks, but accepts fillers and variation selectors.
func Visible(r rune) bool {
	if r < 0x7f {
		return r >= ' '
	}
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// EscapeJSON makes a JSON document safe to print on a terminal and in the log of a CI system. It writes
// invisible characters as \u and four hexadecimal digits, and breaks up CI commands such as ::command and
// ##[command] in the same way. Readers of the JSON get the same text back. The input must come from
// encoding/json, so that such characters occur only in strings.
func EscapeJSON(json []byte) []byte { return escapeHidden(escapeCommands(json)) }

func escapeCommands(json []byte) []byte {
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

func escapeHidden(json []byte) []byte {
	if !bytes.ContainsFunc(json, isHidden) {
		return json
	}
	out := make([]byte, 0, len(json)+64)
	for len(json) > 0 {
		r, size := utf8.DecodeRune(json)
		switch {
		case !isHidden(r):
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

// isHidden includes the replacement character: encoding/json writes broken UTF-8 as its escape, and a text
// that is read and written again must have one spelling.
func isHidden(r rune) bool { return !Visible(r) || r == utf8.RuneError }
