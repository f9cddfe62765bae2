package schema

import (
	"fmt"
	"slices"
	"strings"

	"refundctl/internal/diag"
)

// mostShown bounds the errors, and the warnings, that are kept of one file.
const mostShown = 100

// sink collects the diagnostics of one file and counts what it does not keep, so that a file of
// errors cannot fill the memory.
type sink struct {
	file     string
	errors   tally
	warnings tally
	said     int // errors that were added, also those that were said before
}

type tally struct {
	kept   []diag.Diagnostic
	hidden int
}

func (s *sink) add(n *node, code, message, hint string) {
	s.addAt(n.Line, n.Column, code, message, hint)
}

func (s *sink) addAt(line, column int, code, message, hint string) {
	s.said++
	s.errors.put(diag.Diagnostic{Severity: diag.Error, Code: code, Message: message, Hint: hint, Place: s.place(line, column)})
}

func (s *sink) warn(n *node, code, message, hint string) {
	s.warnAt(n.Line, n.Column, code, message, hint)
}

func (s *sink) warnAt(line, column int, code, message, hint string) {
	s.warnings.put(diag.Diagnostic{Severity: diag.Warning, Code: code, Message: message, Hint: hint, Place: s.place(line, column)})
}

func (s *sink) place(line, column int) diag.Place {
	return diag.Place{File: s.file, Line: line, Column: column}
}

// failed counts the errors so far, kept or not.
func (s *sink) failed() int { return len(s.errors.kept) + s.errors.hidden }

// full tells whether further errors are only counted.
func (s *sink) full() bool { return len(s.errors.kept) >= mostShown }

// put drops what is said already: an alias repeats the problems of what it stands for.
func (t *tally) put(d diag.Diagnostic) {
	if slices.Contains(t.kept, d) {
		return
	}
	if len(t.kept) < mostShown {
		t.kept = append(t.kept, d)
		return
	}
	t.hidden++
}

// join takes over what a sink of the same file collected further down.
func (s *sink) join(below *sink) {
	s.errors.join(below.errors)
	s.warnings.join(below.warnings)
}

func (t *tally) join(below tally) {
	for _, d := range below.kept {
		t.put(d)
	}
	t.hidden += below.hidden
}

func (s *sink) all() []diag.Diagnostic {
	return append(s.errors.list("errors"), s.warnings.list("warnings")...)
}

func (t *tally) list(what string) []diag.Diagnostic {
	if t.hidden == 0 {
		return t.kept
	}
	return append(t.kept, diag.Diagnostic{Severity: t.kept[0].Severity, Code: codeMore, Place: t.kept[len(t.kept)-1].Place,
		Message: fmt.Sprintf("and at least %d more %s in this file", t.hidden, what), Hint: "mend those above first"})
}

// shown is a written word as a message may repeat it. What could be a secret or personal data, or
// could upset a terminal, is not repeated.
func shown(text string) string {
	const longest = 60
	odd := strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' || r == '@' })
	if odd || text != strings.TrimSpace(text) || text == "" || len(text) > longest || longNumber(text) || secretValue(text) {
		return "this value"
	}
	return text
}

// listed joins words as a sentence does: a, b or c.
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
