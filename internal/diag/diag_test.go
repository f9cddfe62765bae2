package diag

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestMain gives the property tests the same seed in every run; -rapid.seed chooses another.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "1"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestPlaceLeavesOutWhatIsNotKnown(t *testing.T) {
	for place, want := range map[Place]string{
		{"a.yaml", 3, 7}: "a.yaml:3:7",
		{"a.yaml", 3, 0}: "a.yaml:3",
		{"a.yaml", 0, 0}: "a.yaml",
		{"a.yaml", 0, 7}: "a.yaml",
		{}:               "",
	} {
		if got := place.String(); got != want {
			t.Errorf("%#v is %q, want %q", place, got, want)
		}
	}
}

func TestSortDoesNotDependOnTheOrderOfReading(t *testing.T) {
	at := func(file string, line, column int, code, message string) Diagnostic {
		return Diagnostic{Severity: Error, Code: code, Message: message, Place: Place{file, line, column}}
	}
	ordered := []Diagnostic{
		at("a.yaml", 0, 0, "z", ""),
		at("a.yaml", 2, 1, "b", "x"),
		at("a.yaml", 2, 1, "b", "y"),
		at("a.yaml", 2, 1, "c", "a"),
		at("a.yaml", 2, 10, "a", ""),
		at("a.yaml", 10, 1, "a", ""),
		at("b.yaml", 1, 1, "a", ""),
	}
	rapid.Check(t, func(t *rapid.T) {
		got := rapid.Permutation(ordered).Draw(t, "read")
		Sort(got)
		if !slices.Equal(got, ordered) {
			t.Fatalf("sorted %v", got)
		}
	})
}

func TestHasErrorCountsNoWarnings(t *testing.T) {
	warning, fault := Diagnostic{Severity: Warning}, Diagnostic{Severity: Error}
	if HasError(nil) || HasError([]Diagnostic{warning}) || !HasError([]Diagnostic{warning, fault}) {
		t.Error("only an Error stops the command")
	}
}

func TestDiagnosticInJSONHasTheSevenFields(t *testing.T) {
	got, err := json.Marshal(Diagnostic{Warning, "note_short", "too short", "write more", Place{"a.yaml", 3, 7}})
	want := `{"severity":"warning","code":"note_short","message":"too short","hint":"write more","file":"a.yaml","line":3,"column":7}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}
