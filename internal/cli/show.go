package cli

import (
	"github.com/spf13/cobra"

	"refundctl/internal/view"
	"refundctl/plan"
)

func (a *app) showCommand() *cobra.Command {
	var format string
	var asJSON bool
	c := &cobra.Command{
		Use:   "show PLANFILE",
		Short: "Print a saved plan",
		Long: `Prints a plan that plan --out saved, as plan printed it. It reads nothing else,
so a reviewer approves exactly what the file contains. A file that was altered
is refused (exit 7). An expired plan is shown, and marked as expired.`,
		Example: `  refundctl show june.plan.json
  refundctl show june.plan.json --format json`,
		Args: argsBetween(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			chosen, err := planFormat(format, asJSON)
			if err != nil {
				return err
			}
			saved, err := readPlan(args[0])
			if err != nil {
				return err
			}
			return a.showPlan(saved.Plan, a.fileOf(saved, a.applying(c, nil, args[0])), chosen)
		},
	}
	formatFlag(c, &format)
	jsonFlag(c, &asJSON)
	return c
}

func (a *app) diffPlansCommand() *cobra.Command {
	var asJSON, detailed bool
	c := &cobra.Command{
		Use:   "diff-plans A B",
		Short: "Show what changed between two saved plans",
		Long: `Compares two plans that plan --out saved: which rows were added or removed, and
what changed in the others, field by field: action and reasons, amount, note,
speed, splits, labels, manifest, and what is live. Different accounts or ledgers
come first. -v adds the requests, and every row that changed in the same way.
Use it for a second review, for instance after a rebase.`,
		Example: `  refundctl diff-plans reviewed.plan.json rebased.plan.json
  refundctl diff-plans --json reviewed.plan.json rebased.plan.json`,
		Args:              argsBetween(2, 2),
		ValidArgsFunction: completeFiles("json"),
		RunE: func(_ *cobra.Command, args []string) error {
			before, err := readPlan(args[0])
			if err != nil {
				return about(args[0], err)
			}
			after, err := readPlan(args[1])
			if err != nil {
				return about(args[1], err)
			}
			d := view.PlanDiff{Before: before, After: after, Comparison: plan.Compare(before.Plan, after.Plan)}
			if asJSON {
				err = view.PlanDiffJSON(a.Out, d)
			} else {
				err = view.PlanDiffText(a.Out, d, view.PlanOptions{Style: a.outStyle(), Verbose: a.verbose})
			}
			code := ExitOK
			if detailed && !d.Same() {
				code = ExitChanges
			}
			return quitWith(err, code)
		},
	}
	jsonFlag(c, &asJSON)
	c.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit 2 if the plans differ")
	return c
}

// about adds the file to an error.
func about(file string, err error) error {
	f := *explain(err)
	f.message = file + ": " + f.message
	return &f
}
