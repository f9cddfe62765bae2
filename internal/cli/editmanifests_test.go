package cli

import (
	"testing"

	"refundctl/internal/edit"
)

// Without a row in the table, a refusal would have no hint and the wrong exit code.
func TestEveryRefusedEditHasACodeAndAHint(t *testing.T) {
	for _, why := range edit.Whys() {
		if out := refusalTable[why]; out.code == ExitOK || out.hint == "" {
			t.Errorf("rule %d has no way out", why)
		}
	}
	if len(refusalTable) != len(edit.Whys()) {
		t.Errorf("%d ways out for %d rules", len(refusalTable), len(edit.Whys()))
	}
}
