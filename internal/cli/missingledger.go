package cli

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"refundctl/internal/diag"
	"refundctl/state/local"
)

// missingLedger is a path at which there is no ledger: no file, no folder for it, or a file without an event.
type missingLedger struct {
	path   string
	near   string // the ledger that was probably meant; empty if there is none
	folder bool   // its folder does not exist either
}

// Error names the path and the ledger that was probably meant.
func (m missingLedger) Error() string {
	text := "no ledger at " + shownPath(m.path)
	if m.folder {
		text += ": its folder does not exist"
	}
	if m.near != "" {
		text += "; did you mean " + shownPath(m.near) + "?"
	}
	return text
}

// failure is the failure of a command that needs the ledger.
func (m missingLedger) failure(pinned bool) *failure {
	hint := "set the ledger's path with --state, or state: in " + configName + "; the first refundctl apply creates one"
	switch {
	case pinned && m.near != "":
		hint = "set its path with --state, or state: in " + configName + "; a new ledger would not know what was sent"
	case pinned:
		hint = restoreLedger
	case m.near != "":
		hint = "set its path with --state, or state: in " + configName + "; to create a new ledger, run refundctl state pin --new --reason TEXT"
	}
	return fail(ExitError, hint, "%v", m)
}

// restoreLedger is what to do if the project's ledger is missing.
const restoreLedger = "restore it from version control or a backup, or accept the loss with refundctl state pin --new --reason TEXT"

// missingLedgerAt returns nil if there is a ledger at the path. p is nil outside a project.
func missingLedgerAt(p *project, path string) *missingLedger {
	info, err := os.Stat(path)
	if err == nil && (info.Size() > 0 || !info.Mode().IsRegular()) || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil // another error is reported when the ledger is read
	}
	_, err = os.Stat(filepath.Dir(path))
	return &missingLedger{path: path, near: nearLedger(p, path), folder: errors.Is(err, fs.ErrNotExist)}
}

// nearLedger returns the ledger that was probably meant by a path: one beside it with a similar name, or else
// the configured one.
func nearLedger(p *project, path string) string {
	dir, base := filepath.Split(path)
	entries, _ := os.ReadDir(filepath.Clean(dir)) // a folder that cannot be read has no similar name
	var names []string
	for _, e := range entries {
		if e.Name() != base && isLedger(filepath.Join(dir, e.Name())) {
			names = append(names, e.Name())
		}
	}
	switch near := diag.Nearest(base, names); {
	case near != "":
		return filepath.Join(dir, near)
	case p != nil && p.configured() != path && isLedger(p.configured()):
		return p.configured()
	}
	return ""
}

// isLedger reports whether the file at path begins as a ledger does.
func isLedger(path string) bool {
	const opening = `{"v":`
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() { // opening a pipe would block
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(opening))
	_, err = io.ReadFull(f, head)
	return err == nil && bytes.Equal(head, []byte(opening))
}

// shownPath returns the path as a person would type it in this folder.
func shownPath(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(here, full); err == nil && len(rel) < len(full) {
		return rel
	}
	return full
}

// existingLedger opens the ledger for a command that needs one.
func (a *app) existingLedger(p *project, path string) (*local.Ledger, error) {
	if m := missingLedgerAt(p, path); m != nil {
		return nil, m.failure(p != nil && p.pinnedLineage() != "")
	}
	return openLedger(path)
}
