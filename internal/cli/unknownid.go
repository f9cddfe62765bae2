package cli

import (
	"context"
	"slices"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/schema"
	"refundctl/state"
)

// known is what a project knows of ids. A command that has read only a part leaves the other to be read when an
// id is unknown.
type known struct {
	specs  []refund.Spec
	ledger *state.State
}

// unknownID returns the failure for an argument that names a refund, or the order, subscription or payment of one,
// if the command does not find it where it looks. All commands use it: the same mistake has the same exit code and
// sentence everywhere.
func (a *app) unknownID(ctx context.Context, p *project, id string, k known) error {
	readable := true
	if k.specs == nil {
		k.specs, readable = a.quietSpecs(ctx, p)
	}
	if k.ledger == nil {
		k.ledger = quietLedger(ctx, p)
	}
	otherwise := "see refundctl plan --refresh all, and refundctl state list"
	if f := a.elsewhere(id, k); f != nil {
		return f
	}
	switch {
	case !readable:
		return fail(ExitInvalid, near(id, k.ids(), otherwise), "unknown id %q: it is not in the ledger", id)
	case k.ledger == nil:
		return fail(ExitInvalid, near(id, k.ids(), otherwise), "unknown id %q: it is in no manifest", id)
	}
	return fail(ExitInvalid, near(id, k.ids(), otherwise), "unknown id %q: it is in no manifest and not in the ledger", id)
}

// elsewhere returns the failure for an id that is known, but not where the command looks; nil if it is unknown.
func (a *app) elsewhere(id string, k known) error {
	explained := "refundctl explain " + id + " shows what is known about it"
	entries := k.entries()
	desired := slices.ContainsFunc(k.specs, func(s refund.Spec) bool { return s.RefundID == id })
	i := slices.IndexFunc(entries, func(e state.Entry) bool { return e.ID.RefundID == id })
	switch {
	case i >= 0 && !a.ofAccount(entries[i]):
		return fail(ExitInvalid, "omit --account, or use --account "+entries[i].AccountName, "refund %q belongs to account %s, not to %s", id, entries[i].AccountName, a.account)
	case i >= 0 && desired:
		return fail(ExitInvalid, explained, "refund %q is in the ledger only for another environment or address than the configuration's: %s", id, entries[i].Environment)
	case i >= 0:
		return fail(ExitInvalid, explained, "refund %q is in the ledger, but in no manifest", id)
	case desired:
		return fail(ExitInvalid, explained, "refund %q is in a manifest, but not in the ledger: no run has sent it", id)
	}
	of := refund.Kind("")
	for _, s := range k.specs {
		if s.ParentID == id {
			of = s.Kind
		}
	}
	for _, e := range entries {
		if e.ID.ID == id {
			of = e.ID.Kind
		}
	}
	if of == "" {
		return nil
	}
	return fail(ExitInvalid, "refundctl explain "+id+" explains each of its refunds", "%q is the id of %s, not of a refund", id, oneKind[of])
}

// oneKind is a kind with its article.
var oneKind = map[refund.Kind]string{refund.Order: "an order", refund.Subscription: "a subscription", refund.Payment: "a payment"}

func (k known) entries() []state.Entry {
	if k.ledger == nil {
		return nil
	}
	return k.ledger.Entries()
}

func (k known) ids() (all []string) {
	for _, s := range k.specs {
		all = append(all, s.RefundID, s.ParentID)
	}
	for _, e := range k.entries() {
		all = append(all, e.ID.RefundID, e.ID.ID)
	}
	return all
}

// quietSpecs reads the project's manifests without printing what is wrong with them. It reports whether they could
// be read: a command that does not need them goes on without.
func (a *app) quietSpecs(ctx context.Context, p *project) (specs []refund.Spec, ok bool) {
	if p == nil {
		return nil, false
	}
	paths, err := p.paths(nil)
	if err != nil {
		return nil, false
	}
	loaded, err := schema.Load(ctx, paths, schema.Options{Root: p.root, Accounts: p.Known()})
	if err != nil || diag.HasError(loaded.Diagnostics) {
		return nil, false
	}
	return loaded.Specs, true
}

// quietLedger reads the project's ledger, or returns nil if it cannot.
func quietLedger(ctx context.Context, p *project) *state.State {
	if p == nil {
		return nil
	}
	ledger, err := p.openLedger()
	if err != nil {
		return nil
	}
	st, _, err := state.Load(ctx, ledger)
	if err != nil {
		return nil
	}
	return st
}

// hasAccount reports whether the configuration has an account of this name.
func (p *project) hasAccount(name string) bool {
	return slices.ContainsFunc(p.Accounts, func(c schema.ConfigAccount) bool { return c.Name == name })
}

// unknownAccount returns the failure for an argument that names no account of the configuration.
func (p *project) unknownAccount(name string) error {
	var names []string
	for _, c := range p.Accounts {
		names = append(names, c.Name)
	}
	return fail(ExitInvalid, near(name, names, "see accounts in "+p.file), "account %q is not in the configuration", name)
}
