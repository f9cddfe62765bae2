package cli

import (
	"context"

	"github.com/spf13/cobra"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
	"refundctl/state/local"
)

func (a *app) explainCommand() *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use:   "explain REFUND_ID|ORDER_ID",
		Short: "Tell the whole story of a refund, or of all refunds of an order",
		Long: `Tells where the manifest asks for a refund, every event of it, what the API
shows now, what plan decides and why, what happens next, and what a person can
check; for the id of an order, subscription or payment, of each of its refunds.
It reads the refund's parent, or where neither manifests nor ledger know the id
all parents, and sends nothing.`,
		Example: `  refundctl explain refund_17
  refundctl explain order_summer_fashion_001`,
		Args: argsBetween(1, 1),
		RunE: func(c *cobra.Command, args []string) error { return a.explain(c.Context(), f, args[0]) },
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
	in := w.input(st)
	parents := w.parentsOf(st, id)
	if len(parents) > 0 { // otherwise somebody else may have made it, on any parent
		in.Only = func(p refund.Parent) bool { return parents[p] }
	}
	p, err := plan.Make(ctx, in)
	if err != nil {
		return err
	}
	e := view.Explanation{Plan: p, SettleAfter: in.SettleAfter, Asks: in.Asks}
	stories, err := a.told(ctx, ledger, e, id)
	switch {
	case err != nil:
		return err
	case len(stories) == 0:
		return w.unknown(p, st, id)
	case f.asJSON:
		return view.ExplainJSON(a.Out, id, stories)
	}
	return view.Explain(a.Out, stories, a.outStyle())
}

// told are the stories of a refund_id or, where nobody knows it as one, of the refunds of a parent.
func (a *app) told(ctx context.Context, ledger *local.Ledger, e view.Explanation, id string) ([]view.Explanation, error) {
	rows := map[string][]plan.Change{}
	var ofParent []string
	for _, c := range e.Plan.Changes {
		one := c.ID.RefundID
		if c.ID.ID == id && one != id && rows[one] == nil {
			ofParent = append(ofParent, one)
		}
		if c.ID.ID == id || one == id {
			rows[one] = append(rows[one], c)
		}
	}
	records, err := a.history(ctx, ledger, id)
	if err != nil {
		return nil, err
	}
	if len(rows[id])+len(records) > 0 {
		e.RefundID, e.Rows, e.Records = id, rows[id], records
		return []view.Explanation{e}, nil
	}
	var stories []view.Explanation
	for _, one := range ofParent {
		e.RefundID, e.Rows = one, rows[one]
		if e.Records, err = a.history(ctx, ledger, one); err != nil {
			return nil, err
		}
		stories = append(stories, e)
	}
	return stories, nil
}

// unknown is the failure of explain for an id that nobody knows, as far as could be read.
func (w *work) unknown(p *plan.Plan, st *state.State, id string) error {
	failed := unread(p)
	if len(failed) > 0 {
		return fail(ExitUnreachable, "try again when the API can be reached",
			"no manifest asks for refund %q, the ledger does not know it, and %s of %s parents could not be read: %v", id, money.Grouped(len(failed)), money.Grouped(len(p.Parents)), failed[0].Err)
	}
	var known []string
	for _, s := range w.loaded.Specs {
		known = append(known, s.RefundID, s.ParentID)
	}
	for _, e := range st.Entries() {
		known = append(known, e.ID.RefundID, e.ID.ID)
	}
	for _, c := range p.Changes {
		known = append(known, c.ID.RefundID)
	}
	return fail(ExitError, near(id, known, "see refundctl plan --refresh all, and refundctl state list"),
		"no manifest asks for refund %q, the ledger does not know it, and the API does not list it for any of the project's %s parents", id, money.Grouped(len(p.Parents)))
}

// parentsOf are the parents under which a refund_id is wanted or remembered, or the parent with this id.
func (w *work) parentsOf(st *state.State, id string) map[refund.Parent]bool {
	parents, itself := map[refund.Parent]bool{}, map[refund.Parent]bool{}
	note := func(of refund.Identity) {
		switch id {
		case of.RefundID:
			parents[of.Parent] = true
		case of.ID:
			itself[of.Parent] = true
		}
	}
	for _, one := range w.accounts {
		for _, s := range w.loaded.Specs {
			if s.Account == one.Name {
				note(s.Identity(one.fingerprint))
			}
		}
		for _, e := range st.Entries() {
			if e.ID.Account == one.fingerprint {
				note(e.ID)
			}
		}
	}
	if len(parents) == 0 {
		return itself
	}
	return parents
}
