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
	"refundctl/state"
)

// recoverFlags are the flags of recover.
type recoverFlags struct {
	settings
	sessionFlags
	asJSON  bool
	resolve string
	reason  string
}

func (a *app) recoverCommand() *cobra.Command {
	var f recoverFlags
	c := &cobra.Command{
		Use:   "recover",
		Short: "Settle refunds in doubt, by reading",
		Long: `Reads back every refund whose outcome is unknown. What is found is recorded as
sent, what is absent long enough after the last try as not sent; the rest stays
in doubt, with the time at which it settles. Nothing is sent. With --resolve a
person's own finding about one refund is recorded: after a read, which is
believed first, and on the person's word alone where nothing can be read.`,
		Example: `  refundctl recover
  refundctl recover --resolve refund_17=not-sent --reason "ticket 4711"`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.recover(c, f) },
	}
	f.settings.flags(c)
	f.sessionFlags.flags(c)
	jsonFlag(c, &f.asJSON)
	c.Flags().StringVar(&f.resolve, "resolve", "", "record a person's `finding`: REFUND_ID=sent or REFUND_ID=not-sent")
	c.Flags().StringVar(&f.reason, "reason", "", "how the person knows; needed with --resolve")
	return c
}

func (a *app) recover(c *cobra.Command, f recoverFlags) error {
	id, finding, err := f.finding()
	if err != nil {
		return err
	}
	if err := a.needsLedger(f.settings); err != nil {
		return err
	}
	return a.locked(c, f.settings, f.sessionFlags, a.doubtWork(f.settings, id), func(w *work, s *state.Session) error {
		r := w.run(s, view.Silent{})
		var err error
		var found apply.Recovered
		show := view.Recovered
		if id != "" {
			found, err = w.resolve(c, r, id, finding, f.reason)
			show = view.Resolved
		} else {
			found, err = r.Recover(c.Context(), nil)
		}
		if err != nil {
			return err
		}
		if f.asJSON {
			return ended(view.RecoveredJSON(a.Out, found), openCode(found))
		}
		return ended(show(a.Out, found, a.outStyle()), openCode(found))
	})
}

// doubtWork is ledgerWork for the refunds in doubt, or the one of this id. A person's finding counts
// also where its account cannot be read any more.
func (a *app) doubtWork(s settings, id string) reading {
	needs := func(e state.Entry) bool { return e.Phase == state.Intended && (id == "" || e.ID.RefundID == id) }
	return func(ctx context.Context) (*work, error) {
		w, err := a.ledgerWork(s, needs)(ctx)
		if err != nil || id == "" {
			return w, err
		}
		w.equip = func(st *state.State) error {
			err := w.open(st, needs)
			if err == nil || explain(err).code != ExitCredentials {
				return err
			}
			_ = view.WarningText(a.Err, err.Error(), explain(err).hint, a.errStyle())
			return w.open(st, func(state.Entry) bool { return false })
		}
		return w, nil
	}
}

func (f recoverFlags) finding() (id string, finding apply.Finding, err error) {
	if f.resolve == "" {
		if f.reason != "" {
			return "", "", fail(ExitInvalid, "add --resolve REFUND_ID=sent or REFUND_ID=not-sent", "--reason goes with --resolve")
		}
		return "", "", nil
	}
	id, word, _ := strings.Cut(f.resolve, "=")
	finding = apply.Finding(word)
	if id == "" || finding != apply.FoundSent && finding != apply.FoundNotSent {
		return "", "", fail(ExitInvalid, "write REFUND_ID=sent or REFUND_ID=not-sent", "--resolve %q is not understood", f.resolve)
	}
	if strings.TrimSpace(f.reason) == "" {
		return "", "", fail(ExitInvalid, `add --reason "how you know"`, "--resolve needs a reason: the ledger keeps it")
	}
	return id, finding, nil
}

func (w *work) resolve(c *cobra.Command, r *apply.Run, id string, finding apply.Finding, reason string) (apply.Recovered, error) {
	entry, err := w.remembers(r.State, id, doubtful, w.here(r.State))
	if err != nil {
		return apply.Recovered{}, err
	}
	e, unread, err := r.Resolve(c.Context(), entry, finding, reason)
	var live *apply.LiveError
	switch {
	case errors.As(err, &live):
		return apply.Recovered{}, fail(ExitPerson, "nothing was recorded; refundctl recover records it as sent", "%v: it cannot be recorded as not sent", err)
	case err != nil:
		return apply.Recovered{}, err
	case unread != nil:
		_ = view.WarningText(w.app.Err, fmt.Sprintf("recorded on your word alone: refund %s could not be read: %v", id, unread),
			"apply reads it before anything is sent under this id; refundctl explain "+id+" shows it when the API can be reached", w.app.errStyle())
	}
	return apply.Recovered{Settled: []apply.Event{e}, Open: r.Doubts()}, nil
}

func doubtful(e state.Entry) bool { return e.Phase == state.Intended }

// remembers is the only refund that the ledger knows under an id, in the account of --account. Of
// several, those count that the preferences leave, one after another.
func (w *work) remembers(st *state.State, id string, preferences ...func(state.Entry) bool) (state.Entry, error) {
	entries := kept(st.Entries(), func(e state.Entry) bool {
		return e.ID.RefundID == id && w.app.ofAccount(e)
	})
	for _, prefer := range preferences {
		if some := kept(slices.Clone(entries), prefer); len(some) > 0 {
			entries = some
		}
	}
	switch len(entries) {
	case 0:
		return state.Entry{}, fail(ExitInvalid, nearRefund(st, id), "the ledger knows no refund %s", id)
	case 1:
		return entries[0], nil
	}
	return state.Entry{}, fail(ExitInvalid, "choose one with --account", "the ledger knows %d refunds %s", len(entries), id)
}

// openCode is the exit code of what recovery left open.
func openCode(found apply.Recovered) Exit {
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
