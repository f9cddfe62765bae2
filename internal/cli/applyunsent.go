package cli

import (
	"context"
	"io"

	"refundctl/apply"
	"refundctl/internal/cashfree"
	"refundctl/plan"
	"refundctl/state"
)

// unplanned is the result of a run that ended before it had its plan: what manifests and ledger say without a
// read. Refunds that would have been read first count as not sent.
func (w *work) unplanned(ctx context.Context, r *apply.Run) apply.Result {
	in := w.planInput(r.State)
	in.Refresh = plan.None
	p, err := plan.Make(context.WithoutCancel(ctx), in)
	if err != nil {
		return r.Unsent(nil)
	}
	return r.Unsent(p)
}

// unbegun is unplanned for a run that ended before it reached the ledger. It needs neither the lock nor
// credentials. Without manifests it counts nothing.
func (a *app) unbegun(ctx context.Context, f planFlags, paths []string, file string) apply.Result {
	defer func(err io.Writer) { a.Err = err }(a.Err)
	a.Err = io.Discard // the error of the run says what a person must know
	ctx = context.WithoutCancel(ctx)
	var w *work
	var err error
	if file == "" {
		w, err = a.unconnected(ctx, f, paths)
	} else {
		w, err = a.unconnectedFile(ctx, f, file)
	}
	if err != nil {
		return apply.Result{}
	}
	st, known := w.lookAside(ctx)
	w.accounts = w.knownAccounts(st)
	w.gates = &gateways{}
	r := &apply.Run{State: st, Gateways: map[string]apply.Gateway{}}
	for _, one := range w.accounts {
		w.gates.accounts = append(w.gates.accounts, one.planned(cashfree.Rates{}))
		r.Gateways[one.fingerprint] = apply.Gateway{}
	}
	result := w.unplanned(ctx, r)
	result.NotCompared = !known
	return result
}

// lookAside reads the ledger without its lock. It returns an empty one if it cannot be read.
func (w *work) lookAside(ctx context.Context) (st *state.State, known bool) {
	ledger, err := w.project.openLedger()
	if err != nil {
		return &state.State{}, false
	}
	if st, _, err = state.Load(ctx, ledger); err == nil {
		err = w.locate(ctx, st, ledger)
	}
	if err != nil {
		return &state.State{}, false
	}
	return st, true
}

// knownAccounts returns the accounts of this run with the fingerprints of the plan file, or else those that the
// ledger binds. An account without one has refunds that nothing was learned about: its name keeps them apart.
func (w *work) knownAccounts(st *state.State) (all []account) {
	prints := w.project.fingerprints(st)
	if w.saved != nil {
		for _, made := range w.saved.Accounts {
			prints[made.Name] = made.Fingerprint
		}
	}
	for _, c := range w.project.Accounts {
		if w.app.account == "" || w.app.account == c.Name {
			all = append(all, account{ConfigAccount: c, fingerprint: firstOf(prints[c.Name], c.Name)})
		}
	}
	return all
}
