package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

func (a *app) explainCommand() *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use:   "explain REFUND_ID|ORDER_ID",
		Short: "Explain a refund, or every refund of an order",
		Long: `Prints where the manifest asks for a refund, all its events, what the API
reports now, what plan decides and why, what happens next, and what a person can
check. Given the id of an order, subscription or payment, it explains each of
its refunds. It reads only the order that the refund belongs to; if the id is in
no manifest and not in the ledger, it reads all of them. It sends nothing.`,
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
	found := state.NewHistories(func(of refund.Identity) bool { return of.RefundID == id || of.ID == id })
	st, ledger, err := w.readLedger(ctx, found.Begin)
	if err != nil {
		return err
	}
	in := w.planInput(st)
	parents := w.parentsOf(st, id)
	if len(parents) > 0 { // otherwise somebody else may have made it, for any parent
		in.Only = func(p refund.Parent) bool { return parents[p] }
	}
	p, err := plan.Make(ctx, in)
	if err != nil {
		return err
	}
	events := func(one string) ([]state.HistoryEvent, error) {
		if one != id && underOtherParent(st, one, id) {
			return a.history(ctx, ledger, one) // rare: its events there belong to the explanation
		}
		return a.eventsOfAccount(found.Events(one)), nil
	}
	stories, err := stories(view.Explanation{Plan: p, SettleAfter: in.SettleAfter, Asks: in.Asks}, id, events)
	switch {
	case err != nil:
		return err
	case len(stories) == 0:
		return w.unknown(ctx, p, st, id)
	case f.asJSON:
		return view.ExplainJSON(a.Out, id, stories, a.outStyle())
	}
	return view.Explain(a.Out, stories, a.outStyle())
}

// underOtherParent reports whether the ledger has the refund_id under a parent other than this one.
func underOtherParent(st *state.State, refundID, parent string) bool {
	return slices.ContainsFunc(st.Entries(), func(e state.Entry) bool { return e.ID.RefundID == refundID && e.ID.ID != parent })
}

// stories explains a refund_id or, if there is no such refund, each refund of the parent with that id. The
// explanation e has the fields that all stories share.
func stories(e view.Explanation, id string, events func(refundID string) ([]state.HistoryEvent, error)) ([]view.Explanation, error) {
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
	records, err := events(id)
	if err != nil {
		return nil, err
	}
	if len(rows[id])+len(records) > 0 {
		e.RefundID, e.Rows, e.Records = id, rows[id], records
		return []view.Explanation{e}, nil
	}
	var all []view.Explanation
	for _, one := range ofParent {
		e.RefundID, e.Rows = one, rows[one]
		if e.Records, err = events(one); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// unknown is the failure for an id that manifests, ledger and API do not have, as far as the API could be read.
func (w *work) unknown(ctx context.Context, p *plan.Plan, st *state.State, id string) error {
	failed := slices.DeleteFunc(failedReads(p), plan.ParentRead.Unknown) // not found is an answer
	if len(failed) > 0 {
		return fail(ExitUnreachable, "try again when the API can be reached",
			"unknown id %q: it is in no manifest and not in the ledger, and %s of %s orders, subscriptions and payments could not be read: %v", id, money.Grouped(len(failed)), money.Grouped(len(p.Parents)), failed[0].Err)
	}
	unknown := w.app.unknownID(ctx, w.project, id, known{w.loaded.Specs, st})
	var f *failure
	if errors.As(unknown, &f) && !strings.HasPrefix(f.hint, "did you mean") {
		f.hint = fmt.Sprintf("the API does not list it either, under any of the project's %s orders, subscriptions and payments; %s", money.Grouped(len(p.Parents)), f.hint)
	}
	return unknown
}

// parentsOf returns the parents under which manifests or the ledger have a refund_id, or else the parent with
// this id.
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
