package view

import (
	"io"
	"strings"
)

// InitFile is a file of a project: written now, or kept as it was. Lacks are lines that a kept file should
// have.
type InitFile struct {
	Name  string
	Kept  bool
	Lacks []string
}

// InitResult is what init did. Next is the command to run next; empty if an error comes first.
type InitResult struct {
	Files []InitFile
	Next  string
}

func (f InitFile) result() string {
	if f.Kept {
		return "kept"
	}
	return "written"
}

// InitText prints a line for each file.
func InitText(w io.Writer, m InitResult, s Style) error {
	out := newPrinter(w, s)
	t := table{deeper: 2, columns: []column{{tight: true, least: len("written")}, {}}}
	for _, f := range m.Files {
		hue := green
		if f.Kept {
			hue = ""
		}
		out.row(&t, cell{text: f.result(), hue: hue}, cell{text: Escape(f.Name)})
		if len(f.Lacks) > 0 {
			out.hang("  "+out.paint(cyan, "hint:")+" ", 4, "add these lines: "+Escape(strings.Join(f.Lacks, ", ")))
		}
	}
	if m.Next != "" {
		out.wrapped(0, "Next: "+m.Next)
	}
	return out.Flush()
}

// InitJSON prints the same as JSON.
func InitJSON(w io.Writer, m InitResult) error {
	type file struct {
		Name   string   `json:"name"`
		Result string   `json:"result"`
		Lacks  []string `json:"lacks"`
	}
	files := make([]file, 0, len(m.Files))
	for _, f := range m.Files {
		files = append(files, file{f.Name, f.result(), append([]string{}, f.Lacks...)})
	}
	return writeJSON(w, struct {
		FormatVersion string `json:"format_version"`
		Files         []file `json:"files"`
		Next          string `json:"next"`
	}{FormatVersion, files, Unglued(m.Next)})
}
