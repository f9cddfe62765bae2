package cli

import (
	"os"
	"path/filepath"
	"strings"

	"refundctl/state"
)

// knownHeads returns the heads of this lineage that other files name: the saved plans in the project's folder
// (*.plan.json), and the other ledgers (*.jsonl) in the ledger's folder. It reads no other file, and only the
// first and the last line of a ledger.
func (p *project) knownHeads(lineage string) []string {
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
		if of, head := ledgerEnds(path); of == lineage {
			heads = append(heads, head)
		}
	}
	return heads
}

// filesIn returns the regular files in a folder whose names have this ending.
func filesIn(dir, ending string) (paths []string) {
	entries, _ := os.ReadDir(dir) // a folder that cannot be read names no heads
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasSuffix(e.Name(), ending) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths
}

// ledgerEnds returns the lineage of a ledger and the hash of its last event, or "" if it is not a ledger.
func ledgerEnds(path string) (lineage, head string) {
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
