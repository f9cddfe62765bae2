package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"refundctl/apply"
	"refundctl/internal/task"
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
		Long: `Resolves refunds that earlier runs left in doubt, plans, asks for approval,
sends what is missing, and records every answer before it continues. After
Ctrl-C it starts nothing new, records the answers in flight and prints what was
sent. Run it again to continue; nothing is sent twice.

However a run ends, its summary has every refund of the selection in exactly one
line: sent, already present, refused, in doubt, not sent, blocked, held, failed
or pending.

The configuration and the manifests are read after the ledger is locked. If they
change before the first request, nothing is sent (exit 1).

With a plan file, it sends what was approved, or less, and prints why. It leaves
out a refund that has since been removed from the manifests, held, changed or
blocked (exit 4), and every refund of an order that cannot be read or whose live
refunds have changed (exit 5). Other rows keep the action and the reason that
the file gives them, and end with the exit code of apply without a file. It
ignores what is new in the manifests, but counts it. It refuses a file that
was altered or used, was overtaken by another run, has expired, or was made for
another account or ledger (exit 7). After an interruption, apply the same file
again.

The manifests named in the configuration must exist (exit 3). If you removed
them on purpose, add --without-manifests.`,
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
	c.Flags().StringVar(&f.onError, "on-error", "continue", "continue: send the others; stop: send nothing if a row needs a person or cannot be sent now, and stop at the first refusal")
	complete(c, "on-error", "continue\tsend the others", "stop\tsend nothing if a row needs a person or cannot be sent now; stop at the first refusal")
	return c
}

func (f applyFlags) check() error {
	if f.onError != "continue" && f.onError != "stop" {
		return fail(ExitInvalid, "use continue or stop", "unknown --on-error %q", f.onError)
	}
	if f.refresh == string(plan.None) {
		return fail(ExitInvalid, "omit --refresh, or use auto or all", "apply must read what is live before it sends: --refresh none is for plan only")
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
	read := func(ctx context.Context) (*work, error) { return a.applyWork(ctx, f.planFlags, paths, file) }
	err = a.withLedger(c, f.settings, f.sessionFlags, forSending(read), func(w *work, s *state.Session) error {
		begun = true
		r := w.newRun(s, watch)
		r.StopOnRefusal = f.onError == "stop"
		return a.applyLocked(c.Context(), w, r, f, watch)
	})
	if err == nil || begun {
		return err
	}
	// A run that did not reach the ledger also reports what it sent: nothing.
	if failed := explain(err); failed.code != ExitInvalid {
		result := a.unbegun(c.Context(), f.planFlags, paths, file)
		a.report.Result = &result
		_ = watch.End(result, int(failed.code))
	}
	return err
}

// applyWork loads what apply works with: the manifests, or the approved plan file.
func (a *app) applyWork(ctx context.Context, f planFlags, paths []string, file string) (*work, error) {
	if file == "" {
		return a.manifestWork(ctx, f, paths)
	}
	w, err := a.planFileWork(ctx, f, file)
	a.report.File = view.PlanFile{Digest: w.planDigest()}
	return w, err
}

// applyLocked is apply under the lock. It shows the plan and asks for approval before it sends.
func (a *app) applyLocked(ctx context.Context, w *work, r *apply.Run, f applyFlags, watch view.Watch) error {
	prepared, err := r.Prepare(ctx, w.planInput(r.State))
	p := prepared.Plan
	a.report.Plan = p
	if err == nil {
		w.rememberSpotChecks(p)
	}
	if err == nil && !f.asJSON {
		err = a.showPlan(p, view.PlanFile{}, view.Text)
		_, _ = fmt.Fprintln(a.Out) // between the plan and the question or the summary
	}
	if err == nil {
		err = a.confirm(ctx, p, f)
	}
	if err == nil && len(p.Rows(plan.Create)) > 0 {
		err = w.recheckFiles(ctx)
	}
	if p == nil {
		return a.finish(watch, w.unplanned(ctx, r), ExitOK, err)
	}
	if err != nil {
		return a.finish(watch, r.Unsent(p), ExitOK, err)
	}
	watch.Begin(p)
	if !f.asJSON { // the last event must be the summary
		defer task.AfterDone(ctx, func() { watch.Observe(apply.Event{Kind: apply.Stopping, Message: interruptedText}) })()
	}
	result, err := r.Perform(ctx, prepared)
	if result.Recorded > 0 && !f.asJSON {
		_ = a.note("Recorded in the ledger as the API reports them: %s.", refundCount(result.Recorded))
	}
	if err == nil && result.Stopped == nil {
		if err = unfinished(result, p); applyCode(result, p) == ExitUnreachable {
			err = a.unreachable(p)
		}
	}
	return a.finish(watch, result, applyCode(result, p), err)
}

// newRun returns the run that apply and recover perform.
func (w *work) newRun(s *state.Session, o apply.Observer) *apply.Run {
	rec := w.project.Recovery
	return &apply.Run{
		Ledger: crashingLedger(s), Whole: w.app.account == "", State: s.State(), Gateways: w.gates.all(), Parallelism: w.project.Parallelism, Clock: w.app.Clock, Observer: o, Progress: w.app.line.Read,
		Recovery: apply.Recovery{ReadDelay: rec.ReadDelay, SettleAfter: rec.SettleAfter, MaxAttempts: rec.MaxAttempts},
	}
}

// watch returns the observer of a run: JSON lines on stdout, a progress line on a terminal, or plain
// lines at intervals.
func (a *app) watch(asJSON bool) view.Watch {
	if asJSON {
		return view.WatchJSON(a.Out)
	}
	return view.WatchText(a.Out, a.line)
}
