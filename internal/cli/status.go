package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// statusFlags are the flags of status.
type statusFlags struct {
	settings
	sessionFlags
	asJSON bool
}

func (a *app) statusCommand() *cobra.Command {
	var f statusFlags
	c := &cobra.Command{
		Use:   "status",
		Short: "Show where the refunds stand, refreshed",
		Long: `Reads the parents of all refunds that are not settled, records what changed, and shows what is in
doubt, what is waiting and for how long, what failed, and the money by phase. Nothing is sent.`,
		Example: `  refundctl status
  refundctl status --json`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.status(c, f) },
	}
	f.settings.flags(c)
	f.sessionFlags.flags(c)
	jsonFlag(c, &f.asJSON)
	return c
}

func (a *app) status(c *cobra.Command, f statusFlags) (err error) {
	w, err := a.ledgerWork(c.Context(), f.settings, unsettled)
	if err != nil {
		return err
	}
	defer w.close()
	s, err := a.session(c, w, f.sessionFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := w.bind(c.Context(), s); err != nil {
		return err
	}
	r := w.run(s, view.Silent{})
	recovered, err := r.Recover(c.Context(), nil)
	if err != nil {
		return err
	}
	open := map[refund.Parent]bool{}
	for _, e := range s.State().Entries() {
		open[e.ID.Parent] = open[e.ID.Parent] || e.Phase == state.Accepted
	}
	in := w.input(s.State(), nil)
	in.Refresh, in.Only = plan.All, func(p refund.Parent) bool { return open[p] }
	p, err := plan.Make(c.Context(), in)
	if err != nil {
		return err
	}
	if _, err := r.Record(c.Context(), p); err != nil {
		return err
	}
	standing := view.Standing{Entries: s.State().Entries(), Recovered: recovered, Now: a.Clock()}
	if f.asJSON {
		err = view.StatusJSON(a.Out, standing)
	} else {
		err = view.Status(a.Out, standing, a.outStyle())
	}
	if err != nil {
		return err
	}
	code := openCode(recovered)
	if nothingRead(p) {
		code = worst(code, ExitUnreachable)
	}
	return quit(code)
}

// unsettled are the refunds whose accounts status needs.
func unsettled(e state.Entry) bool { return e.Phase == state.Accepted || e.Phase == state.Intended }
