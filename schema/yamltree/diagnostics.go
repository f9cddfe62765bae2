package yamltree

import (
	"fmt"
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/schema/sensitive"
)

// maxShown bounds the errors, and the warnings, that are kept for one file.
const maxShown = 100

// Diagnostics collects the errors and warnings of one file. It keeps the first of them and counts the rest,
// so that a file full of errors cannot fill the memory. The zero value is ready to use.
type Diagnostics struct {
	File string // the name that the places carry

	errors   tally
	warnings tally
	reported int
}

type tally struct {
	kept   []diag.Diagnostic
	hidden int
}

// Error reports an error at a node.
func (d *Diagnostics) Error(n *Node, code, message, hint string) {
	d.ErrorAt(n.Line, n.Column, code, message, hint)
}

// ErrorAt reports an error at a line and column; zeros mean the whole file.
func (d *Diagnostics) ErrorAt(line, column int, code, message, hint string) {
	d.reported++
	d.errors.put(diag.Diagnostic{Severity: diag.Error, Code: code, Message: message, Hint: hint, Place: d.Place(line, column)})
}

// CountError counts an error without keeping it. It is for a list that is Full.
func (d *Diagnostics) CountError() {
	d.reported++
	d.errors.hidden++
}

// Warn reports a warning at a node.
func (d *Diagnostics) Warn(n *Node, code, message, hint string) {
	d.WarnAt(n.Line, n.Column, code, message, hint)
}

// WarnAt reports a warning at a line and column; zeros mean the whole file.
func (d *Diagnostics) WarnAt(line, column int, code, message, hint string) {
	d.warnings.put(diag.Diagnostic{Severity: diag.Warning, Code: code, Message: message, Hint: hint, Place: d.Place(line, column)})
}

// Place returns a place in the file.
func (d *Diagnostics) Place(line, column int) diag.Place {
	return diag.Place{File: d.File, Line: line, Column: column}
}

// Errors returns the number of different errors so far, kept or not.
func (d *Diagnostics) Errors() int { return len(d.errors.kept) + d.errors.hidden }

// Reported returns how often an error was reported so far, repetitions included.
func (d *Diagnostics) Reported() int { return d.reported }

// Full reports whether further errors are only counted.
func (d *Diagnostics) Full() bool { return len(d.errors.kept) >= maxShown }

// put drops repetitions: an alias repeats the problems of the value that it refers to.
func (t *tally) put(d diag.Diagnostic) {
	if slices.Contains(t.kept, d) {
		return
	}
	if len(t.kept) < maxShown {
		t.kept = append(t.kept, d)
		return
	}
	t.hidden++
}

// Merge adds what was collected for a part of the same file.
func (d *Diagnostics) Merge(part *Diagnostics) {
	d.errors.merge(part.errors)
	d.warnings.merge(part.warnings)
}

func (t *tally) merge(part tally) {
	for _, d := range part.kept {
		t.put(d)
	}
	t.hidden += part.hidden
}

// All returns the errors, then the warnings, each list in the order in which they were reported.
func (d *Diagnostics) All() []diag.Diagnostic {
	return append(d.errors.list("errors"), d.warnings.list("warnings")...)
}

// Sorted returns All by place.
func (d *Diagnostics) Sorted() []diag.Diagnostic {
	found := d.All()
	diag.Sort(found)
	return found
}

func (t *tally) list(what string) []diag.Diagnostic {
	if t.hidden == 0 {
		return t.kept
	}
	return append(t.kept, diag.Diagnostic{Severity: t.kept[0].Severity, Code: CodeMore, Place: t.kept[len(t.kept)-1].Place,
		Message: fmt.Sprintf("and at least %d more %s in this file", t.hidden, what), Hint: "fix those above first"})
}

// Printable returns text if a message may repeat it, and "this value" otherwise: a message never repeats
// what could be a secret or personal data, or could upset a terminal.
func Printable(text string) string {
	const longest = 60
	odd := strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' || r == '@' })
	if odd || text != strings.TrimSpace(text) || text == "" || len(text) > longest || sensitive.HasLongNumber(text) || sensitive.ContainsSecret(text) {
		return "this value"
	}
	return text
}
