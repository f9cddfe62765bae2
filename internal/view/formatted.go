package view

import (
	"fmt"
	"io"
	"strings"

	"refundctl/internal/diag"
)

// FormattedFile is what became of one manifest. Diff is a unified diff, empty where none is asked for.
type FormattedFile struct {
	File    string `json:"file"`
	Changed bool   `json:"changed"` // the layout differs from the canonical one
	Written bool   `json:"written"`
	Diff    string `json:"diff,omitempty"`
}

// Formatted names a file whose layout differs, or shows how. Of another it says nothing.
func Formatted(w io.Writer, f FormattedFile, s Style) error {
	out := newPrinter(w, s)
	switch {
	case f.Diff != "":
		out.diff(f.Diff)
	case f.Changed:
		out.line("%s", Escape(f.File))
	}
	return out.Flush()
}

// diff writes the lines of a unified diff, blanks at their ends as well: those are what may differ.
func (p *printer) diff(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		hue := color("")
		switch {
		case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
			hue = bold
		case strings.HasPrefix(line, "@@"):
			hue = cyan
		case strings.HasPrefix(line, "-"):
			hue = red
		case strings.HasPrefix(line, "+"):
			hue = green
		}
		cells := strings.Split(line, "\t")
		for i := range cells {
			cells[i] = Escape(cells[i])
		}
		_, _ = p.WriteString(p.paint(hue, strings.Join(cells, "\t")) + "\n")
	}
}

// FormattedSums tells a person how many files were, or are to be, laid out anew.
func FormattedSums(w io.Writer, files []FormattedFile, s Style) error {
	changed, written := 0, 0
	for _, f := range files {
		if f.Changed {
			changed++
		}
		if f.Written {
			written++
		}
	}
	out := newPrinter(w, s)
	switch all := count(len(files), "file"); {
	case written > 0:
		out.line("%s", out.paint(green, fmt.Sprintf("Formatted: %d of %s.", written, all)))
	case changed > 0:
		out.line("%s", out.paint(magenta, fmt.Sprintf("Not canonical: %d of %s.", changed, all)))
		out.line("%s run refundctl fmt without --check", out.paint(cyan, "hint:"))
	default:
		out.line("%s", out.paint(green, fmt.Sprintf("Canonical: %s.", all)))
	}
	return out.Flush()
}

// FormattedJSON tells a machine: {"format_version","files":[{file,changed,written,diff}],"diagnostics"}.
func FormattedJSON(w io.Writer, files []FormattedFile, ds []diag.Diagnostic) error {
	return writeJSON(w, struct {
		FormatVersion string            `json:"format_version"`
		Files         []FormattedFile   `json:"files"`
		Diagnostics   []diag.Diagnostic `json:"diagnostics"`
	}{FormatVersion, append([]FormattedFile{}, files...), append([]diag.Diagnostic{}, ds...)})
}
