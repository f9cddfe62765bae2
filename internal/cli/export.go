package cli

import (
	"bytes"
	"io"

	"github.com/spf13/cobra"

	"refundctl/internal/report"
	"refundctl/internal/view"
)

// exportFlags are the flags of export csv.
type exportFlags struct {
	rowFilterFlags
	outputFlag
	all, raw, bom bool
}

func (a *app) exportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "export",
		Short:   "Export refunds for a spreadsheet",
		Long:    `Exports what the ledger knows about each refund, for finance.`,
		Example: "  refundctl export csv --month 2026-10 --out october.csv",
		Args:    unknownCommand,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.exportCSVCommand())
	return c
}

func (a *app) exportCSVCommand() *cobra.Command {
	var f exportFlags
	c := &cobra.Command{
		Use:   "csv",
		Short: "Export one line per refund",
		Long: `Exports one line for each refund in the ledger: ids, amount, status, bank
reference, dates, who sent and who approved it, manifest, note and labels. It
reads only the ledger and the manifests, and needs no credentials. What happened
after the ledger's last event is not included (refundctl status reads it).

Days and times are in +05:30. A month contains the refunds sent in it, or with
--date processed those processed in it. Refused and unsent refunds are included;
the columns phase and status identify them.

A cell that a spreadsheet would run as a formula, or convert to a number or a
date (long ids, ARNs, leading zeros), starts with an apostrophe, followed by the
text. --raw omits the apostrophe, for programs.`,
		Example: `  refundctl export csv --month 2026-10 --out october.csv
  refundctl export csv --date processed --month 2026-10 --status SUCCESS
  refundctl export csv --label ticket=CS-4411 --raw`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.exportCSV(c, f) },
	}
	f.rowFilterFlags.flags(c)
	f.outputFlag.flags(c)
	c.Flags().BoolVar(&f.all, "all", false, "also refunds in manifests that are not in the ledger (phase planned)")
	c.Flags().BoolVar(&f.raw, "raw", false, "omit the apostrophe before text that a spreadsheet would change")
	c.Flags().BoolVar(&f.bom, "bom", false, "start with a byte order mark, for Excel")
	return c
}

func (a *app) exportCSV(c *cobra.Command, f exportFlags) error {
	filter, err := f.filter(c, a.account)
	if err != nil {
		return err
	}
	if f.all && !filter.Period.Open() {
		return fail(ExitInvalid, "omit one of the two", "--all adds refunds that were not sent, which have no date and belong to no period")
	}
	if err := f.check(isExport); err != nil {
		return err
	}
	known, err := a.accounting(c.Context(), f.rowFilterFlags, filter, f.all)
	if err != nil {
		return err
	}
	rows := filter.Pick(known.rows)
	report.Sort(rows, filter.Date)
	err = a.writeOutput(f.outputFlag, func(w io.Writer) error {
		return view.ExportCSV(w, rows, view.CSVOptions{Date: filter.Date, Raw: f.raw, BOM: f.bom})
	})
	if err != nil {
		return err
	}
	return view.Exported(a.Err, rows, known.asOf, a.errStyle())
}

// isExport recognizes an earlier export by its first line.
func isExport(head []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(head, []byte("\ufeff")), []byte(view.CSVHeader[:40]))
}
