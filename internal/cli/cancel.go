package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"refundctl/apply"
	"refundctl/internal/cashfree"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// cancelFlags are the flags of cancel.
type cancelFlags struct {
	settings
	sessionFlags
	approvalFlags
	asJSON  bool
	remarks string
}

func (a *app) cancelCommand() *cobra.Command {
	var f cancelFlags
	c := &cobra.Command{
		Use:   "cancel REFUND_ID",
		Short: "Ask the API to cancel a refund that is not settled",
		Long: `Reads the refund, shows it, asks for approval, and sends one request to cancel
it. A refund can be cancelled if it belongs to an order, the ledger has it as
accepted, and it is PENDING or ONHOLD now. The account needs api_version
` + cashfree.CancelSince + ` or newer. The ledger records the request before it is sent. If the
outcome is unknown, the refund is read back, and nothing is sent again.`,
		Example: `  refundctl cancel refund_17 --remarks "the customer keeps the goods"`,
		Args:    argsBetween(1, 1),
		RunE:    func(c *cobra.Command, args []string) error { return a.cancel(c, f, args[0]) },

		ValidArgsFunction: first(a.completePhases(state.Accepted)),
	}
	f.settings.flags(c)
	f.sessionFlags.flags(c)
	f.approvalFlags.flags(c)
	jsonFlag(c, &f.asJSON)
	c.Flags().StringVar(&f.remarks, "remarks", "", "why, for Cashfree and the ledger; at most 250 characters")
	return c
}

func (f cancelFlags) check() error {
	const most = 250 // the API's limit
	switch {
	case !utf8.ValidString(f.remarks) || strings.ContainsFunc(f.remarks, func(r rune) bool { return !plan.Visible(r) }):
		return fail(ExitInvalid, "use one line of plain text", "--remarks contain characters that are not visible")
	case utf8.RuneCountInString(f.remarks) > most:
		return fail(ExitInvalid, fmt.Sprintf("use at most %d characters", most), "--remarks are too long")
	}
	return nil
}

func (a *app) cancel(c *cobra.Command, f cancelFlags, id string) error {
	if err := f.check(); err != nil {
		return err
	}
	if err := a.requireLedger(f.settings); err != nil {
		return err
	}
	read := a.ledgerWork(f.settings, func(e state.Entry) bool { return e.ID.RefundID == id })
	return a.withLedger(c, f.settings, f.sessionFlags, forSending(read), func(w *work, s *state.Session) error {
		if w.project.Freeze != "" {
			return fail(ExitPerson, "lift the freeze first", "frozen, nothing is sent: %s", w.project.Freeze)
		}
		one, err := a.cancellation(c.Context(), w, s, id, f)
		if err != nil {
			return err
		}
		return a.performCancel(c.Context(), w, one, f)
	})
}

// cancellation prepares to cancel a refund in the ledger.
func (a *app) cancellation(ctx context.Context, w *work, s *state.Session, id string, f cancelFlags) (*apply.Cancellation, error) {
	e, err := w.remembers(ctx, s.State(), id, w.ofCurrentAccounts(s.State()))
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(w.accounts, func(one account) bool { return one.fingerprint == e.ID.Account })
	if i < 0 {
		return nil, fail(ExitInvalid, "see accounts in "+w.project.file, "refund %s belongs to account %s, which is not in the configuration as it was when the refund was sent", id, e.AccountName)
	}
	if one := w.accounts[i]; e.ID.Kind == refund.Order && one.APIVersion < cashfree.CancelSince {
		return nil, fail(ExitInvalid, fmt.Sprintf("set api_version: %q for account %s", cashfree.CancelSince, one.Name),
			"API version %s cannot cancel refunds", one.APIVersion)
	}
	client := w.gates.clients[e.ID.Account]
	return &apply.Cancellation{Ledger: s, Entry: e, Remarks: f.remarks, Reader: client, Canceller: client,
		ReadDelay: w.project.Recovery.ReadDelay, Clock: a.Clock}, nil
}

// performCancel shows the refund, asks for approval, sends the request and prints the result.
func (a *app) performCancel(ctx context.Context, w *work, one *apply.Cancellation, f cancelFlags) error {
	if err := one.Prepare(ctx); err != nil {
		return cancelFailure(err)
	}
	if !f.asJSON {
		if err := view.CancelPlan(a.Out, one, a.outStyle()); err != nil {
			return err
		}
	}
	environment := w.environment(one.Entry.ID.Account)
	of := fmt.Sprintf("of account %s (%s)", one.Entry.AccountName, view.Environment(environment))
	question, answer := fmt.Sprintf("Cancel this refund of %s, %s? Type yes:", one.Live.Amount.Human(), of), "yes"
	if environment == "production" {
		question = fmt.Sprintf("PRODUCTION: cancel this refund %s. Type its amount, %s, to continue:", of, one.Live.Amount.Human())
		answer = plainAmount(one.Live.Amount.Human())
	}
	if err := a.ask(ctx, f.approvalFlags, "to be cancelled: 1 refund", question, answer); err != nil {
		return err
	}
	if err := w.recheckFiles(ctx); err != nil {
		return err
	}
	end, err := one.Perform(ctx)
	if end.Kind == "" {
		return cancelFailure(err)
	}
	code := cancelCodes[end.Kind]
	if end.Class == apply.Credentials {
		code = ExitCredentials
	}
	if f.asJSON {
		err = errors.Join(err, view.CancelJSON(a.Out, one, end))
	} else {
		err = errors.Join(err, view.CancelEnd(a.Out, one, end, a.outStyle()))
	}
	return quitWith(err, code)
}

var cancelCodes = map[apply.CancelEnd]Exit{
	apply.CancelDone: ExitOK, apply.CancelRefused: ExitPartial, apply.CancelInDoubt: ExitInDoubt, apply.CancelNotSent: ExitUnreachable,
}

// cancelFailure returns the failure of a refund that cannot be cancelled. A doubt has its own exit code.
func cancelFailure(err error) error {
	var no *apply.CannotCancel
	switch {
	case !errors.As(err, &no):
		return err
	case no.Code == "in_doubt":
		return fail(ExitInDoubt, "refundctl recover resolves the doubt by reading; nothing was sent", "%v", err)
	}
	return fail(ExitPerson, "nothing was sent; refundctl explain "+no.ID.RefundID+" says more", "%v", err)
}

// environment returns the environment of the account with this fingerprint.
func (w *work) environment(fingerprint string) string {
	for _, one := range w.accounts {
		if one.fingerprint == fingerprint {
			return one.Environment
		}
	}
	return ""
}
