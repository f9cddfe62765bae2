package cli

import (
	"cmp"
	"context"
	"errors"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/schema"
	"refundctl/state"
	"refundctl/state/local"
)

// work is what a command needs to read the API or write the ledger: the project, its refunds and its accounts.
type work struct {
	app      *app
	project  *project
	loaded   schema.Result
	asked    []refund.Spec // what the manifests ask for while a plan file is applied; nil: loaded.Specs
	accounts []account
	gates    *gateways
	selected func(refund.Spec) bool
	refresh  plan.Refresh
	saved    *plan.Saved    // the plan file that is applied; nil for none
	accepts  acceptance     // of an older ledger
	sends    bool           // whether something may be sent; if so, an older ledger is refused
	approval *plan.Approval // what may be sent of it
	spots    int            // how many settled refunds of other runs are read again
	without  bool           // --without-manifests

	equip      func(*state.State) error              // connects the accounts that the ledger names; nil if manifests named them
	digestNow  func(context.Context) (string, error) // of the current manifests; nil if none count
	digestRead string                                // the digest of what was loaded
}

// newWork returns the work of a command on this project, without accounts yet.
func (a *app) newWork(p *project) *work { return &work{app: a, project: p, refresh: plan.Auto} }

// connect prepares the accounts with these names, and opens their gateways.
func (w *work) connect(needed map[string]bool) (err error) {
	if w.accounts, err = w.app.accounts(w.project, needed); err != nil {
		return err
	}
	w.gates, err = w.app.open(w.project, w.accounts)
	return err
}

// work loads the project, and connects the accounts that its manifests name.
func (a *app) work(ctx context.Context, f planFlags, paths []string) (*work, error) {
	w, err := a.unconnected(ctx, f, paths)
	if err != nil {
		return nil, err
	}
	needed := map[string]bool{}
	for _, s := range w.loaded.Specs {
		needed[s.Account] = true
	}
	if len(needed) == 0 {
		for _, c := range w.project.Accounts {
			needed[c.Name] = true
		}
	}
	return w, w.connect(needed)
}

// unconnected loads the project without its accounts.
func (a *app) unconnected(ctx context.Context, f planFlags, paths []string) (*work, error) {
	p, err := a.project(f.settings)
	if err != nil {
		return nil, err
	}
	w := a.newWork(p)
	w.refresh, w.accepts, w.spots = plan.Refresh(f.refresh), f.acceptance, f.spots
	if w.spots < 0 {
		return nil, fail(ExitInvalid, "use 0 or more", "--spot-check %d is negative", w.spots)
	}
	switch w.refresh {
	case plan.Auto, plan.All, plan.None:
	default:
		return nil, fail(ExitInvalid, "use auto, all or none", "unknown --refresh %q", f.refresh)
	}
	if f.without {
		w.omitMissingManifests()
	}
	if w.loaded, err = a.manifests(ctx, p, paths); err != nil {
		return nil, err
	}
	w.rememberFiles(paths, w.loaded.Digest)
	unknown := func(id string) error { return a.unknownID(ctx, p, id, known{specs: w.loaded.Specs}) }
	if w.selected, err = f.filter(p.root, paths, w.loaded.Specs, unknown); err != nil {
		return nil, err
	}
	return w, nil
}

func (w *work) close() {
	if w != nil && w.gates != nil {
		w.gates.close()
	}
}

func (w *work) planInput(st *state.State) plan.Input {
	return plan.Input{
		Approval: w.approval, Whole: w.app.account == "", AcceptOlder: w.accepts.older, SpotCheck: w.spotCheck(st),
		Accounts: w.gates.accounts, Readers: w.gates.readers(), Specs: w.loaded.Specs, Manifests: w.loaded.Digest, State: st, Refresh: w.refresh,
		Asked: w.asked, Files: w.loaded.Files, Selected: w.selected, Frozen: w.project.Freeze, SettleAfter: w.project.Recovery.SettleAfter,
		Parallelism: w.project.Parallelism, Clock: w.app.Clock, Progress: w.app.line.Read,
	}
}

func (one account) binding() state.Binding {
	return state.Binding{Account: one.Name, API: one.API, Environment: one.Environment, Fingerprint: one.fingerprint, Credentials: one.alone}
}

