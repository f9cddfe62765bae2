package cli

import (
	"cmp"
	"context"
	"slices"

	"github.com/spf13/cobra"

	"refundctl/apply"
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
		Long: `Reads the parents of all refunds that are not settled, records what changed,
and shows what is in doubt, what is waiting and for how long, what failed, and
the money by phase. Nothing is sent.`,
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

func (a *app) status(c *cobra.Command, f statusFlags) error {
	w, err := a.ledgerWork(c.Context(), f.settings, unsettled)
	if err != nil {
		return err
	}
	defer w.close()
	return a.locked(c, w, f.sessionFlags, func(s *state.Session) error {
		r := w.run(s, view.Silent{})
		recovered, err := r.Recover(c.Context(), nil)
		if err != nil {
			return err
		}
		p, err := a.refresh(c.Context(), w, r)
		if err != nil {
			return err
		}
		standing := view.Standing{Entries: r.State.Entries(), Recovered: recovered, Unread: unread(p), Modes: modes(r.State), Now: a.Clock()}
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
	})
}

// refresh reads the parents of accepted refunds, and records what changed.
func (a *app) refresh(ctx context.Context, w *work, r *apply.Run) (*plan.Plan, error) {
	open := map[refund.Parent]bool{}
	for _, e := range r.State.Entries() {
		open[e.ID.Parent] = open[e.ID.Parent] || e.Phase == state.Accepted
	}
	in := w.input(r.State)
	in.Refresh, in.Only = plan.All, func(p refund.Parent) bool { return open[p] }
	p, err := plan.Make(ctx, in)
	if err != nil {
		return nil, err
	}
	_, err = r.Record(ctx, p)
	return p, err
}

// modes are how the parents of what waits were paid, as the ledger remembers it.
func modes(st *state.State) map[refund.Parent]string {
	known := map[refund.Parent]string{}
	for _, e := range st.Entries() {
		if facts, _ := st.Facts(e.ID.Parent); e.Phase == state.Accepted && facts.Mode != "" {
			known[e.ID.Parent] = facts.Mode
		}
	}
	return known
}

// unread are the parents whose read failed, sorted.
func unread(p *plan.Plan) []plan.ParentRead {
	var failed []plan.ParentRead
	for _, r := range p.Parents {
		if r.Err != nil {
			failed = append(failed, r)
		}
	}
	slices.SortFunc(failed, func(a, b plan.ParentRead) int {
		return cmp.Or(cmp.Compare(a.Parent.Account, b.Parent.Account), cmp.Compare(a.Parent.Kind, b.Parent.Kind), cmp.Compare(a.Parent.ID, b.Parent.ID))
	})
	return failed
}

// unsettled are the refunds whose accounts status needs.
func unsettled(e state.Entry) bool { return e.Phase == state.Accepted || e.Phase == state.Intended }
