package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"refundctl/internal/view"
	"refundctl/state"
	"refundctl/state/local"
)

// pinnedLineage returns the lineage of the project's ledger from the configuration, or else from this clone's
// memory, or "" if neither has one.
func (p *project) pinnedLineage() string { return firstOf(p.Lineage, p.recall().Lineage) }

// expectedLedger returns what the project's ledger must contain, as far as is known: its lineage, and the heads
// that were seen in it (R22).
func (p *project) expectedLedger(st *state.State) state.Expected {
	m, lineage := p.recall(), p.pinnedLineage()
	e := state.Expected{Lineage: lineage, Heads: p.knownHeads(firstOf(lineage, st.Lineage()))}
	if m.Lineage == lineage { // otherwise somebody has pinned another ledger since
		e.Heads = append(e.Heads, m.Heads...)
	}
	slices.Sort(e.Heads)
	e.Heads = slices.Compact(e.Heads) // a plan file, another ledger and the memory may know the same run
	return e
}

// openLedger opens the ledger of this project. The file need not exist yet, but its folder must.
func (p *project) openLedger() (*local.Ledger, error) {
	if m := missingLedgerAt(p, p.statePath()); m != nil && m.folder {
		return nil, m.failure(p.pinnedLineage() != "")
	}
	return openLedger(p.statePath())
}

// refuseLostLedger fails if there is no ledger at the path although the project has one, as far as is known. It
// creates nothing there.
func (p *project) refuseLostLedger() error {
	if missingLedgerAt(p, p.statePath()) == nil {
		return nil
	}
	if _, f := p.judgeLedger(&state.State{}); f != nil {
		return f
	}
	return nil
}

// judgeLedger fails if the ledger at the project's path is not the expected one, and says why (R22).
func (p *project) judgeLedger(st *state.State) (state.LedgerMismatch, *failure) {
	path, e := p.statePath(), p.expectedLedger(st)
	switch lack := st.Mismatch(e); lack {
	case state.NoLedger:
		return lack, p.emptyLedgerAt(path).failure(true)
	case state.OtherLineage:
		return lack, fail(ExitError, restoreLedger, "the ledger at %s is not this project's: its lineage is %s, not %s", shownPath(path), st.Lineage(), e.Lineage)
	case state.OlderLedger:
		return lack, fail(ExitError, "pull or restore the newer ledger, or join the two: refundctl state merge OURS THEIRS --output FILE; to continue with this one, run "+acceptOlder,
			"the ledger at %s is older than one seen before: it lacks the latest events of %s", shownPath(path), runCount(len(st.MissingHeads(e.Heads))))
	}
	if m := p.emptyLedgerAt(path); st.Lineage() == "" && m.near != "" {
		return state.NoLedger, m.failure(false)
	}
	return "", nil
}

const acceptOlder = "refundctl apply --accept-older-ledger --reason TEXT"

func runCount(n int) string {
	if n == 1 {
		return "1 run"
	}
	return fmt.Sprintf("%d runs", n)
}

// emptyLedgerAt describes the missing ledger at a path whose ledger turned out to be empty.
func (p *project) emptyLedgerAt(path string) missingLedger {
	if m := missingLedgerAt(p, path); m != nil {
		return *m
	}
	return missingLedger{path: path, near: nearLedger(p, path)}
}

// warnOfLedger prints a warning if the ledger is not the expected one, and remembers its heads. Commands that send
// nothing use it.
func (a *app) warnOfLedger(p *project, st *state.State) {
	if _, f := p.judgeLedger(st); f != nil {
		_ = a.warn(f.message, f.hint)
	}
	if p.statePath() == p.configured() || p.pinnedLineage() != "" { // any other ledger is not the project's yet
		a.remember(p, func(m *clone) { m.addHeads(p.Lineage, st) })
	}
}

// noteNewLedger prints that there is no ledger yet, before the project's first apply.
func (a *app) noteNewLedger(p *project, st *state.State) {
	if _, f := p.judgeLedger(st); f == nil && st.Lineage() == "" {
		_ = a.note("No ledger at %s yet: the first apply creates it.", view.Escape(shownPath(p.statePath())))
	}
}

// checkBeforeLock fails if the project's ledger is missing, before a lock file is created at its path.
func (p *project) checkBeforeLock(ctx context.Context, read reading) error {
	lost := p.refuseLostLedger()
	if lost == nil {
		return nil
	}
	w, err := read(ctx)
	if w != nil {
		defer w.close()
	}
	if err == nil {
		err = w.checkPlanFile(&state.State{}) // a plan file's own error says more
	}
	return cmp.Or(err, lost)
}

// requireLedger fails if there is no ledger, before a lock file is created at its path.
func (a *app) requireLedger(s settings) error {
	p, err := a.readProject(s)
	if err == nil {
		_, err = a.existingLedger(p, p.statePath())
	}
	return err
}

// forSending marks the work as sending: an older ledger is then refused.
func forSending(read reading) reading {
	return func(ctx context.Context) (*work, error) {
		w, err := read(ctx)
		if w != nil {
			w.sends = true
		}
		return w, err
	}
}

// checkLedger fails if the ledger is not the project's, before anything is sent or recorded. An older ledger is
// an error only if something may be sent and no person has accepted it.
func (w *work) checkLedger(st *state.State) error {
	lack, f := w.project.judgeLedger(st)
	switch {
	case f == nil:
		return nil
	case lack != state.OlderLedger:
		return f
	case !w.sends:
		if w.equip != nil { // the other commands warned when they read the ledger
			_ = w.app.warn(f.message, f.hint)
		}
		return nil
	case !w.accepts.older:
		if w.saved != nil {
			f.code = ExitPlan
		}
		return f
	}
	w.app.remember(w.project, func(m *clone) { m.reset(m.Lineage, st) })
	return nil
}
