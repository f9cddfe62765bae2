package cli

import (
	"testing"

	"refundctl/internal/edit"
)

// A refusal without a way out would end with an error that says nothing about what to do, and a wrong code.
func TestEveryRefusedEditHasACodeAndAWayOut(t *testing.T) {
	for _, why := range edit.Whys() {
		if out := refusalTable[why]; out.code == ExitOK || out.hint == "" {
			t.Errorf("rule %d has no way out", why)
		}
	}
	if len(refusalTable) != len(edit.Whys()) {
		t.Errorf("%d ways out for %d rules", len(refusalTable), len(edit.Whys()))
	}
}
