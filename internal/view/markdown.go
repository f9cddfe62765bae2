package view

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// md makes foreign text inert in Markdown. A character with a meaning in Markdown or HTML becomes an entity,
// which renders as the character and is never read as markup.
func md(text string) string {
	var b strings.Builder
	shown := Escape(text)
	for i, r := range shown {
		before, rest := byte(0), shown[i+utf8.RuneLen(r):]
		if i > 0 {
			before = shown[i-1]
		}
		if !meaningful(r) || inside(r, before, first(rest)) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "&#%d;", r)
		if joins(r, rest) {
			b.WriteString("<!-- -->")
		}
	}
	return b.String()
}

// meaningful reports whether r is an ASCII sign other than the comma.
func meaningful(r rune) bool {
	return r > ' ' && r < 0x7f && r != ',' && !letter(byte(r)) && !digit(byte(r))
}

// inside reports whether a sign means nothing within a word: one in an id, or the decimal point. GH-17 names
// an issue.
func inside(r rune, before, after byte) bool {
	switch r {
	case '_':
		return (letter(before) || digit(before)) && (letter(after) || digit(after))
	case '-':
		return (letter(before) || digit(before)) && (letter(after) || digit(after)) && before|0x20 != 'h'
	case '.':
		return digit(before) && digit(after)
	}
	return false
}

// joins reports whether a forge would find a mention, an issue, an address, an emoji or a formula in the
// rendered text, in which entities are characters again. An empty comment separates that text invisibly.
func joins(r rune, rest string) bool {
	switch r {
	case '@', '#', '!', '$', '%', '&', '^', '~':
		return first(rest) > ' '
	case ':':
		word, _, _ := strings.Cut(rest, " ")
		return strings.Contains(word, ":") || first(word) == '/'
	case '-':
		return digit(first(rest))
	}
	return false
}

func letter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
func digit(b byte) bool  { return b >= '0' && b <= '9' }

// first is the first byte of text; 0 if it is empty.
func first(text string) byte {
	if text == "" {
		return 0
	}
	return text[0]
}

// shorten cuts text to about n characters, between two of them, and says how many are gone.
func shorten(text string, n int) string {
	total := utf8.RuneCountInString(text)
	if total <= n+len(" … (1000 more characters)") {
		return text
	}
	kept := terminal().Truncate(string([]rune(text)[:min(2*n, total)]), n, "") // marks take no cells: of them, 2n is enough
	return fmt.Sprintf("%s … (%d more characters)", kept, total-utf8.RuneCountInString(kept))
}
