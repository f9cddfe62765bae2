package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/durable"
	"refundctl/internal/view"
	"refundctl/schema/layout"
	"refundctl/state"
)

// pinFlags are the flags of state pin.
type pinFlags struct {
	settings
	sessionFlags
	accept bool
	reason string
}

func (a *app) statePinCommand() *cobra.Command {
	var f pinFlags
	c := &cobra.Command{
		Use: "pin", Short: "Write the ledger's lineage into the configuration",
		Long: `Writes the ledger's lineage into refundctl.yaml, next to its path; comments and
layout stay. From then on, nothing is sent with another ledger or without one,
not even from a fresh clone. Commit the file.

--new accepts the ledger at the path although another one was pinned or seen,
and gives up the other one as lost. If there is no ledger, it creates one. The
ledger records the reason. If you can, restore the lost ledger instead: only it
knows what was sent and what is in doubt.`,
		Example: `  refundctl state pin
  refundctl state pin --new --reason "disk lost, ticket 4711"`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.pin(c, f) },
	}
	f.stateFlag(c)
	f.sessionFlags.flags(c)
	c.Flags().BoolVar(&f.accept, "new", false, "accept another, an older or a missing ledger; needs --reason")
	c.Flags().StringVar(&f.reason, "reason", "", "why the other ledger is given up; the ledger records it")
	return c
}

func (a *app) pin(c *cobra.Command, f pinFlags) error {
	switch blank := strings.TrimSpace(f.reason) == ""; {
	case f.accept && blank:
		return fail(ExitInvalid, `add --reason "why"`, "--new gives up a ledger, so it needs a reason; the new ledger records it")
	case !f.accept && f.reason != "":
		return fail(ExitInvalid, "add --new, or omit --reason", "--reason goes with --new")
	}
	p, err := a.project(f.settings)
	if err != nil {
		return err
	}
	lineage := ""
	if f.accept {
		lineage, err = a.pinAccepted(c, p, f)
	} else {
		lineage, err = a.pinExpected(c, p)
	}
	if err != nil {
		return err
	}
	if p.Lineage == lineage {
		_, err = fmt.Fprintf(a.Out, "Already pinned: %s names lineage %s.\n", view.Escape(shownPath(p.file)), view.Escape(lineage))
		return err
	}
	if err := p.writePin(lineage); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.Out, "Pinned: %s now names lineage %s. Commit it.\n", view.Escape(shownPath(p.file)), view.Escape(lineage))
	return err
}

// pinExpected returns the lineage of the existing ledger, if it is the expected one.
func (a *app) pinExpected(c *cobra.Command, p *project) (string, error) {
	l, err := a.existingLedger(p, p.statePath())
	if err != nil {
		return "", err
	}
	st, notices, err := state.Load(c.Context(), l)
	if err != nil {
		return "", err
	}
	if lack, f := p.judgeLedger(st); f != nil && lack != state.OlderLedger {
		return "", f
	}
	lineage := firstOf(p.pinnedLineage(), st.Lineage())
	a.warnOfLedger(p, st)
	a.remember(p, func(m *clone) { m.addHeads(lineage, st) })
	return lineage, a.notice(l, st, notices)
}

// pinAccepted accepts the ledger at the path as the project's and records that.
func (a *app) pinAccepted(c *cobra.Command, p *project, f pinFlags) (string, error) {
	lack, err := a.ledgerMismatch(c, p)
	if err != nil {
		return "", err
	}
	if lack == "" {
		return "", fail(ExitInvalid, "run refundctl state pin without --new", "there is nothing to accept: the ledger at %s is the expected one", shownPath(p.statePath()))
	}
	st, err := a.beginRun(c, p, f.sessionFlags, acceptance{lack: lack, reason: f.reason})
	if err != nil {
		return "", err
	}
	lineage := st.Lineage()
	if lack == state.OlderLedger {
		lineage = firstOf(p.pinnedLineage(), lineage)
	}
	a.remember(p, func(m *clone) { m.reset(lineage, st) })
	if lack == state.NoLedger {
		err = errors.Join(a.note("Created an empty ledger at %s. Wait settle_after (%s) after the last run before you apply: one of its requests may still arrive.",
			view.Escape(shownPath(p.statePath())), p.Recovery.SettleAfter),
			a.note("%s", a.copied("refundctl plan shows what is live; apply records it and does not send it again.")))
	}
	return lineage, err
}

// ledgerMismatch returns how the ledger at the project's path differs from the expected one.
func (a *app) ledgerMismatch(c *cobra.Command, p *project) (state.LedgerMismatch, error) {
	l, err := p.openLedger()
	if err != nil {
		return "", err
	}
	st, _, err := state.Load(c.Context(), l)
	if err != nil {
		return "", err
	}
	lack, _ := p.judgeLedger(st)
	if st.Lineage() == "" {
		lack = state.NoLedger
	}
	return lack, nil
}

// beginRun records a run that only accepts the ledger as it is. It creates an empty ledger if there is none.
func (a *app) beginRun(c *cobra.Command, p *project, f sessionFlags, accepts acceptance) (*state.State, error) {
	s, err := a.session(c, p, f, func(context.Context) (*work, error) {
		w := a.newWork(p)
		w.accepts = accepts
		return w, nil
	})
	if err != nil {
		return nil, err
	}
	err = s.End(c.Context(), state.End{})
	return s.State(), errors.Join(err, s.Close())
}

// writePin writes the lineage into the configuration.
func (p *project) writePin(lineage string) error {
	byHand := fmt.Sprintf("write it by hand: state: {path: %q, lineage: %s}", p.written.State, lineage)
	before, err := os.ReadFile(p.file)
	if err != nil {
		return fail(ExitError, byHand, "%v", err)
	}
	after, err := layout.Pin(before, lineage)
	if err == nil {
		err = durable.Rewrite(p.file, before, after)
	}
	if err != nil {
		return fail(ExitError, byHand, "the lineage was not written to %s: %v", shownPath(p.file), err)
	}
	return nil
}
