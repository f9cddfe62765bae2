package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"refundctl/internal/diag"
	"refundctl/plan"
)

// FormattedFile is the result for one manifest. Diff is a unified diff, empty if none was requested.
type FormattedFile struct {
	File    string `json:"file"`
	Changed bool   `json:"changed"` // the layout differs from the canonical one
	Written bool   `json:"written"`
	Diff    string `json:"diff,omitempty"`
}

// Formatted prints the name of a file whose layout differs, or its diff. For other files it prints nothing.
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

// UnifiedDiff returns the difference between before and after in the format that patch applies, or an empty
// text if they are equal.
func UnifiedDiff(name string, before, after []byte) string {
	text := string(diff.Diff("a/"+name, before, "b/"+name, after))
	_, text, _ = strings.Cut(text, "\n") // the line that repeats the command
	return text
}

// diff prints a unified diff. It keeps blanks at the end of a line, because they may be the difference. In
// colour, a line that replaces another shows in bold what changed; without colour, the text is what patch
// applies.
func (p *printer) diff(text string) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for len(lines) > 0 {
		n := 1
		switch removed, added := replaced(lines); {
		case len(added) > 0:
			p.replacements(removed, added)
			n = len(removed) + len(added)
		default:
			p.diffLine(diffHue(lines[0]), shown(lines[0]))
		}
		lines = lines[n:]
	}
}

// replaced returns the removed lines at the start of lines, and the same number of added lines after them;
// none if the numbers differ.
func replaced(lines []string) (removed, added []string) {
	n := prefixed(lines, "-", "--- ")
	if m := prefixed(lines[n:], "+", "+++ "); n == 0 || m != n {
		return nil, nil
	}
	return lines[:n], lines[n : 2*n]
}

// prefixed counts the lines at the start that begin with sign.
func prefixed(lines []string, sign, header string) int {
	n := slices.IndexFunc(lines, func(l string) bool { return !strings.HasPrefix(l, sign) || strings.HasPrefix(l, header) })
	if n < 0 {
		return len(lines)
	}
	return n
}

func (p *printer) replacements(removed, added []string) {
	var after []string
	for i := range removed {
		before, now := p.inLine(removed[i], added[i])
		p.diffLine("", before)
		after = append(after, now)
	}
	for _, line := range after {
		p.diffLine("", line)
	}
}

// longestCompared limits the lines that are compared in-line, because the time grows with the square of
// their length.
const longestCompared = 1000

// inLine colours a removed and an added line, and sets in bold what is in only one of them.
func (p *printer) inLine(removed, added string) (before, now string) {
	if !p.Color || len(removed)+len(added) > longestCompared {
		return p.paint(red, shown(removed)), p.paint(green, shown(added))
	}
	before, now = p.paint(red, "-"), p.paint(green, "+")
	for _, span := range plan.DiffText(removed[1:], added[1:]) {
		text := shown(span.Text)
		switch span.Op {
		case plan.Equal:
			before, now = before+p.paint(red, text), now+p.paint(green, text)
		case plan.Removed:
			before += p.paint(bold, p.paint(red, text))
		default:
			now += p.paint(bold, p.paint(green, text))
		}
	}
	return before, now
}

func (p *printer) diffLine(hue color, line string) { _, _ = p.WriteString(p.paint(hue, line) + "\n") }

func diffHue(line string) color {
	switch {
	case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
		return bold
	case strings.HasPrefix(line, "@@"):
		return cyan
	case strings.HasPrefix(line, "-"):
		return red
	case strings.HasPrefix(line, "+"):
		return green
	}
	return ""
}

// shown is Escape that keeps tabs.
func shown(line string) string {
	cells := strings.Split(line, "\t")
	for i := range cells {
		cells[i] = Escape(cells[i])
	}
	return strings.Join(cells, "\t")
}

// FormattedSums prints how many files were reformatted, or would be.
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
		out.hint("run refundctl fmt without --check")
	default:
		out.line("%s", out.paint(green, fmt.Sprintf("Canonical: %s.", all)))
	}
	return out.Flush()
}

// FormattedJSON prints {"format_version","files":[{file,changed,written,diff}],"diagnostics"}.
func FormattedJSON(w io.Writer, files []FormattedFile, ds []diag.Diagnostic) error {
	return writeJSON(w, struct {
		FormatVersion string            `json:"format_version"`
		Files         []FormattedFile   `json:"files"`
		Diagnostics   []diag.Diagnostic `json:"diagnostics"`
	}{FormatVersion, append([]FormattedFile{}, files...), append([]diag.Diagnostic{}, ds...)})
}
