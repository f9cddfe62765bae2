package cli

import (
	"context"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// planFlags are the flags that plan and apply share.
type planFlags struct {
	settings
	selection
	acceptance
	refresh string
	spots   int
	without bool
	asJSON  bool
}

func (f *planFlags) flags(c *cobra.Command) {
	f.settings.flags(c)
	f.selection.flags(c)
	f.acceptance.flags(c)
	c.Flags().StringVar(&f.refresh, "refresh", "auto", "what to read: auto (what a decision depends on), all, none")
	complete(c, "refresh", "auto\twhat a decision depends on", "all\tevery order, subscription and payment", "none\tnothing; for plan only")
	c.Flags().IntVar(&f.spots, "spot-check", 5, "how many settled refunds recorded by other clones to read again, the largest first; 0 for none")
	c.Flags().BoolVar(&f.without, withoutManifests, false, "continue although manifests named in the configuration are missing; the ledger records it")
	jsonFlag(c, &f.asJSON)
}

func (a *app) planCommand() *cobra.Command {
	var f planFlags
	var save saveFlags
	var detailed bool
	var format string
	c := &cobra.Command{
		Use:   "plan [PATH...]",
		Short: "Show what apply would send, and why",
		Long: `Reads the live refunds of each order that needs a decision, compares them
with the manifests and the ledger, and checks the guards. It prints what needs a
person first, then what would be sent, then what is held. Pending, orphaned,
unmanaged and in-sync refunds are only counted; -v lists them. Nothing is sent
or recorded. --out saves the plan, so that apply sends what was reviewed, once
and before it expires. PATH and --target select what to send; the whole project
is always validated and counted.`,
		Example: `  refundctl plan
  refundctl plan --json refunds/june.refunds.yaml
  refundctl plan --format markdown > comment.md
  refundctl plan --format html > plan.html
  refundctl plan --detailed-exitcode --refresh all
  refundctl plan --out june.plan.json --valid-for 2h`,
		RunE: func(c *cobra.Command, paths []string) error {
			chosen, err := planFormat(format, f.asJSON)
			if err == nil {
				err = save.check(c, f.refresh)
			}
			if err == nil {
				err = f.acceptance.check()
			}
			if err != nil {
				return err
			}
			save.next = a.applying(c, paths, save.out)
			return a.plan(c.Context(), f, save, paths, chosen, detailed)
		},
	}
	f.flags(c)
	formatFlag(c, &format)
	save.flags(c)
	a.outsideFlag(c)
	c.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit 2 if there is something to send")
	return c
}

func (a *app) plan(ctx context.Context, f planFlags, save saveFlags, paths []string, format view.Format, detailed bool) error {
	a.report.Command = "plan"
	w, err := a.manifestWork(ctx, f, paths)
	if w != nil {
		defer w.close()
	}
	if err != nil {
		return err
	}
	st, _, err := w.readLedger(ctx, nil)
	if err != nil {
		return err
	}
	p, err := plan.Make(ctx, w.planInput(st))
	if err != nil {
		return err
	}
	w.rememberSpotChecks(p)
	p.Lack, _ = w.project.judgeLedger(st)
	if w.accepts.older && p.Lack == state.OlderLedger {
		p.Lack = ""
	}
	p.Estimate += p.Rereading() // apply plans for itself, or checks the file that is saved here
	a.report.Plan = p
	file, err := a.save(save, p)
	if err != nil {
		return err
	}
	a.report.File = file
	shown := a.showPlan(p, file, format)
	if shown == nil && format == view.Text && save.out == "" { // a saved plan prints its own next step
		shown = view.PlanNext(a.Err, p, save.next, a.errStyle())
	}
	code := planCode(p)
	if detailed && len(p.Rows(plan.Create)) > 0 {
		code = worst(code, ExitChanges)
	}
	if shown == nil && (format == view.JSON && code != ExitOK || code == ExitUnreachable) {
		return a.planFailure(p, code)
	}
	return quitWith(shown, code)
}

func (a *app) showPlan(p *plan.Plan, file view.PlanFile, format view.Format) error {
	return view.RenderPlan(a.Out, format, p, file, view.PlanOptions{Style: a.outStyle(), Verbose: a.verbose})
}

// planCode returns the exit code of a plan's rows.
func planCode(p *plan.Plan) Exit {
	code, outside := ExitOK, ExitPartial
	if nothingRead(p) {
		code, outside = ExitUnreachable, ExitUnreachable
	}
	if p.Hidden.Count > 0 {
		code = worst(code, ExitInDoubt)
	}
	for _, c := range p.Changes {
		switch {
		case c.Doubtful():
			code = worst(code, ExitInDoubt)
		case c.NeedsPerson():
			code = worst(code, ExitPerson)
		case c.Outside():
			code = worst(code, outside)
		}
	}
	return code
}

// nothingRead reports whether every read that a plan relies on failed for an external reason. A 404 is an answer.
func nothingRead(p *plan.Plan) bool {
	failed := 0
	for _, r := range slices.Concat(slices.Collect(maps.Values(p.Parents)), slices.Collect(maps.Values(p.Kept))) {
		class := refund.ReadClassOf(r.Err)
		switch outside := class == refund.Throttled || class == refund.Unreachable; {
		case outside:
			failed++
		case !r.ListedAt.IsZero():
			return false
		}
	}
	return failed > 0
}
