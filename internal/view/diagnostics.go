package view

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"refundctl/internal/diag"
)

// Diagnostics prints what to fix, in the order given: one line each, as compilers do, with the hint below,
// and then how many there are. It prints nothing for none.
func Diagnostics(w io.Writer, ds []diag.Diagnostic, s Style) error {
	if len(ds) == 0 {
		return nil
	}
	out := newPrinter(w, s)
	out.diagnostics(ds)
	return out.Flush()
}

func (p *printer) diagnostics(ds []diag.Diagnostic) {
	errs := 0
	for _, d := range ds {
		hue := magenta
		if d.Severity == diag.Error {
			errs, hue = errs+1, red
		}
		place := ""
		if d.File != "" {
			place = Escape(d.Place.String()) + ": "
		}
		p.hang("", 4, fmt.Sprintf("%s%s %s [%s]", place, p.paint(hue, Escape(string(d.Severity))+":"), Escape(d.Message), Escape(d.Code)))
		if d.Hint != "" {
			p.hang("  "+p.paint(bold, "hint:")+" ", 4, p.commands(Escape(d.Hint)))
		}
	}
	p.line("%s", found(errs, len(ds)-errs))
}

func found(errs, warnings int) string {
	if warnings == 0 {
		return count(errs, "error")
	}
	return count(errs, "error") + ", " + count(warnings, "warning")
}

// Validated prints the result of validating this many files and refunds: the diagnostics, and if none is an
// error, that everything is valid.
func Validated(w io.Writer, ds []diag.Diagnostic, files, refunds int, s Style) error {
	out := newPrinter(w, s)
	if len(ds) > 0 {
		out.diagnostics(ds)
	}
	if !diag.HasError(ds) {
		out.line("%s %s in %s.", out.paint(green, "Valid:"), count(refunds, "refund"), count(files, "file"))
	}
	return out.Flush()
}

// DiagnosticsJSON prints {"format_version","valid","diagnostics":[…]}; valid is false if any of them is an
// error.
func DiagnosticsJSON(w io.Writer, ds []diag.Diagnostic) error {
	if ds == nil {
		ds = []diag.Diagnostic{}
	}
	return writeJSON(w, struct {
		FormatVersion string            `json:"format_version"`
		Valid         bool              `json:"valid"`
		Diagnostics   []diag.Diagnostic `json:"diagnostics"`
	}{FormatVersion, !diag.HasError(ds), ds})
}

// Annotations prints workflow commands for GitHub Actions, one per line: each diagnostic appears beside its
// line of the pull request. No text can end its command or start another one.
func Annotations(w io.Writer, ds []diag.Diagnostic) error {
	out := newPrinter(w, Style{})
	for _, d := range ds {
		text := d.Message
		if d.Hint != "" {
			text += "\nhint: " + d.Hint
		}
		data := strings.TrimRight(commandData.Replace(visibleLines(text)), " ")
		out.raw("::" + annotationLevel(d.Severity) + " " + annotationPlace(d) + "::" + data)
	}
	return out.Flush()
}

func annotationLevel(s diag.Severity) string {
	if s == diag.Error {
		return "error"
	}
	return "warning"
}

func annotationPlace(d diag.Diagnostic) string {
	var properties []string
	add := func(name, value string) {
		properties = append(properties, name+"="+commandProperty.Replace(unhashed(visible(value))))
	}
	if d.File != "" {
		add("file", d.File)
	}
	if d.Line > 0 {
		add("line", strconv.Itoa(d.Line))
	}
	if d.Column > 0 {
		add("col", strconv.Itoa(d.Column))
	}
	add("title", "refundctl: "+d.Code)
	return strings.Join(properties, ",")
}

// visibleLines keeps line ends, which an annotation can show.
func visibleLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = unhashed(visible(lines[i]))
	}
	return strings.Join(lines, "\n")
}

// The characters that a runner interprets in a workflow command, escaped as its own toolkit does.
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
