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
		Short:   "Write the refunds for a spreadsheet",
		Long:    `Writes what the ledger knows of each refund, for finance.`,
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
		Short: "Write one line a refund",
		Long: `Writes one line for each refund that the ledger knows: ids, amount, status, bank
reference, dates, who sent it and by whose approval, manifest, note and labels.
It reads the ledger and the manifests alone, without credentials: what happened
since the ledger's last event is not in it (refundctl status reads that).

Days and times are +05:30. A month holds what was sent in it, or with --date
processed what came to its end in it. Refused and unsent refunds are in it too,
as phase and status say.

A cell that a spreadsheet would run as a formula or rewrite as a number or a
date (long ids, ARNs, leading zeros) begins with an apostrophe: the text stands
behind it. --raw leaves it away, for programs.`,
		Example: `  refundctl export csv --month 2026-10 --out october.csv
  refundctl export csv --date processed --month 2026-10 --status SUCCESS
  refundctl export csv --label ticket=CS-4411 --raw`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.exportCSV(c, f) },
	}
	f.rowFilterFlags.flags(c)
	f.outputFlag.flags(c)
	c.Flags().BoolVar(&f.all, "all", false, "also refunds that manifests ask for and the ledger does not know (phase planned)")
	c.Flags().BoolVar(&f.raw, "raw", false, "for programs: no apostrophe before what a spreadsheet would change")
	c.Flags().BoolVar(&f.bom, "bom", false, "begin with a byte order mark, for Excel")
	return c
}

func (a *app) exportCSV(c *cobra.Command, f exportFlags) error {
	filter, err := f.filter(c, a.account)
	if err != nil {
		return err
	}
	if f.all && !filter.Period.Open() {
		return fail(ExitInvalid, "leave one of the two away", "--all adds refunds that were not sent: they have no date, and are in no period")
	}
	if err := f.check(isExport); err != nil {
		return err
	}
	rows, asOf, err := a.reportRows(c.Context(), f.rowFilterFlags, filter, f.all)
	if err != nil {
		return err
	}
	rows = filter.Pick(rows)
	report.Sort(rows, filter.Date)
	err = a.writeOutput(f.outputFlag, func(w io.Writer) error {
		return view.ExportCSV(w, rows, view.CSVOptions{Date: filter.Date, Raw: f.raw, BOM: f.bom})
	})
	if err != nil {
		return err
	}
	return view.Exported(a.Err, rows, asOf, a.errStyle())
}

// isExport tells an earlier export by its first line.
func isExport(head []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(head, []byte("\ufeff")), []byte(view.CSVHeader[:40]))
}
