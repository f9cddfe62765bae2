package cli

import (
	"cmp"
	"context"
	"fmt"

	"refundctl/internal/view"
	"refundctl/state"
	"refundctl/state/local"
)

// pinnedLineage is the lineage of the project's ledger: that of the configuration, else of this clone's
// memory; empty where nobody knows of any.
func (p *project) pinnedLineage() string { return firstOf(p.Lineage, p.recall().Lineage) }

// expectedLedger is what the project's ledger must hold, as far as anybody knows: its lineage, and what was
// seen of it (R22).
func (p *project) expectedLedger(st *state.State) state.Expected {
	m, lineage := p.recall(), p.pinnedLineage()
	e := state.Expected{Lineage: lineage, Heads: p.knownHeads(firstOf(lineage, st.Lineage()))}
	if m.Lineage == lineage { // else somebody else has pinned it again since
		e.Heads = append(e.Heads, m.Heads...)
	}
	return e
}

// openLedger opens the ledger of this project, which may not be there yet; its folder must be.
func (p *project) openLedger() (*local.Ledger, error) {
	if m := missingLedgerAt(p, p.statePath()); m != nil && m.folder {
		return nil, m.failure(p.pinnedLineage() != "")
	}
	return openLedger(p.statePath())
}

// refuseLostLedger refuses a path without a ledger where the project has one, as far as anybody knows. Nothing is
// touched there.
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
		return lack, fail(ExitError, "pull or restore the newer ledger, or join the two with refundctl state merge; to go on with this one, run "+acceptOlder,
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

// emptyLedgerAt is what is missing at a path whose ledger turned out to be empty.
func (p *project) emptyLedgerAt(path string) missingLedger {
	if m := missingLedgerAt(p, path); m != nil {
		return *m
	}
	return missingLedger{path: path, near: nearLedger(p, path)}
}

// warnOfLedger warns a command that sends nothing of a ledger that is not the expected one, and
// remembers what it saw.
func (a *app) warnOfLedger(p *project, st *state.State) {
	if _, f := p.judgeLedger(st); f != nil {
		_ = view.WarningText(a.Err, f.message, f.hint, a.errStyle())
	}
	if p.statePath() == p.configured() || p.pinnedLineage() != "" { // any other one is not the project's yet
		a.remember(p, func(m *clone) { m.saw(p.Lineage, st) })
	}
}

// noteNewLedger says that there is no ledger, as there is none before the first apply of a project.
func (a *app) noteNewLedger(p *project, st *state.State) {
	if _, f := p.judgeLedger(st); f == nil && st.Lineage() == "" {
		_, _ = fmt.Fprintf(a.Err, "No ledger at %s yet: the first apply creates it.\n", view.Escape(shownPath(p.statePath())))
	}
}

// checkBeforeLock refuses a path without a ledger where the project has one, before a lock is made there.
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
		err = w.checkPlanFile(&state.State{}) // a plan file knows best what it lacks
	}
	return cmp.Or(err, lost)
}

// requireLedger refuses a command that makes no sense without a ledger, before a lock is made there.
func (a *app) requireLedger(s settings) error {
	p, err := a.readProject(s)
	if err == nil {
		_, err = a.existingLedger(p, p.statePath())
	}
	return err
}

// forSending marks the work of a command that may send something: an older ledger is refused.
func forSending(read reading) reading {
	return func(ctx context.Context) (*work, error) {
		w, err := read(ctx)
		if w != nil {
			w.sends = true
		}
		return w, err
	}
}

// checkLedger refuses a ledger other than the project's, before anything is sent or recorded. An older one
// is refused if something may be sent, unless a person accepts it.
func (w *work) checkLedger(st *state.State) error {
	lack, f := w.project.judgeLedger(st)
	switch {
	case f == nil:
		return nil
	case lack != state.OlderLedger:
		return f
	case !w.sends:
		if w.equip != nil { // it uses the ledger, and says so once
			_ = view.WarningText(w.app.Err, f.message, f.hint, w.app.errStyle())
		}
		return nil
	case !w.accepts.older:
		if w.saved != nil {
			f.code = ExitPlan
		}
		return f
	}
	w.app.remember(w.project, func(m *clone) { m.accepts(m.Lineage, st) })
	return nil
}
