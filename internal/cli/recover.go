package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/apply"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// recoverFlags are the flags of recover.
type recoverFlags struct {
	settings
	sessionFlags
	asJSON  bool
	resolve string
	reason  string
	against bool
}

func (a *app) recoverCommand() *cobra.Command {
	var f recoverFlags
	c := &cobra.Command{
		Use:   "recover",
		Short: "Resolve refunds in doubt by reading",
		Long: `Reads back every refund whose outcome is unknown. A refund that is found is
recorded as sent. A refund that is absent long enough after the last try is
recorded as not sent. The rest stays in doubt, and recover prints when each
doubt resolves. Nothing is sent.

It also checks whether the API still lists the refunds that it accepted, as far
as the read quota allows without waiting. If one is missing, it exits with 4.

--resolve records a person's finding about one refund. The refund is read first,
and what the API reports outweighs the finding; if the refund cannot be read,
the finding alone counts. A refund that reads do not show is recorded as sent
only with --against-api. The ledger keeps what was read, and when. A later
finding can replace this one until the API shows the refund.`,
		Example: `  refundctl recover
  refundctl recover --resolve refund_17=not-sent --reason "ticket 4711"`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.recover(c, f) },
	}
	f.settings.flags(c)
	f.sessionFlags.flags(c)
	jsonFlag(c, &f.asJSON)
	c.Flags().StringVar(&f.resolve, "resolve", "", "record a person's `finding`: REFUND_ID=sent or REFUND_ID=not-sent")
	c.Flags().BoolVar(&f.against, "against-api", false, "record it as sent even though reads do not show it")
	c.Flags().StringVar(&f.reason, "reason", "", "how you know; required with --resolve")
	return c
}

func (a *app) recover(c *cobra.Command, f recoverFlags) error {
	id, x, err := f.finding()
	if err != nil {
		return err
	}
	if err := a.requireLedger(f.settings); err != nil {
		return err
	}
	return a.withLedger(c, f.settings, f.sessionFlags, a.doubtWork(f.settings, id), func(w *work, s *state.Session) error {
		r := w.newRun(s, view.Silent{})
		var err error
		var found apply.Recovered
		show := view.Recovered
		if id != "" {
			found, err = w.resolve(c, r, id, x)
			show = view.Resolved
		} else {
			found, err = w.recover(c.Context(), r)
		}
		if err != nil {
			return err
		}
		var missing []plan.Alarm
		if id == "" {
			missing = slices.DeleteFunc(w.alarms(c.Context(), r.State), func(a plan.Alarm) bool { return a.Kind != plan.MissingLive })
		}
		if f.asJSON {
			err = view.RecoveredJSON(a.Out, found, missing)
		} else {
			err = show(a.Out, found, a.outStyle())
		}
		raised := a.raise(missing, quitInDoubt(doubtCode(found), doubtsOf(found)), f.asJSON)
		if err != nil {
			return quitWith(err, codeOf(raised))
		}
		return raised
	})
}

// recover reads back what is in doubt, and checks with what is left of the read quota whether the API still lists
// what it accepted.
func (w *work) recover(ctx context.Context, r *apply.Run) (apply.Recovered, error) {
	found, err := r.Recover(ctx, nil)
	if err == nil {
		err = w.readAgain(ctx, r, apply.MustBeListed(w.project.Recovery.SettleAfter, w.app.Clock()), nil, nil)
	}
	return found, err
}

// doubtWork is ledgerWork for the refunds in doubt, or for one id. A person's finding also counts if the
// account can no longer be read.
func (a *app) doubtWork(s settings, id string) reading {
	needs := func(e state.Entry) bool {
		return e.Phase == state.Intended && id == "" || e.ID.RefundID == id && apply.OpenToFinding(e)
	}
	return func(ctx context.Context) (*work, error) {
		w, err := a.ledgerWork(s, needs)(ctx)
		if err == nil && id == "" {
			w.equip = func(st *state.State) error {
				return w.openAlso(st, needs, apply.MustBeListed(w.project.Recovery.SettleAfter, a.Clock()))
			}
		}
		if err != nil || id == "" {
			return w, err
		}
		w.equip = func(st *state.State) error {
			err := w.open(st, needs)
			if err == nil {
				err = w.checkBindings(st) // with other credentials nothing of it can be read
			}
			if err == nil || explain(err).code != ExitCredentials {
				return err
			}
			_ = a.warn(err.Error(), explain(err).hint)
			return w.open(st, func(state.Entry) bool { return false })
		}
		return w, nil
	}
}

