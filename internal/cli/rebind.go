package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"refundctl/internal/view"
	"refundctl/schema"
	"refundctl/state"
)

// rebindFlags are the flags of state rebind.
type rebindFlags struct {
	settings
	sessionFlags
	approvalFlags
	reason string
}

func (a *app) stateRebindCommand() *cobra.Command {
	var f rebindFlags
	c := &cobra.Command{
		Use: "rebind ACCOUNT", Short: "Bind an account to another merchant or client id",
		Long: `The ledger binds each account and environment to a merchant, and nothing is sent
for another one. rebind changes the binding: after a new account name, an added
merchant_id or a new client id, or for another merchant. It binds the account to
the current configuration and the credentials in the environment.

If merchant_id or the client id stays the same, it is the same merchant: what
was sent still counts. Otherwise what was sent under the old binding stays in
the ledger, but no longer counts in plans or in the day's budget. Resolve
refunds in doubt first.`,
		Example: `  refundctl state rebind default --reason "client id rotated, ticket 4711"`,
		Args:    argsBetween(1, 1),
		RunE:    func(c *cobra.Command, args []string) error { return a.rebind(c, f, args[0]) },
	}
	f.settings.flags(c)
	f.sessionFlags.flags(c)
	f.approvalFlags.flags(c)
	c.Flags().StringVar(&f.reason, "reason", "", "the reason, for the ledger")
	return c
}

func (a *app) rebind(c *cobra.Command, f rebindFlags, name string) error {
	if strings.TrimSpace(f.reason) == "" {
		return fail(ExitInvalid, `add --reason "why"`, "rebind needs a reason; the ledger keeps it")
	}
	read := func(context.Context) (*work, error) {
		p, err := a.project(f.settings)
		if err != nil {
			return nil, err
		}
		w := a.newWork(p)
		w.accounts, err = a.accounts(p, map[string]bool{name: true})
		if err == nil && len(w.accounts) == 0 {
			err = fail(ExitInvalid, "see accounts in "+p.file, "account %s is not in the configuration, or is not the account of --account", name)
		}
		return w, err
	}
	return a.withLock(c, f.settings, f.sessionFlags, read, func(w *work, s *state.Session) error {
		return a.rebound(c.Context(), s, w, f)
	})
}

// rebound is rebind under the lock.
func (a *app) rebound(ctx context.Context, s *state.Session, w *work, f rebindFlags) error {
	to := w.accounts[0].binding()
	to.Reason = f.reason
	from, err := boundBefore(s.State(), w.project, to)
	switch {
	case err != nil:
		return err
	case from == (state.Binding{}):
		_, err := fmt.Fprintf(a.Out, "Account %s (%s) is already bound to this merchant.\n", to.Account, to.Environment)
		return err
	}
	old, err := settledUnder(s.State(), from)
	if err != nil {
		return err
	}
	same := (&state.BindingError{Want: to, Have: from}).SameMerchant()
	if err := view.Rebinding(a.Out, view.Rebind{From: from, To: to, Remembered: old, Same: same}, a.outStyle()); err != nil {
		return err
	}
	question, wanted := fmt.Sprintf("Rebind account %s (%s)? Type yes:", to.Account, view.Environment(to.Environment)), "yes"
	if to.Environment == "production" {
		question, wanted = fmt.Sprintf("PRODUCTION: rebind account %s. Type its name to continue:", to.Account), to.Account
	}
	if err := a.ask(ctx, f.approvalFlags, "to be rebound: account "+to.Account, question, wanted); err != nil {
		return err
	}
	if err := w.recheckFiles(ctx); err != nil {
		return err
	}
	// What was sent a moment ago may not be listed yet, and the next plan relies on lists alone.
	if err := sleep(ctx, unlisted(old, w.project.Recovery.ReadDelay, a.Clock())); err != nil {
		return err
	}
	if err := s.Bind(ctx, to); err != nil {
		return err
	}
	next := "The next plan reads this merchant's live refunds."
	if same {
		next = "What was sent still counts."
	}
	_, err = fmt.Fprintf(a.Out, "Bound. %s\n", next)
	return err
}

// boundBefore returns the binding that the ledger has for the account, or for its merchant under another
// name. It is zero if the ledger already has the new binding.
func boundBefore(st *state.State, p *project, to state.Binding) (state.Binding, error) {
	to.Reason = ""
	known, err := st.CheckBinding(to)
	var other *state.BindingError
	switch errors.As(err, &other); {
	case known:
		return state.Binding{}, nil
	case other == nil && !isBound(st, to):
		return state.Binding{}, fail(ExitInvalid, "the first apply binds it", "the ledger does not know account %s (%s)", to.Account, to.Environment)
	case other == nil:
		return to, nil // an older format: only the credentials are new
	}
	for _, b := range append(st.Bindings(), other.Have) {
		same := (&state.BindingError{Want: to, Have: b}).SameMerchant()
		if same && b.Account != to.Account && p.has(b) {
			return b, fail(ExitCredentials, "a merchant can have only one account name: remove "+b.Account+" or "+to.Account+" from the configuration",
				"account %s (%s) is the merchant that the ledger knows as %s", to.Account, to.Environment, b.Account)
		}
	}
	return other.Have, nil
}

// has reports whether the configuration has the account of a binding.
func (p *project) has(b state.Binding) bool {
	return slices.ContainsFunc(p.Accounts, func(c schema.ConfigAccount) bool {
		return c.Name == b.Account && c.API == b.API && c.Environment == b.Environment
	})
}

func isBound(st *state.State, to state.Binding) bool {
	return slices.ContainsFunc(st.Bindings(), func(b state.Binding) bool { return b.Account == to.Account && b.Environment == to.Environment })
}

// settledUnder returns the refunds under a binding. It fails if one is in doubt: it could no longer be
// read back.
func settledUnder(st *state.State, b state.Binding) ([]state.Entry, error) {
	var old []state.Entry
	for _, e := range st.Entries() {
		if state.FingerprintOf(e.ID.Account) != b.Fingerprint {
			continue
		}
		if e.Phase == state.Intended {
			return nil, fail(ExitInDoubt, "resolve it with refundctl recover and the old credentials, or with recover --resolve", "refund %s is in doubt, so its account cannot be rebound", e.ID.RefundID)
		}
		old = append(old, e)
	}
	return old, nil
}

// unlisted returns how long to wait until lists are reliable: two delays after the last try, as when a
// refund is read back.
func unlisted(entries []state.Entry, delay time.Duration, now time.Time) time.Duration {
	var longest time.Duration
	for _, e := range entries {
		longest = max(longest, 2*delay-now.Sub(e.TriedAt))
	}
	return longest
}
