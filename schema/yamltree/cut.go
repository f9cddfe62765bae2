package yamltree

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"refundctl/schema/sensitive"
)

// IsCut reports whether an unquoted text, or an empty value, is followed by a # that begins a comment for YAML and
// perhaps a number or a tag for a person: a letter or a digit follows it.
func IsCut(n *Node) bool { return n.LineComment != "" && IsPlain(n) && isCutBy(n.LineComment) }

func isCutBy(comment string) bool {
	rest, found := strings.CutPrefix(comment, "#")
	r, _ := utf8.DecodeRuneInString(rest)
	return found && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// CutHint is the hint for a text that IsCut.
const CutHint = "put the text in quotes, or put a space after the # if it is a comment"

// PrintableLine is Printable for a whole line in any script: it returns "" if a message must not repeat it, and shortens
// a long one.
func PrintableLine(line string) string {
	const longest = 160
	odd := func(r rune) bool { return !unicode.IsPrint(r) || r == '@' }
	if strings.ContainsFunc(line, odd) || sensitive.HasLongNumber(line) || sensitive.ContainsSecret(line) || len(sensitive.Find(line)) > 0 {
		return ""
	}
	if runes := []rune(line); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return line
}

// hiddenBy looks for a comment that hides a part of a line: the closing bracket, or what follows a # that belongs to a
// text. It returns the index of the #, or -1, and whether a bracket is hidden.
func hiddenBy(line string) (at int, bracket bool) {
	open, quote, last := 0, ' ', ' '
	for i, r := range line {
		switch {
		case quote != ' ':
			if r == quote {
				quote = ' '
			}
		case (r == '"' || r == '\'') && strings.ContainsRune(" \t{[,:-", last):
			quote = r
		case r == '{' || r == '[':
			open++
		case r == '}' || r == ']':
			open--
		case r == '#' && (last == ' ' || last == '\t') && strings.TrimSpace(line[:i]) != "":
			bracket = open > 0 && strings.ContainsAny(line[i:], "}]")
			if bracket || isCutBy(line[i:]) {
				return i, bracket
			}
			return -1, false
		}
		last = r
	}
	return -1, false
}
