package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"refundctl/plan"
	"refundctl/state"
)

// Readers look up in the glossary the words that the program prints.
func TestGlossaryHasEveryActionPhaseAndExitCode(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, a := range plan.Actions {
		rows = append(rows, fmt.Sprintf("| `%c` | %s |", a, a))
	}
	for _, p := range []state.Phase{state.Intended, state.Accepted, state.Settled, state.Failed, state.Refused, state.NotSent} {
		rows = append(rows, fmt.Sprintf("| `%s` |", p))
	}
	for _, r := range exitTable {
		rows = append(rows, fmt.Sprintf("| %d | %s |", r.Code, r.Class))
	}
	for _, row := range rows {
		if !strings.Contains(string(text), "\n"+row+" ") {
			t.Errorf("docs/reference/glossary.md has no row %s", row)
		}
	}
}
