package cli

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// statusFlags are the flags of status.
type statusFlags struct {
	settings
	sessionFlags
	recheckFlag
	format string
	asJSON bool
}

func (a *app) statusCommand() *cobra.Command {
	var f statusFlags
	c := &cobra.Command{
		Use:   "status",
		Short: "Show the current status of all refunds",
		Long: `Reads every refund that is not settled, records what changed, and shows what is
in doubt, what is waiting and for how long, what failed, and the money by phase.
Nothing is sent.

Settled refunds are read again with what is left of the read quota, those first
that were not checked for longest: the API may reverse a paid refund. status
uses at most half of the quota of a minute for this, and never waits for more.

It exits with 4 as long as a manifest asks for a refund that failed, was
cancelled or reversed, or that the API accepted and no longer lists, whoever saw
it first. The alarm ends when the refund is paid or listed again, when another
row supersedes it (refundctl reissue; not if it is missing), or when its row is
removed.`,
		Example: `  refundctl status
  refundctl status --json
  refundctl status --format prometheus > refunds.prom`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.status(c, f) },
	}
	f.settings.flags(c)
	f.sessionFlags.flags(c)
	f.recheckFlag.flags(c)
	c.Flags().StringVar(&f.format, "format", "", "output `FORMAT`: text (the default), json (same as --json) or prometheus (metrics for a textfile collector)")
	complete(c, "format", "text\tfor a terminal", "json\tas --json", "prometheus\tmetrics")
	jsonFlag(c, &f.asJSON)
	return c
}

func (a *app) status(c *cobra.Command, f statusFlags) error {
	format, err := chosenFormat(f.format, f.asJSON, view.Text, view.JSON, view.Prometheus)
	if err != nil {
		return err
	}
	if err := a.requireLedger(f.settings); err != nil {
		return err
	}
	return a.withLedger(c, f.settings, f.sessionFlags, a.statusWork(f), func(w *work, s *state.Session) error {
		r, before := w.newRun(s, view.Silent{}), s.State().Entries()
		recovered, err := r.Recover(c.Context(), nil)
		if err != nil {
			return err
		}
		p, err := a.refresh(c.Context(), w, r)
		if err == nil {
			err = w.recheckSettled(c.Context(), r, p, f.recheckFlag)
		}
		if err != nil {
			return err
		}
		shown := view.LedgerStatus{
			Entries: filterEntries(r.State.Entries(), w.ofCurrentAccounts(r.State)), Recovered: recovered,
			Unread: failedReads(p), Modes: modes(r.State), Now: a.Clock(),
		}
		shown.Elsewhere = len(r.State.Entries()) - len(shown.Entries)
		shown.Turned = state.TurnedFailed(before, shown.Entries)
		shown.Desired = a.desires(c.Context(), w.project, r.State)
		shown.Alarms = shown.Desired.Alarms(shown.Entries)
		code := doubtCode(recovered)
		if nothingRead(p) {
			code = worst(code, ExitUnreachable)
		}
		switch format {
		case view.JSON:
			err = view.StatusJSON(a.Out, shown)
		case view.Prometheus:
			err = view.StatusPrometheus(a.Out, shown, a.unsent(c.Context(), w.project, r.State), w.project.lastRuns(r.State))
		default:
			err = view.Status(a.Out, shown, a.outStyle())
		}
		ended := quitInDoubt(code, doubtsOf(recovered))
		if code == ExitUnreachable {
			ended = a.unread(p)
		}
		raised := a.raise(shown.Alarms, ended, format == view.JSON)
		if err != nil {
			return quitWith(err, codeOf(raised))
		}
		return raised
	})
}

// statusWork is ledgerWork for open refunds and for settled ones that are read again.
func (a *app) statusWork(f statusFlags) reading {
	return func(ctx context.Context) (*work, error) {
		w, err := a.ledgerWork(f.settings, nil)(ctx)
		if w != nil {
			w.equip = func(st *state.State) error { return w.openAlso(st, state.Entry.Open, f.picks(a.Clock())) }
		}
		return w, err
	}
}

// recheckSettled reads settled refunds again and records what changed. p is the plan of what was just read.
func (w *work) recheckSettled(ctx context.Context, r *apply.Run, p *plan.Plan, f recheckFlag) error {
	used := map[string]int{}
	for parent, read := range p.Parents {
		used[parent.Account] += read.Requests
	}
	seen := func(id refund.Identity) bool {
		read := p.Parents[id.Parent]
		return read.Good() && !read.Partial
	}
	return w.readAgain(ctx, r, f.picks(w.app.Clock()), used, seen)
}

// readAgain reads the picked refunds again with what is left of half the quota of a minute, and records what
// changed.
func (w *work) readAgain(ctx context.Context, r *apply.Run, picks func(state.Entry) bool, used map[string]int, seen func(refund.Identity) bool) error {
	again := w.recheck(picks, w.gates.quota(time.Minute))
	if err := again.Read(ctx, r.State.Entries(), used, seen); err != nil {
		return err
	}
	w.rememberRechecks(again)
	return r.RecordReads(ctx, again.Live, again.Missing)
}

// refresh reads the parents of accepted refunds and records what changed.
func (a *app) refresh(ctx context.Context, w *work, r *apply.Run) (*plan.Plan, error) {
	open := map[refund.Parent]bool{}
	for _, e := range r.State.Entries() {
		open[e.ID.Parent] = open[e.ID.Parent] || e.Phase == state.Accepted
	}
	in := w.planInput(r.State)
	in.Refresh, in.Only = plan.All, func(p refund.Parent) bool { return open[p] }
	p, err := plan.Make(ctx, in)
	if err != nil {
		return nil, err
	}
	_, err = r.Record(ctx, p)
	return p, err
}

// ofCurrentAccounts returns a filter for the refunds of the configuration's accounts, each in its environment there. With
// --account, only that account counts.
func (w *work) ofCurrentAccounts(st *state.State) func(state.Entry) bool {
	ours := map[string]bool{}
	for _, b := range st.Bindings() {
		if w.project.has(b) && (w.app.account == "" || w.app.account == b.Account) {
			ours[b.Fingerprint] = true
		}
	}
	return func(e state.Entry) bool { return ours[e.ID.Account] }
}

func filterEntries(entries []state.Entry, keep func(state.Entry) bool) []state.Entry {
	return slices.DeleteFunc(entries, func(e state.Entry) bool { return !keep(e) })
}

// modes returns the payment method of each parent with an accepted refund, as the ledger remembers it.
func modes(st *state.State) map[refund.Parent]string {
	known := map[refund.Parent]string{}
	for _, e := range st.Entries() {
		if facts, _ := st.Facts(e.ID.Parent); e.Phase == state.Accepted && facts.Mode != "" {
			known[e.ID.Parent] = facts.Mode
		}
	}
	return known
}

// failedReads returns the parents whose read failed, sorted.
func failedReads(p *plan.Plan) []plan.ParentRead {
	var failed []plan.ParentRead
	for _, r := range p.Parents {
		if r.Err != nil {
			failed = append(failed, r)
		}
	}
	slices.SortFunc(failed, func(a, b plan.ParentRead) int {
		return cmp.Or(cmp.Compare(a.Parent.Account, b.Parent.Account), cmp.Compare(a.Parent.Kind, b.Parent.Kind), cmp.Compare(a.Parent.ID, b.Parent.ID))
	})
	return failed
}
