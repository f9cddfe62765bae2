package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"refundctl/apply"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// applyFlags are the flags of apply.
type applyFlags struct {
	planFlags
	sessionFlags
	approvalFlags
	onError string
}

func (a *app) applyCommand() *cobra.Command {
	var f applyFlags
	c := &cobra.Command{
		Use:   "apply [PATH... | PLANFILE]",
		Short: "Send the missing refunds, once each",
		Long: `Settles what earlier runs left in doubt, plans, asks, sends what is missing and
records every answer before it goes on. Interrupted with Ctrl-C it lets nothing
new start, records the answers that are in flight and prints what was sent. Run
again, it continues; nothing is sent twice.

Configuration and manifests are read once the ledger is locked. If they change
before the first request, nothing is sent (exit 1).

With a plan file it sends what was approved, or less: a refund that the
manifests dropped, hold or changed since, and all of an order whose refunds
changed meanwhile, are left out with the reason. A file that was altered, used
up, overtaken by another run, is expired or was made elsewhere is refused (exit
7). After an interruption, apply the same file again.

The manifests named in the configuration must exist (exit 3). If they are gone
on purpose, add --without-manifests.`,
		Example: `  refundctl apply
  refundctl apply --auto-approve --json
  refundctl apply --target order_summer_fashion_001
  refundctl apply --auto-approve june.plan.json`,
		RunE: func(c *cobra.Command, paths []string) error { return a.apply(c, f, paths) },
	}
	f.planFlags.flags(c)
	f.sessionFlags.flags(c)
	f.approvalFlags.flags(c)
	a.outsideFlag(c)
	c.Flags().StringVar(&f.onError, "on-error", "continue", "continue: send the others; stop: send nothing if a row needs a person, and stop at the first refusal")
	complete(c, "on-error", "continue\tsend the others", "stop\tsend nothing if a row needs a person; stop at the first refusal")
	return c
}

func (f applyFlags) check() error {
	if f.onError != "continue" && f.onError != "stop" {
		return fail(ExitInvalid, "write continue or stop", "--on-error %q is not known", f.onError)
	}
	if f.refresh == string(plan.None) {
		return fail(ExitInvalid, "leave --refresh away, or write auto or all", "apply must read what is live before it sends: --refresh none is for plan only")
	}
	return f.acceptance.check()
}

func (a *app) apply(c *cobra.Command, f applyFlags, paths []string) error {
	a.report.Command = "apply"
	if err := f.check(); err != nil {
		return err
	}
	file, err := planFileOf(c, paths)
	if err != nil {
		return err
	}
	watch, begun := a.watch(f.asJSON), false
	stand := func(ctx context.Context) (*work, error) { return a.stand(ctx, f.planFlags, paths, file) }
	err = a.locked(c, f.settings, f.sessionFlags, sending(stand), func(w *work, s *state.Session) error {
		begun = true
		r := w.run(s, watch)
		r.StopOnRefusal = f.onError == "stop"
		return a.applied(c.Context(), w, r, f, watch)
	})
	if err == nil || begun {
		return err
	}
	// Also a run that never got to the ledger says what it sent: nothing.
	if failed := explain(err); failed.code != ExitInvalid {
		_ = watch.End(apply.Result{}, int(failed.code))
	}
	return err
}

// stand is what apply works with: manifests, or the plan file that was approved.
func (a *app) stand(ctx context.Context, f planFlags, paths []string, file string) (*work, error) {
	if file == "" {
		return a.asked(ctx, f, paths)
	}
	w, err := a.followed(ctx, f, file)
	a.report.File = view.PlanFile{Digest: w.planDigest()}
	return w, err
}

