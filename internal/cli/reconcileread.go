package cli

import (
	"context"
	"io"
	"slices"
	"time"

	"refundctl/internal/reconcile"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
	"refundctl/state/local"
)

// reconcileWork is what reconcile works with. Without gates, the API is not read.
type reconcileWork struct {
	*work
	ledger       *local.Ledger
	fingerprints map[string]string // by account name
	parents      []reconcile.Parent
	only         func(refund.Parent) bool
}

func (a *app) reconcileWork(ctx context.Context, f reconcileFlags) (*reconcileWork, error) {
	p, err := a.project(f.settings)
	if err != nil {
		return nil, err
	}
	w := &reconcileWork{work: a.newWork(p)}
	if w.loaded, err = a.manifests(ctx, p, nil); err != nil {
		return nil, err
	}
	if w.ledger, err = p.openLedger(); err != nil {
		return nil, err
	}
	if err := p.refuseLostLedger(); err != nil {
		return nil, err
	}
	st, err := a.load(ctx, projectLedger{w.ledger, p})
	if err != nil {
		return nil, err
	}
	a.noteNewLedger(p, st)
	if f.refresh == "none" {
		w.recall(st)
	} else if err := w.reach(st); err != nil {
		return nil, err
	}
	w.parents = reconcile.Parents(w.fingerprints, w.loaded.Specs, st.Entries())
	if err := w.narrow(ctx, st, f.orders); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// reach prepares the accounts that manifests or the ledger name.
func (w *reconcileWork) reach(st *state.State) (err error) {
	needed := map[string]bool{}
	for _, s := range w.loaded.Specs {
		needed[s.Account] = true
	}
	for _, e := range st.Entries() {
		needed[e.AccountName] = true
	}
	if w.accounts, err = w.app.accounts(w.project, needed); err != nil {
		return err
	}
	w.fingerprints = map[string]string{}
	for _, one := range w.accounts {
		w.fingerprints[one.Name] = one.fingerprint
	}
	if err := w.checkBindings(st); err != nil {
		return err
	}
	w.gates, err = w.app.open(w.project, w.accounts)
	return err
}

// recall takes the accounts' fingerprints from the ledger. An account that the ledger does not know has no
// refunds there, so any name will do.
func (w *reconcileWork) recall(st *state.State) {
	w.fingerprints = map[string]string{}
	for _, c := range w.project.Accounts {
		if w.app.account == "" || w.app.account == c.Name {
			w.fingerprints[c.Name] = "unbound " + c.Name
		}
	}
	for _, b := range st.Bindings() {
		if _, ours := w.fingerprints[b.Account]; ours && w.project.has(b) {
			w.fingerprints[b.Account] = b.Fingerprint
		}
	}
}

// narrow keeps the named parents. A name that matches none is a typo: it must not look like an order without
// refunds.
func (w *reconcileWork) narrow(ctx context.Context, st *state.State, ids words) error {
	if len(ids) == 0 {
		return nil
	}
	for _, id := range ids {
		if !slices.ContainsFunc(w.parents, func(p reconcile.Parent) bool { return p.ID == id }) {
			return w.unknownOrder(ctx, st, id)
		}
	}
	w.only = func(p refund.Parent) bool { return slices.Contains(ids, p.ID) }
	w.parents = slices.DeleteFunc(w.parents, func(p reconcile.Parent) bool { return !w.only(p.Parent) })
	return nil
}

// unknownOrder returns the failure for an id of --order. The id of a refund leads to its order.
func (w *reconcileWork) unknownOrder(ctx context.Context, st *state.State, id string) error {
	k := known{w.loaded.Specs, st}
	for _, s := range k.specs {
		if s.RefundID == id {
			return fail(ExitInvalid, "use --order "+s.ParentID, "%q is the id of a refund, not of an order", id)
		}
	}
	for _, e := range k.entries() {
		if e.ID.RefundID == id {
			return fail(ExitInvalid, "use --order "+e.ID.ID, "%q is the id of a refund, not of an order", id)
		}
	}
	return w.app.unknownID(ctx, w.project, id, k)
}

// read reads the parents. It fails if credentials are refused. An interruption leaves the rest unread.
func (w *reconcileWork) read(ctx context.Context, result *view.Reconciliation) ([]reconcile.Read, error) {
	a := w.app
	if least := w.least(); least >= time.Minute {
		_ = a.say(func(out io.Writer, s view.Style) error { return view.LongRead(out, len(w.parents), least, s) })
	}
	account := func(p reconcile.Parent) string { return p.AccountName }
	turns := plan.Turns(w.parents, account)
	readers := w.gates.readers()
	how := plan.Reading[reconcile.Parent]{Parallelism: w.project.Parallelism, Account: account, Progress: a.line.Read}
	found, err := plan.ReadAll(ctx, turns, how, func(ctx context.Context, p reconcile.Parent) (plan.ParentRead, error) {
		read := plan.List(ctx, readers[p.Account], p.Parent, p.RefundIDs, a.Clock)
		return read, plan.Fatal(read.Err)
	})
	if plan.Fatal(err) != nil {
		return nil, err
	}
	reads := make([]reconcile.Read, len(turns))
	result.Parents = len(turns)
	for i, read := range found {
		result.Reads += read.Requests
		reads[i] = reconcile.Read{Parent: turns[i].Parent, Live: read.Live, Err: read.Err}
		if read.ListedAt.IsZero() {
			reads[i].Err = context.Cause(ctx)
		}
	}
	for _, r := range reads {
		if r.Err != nil && !refund.ParentUnknown(r.Err) {
			result.Failed = append(result.Failed, r)
		}
		result.Partial = result.Partial || r.Parent.Kind != refund.Order
	}
	return reads, nil
}

// least returns the least time that the API's limits make the reads take.
func (w *reconcileWork) least() time.Duration {
	lists := map[string]int{}
	for _, p := range w.parents {
		if p.Kind == refund.Order {
			lists[p.Account]++
		} else {
			lists[p.Account] += len(p.RefundIDs)
		}
	}
	return plan.ReadWait(w.gates.accounts, lists)
}

// outside reports whether all reads failed for a passing reason.
func outside(failed []reconcile.Read) bool {
	return !slices.ContainsFunc(failed, func(r reconcile.Read) bool {
		class := refund.ReadClassOf(r.Err)
		return class != refund.Throttled && class != refund.Unreachable
	})
}
