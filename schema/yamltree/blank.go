package yamltree

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// odd matches a character that a person takes for a space or for nothing, and YAML for a letter.
const odd = `[\x{AD}\x{A0}\x{115F}\x{1160}\x{1680}\x{180E}\x{2000}-\x{200F}\x{202A}-\x{202F}\x{205F}-\x{206F}\x{2800}\x{3000}\x{3164}\x{FEFF}\x{FFA0}]`

var (
	oddBlank = regexp.MustCompile(odd)
	// misplaced finds one where a line needs a space or nothing: in the indentation, behind a dash, a bracket or a
	// comma, behind the colon of a field, or before it.
	misplaced = regexp.MustCompile(`^[ \t]*(?:-[ \t]*)*(` + odd + `)|[{\[,][ \t]*(` + odd + `)|(?:^|[ \t{\[,])["']?[\w-]+["']?:(` + odd + `)|[\w"'](` + odd + `)` + odd + `*:`)
)

// FindBlank returns the first character of text that a person takes for a space or for nothing, and YAML for a letter,
// and its position from 1; -1 if there is none.
func FindBlank(text string) (r rune, position int) {
	at := oddBlank.FindStringIndex(text)
	if at == nil {
		return -1, 0
	}
	r, _ = utf8.DecodeRuneInString(text[at[0]:])
	return r, utf8.RuneCountInString(text[:at[0]]) + 1
}

// NameBlank names a character that FindBlank found, since it cannot be seen.
func NameBlank(r rune) string {
	switch {
	case r == 0xFEFF:
		return "U+FEFF, a byte order mark"
	case unicode.IsSpace(r):
		return fmt.Sprintf("U+%04X, a kind of space", r)
	}
	return fmt.Sprintf("U+%04X, which is invisible", r)
}

// ReportBlank reports a character that FindBlank finds in a field's name as YAML reads it, which may include the
// indentation, a dash, and a colon without a space. The result says whether there is one.
func ReportBlank(out *Diagnostics, n *Node) bool {
	r, position := FindBlank(n.Value)
	if r < 0 {
		return false
	}
	reportBlank(out, n.Line, n.Column+position-1, string([]rune(n.Value)[:position-1]), r)
	return true
}

// reportBlank reports r by what is before it.
func reportBlank(out *Diagnostics, line, column int, before string, r rune) {
	const hint = "delete it and type a space"
	switch {
	case r == 0xFEFF:
		out.ErrorAt(line, column, CodeMark, "a byte order mark (U+FEFF) is within the file", "remove it; it is allowed only at the very beginning")
	case strings.Trim(before, " \t") == "":
		out.ErrorAt(line, column, CodeBlank, "the indentation contains "+NameBlank(r), "indent with spaces")
	case strings.HasSuffix(before, ":"):
		out.ErrorAt(line, column, CodeBlank, "the character after the colon is "+NameBlank(r), hint)
	case strings.HasSuffix(strings.TrimRight(before, " \t"), "-"):
		out.ErrorAt(line, column, CodeBlank, "the character after the dash is "+NameBlank(r), hint)
	case strings.ContainsAny(before[len(before)-1:], "{[, \t"):
		out.ErrorAt(line, column, CodeBlank, "the character before a field is "+NameBlank(r), hint)
	default:
		out.ErrorAt(line, column, CodeBlank, "the name of a field contains "+NameBlank(r), "type the name again")
	}
}

// reportMisplaced reports the first misplaced blank of a line. The result says whether there is one.
func reportMisplaced(out *Diagnostics, number int, line []byte) bool {
	m := misplaced.FindSubmatchIndex(line)
	for i := 2; i < len(m); i += 2 {
		if m[i] >= 0 {
			r, _ := utf8.DecodeRune(line[m[i]:])
			reportBlank(out, number, utf8.RuneCount(line[:m[i]])+1, string(line[:m[i]]), r)
			return true
		}
	}
	return false
}