// checkBindings checks the accounts against the ledger's bindings (R15).
func (w *work) checkBindings(st *state.State) error {
	for _, one := range w.accounts {
		if _, err := st.CheckBinding(one.binding()); err != nil {
			return fail(ExitCredentials, bindingHint(err), "%v", err)
		}
	}
	return nil
}

// bindingHint says what to do if the ledger binds an account to another merchant. It never suggests another
// ledger: that one would not know what was sent.
func bindingHint(err error) string {
	var bound *state.BindingError
	if errors.As(err, &bound) && bound.SameMerchant() {
		return "restore the account's name, merchant_id and credentials; or, if it is the same merchant, run refundctl state rebind " + bound.Want.Account + " --reason TEXT, which keeps what was sent"
	}
	return "use the credentials of this ledger's merchant; to bind the account to another merchant, run refundctl state rebind ACCOUNT --reason TEXT"
}

// places returns the address of each account by fingerprint: of configured accounts, the configured address, for
// their current fingerprint and those in the ledger; of others, the last address.
func (w *work) places(st *state.State) []state.Place {
	at := map[string]string{}
	for _, p := range st.Places() {
		at[p.Fingerprint] = p.BaseURL
	}
	for _, b := range st.Bindings() {
		if c, ours := w.project.Configured(b.Account, b.API, b.Environment); ours && c.Environment != embedded {
			at[b.Fingerprint] = place(c)
		}
	}
	for _, one := range w.accounts {
		if one.Environment != embedded {
			at[one.fingerprint] = place(one.ConfigAccount)
		}
	}
	var places []state.Place
	for fingerprint, base := range at {
		places = append(places, state.Place{Fingerprint: fingerprint, BaseURL: base})
	}
	return places
}

// checkPlanFile refuses a plan file that does not fit this ledger and these accounts.
func (w *work) checkPlanFile(st *state.State) error {
	if w.saved == nil {
		return nil
	}
	return w.saved.Refuse(st, w.gates.accounts, w.app.Clock())
}

// readLedger reads the ledger without its lock, and checks that it is bound to these accounts. A nil begin means
// that no events are needed.
func (w *work) readLedger(ctx context.Context, begin func() func(state.HistoryEvent)) (*state.State, *local.Ledger, error) {
	ledger, err := w.project.openLedger()
	if err != nil {
		return nil, nil, err
	}
	st, err := w.app.replay(ctx, projectLedger{ledger, w.project}, begin)
	if err != nil {
		return nil, nil, err
	}
	w.app.noteNewLedger(w.project, st)
	return st, ledger, w.checkBindings(st)
}

// locate makes the state count only what was learned at the accounts' current addresses (R21).
func (w *work) locate(ctx context.Context, st *state.State, ledger *local.Ledger) error {
	return st.UsePlaces(ctx, ledger, w.places(st))
}

// ledgerWork returns a reading of the project with the accounts of the refunds that needs picks. It does not read
// manifests: the ledger must be usable while somebody edits them.
func (a *app) ledgerWork(s settings, needs func(state.Entry) bool) reading {
	return func(context.Context) (*work, error) {
		p, err := a.project(s)
		if err != nil {
			return nil, err
		}
		w := a.newWork(p)
		w.equip = func(st *state.State) error { return w.open(st, needs) }
		return w, nil
	}
}

// open connects the accounts of the refunds that needs picks.
func (w *work) open(st *state.State, needs func(state.Entry) bool) error {
	needed := map[string]bool{}
	for _, e := range st.Entries() {
		needed[e.AccountName] = needed[e.AccountName] || needs(e)
	}
	return w.connect(needed)
}

// load reads a ledger, and prints its notices.
func (a *app) load(ctx context.Context, l projectLedger) (*state.State, error) {
	return a.replay(ctx, l, nil)
}

// replay is load that also passes each event to the function that begin returns; see state.Replay.
func (a *app) replay(ctx context.Context, l projectLedger, begin func() func(state.HistoryEvent)) (*state.State, error) {
	w := a.newWork(cmp.Or(l.project, &project{}))
	var st *state.State
	var notices []state.Notice
	var err error
	if begin == nil {
		if st, notices, err = state.Load(ctx, l); err == nil {
			err = w.locate(ctx, st, l.Ledger)
		}
	} else {
		st, notices, err = state.Replay(ctx, l, w.places, begin)
	}
	if err != nil {
		return nil, err
	}
	if l.project != nil {
		a.warnOfLedger(l.project, st)
	}
	return st, a.notice(l.Ledger, st, notices)
}
