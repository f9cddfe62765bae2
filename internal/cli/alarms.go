package cli

import (
	"context"

	"refundctl/internal/diag"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/schema"
	"refundctl/state"
)

// desires returns what the manifests ask for now.
func (a *app) desires(ctx context.Context, p *project, st *state.State) plan.Desired {
	loaded, err := schema.Load(context.WithoutCancel(ctx), p.Manifests, schema.Options{Root: p.root, Accounts: p.Known()})
	if err != nil {
		loaded.Files = nil
	}
	return a.desiredBy(p, st, loaded)
}

// desiredBy returns what loaded manifests ask for. If some are missing or have errors, that must not end an
// alarm: then every refund may be desired, and a warning says so.
func (a *app) desiredBy(p *project, st *state.State, loaded schema.Result) plan.Desired {
	desired := plan.DesiredBy(loaded.Specs, p.fingerprints(st))
	w := work{project: p}
	if desired.Unread = diag.HasError(loaded.Diagnostics) || w.requireManifests(loaded.Files) != nil; desired.Unread {
		_ = a.warn("manifests are missing or have errors, so every refund in the ledger counts as desired",
			"refundctl validate shows what is wrong")
	}
	return desired
}

// fingerprints returns those of the configuration's accounts, by name, as the ledger binds them.
func (p *project) fingerprints(st *state.State) map[string]string {
	ours := map[string]string{}
	for _, b := range st.Bindings() {
		if p.has(b) {
			ours[b.Account] = b.Fingerprint
		}
	}
	return ours
}

// alarms returns the refunds of the configuration's accounts that need a person.
func (w *work) alarms(ctx context.Context, st *state.State) []plan.Alarm {
	return w.app.desires(ctx, w.project, st).Alarms(filterEntries(st.Entries(), w.ofCurrentAccounts(st)))
}

// raise ends a command that found alarms. In text, each alarm is printed; in JSON, one failure contains them all.
// ended is how the command ends without them, with everything printed.
func (a *app) raise(alarms []plan.Alarm, ended error, asJSON bool) error {
	switch {
	case len(alarms) == 0:
		return ended
	case !asJSON:
		_ = view.Alarms(a.Err, alarms, a.errStyle())
		if worst(codeOf(ended), ExitPerson) == ExitPerson {
			return quit(ExitPerson)
		}
		return ended
	case ended == nil:
		return withAlarms(nil, alarms)
	}
	return withAlarms(a.aloud(explain(ended)), alarms)
}

// withAlarms adds the alarms to how a command ended. The more urgent of the two comes first.
func withAlarms(f *failure, alarms []plan.Alarm) *failure {
	if len(alarms) == 0 {
		return f
	}
	message, hint := view.AlarmsText(alarms)
	raised := fail(ExitPerson, hint, "%s", message)
	switch {
	case f == nil:
		return raised
	case worst(f.code, ExitPerson) == ExitPerson:
		raised.message += "; " + f.message
		return raised
	}
	both := *f
	both.message += "; " + message
	return &both
}
