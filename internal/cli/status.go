package cli

import (
	"context"

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
		standing := view.Standing{Entries: r.State.Entries(), Recovered: recovered, Unread: unread(p), Now: a.Clock()}
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

// unread are the parents whose read failed, in the plan's order.
func unread(p *plan.Plan) []plan.ParentRead {
	var failed []plan.ParentRead
	for _, c := range p.Changes {
		r := p.Parents[c.ID.Parent]
		if r.Err != nil && (len(failed) == 0 || failed[len(failed)-1].Parent != r.Parent) {
			failed = append(failed, r) // the rows of a parent stand together
		}
	}
	return failed
}

// unsettled are the refunds whose accounts status needs.
func unsettled(e state.Entry) bool { return e.Phase == state.Accepted || e.Phase == state.Intended }
