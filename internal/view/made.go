package view

import (
	"io"
	"strings"
)

// MadeFile is a file of a project: written now, or kept as it was. Lacks are lines that a kept one
// should have.
type MadeFile struct {
	Name  string
	Kept  bool
	Lacks []string
}

// Made is what became of a project's files. Next is the command line that comes then; empty where an
// error comes first.
type Made struct {
	Files []MadeFile
	Next  string
}

func (f MadeFile) result() string {
	if f.Kept {
		return "kept"
	}
	return "written"
}

// MadeText tells a person of each file.
func MadeText(w io.Writer, m Made, s Style) error {
	out := newPrinter(w, s)
	t := table{deeper: 2, columns: []column{{tight: true, least: len("written")}, {}}}
	for _, f := range m.Files {
		hue := green
		if f.Kept {
			hue = ""
		}
		out.row(&t, cell{text: f.result(), hue: hue}, cell{text: Escape(f.Name)})
		if len(f.Lacks) > 0 {
			out.hung("  "+out.paint(cyan, "hint:")+" ", 4, "add to it: "+Escape(strings.Join(f.Lacks, ", ")))
		}
	}
	if m.Next != "" {
		out.wrapped(0, "Next: "+Escape(m.Next))
	}
	return out.Flush()
}

// MadeJSON tells a machine the same.
func MadeJSON(w io.Writer, m Made) error {
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
	}{FormatVersion, files, m.Next})
}
