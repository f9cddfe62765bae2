package cli

import (
	"context"

	"github.com/spf13/cobra"

	"refundctl/internal/edit"
	"refundctl/state"
)

// reissueFlags are the flags of reissue.
type reissueFlags struct {
	settings
	id, note, file string
	hold, asJSON   bool
}

func (a *app) reissueCommand() *cobra.Command {
	var f reissueFlags
	c := &cobra.Command{
		Use:   "reissue REFUND_ID",
		Short: "Ask again for a refund that failed or was cancelled",
		Long: `Adds a row that asks again for a refund that is FAILED or CANCELLED in the
ledger. The row has the same order, amount, note, labels and splits, a fresh
refund_id, and supersedes. It goes below the old row, which stays. A refund that
was paid, may still be paid, or was already reissued is refused (exit 4). It
reads only files and sends nothing.`,
		Example: `  refundctl reissue refund_17
  refundctl reissue refund_17 --file refunds/again.refunds.yaml`,
		Args:              argsBetween(1, 1),
		ValidArgsFunction: first(a.completePhases(state.Failed)),
		RunE:              func(c *cobra.Command, args []string) error { return a.reissue(c.Context(), f, args[0]) },
	}
	c.Flags().StringVar(&f.id, "refund-id", "", "the new `refund_id` (default: the old one with _r2, _r3 and so on)")
	c.Flags().StringVar(&f.note, "note", "", "a new refund_note (default: the old one)")
	c.Flags().BoolVar(&f.hold, "hold", false, "plan it, but do not send it yet")
	c.Flags().StringVar(&f.file, "file", "", "the manifest `file`; a new one is created in a folder of manifests (default: the one with the old row, or the only one)")
	jsonFlag(c, &f.asJSON)
	f.stateFlag(c)
	return c
}

func (a *app) reissue(ctx context.Context, f reissueFlags, id string) error {
	p, err := a.readProject(f.settings)
	if err == nil {
		err = p.refuseLostLedger() // the ledger says whether the refund failed
	}
	if err != nil {
		return err
	}
	how := edit.Reissue{RefundID: f.id, Note: f.note, Hold: f.hold, File: f.file}
	return a.addRow(ctx, f.settings, f.asJSON, func(e *edit.Editor) (*edit.Addition, error) { return e.Reissue(ctx, id, how) })
}
