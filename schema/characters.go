package schema

import (
	"fmt"
	"strings"
	"unicode"

	"refundctl/schema/yamltree"
)

// badCharacters reports the first character that an id must not have, by its code point and position, since it
// may be invisible.
func badCharacters(out *yamltree.Diagnostics, name string, n *node) {
	position := 0
	for _, r := range n.Value {
		position++
		if isIDCharacter(r) {
			continue
		}
		code, message := CodeCharacters, fmt.Sprintf("%s contains %q as character %d", name, r, position)
		hint := "ids have only letters, digits, _ and -"
		if r > unicode.MaxASCII {
			code, message = CodeLookAlike, fmt.Sprintf("%s contains U+%04X as character %d", name, r, position)
			message, hint = message+resemblance(r), hint+": type this one again"
		}
		out.Error(n, code, message, hint)
		return
	}
}

func isIDCharacter(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-'
}

func resemblance(r rune) string {
	switch {
	case invisible(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r):
		return ", which is invisible"
	case unicode.IsSpace(r):
		return ", a kind of space"
	case 0xFF01 <= r && r <= 0xFF5E:
		return fmt.Sprintf(", which looks like %c", r-0xFF01+'!')
	}
	if i := strings.IndexRune(lookAlikes, r); i >= 0 {
		return fmt.Sprintf(", which looks like %c", lookAlikes[i-1])
	}
	return ""
}

// lookAlikes lists pairs: an ASCII character and one that looks like it, from Cyrillic, Greek, Armenian and the
// dashes. An ASCII character may be in several pairs.
const lookAlikes = "a\u0430c\u0441d\u0501e\u0435h\u04BBi\u0456j\u0458o\u043Ep\u0440q\u051Bs\u0455w\u051Dx\u0445y\u0443" +
	"A\u0410B\u0412C\u0421E\u0415H\u041DI\u0406J\u0408K\u041AM\u041CO\u041EP\u0420S\u0405T\u0422X\u0425Y\u04AE3\u0417" +
	"A\u0391B\u0392E\u0395Z\u0396H\u0397I\u0399K\u039AM\u039CN\u039DO\u039FP\u03A1T\u03A4Y\u03A5X\u03A7" +
	"a\u03B1i\u03B9o\u03BFp\u03C1u\u03C5v\u03BDh\u0570n\u0578o\u0585u\u057D" +
	"-\u2010-\u2011-\u2012-\u2013-\u2014-\u2015-\u2212-\uFE63"

// invisible reports whether r hides in a text or changes its direction. Joiners are allowed: some scripts need
// them.
func invisible(r rune) bool {
	switch {
	case r == 0xAD, r == 0x61C, r == 0x180E, r == 0x200B, r == 0x200E, r == 0x200F, r == 0xFEFF,
		0x2028 <= r && r <= 0x202E, 0x2060 <= r && r <= 0x206F, 0xFFF9 <= r && r <= 0xFFFB,
		0xE0000 <= r && r <= 0xE007F:
		return true
	}
	return false
}

// badControl returns the first character that does not belong in one visible line of text, or -1.
func badControl(text string) (r rune, position int) {
	for _, r := range text {
		position++
		if r < ' ' || 0x7F <= r && r < 0xA0 || r > unicode.MaxASCII && invisible(r) {
			return r, position
		}
	}
	return -1, 0
}
