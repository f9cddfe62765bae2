package contract

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestEvidence_TableNamesExactlyTheDrives compares the table of evidence in CONTRIBUTING.md with the
// tests that it names.
func TestEvidence_TableNamesExactlyTheDrives(t *testing.T) {
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	var named, driven []string
	for _, row := range regexp.MustCompile("(?m)^\\|[^|]*\\| ([^|]+) \\| ([^|]+) \\| `C/([^/]+)/([a-z]+)` \\|$").FindAllStringSubmatch(string(text), -1) {
		named = append(named, row[4])
		i := slices.IndexFunc(drives, func(d drive) bool { return d.name == row[4] })
		if i < 0 {
			t.Fatalf("there is no drive %s", row[4])
		}
		if d := drives[i]; !slices.Equal(versionsIn(t, row[1]), d.versions) || waysIn[row[2]] != len(d.signIns) {
			t.Errorf("the row of %s has %q and %q; the test has %q in %d ways", d.name, row[1], row[2], d.versions, len(d.signIns))
		}
	}
	for _, d := range drives {
		driven = append(driven, d.name)
	}
	slices.Sort(named)
	slices.Sort(driven)
	if !slices.Equal(named, driven) {
		t.Errorf("the table names %q, the tests drive %q", named, driven)
	}
}

var waysIn = map[string]int{"all four ways": len(signIns), "id and secret": 1}

// versionsIn returns the versions that a cell of the table means.
func versionsIn(t *testing.T, cell string) []string {
	t.Helper()
	first, since := strings.CutSuffix(cell, " on")
	switch {
	case cell == "all five":
		return pg
	case cell == "none":
		return []string{flowwise}
	case since && slices.Contains(pg, first):
		return pg[slices.Index(pg, first):]
	}
	t.Fatalf("%q does not name versions", cell)
	return nil
}

func TestEvidence_TableFitsAScreenAndItsScriptsExist(t *testing.T) {
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| refunds of |")
	table, _, _ = strings.Cut(table, "\n\n")
	if !found {
		t.Fatal("there is no table")
	}
	for line := range strings.Lines(table) {
		if n := utf8.RuneCountInString(line); n > 121 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	scripts := regexp.MustCompile("`S/([^`]+)`").FindAllStringSubmatch(table, -1)
	for _, s := range scripts {
		if files, err := filepath.Glob("../cli/testdata/script/" + s[1] + ".txtar"); err != nil || len(files) == 0 {
			t.Errorf("there is no script %s", s[1])
		}
	}
	if len(scripts) == 0 {
		t.Error("the table names no script")
	}
}
