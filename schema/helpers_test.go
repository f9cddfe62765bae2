package schema

import (
	"os"
	"path/filepath"
	"testing"

	"refundctl/internal/money"
)

func inr(paise int64) money.Amount { return money.Amount{Minor: paise, Currency: money.INR} }

// write writes files below a folder.
func write(t testing.TB, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// reporter is what testing.T, testing.F and rapid.T have in common.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Error(args ...any)
	Fatalf(format string, args ...any)
}
