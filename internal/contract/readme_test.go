package contract

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestREADMENamesEachDriveAndNoOther ties the table of the README to the tests that it names.
func TestREADMENamesEachDriveAndNoOther(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var named, driven []string
	for _, row := range regexp.MustCompile("(?m)^\\|.*\\| `TestEveryExchangeFitsTheVendorsFiles/([^/]+)/([a-z]+)` \\|$").FindAllStringSubmatch(string(text), -1) {
		named = append(named, row[2])
		i := slices.IndexFunc(drives, func(d drive) bool { return d.name == row[2] })
		if i < 0 {
			t.Fatalf("there is no %s", row[2])
		}
		for _, version := range drives[i].versions {
			if row[1] != version && !strings.Contains(row[0], version) && !strings.Contains(row[0], "| the same | the same |") {
				t.Errorf("the row of %s lacks %s", row[2], version)
			}
		}
	}
	for _, d := range drives {
		driven = append(driven, d.name)
	}
	slices.Sort(named)
	slices.Sort(driven)
	if !slices.Equal(named, driven) {
		t.Errorf("the README names %q, the tests drive %q", named, driven)
	}
}
