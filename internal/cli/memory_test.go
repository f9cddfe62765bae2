package cli

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestABrokenMemoryCountsAsAnEmptyOne(t *testing.T) {
	p := &project{root: t.TempDir()}
	for _, text := range []string{"", "{", "[]", `{"lineage":"l"}`, `{"format_version":"9","lineage":"l"}`, `{"format_version":"1","heads":7}`} {
		if err := os.MkdirAll(filepath.Join(p.root, ".refundctl"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(p.root, memoryName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if m := p.recall(); m.Lineage != "" || m.Heads != nil {
			t.Errorf("%q: %+v", text, m)
		}
	}
}

func TestTheMemoryIsRecalledAndReadableByItsOwnerOnly(t *testing.T) {
	p := &project{root: t.TempDir()}
	(&app{}).remember(p, func(m *clone) {
		m.Lineage = "l"
		m.addRun("r1", "a")
		m.addRun("r2", "b")
		m.addRun("r1", "c")
		m.addRun("r2", "b")
	})
	if m := p.recall(); m.Lineage != "l" || !slices.Equal(m.Runs, []string{"r2 b", "r1 c"}) {
		t.Errorf("%+v", m)
	}
	info, err := os.Stat(filepath.Join(p.root, memoryName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", err, info)
	}
}
