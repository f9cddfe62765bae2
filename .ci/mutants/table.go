package main

import (
	"fmt"
	"os"
	"strings"
)

// An entry is one deliberate break: what replaces what, and the test that must notice.
type entry struct {
	line     int    // of the table
	rule     string // R1 to R23, or - if the break belongs to none
	name     string // what breaks
	where    string // "PACKAGE DECLARATION", or "file PATH"
	by       string // "sim", or "PACKAGE TEST"
	old, new string
}

// readTable parses the table. Its header explains the format.
func readTable(path string) ([]entry, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []entry
	for i, line := range strings.Split(string(text), "\n") {
		var e *entry
		if len(all) > 0 {
			e = &all[len(all)-1]
		}
		switch {
		case strings.HasPrefix(line, "#"), line == "":
		case strings.HasPrefix(line, "@ "):
			fields := strings.Split(line[2:], "|")
			if len(fields) != 4 {
				return nil, fmt.Errorf("%s:%d: want @ RULE|WHAT BREAKS|WHERE|WHO NOTICES", path, i+1)
			}
			all = append(all, entry{line: i + 1, rule: fields[0], name: fields[1], where: fields[2], by: fields[3]})
		case e != nil && line[0] == '-':
			e.old = joined(e.old, line[1:])
		case e != nil && line[0] == '+':
			e.new = joined(e.new, line[1:])
		default:
			return nil, fmt.Errorf("%s:%d: want a line that begins with @, -, + or #", path, i+1)
		}
	}
	return all, nil
}

func joined(text, line string) string {
	if text == "" {
		return line
	}
	return text + "\n" + line
}

// target splits where into the package's folder, below the module, and the declaration.
func (e entry) target() (dir, decl string) {
	dir, decl, _ = strings.Cut(e.where, " ")
	return dir, decl
}

// file returns the path of an entry that names a file.
func (e entry) file() (path string, ok bool) {
	return strings.CutPrefix(e.where, "file ")
}
