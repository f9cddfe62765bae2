package cli

import (
	"os"
	"path/filepath"
	"strings"

	"refundctl/state"
)

// cited are the heads that other files name of this lineage: the saved plans in the project's folder
// (*.plan.json), and the ends of the ledgers (*.jsonl) beside its own. No other file is looked at, and
// of a ledger only its first and its last line.
func (p *project) cited(lineage string) []string {
	if lineage == "" {
		return nil
	}
	var heads []string
	for _, path := range filesIn(p.root, ".plan.json") {
		if is, err := isPlanFile(path); err != nil || !is {
			continue
		}
		if saved, err := readPlan(path); err == nil && saved.Lineage == lineage {
			heads = append(heads, saved.Heads...)
		}
	}
	for _, path := range filesIn(filepath.Dir(p.statePath()), ".jsonl") {
		if path == p.statePath() {
			continue
		}
		if of, head := endsOf(path); of == lineage {
			heads = append(heads, head)
		}
	}
	return heads
}

// filesIn are the regular files of a folder whose names end in this way.
func filesIn(dir, ending string) (paths []string) {
	entries, _ := os.ReadDir(dir) // a folder that cannot be read cites nothing
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasSuffix(e.Name(), ending) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths
}

// endsOf are the lineage of a ledger and the hash of its last event; empty for what is none.
func endsOf(path string) (lineage, head string) {
	f, err := os.Open(path)
	if err != nil {
		return "", ""
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", ""
	}
	return state.Ends(f, info.Size())
}