func (f recoverFlags) finding() (id string, x apply.Resolution, err error) {
	if f.resolve == "" {
		if f.reason != "" || f.against {
			return "", x, fail(ExitInvalid, "add --resolve REFUND_ID=sent or REFUND_ID=not-sent", "--reason and --against-api need --resolve")
		}
		return "", x, nil
	}
	id, word, _ := strings.Cut(f.resolve, "=")
	x = apply.Resolution{Finding: apply.Finding(word), Reason: f.reason, AgainstAPI: f.against}
	switch {
	case id == "" || x.Finding != apply.FoundSent && x.Finding != apply.FoundNotSent:
		return "", x, fail(ExitInvalid, "use REFUND_ID=sent or REFUND_ID=not-sent", "--resolve %q is not a finding", f.resolve)
	case strings.TrimSpace(f.reason) == "":
		return "", x, fail(ExitInvalid, `add --reason "how you know"`, "--resolve needs a reason; the ledger records it")
	case f.against && x.Finding == apply.FoundNotSent:
		return "", x, fail(ExitInvalid, "omit the flag; what the API has cannot be recorded as not sent", "--against-api needs REFUND_ID=sent")
	}
	return id, x, nil
}

func (w *work) resolve(c *cobra.Command, r *apply.Run, id string, x apply.Resolution) (apply.Recovered, error) {
	entry, err := w.remembers(c.Context(), r.State, id, isOpenDoubt, w.ofCurrentAccounts(r.State))
	if err != nil {
		return apply.Recovered{}, err
	}
	if entry.Elsewhere() {
		return apply.Recovered{}, fail(ExitInvalid, "set the account's base_url to that address again, then resolve it",
			"refund %s was sent through another address (%s)", id, entry.Environment)
	}
	if !apply.OpenToFinding(entry) {
		return apply.Recovered{}, decided(entry)
	}
	e, unread, err := r.Resolve(c.Context(), entry, x)
	var live *apply.LiveError
	var absent *apply.AbsentError
	switch {
	case errors.As(err, &live):
		then := "recover records"
		if entry.ByPerson {
			then = "apply and status record"
		}
		return apply.Recovered{}, fail(ExitPerson, "nothing was recorded; refundctl "+then+" it as sent", "%v: it cannot be recorded as not sent", err)
	case errors.As(err, &absent):
		return apply.Recovered{}, fail(ExitPerson, "nothing was recorded; run refundctl recover to resolve it by reading, or add --against-api if you know that it was sent",
			"%v, read at %s: it is not recorded as sent on your word alone", err, view.Time(absent.At))
	case err != nil:
		return apply.Recovered{}, err
	case unread != nil:
		_ = w.app.warn(fmt.Sprintf("recorded on your word alone: refund %s could not be read: %v", id, unread),
			"apply reads it before anything is sent under this id; refundctl explain "+id+" shows it when the API can be reached")
	}
	return apply.Recovered{Resolved: []apply.Event{e}, Open: r.Doubts()}, nil
}

// decided refuses a finding about a refund that is not in doubt, with a hint at the next step.
func decided(e state.Entry) error {
	hint := map[state.Phase]string{
		state.Accepted: "the API accepted it: refundctl status and follow record what becomes of it",
		state.Settled:  "the API paid it: there is nothing to resolve",
		state.Failed:   "the API will not pay it; if the money is still owed: refundctl reissue " + e.ID.RefundID,
		state.Refused:  "the API refused it: correct its row, and apply tries again",
		state.NotSent:  "reads showed that it is absent: apply sends it if its row still asks for it",
	}[e.Phase]
	return fail(ExitInvalid, hint, "refund %s is not in doubt: in the ledger it is %s", e.ID.RefundID, e.Phase)
}

func isOpenDoubt(e state.Entry) bool { return apply.OpenToFinding(e) }

// remembers returns the only refund that the ledger knows under an id, in the account of --account. If there are
// several, each preference in turn narrows the choice.
func (w *work) remembers(ctx context.Context, st *state.State, id string, preferences ...func(state.Entry) bool) (state.Entry, error) {
	entries := filterEntries(st.Entries(), func(e state.Entry) bool {
		return e.ID.RefundID == id && w.app.ofAccount(e)
	})
	for _, prefer := range preferences {
		if some := filterEntries(slices.Clone(entries), prefer); len(some) > 0 {
			entries = some
		}
	}
	switch len(entries) {
	case 0:
		return state.Entry{}, w.app.unknownID(ctx, w.project, id, known{ledger: st})
	case 1:
		return entries[0], nil
	}
	return state.Entry{}, fail(ExitInvalid, "choose one with --account", "the ledger knows %d refunds with the id %s", len(entries), id)
}

// doubtCode returns the exit code of what recovery left in doubt.
func doubtCode(found apply.Recovered) Exit {
	code := ExitOK
	for _, e := range found.Open {
		if e.Class == apply.Conflicting {
			code = worst(code, ExitPerson)
		} else {
			code = worst(code, ExitInDoubt)
		}
	}
	return code
}

// doubtsOf counts what stays in doubt.
func doubtsOf(found apply.Recovered) (doubts plan.Tally) {
	for _, e := range found.Open {
		if e.Class != apply.Conflicting {
			doubts.Add(e.Amount)
		}
	}
	return doubts
}
