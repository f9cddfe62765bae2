package cli

import (
	"context"
	"slices"

	"refundctl/apply"
	"refundctl/state"
)

// followWork loads what follow needs to read. It takes no lock, because follow may wait for days.
func (a *app) followWork(ctx context.Context, f followFlags) (*work, error) {
	w, err := a.ledgerWork(f.settings, nil)(ctx)
	if err != nil {
		return nil, err
	}
	ledger, err := a.existingLedger(w.project, w.project.statePath())
	if err != nil {
		return nil, err
	}
	st, _, err := state.Load(ctx, ledger)
	if err == nil {
		err = w.locate(ctx, st, ledger)
	}
	if err != nil {
		return nil, err
	}
	if lack, f := w.project.judgeLedger(st); f != nil && lack != state.OlderLedger {
		return nil, f
	}
	a.warnOfLedger(w.project, st)
	w.equip = nil
	return w, w.openAlso(st, func(e state.Entry) bool { return e.Open() || f.arn && apply.LacksReference(e) }, f.picks(a.Clock()))
}

// same returns what follow uses to read, if the accounts are still the same as at the start: what was read at
// one address, or from one merchant, must not be recorded for another.
func (f *follower) same(context.Context) (*work, error) {
	p, err := f.app.readProject(f.flags.settings)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, one := range f.w.accounts {
		names[one.Name] = true
	}
	now, err := f.app.accounts(p, names)
	unmoved := func(a, b account) bool { return a.binding() == b.binding() && a.baseURL == b.baseURL }
	if err == nil && !slices.EqualFunc(now, f.w.accounts, unmoved) {
		err = fail(ExitError, "run follow again to use the accounts as they are now", "the address or merchant of an account changed while follow was reading; the last reads were not recorded")
	}
	w := f.app.newWork(f.w.project)
	w.accounts = now // without gateways: it reads through those of f.w
	return w, err
}