// applied is apply under the lock: what is sent is shown and agreed to first.
func (a *app) applied(ctx context.Context, w *work, r *apply.Run, f applyFlags, watch view.Watch) error {
	prepared, err := r.Prepare(ctx, w.input(r.State))
	p := prepared.Plan
	a.report.Plan = p
	if err == nil {
		w.spotted(p)
	}
	if err == nil && !f.asJSON {
		err = a.showPlan(p, view.PlanFile{}, view.Text)
	}
	if err == nil {
		err = a.confirm(ctx, p, f)
	}
	if err == nil && len(p.Rows(plan.Create)) > 0 {
		err = w.unchanged(ctx)
	}
	if err != nil {
		return a.summed(watch, r.Unsent(p), ExitOK, err)
	}
	watch.Begin(p)
	if !f.asJSON { // the last event must be the summary
		defer context.AfterFunc(ctx, func() { watch.Observe(apply.Event{Kind: apply.Stopping, Message: comingHome}) })()
	}
	result, err := r.Perform(ctx, prepared)
	if result.Recorded > 0 && !f.asJSON {
		_, _ = fmt.Fprintf(a.Err, "Recorded in the ledger as the API shows them: %s.\n", refunds(result.Recorded))
	}
	code := outcome(result, p)
	if err == nil && code == ExitPerson {
		err = fail(code, "the rows with ! x # in the plan say why; refundctl explain REFUND_ID says more", "some refunds need a person's decision; they were not sent")
	}
	return a.summed(watch, result, code, err)
}

// comingHome is said at the first signal: answers may take as long as request_timeout.
const comingHome = "interrupted; answers in flight are awaited and recorded, a second Ctrl-C ends at once"

// summed prints the money summary, which stands at the end of every path. An error's code competes
// with that of the rows, and with that of refunds in doubt.
func (a *app) summed(watch view.Watch, result apply.Result, code Exit, err error) error {
	a.report.Result = &result
	if err == nil && result.Stopped != nil {
		err = stopped(result.Stopped)
	}
	if err == nil {
		return errors.Join(watch.End(result, int(code)), quit(code))
	}
	f := *explain(err)
	if n := result.Unrecorded.Count; n > 0 {
		f.message = fmt.Sprintf("the money moved, but the ledger does not hold the answer of %s: %s", refunds(n), f.message)
	}
	f.code = worst(code, f.code)
	if result.InDoubt.Count+result.Earlier.Count > 0 {
		f.code = worst(f.code, ExitInDoubt)
	}
	_ = watch.End(result, int(f.code)) // the error at hand says more than a broken pipe
	return &f
}

// stopped is the failure of a run that ended early. The sums, which follow, tell the rest.
func stopped(cause error) *failure {
	switch {
	case errors.Is(cause, errInterrupted):
		return fail(ExitInterrupted, "run apply again: it goes on where this run stopped", "interrupted")
	case errors.Is(cause, apply.ErrCredentials):
		return fail(ExitCredentials, "check the credentials' variables, then run apply again", "%v", cause)
	case errors.Is(cause, apply.ErrRefusal), errors.Is(cause, apply.ErrUnknownStreak):
		return fail(ExitPartial, "see the refunds above, then run apply again", "stopped: %v", cause)
	}
	return fail(ExitError, "refundctl explain REFUND_ID tells what is known; run apply again when it is clear", "stopped: %v", cause)
}

// outcome is the exit code of what became of the plan's rows.
func outcome(r apply.Result, p *plan.Plan) Exit {
	code := ExitOK
	if r.InDoubt.Count+r.Earlier.Count > 0 {
		code = worst(code, ExitInDoubt)
	}
	if r.Refused.Count > 0 || r.NotSent.Count > len(p.Withdrawn()) && !frozen(p) {
		code = worst(code, ExitPartial)
	}
	if r.Dead > 0 {
		code = worst(code, ExitPerson)
	}
	if nothingRead(p) {
		code = worst(code, ExitUnreachable)
	}
	return worst(code, verdict(p))
}

// frozen tells whether a freeze kept rows from being sent: that is a person's decision, and none from outside.
func frozen(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Changes, func(c plan.Change) bool {
		return slices.ContainsFunc(c.Reasons, func(r plan.Reason) bool { return r.Code == "frozen" })
	})
}

// run is what apply and recover work with.
func (w *work) run(s *state.Session, o apply.Observer) *apply.Run {
	rec := w.project.Recovery
	return &apply.Run{
		Ledger: crashingLedger(s), State: s.State(), Gateways: w.gates.all(), Parallelism: w.project.Parallelism, Clock: w.app.Clock, Observer: o, Progress: w.app.line.Read,
		Recovery: apply.Recovery{ReadDelay: rec.ReadDelay, SettleAfter: rec.SettleAfter, MaxAttempts: rec.MaxAttempts},
	}
}

// watch is who hears what a run does: JSON lines on stdout, a progress line on a terminal, or plain
// lines at intervals.
func (a *app) watch(asJSON bool) view.Watch {
	if asJSON {
		return view.WatchJSON(a.Out)
	}
	return view.WatchText(a.Out, a.line)
}
