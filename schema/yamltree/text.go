package yamltree

import (
	"bytes"
	"fmt"
	"regexp"
	"unicode/utf8"
)

// ByteOrderMark is the mark that Windows programs put before UTF-8 text.
const ByteOrderMark = "\xEF\xBB\xBF"

// maxMarks bounds the characters that begin values, and with them the memory of the tree: about three
// gigabytes at worst. A hundred thousand refunds with every field have 3.5 million.
const maxMarks = 4_000_000

// CheckText returns data without its byte order mark, and reports whether the YAML reader may have it. If
// not, the reason is in out.
func CheckText(out *Diagnostics, data []byte) ([]byte, bool) {
	if name := OtherEncoding(data); name != "" {
		out.ErrorAt(1, 1, CodeEncoding, "the file is "+name, "save it as UTF-8")
		return nil, false
	}
	data = bytes.TrimPrefix(data, []byte(ByteOrderMark))
	before := out.Errors()
	reportGit(out, data)
	reportDirectives(out, data)
	if out.Errors() > before {
		return nil, false
	}
	marks := 0
	for i := 0; i < len(data); {
		c := data[i]
		if ' ' <= c && c < 0x7F || c == '\n' || c == '\t' || c == '\r' && i+1 < len(data) && data[i+1] == '\n' {
			marks += int(startsValue[c])
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		code, message, hint := unreadable(r, size)
		if r == '\uFEFF' && (i == 0 || data[i-1] == '\n') { // elsewhere it is in a text, whose rules report it
			code, message, hint = CodeMark, "a byte order mark (U+FEFF) is within the file", "remove it; it is allowed only at the very beginning"
		}
		if code != "" {
			line, column := endOf(data[:i])
			out.ErrorAt(line, column, code, message, hint)
		}
		if code != "" && code != CodeMark {
			return nil, false
		}
		i += size
	}
	if out.Errors() > before {
		return nil, false
	}
	if marks > maxMarks {
		out.ErrorAt(0, 0, CodeTooLarge, fmt.Sprintf("the file has more than %d values", maxMarks), "split it into several files")
		return nil, false
	}
	return data, true
}

// startsValue marks the characters without which YAML cannot begin one more value.
var startsValue = [128]uint8{'\n': 1, ',': 1, ':': 1, '[': 1, '{': 1, '-': 1, '?': 1}

// unreadable refuses invalid UTF-8, and the characters that YAML forbids or takes for line ends although
// editors do not: with them, line numbers would be wrong.
func unreadable(r rune, size int) (code, message, hint string) {
	switch {
	case r == utf8.RuneError && size <= 1:
		return CodeEncoding, "the file is not UTF-8", "save it as UTF-8"
	case r < ' ' || 0x7F <= r && r < 0xA0 || r == 0x2028 || r == 0x2029 || r == 0xFFFE || r == 0xFFFF:
		return CodeControl, fmt.Sprintf("the file contains the control character U+%04X", r), "remove it"
	}
	return "", "", ""
}

// OtherEncoding returns the name of an encoding of Unicode that is not UTF-8, with or without its mark; "" if data is
// not in one. Without a mark, the first character is taken for ASCII.
func OtherEncoding(data []byte) string {
	var b [4]byte
	n := copy(b[:], data)
	zero := [4]bool{b[0] == 0, b[1] == 0, b[2] == 0, b[3] == 0}
	switch {
	case n == 4 && (string(b[:]) == "\xFF\xFE\x00\x00" || string(b[:]) == "\x00\x00\xFE\xFF"):
		return "UTF-32"
	case n == 4 && (zero == [4]bool{false, true, true, true} || zero == [4]bool{true, true, true, false}):
		return "UTF-32"
	case n >= 2 && (string(b[:2]) == "\xFF\xFE" || string(b[:2]) == "\xFE\xFF" || zero[0] != zero[1]):
		return "UTF-16"
	}
	return ""
}

// reportGit reports what Git leaves in place of a file's text: a pointer to it, or both sides of a conflict.
func reportGit(out *Diagnostics, data []byte) {
	if bytes.HasPrefix(data, []byte("version https://git-lfs.github.com/spec/")) {
		out.ErrorAt(1, 1, CodeLFS, "the file is a Git LFS pointer, not the text itself", "run git lfs pull, and keep this file out of Git LFS")
		return
	}
	first := len(data)
	for _, marker := range []string{"<<<<<<<", "|||||||", "=======", ">>>>>>>"} {
		if at := atLineStart(data, marker); at >= 0 {
			first = min(first, at)
		}
	}
	if first < len(data) {
		line, column := endOf(data[:first])
		out.ErrorAt(line, column, CodeConflict, fmt.Sprintf("the line begins with %s, a Git conflict marker", data[first:first+7]),
			"keep the right lines of both sides, and remove the lines that begin with <<<<<<<, ======= or >>>>>>>")
	}
}

// atLineStart returns the index of the first line that is marker, or begins with it and a space; -1 if there is none.
func atLineStart(data []byte, marker string) int {
	for from := 0; ; {
		at := 0
		if from > 0 || !bytes.HasPrefix(data, []byte(marker)) {
			next := bytes.Index(data[from:], []byte("\n"+marker))
			if next < 0 {
				return -1
			}
			at = from + next + 1
		}
		from = at + len(marker)
		if from == len(data) || bytes.IndexByte([]byte(" \r\n"), data[from]) >= 0 {
			return at
		}
	}
}

var directive = regexp.MustCompile(`(?m)^%(YAML|TAG)[ \t]+([^ \t\r\n]*)`)

// reportDirectives refuses the directives that could change how a text is read.
func reportDirectives(out *Diagnostics, data []byte) {
	if !bytes.HasPrefix(data, []byte("%")) && !bytes.Contains(data, []byte("\n%")) {
		return
	}
	for _, m := range directive.FindAllSubmatchIndex(data, maxShown+1) {
		name, version := string(data[m[2]:m[3]]), string(data[m[4]:m[5]])
		line, column := endOf(data[:m[0]])
		switch {
		case name == "TAG":
			out.ErrorAt(line, column, CodeTag, "%TAG is not supported", "remove the line; manifests have no tags")
		case version != "1.1" && version != "1.2":
			out.ErrorAt(line, column, CodeSyntax, "%YAML "+Printable(version)+" is not supported", "remove the line, or write %YAML 1.2")
		}
	}
}

// asYAML11 returns data with each directive %YAML 1.2, which the library refuses although it reads such texts, as
// %YAML 1.1. No character moves.
func asYAML11(data []byte) []byte {
	if !bytes.Contains(data, []byte("%YAML")) {
		return data
	}
	data = bytes.Clone(data)
	for _, m := range directive.FindAllSubmatchIndex(data, -1) {
		if string(data[m[4]:m[5]]) == "1.2" {
			data[m[5]-1] = '1'
		}
	}
	return data
}

// endOf returns the line and column just after text.
func endOf(text []byte) (line, column int) {
	last := bytes.LastIndexByte(text, '\n') + 1
	return bytes.Count(text, []byte("\n")) + 1, utf8.RuneCount(text[last:]) + 1
}
