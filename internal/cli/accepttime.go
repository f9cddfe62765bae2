package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"refundctl/internal/view"
	"refundctl/state"
)

// acceptTimeFlags are the flags of state accept-time.
type acceptTimeFlags struct {
	settings
	sessionFlags
	run    string
	reason string
}

func (a *app) stateAcceptTimeCommand() *cobra.Command {
	var f acceptTimeFlags
	c := &cobra.Command{
		Use: "accept-time", Short: "Accept a run that is dated in the future", Args: argsBetween(0, 0),
		Long: `A machine with a wrong clock can date a run in the future. Then nothing is sent
or followed, because the clock of this machine might be the wrong one: a slow
clock resolves doubts too early and forgets the day's budget. state verify lists
such runs.

Check that this machine's clock is right, then accept the run and give a reason.
The ledger records both. From then on, the run's events count as if they
happened now, for the day's budget and for refunds in doubt.`,
		Example: `  refundctl state accept-time --run RUN_ID --reason "till 7 had a dead battery"`,
		RunE:    func(c *cobra.Command, _ []string) error { return a.acceptTime(c, f) },
	}
	f.stateFlag(c)
	f.sessionFlags.flags(c)
	c.Flags().StringVar(&f.run, "run", "", "the `id` of the run, from state verify")
	c.Flags().StringVar(&f.reason, "reason", "", "why; the ledger records it")
	return c
}

func (a *app) acceptTime(c *cobra.Command, f acceptTimeFlags) error {
	switch {
	case f.run == "":
		return fail(ExitInvalid, "add --run ID; refundctl state verify lists the runs dated in the future", "accept-time needs a run")
	case strings.TrimSpace(f.reason) == "":
		return fail(ExitInvalid, `add --reason "why"`, "accept-time needs a reason, which the ledger records")
	}
	f.accepting = true
	read := func(context.Context) (*work, error) {
		p, err := a.project(f.settings)
		if err != nil {
			return nil, err
		}
		return a.newWork(p), nil
	}
	return a.withLock(c, f.settings, f.sessionFlags, read, func(_ *work, s *state.Session) error {
		return a.acceptRun(c.Context(), s, f)
	})
}

// acceptRun records the acceptance.
func (a *app) acceptRun(ctx context.Context, s *state.Session, f acceptTimeFlags) error {
	n, err := runToAccept(s.State(), a.Clock(), f.run)
	if err != nil {
		return err
	}
	if err := s.AcceptTime(ctx, state.Acceptance{Run: f.run, Reason: f.reason}); err != nil {
		return err
	}
	if err := s.End(ctx, state.End{}); err != nil {
		return err
	}
	return view.TimeAccepted(a.Out, n, a.Clock(), a.outStyle())
}

// runToAccept returns the notice that a run is dated in the future. For any other run it fails.
func runToAccept(st *state.State, now time.Time, run string) (state.Notice, error) {
	hint := "no run in the ledger is dated in the future: there is nothing to accept"
	for _, n := range st.RunsAhead(now) {
		switch {
		case n.Kind == state.FromTheFuture && n.Run == run:
			return n, nil
		case n.Kind == state.FromTheFuture:
			hint = "run " + n.Run + " is dated in the future; refundctl state verify lists all such runs"
		case n.Run == run:
			return n, fail(ExitInvalid, "there is nothing to accept", "run %s is %s ahead of this clock, which is allowed", run, n.By.Round(time.Second))
		}
	}
	if !st.HasRun(run) {
		return state.Notice{}, fail(ExitInvalid, hint, "the ledger has no run %s", run)
	}
	return state.Notice{}, fail(ExitInvalid, hint, "run %s is not ahead of this clock, or was accepted before", run)
}

// futureRunFailure returns the failure of a ledger with a run dated in the future, or nil.
func futureRunFailure(r state.VerifyResult) error {
	var future []state.Notice
	for _, n := range r.Notices {
		if n.Kind == state.FromTheFuture {
			future = append(future, n)
		}
	}
	if len(future) == 0 {
		return nil
	}
	message := fmt.Sprintf("line %d: run %s is dated in the future", future[0].Line, future[0].Run)
	if more := len(future) - 1; more > 0 {
		message += fmt.Sprintf("; so are %d more", more)
	}
	return fail(ExitError, "if this clock is slow, set it; if another clock was wrong, or the line is forged, run refundctl state accept-time --run "+
		future[0].Run+" --reason TEXT", "%s", message)
}
