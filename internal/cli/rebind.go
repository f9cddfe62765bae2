package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/view"
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
		return fail(ExitInvalid, `add --reason "why"`, "rebind needs a reason; the ledger records it")
	}
	read := func(context.Context) (*work, error) {
		p, err := a.project(f.settings)
		if err != nil {
			return nil, err
		}
		switch {
		case !p.hasAccount(name):
			return nil, p.unknownAccount(name)
		case a.account != "" && a.account != name:
			return nil, fail(ExitInvalid, "omit --account", "--account %s is another account than %s", a.account, name)
		}
		w := a.newWork(p)
		w.accounts, err = a.accounts(p, map[string]bool{name: true})
		return w, err
	}
	return a.withLock(c, f.settings, f.sessionFlags, read, func(w *work, s *state.Session) error {
		return a.rebindLocked(c.Context(), s, w, f)
	})
}

// rebindLocked is rebind under the lock.
func (a *app) rebindLocked(ctx context.Context, s *state.Session, w *work, f rebindFlags) error {
	to := w.accounts[0].binding()
	to.Reason = f.reason
	change, err := s.State().Rebinding(to, w.project.has)
	switch {
	case err != nil:
		return rebindFailure(err)
	case change.From == (state.Binding{}):
		_, err := fmt.Fprintf(a.Out, "Account %s (%s) is already bound to this merchant.\n", to.Account, to.Environment)
		return err
	}
	if err := view.Rebinding(a.Out, view.Rebind{From: change.From, To: to, Remembered: change.Old, Same: change.Same}, a.outStyle()); err != nil {
		return err
	}
	question, answer := fmt.Sprintf("Rebind account %s (%s)? Type yes:", to.Account, view.Environment(to.Environment)), "yes"
	if to.Environment == "production" {
		question, answer = fmt.Sprintf("PRODUCTION: rebind account %s. Type its name to continue:", to.Account), to.Account
	}
	if err := a.ask(ctx, f.approvalFlags, "to be rebound: account "+to.Account, question, answer); err != nil {
		return err
	}
	if err := w.recheckFiles(ctx); err != nil {
		return err
	}
	// What was sent a moment ago may not be listed yet, and the next plan relies on lists alone.
	if err := sleep(ctx, change.Wait(w.project.Recovery.ReadDelay, a.Clock())); err != nil {
		return err
	}
	if err := s.Bind(ctx, to); err != nil {
		return err
	}
	next := "The next plan reads this merchant's live refunds."
	if change.Same {
		next = "What was sent still counts."
	}
	_, err = fmt.Fprintf(a.Out, "Bound. %s\n", next)
	return err
}

// rebindFailure has the exit code and the hint of a rebinding that the ledger refuses.
func rebindFailure(err error) error {
	var unbound *state.UnboundError
	var alias *state.AliasError
	var doubt *state.DoubtError
	switch {
	case errors.As(err, &unbound):
		return fail(ExitInvalid, "the first apply binds it", "%v", err)
	case errors.As(err, &alias):
		return fail(ExitCredentials, "a merchant can have only one account name: remove "+alias.Have.Account+" or "+alias.Want.Account+" from the configuration", "%v", err)
	case errors.As(err, &doubt):
		return fail(ExitInDoubt, "with the old merchant_id and credentials, refundctl recover resolves it by reading; if you know the outcome: refundctl recover --resolve "+doubt.RefundID+"=sent --reason TEXT, or "+doubt.RefundID+"=not-sent", "%v", err)
	}
	return err
}

// has reports whether the configuration has the account of a binding.
func (p *project) has(b state.Binding) bool {
	_, ours := p.Configured(b.Account, b.API, b.Environment)
	return ours
}
