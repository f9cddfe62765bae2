package cli

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"refundctl/internal/view"
	"refundctl/state"
)

// beginLedger sets the lineage that a new configuration pins: that of the existing ledger, or else of the one
// that this clone remembers, or else of a new ledger, which it creates.
func (a *app) beginLedger(c *cobra.Command, s *projectDraft) error {
	root, err := os.Getwd()
	if err != nil {
		return fail(ExitError, "go to a folder that exists, or use --chdir", "%v", err)
	}
	p := &project{Config: s.config, written: s.config, root: root, file: filepath.Join(root, configName)}
	made := view.InitFile{Name: s.config.State, Kept: missingLedgerAt(nil, p.statePath()) == nil}
	if lost := p.pinnedLineage(); lost != "" && !made.Kept {
		s.config.Lineage = lost
		return a.warn("the ledger of this project is missing: no ledger at "+s.config.State, restoreLedger)
	}
	st, err := a.loadAnyLedger(c, p)
	if err == nil && st.Lineage() == "" {
		st, err = a.beginRun(c, p, sessionFlags{}, acceptance{lack: state.NoLedger})
	}
	if err != nil {
		return err
	}
	s.config.Lineage, s.ledger = st.Lineage(), []view.InitFile{made}
	a.remember(p, func(m *clone) { m.addHeads(s.config.Lineage, st) })
	return nil
}

// loadAnyLedger loads the ledger at the project's path, even if it is not the expected one.
func (a *app) loadAnyLedger(c *cobra.Command, p *project) (*state.State, error) {
	l, err := p.openLedger()
	if err != nil {
		return nil, err
	}
	st, notices, err := state.Load(c.Context(), l)
	if err != nil {
		return nil, err
	}
	return st, a.notice(l, st, notices)
}
