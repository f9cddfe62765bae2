package local

import (
	"path/filepath"
	"testing"

	"refundctl/state"
	"refundctl/state/statetest"
)

func ledger(t *testing.T, path string) *Ledger {
	t.Helper()
	l, err := New(path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLedgerPassesTheSuite(t *testing.T) {
	statetest.Run(t, func(t *testing.T) (a, b state.Backend) {
		path := filepath.Join(t.TempDir(), "refunds.state.jsonl")
		return ledger(t, path), ledger(t, path)
	})
}
