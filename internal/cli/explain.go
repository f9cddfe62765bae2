package cli

import (
	"context"

	"github.com/spf13/cobra"

	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

func (a *app) explainCommand() *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use:   "explain REFUND_ID",
		Short: "Tell the whole story of one refund",
		Long: `Tells where the manifest asks for a refund, every event of it, what the API
shows now, what plan decides and why, what happens next, and what a person can
check. It reads the refund's parent, or where neither manifests nor ledger know
the refund_id all parents, and sends nothing.`,
		Example: `  refundctl explain refund_17`,
		Args:    argsBetween(1, 1),
		RunE:    func(c *cobra.Command, args []string) error { return a.explain(c.Context(), f, args[0]) },
	}
	f.settings.flags(c)
	jsonFlag(c, &f.asJSON)
	return c
}

func (a *app) explain(ctx context.Context, f planFlags, id string) error {
	f.refresh = string(plan.All)
	w, err := a.work(ctx, f, nil)
	if err != nil {
		return err
	}
	defer w.close()
	st, ledger, err := w.remembered(ctx)
	if err != nil {
		return err
	}
	records, err := a.history(ctx, ledger, id)
	if err != nil {
		return err
	}
	in := w.input(st)
	parents := w.parentsOf(st, id)
	if len(parents) > 0 { // otherwise somebody else may have made it, on any parent
		in.Only = func(p refund.Parent) bool { return parents[p] }
	}
	p, err := plan.Make(ctx, in)
	if err != nil {
		return err
	}
	e := view.Explanation{RefundID: id, Plan: p, Records: records, SettleAfter: in.SettleAfter, Asks: in.Asks}
	for _, c := range p.Changes {
		if c.ID.RefundID == id {
			e.Rows = append(e.Rows, c)
		}
	}
	if len(e.Rows)+len(records) == 0 {
		return unknown(p, id)
	}
	if f.asJSON {
		return view.ExplainJSON(a.Out, e)
	}
	return view.Explain(a.Out, e, a.outStyle())
}

// unknown is the failure of explain for an id that nobody knows, as far as could be read.
func unknown(p *plan.Plan, id string) error {
	failed := unread(p)
	if len(failed) > 0 {
		return fail(ExitUnreachable, "try again when the API can be reached",
			"no manifest asks for refund %q, the ledger does not know it, and %d of %d parents could not be read: %v", id, len(failed), len(p.Parents), failed[0].Err)
	}
	return fail(ExitError, "see refundctl plan --refresh all, and refundctl state list",
		"no manifest asks for refund %q, the ledger does not know it, and the API does not list it for any of the project's %d parents", id, len(p.Parents))
}

// parentsOf are the parents under which a refund_id is wanted or remembered.
func (w *work) parentsOf(st *state.State, id string) map[refund.Parent]bool {
	parents := map[refund.Parent]bool{}
	for _, one := range w.accounts {
		for _, s := range w.loaded.Specs {
			if s.RefundID == id && s.Account == one.Name {
				parents[s.Identity(one.fingerprint).Parent] = true
			}
		}
		for _, e := range st.OfRefundID(one.fingerprint, id) {
			parents[e.ID.Parent] = true
		}
	}
	return parents
}
