package cli

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/refund"
	"refundctl/internal/report"
	"refundctl/internal/view"
)

// reportFlags are the flags of report.
type reportFlags struct {
	rowFilterFlags
	outputFlag
	by     words
	format string
	asJSON bool
}

func (a *app) reportCommand() *cobra.Command {
	var f reportFlags
	c := &cobra.Command{
		Use:   "report",
		Short: "Sum up the refunds of a month",
		Long: `Sums up what the ledger knows: what was paid, what is open and what was not
paid, by status, account, day or month, and label; how long open refunds have
been waiting; and what is in doubt. Sums are exact, and every table adds up to
the same total.

It reads only the ledger and the manifests, without credentials, so it does not
include what happened after the ledger's last event (refundctl status reads
that).

It exits with 4 if a refund in the report failed or was cancelled, a manifest
still asks for it and no other row supersedes it.

A month contains what was sent in it (+05:30), or with --date processed what was
settled in it. Money of production, sandbox and embedded accounts is never added
up: without --environment, the report covers production if the ledger has any of
it, or else the sandbox.`,
		Example: `  refundctl report --month 2026-10
  refundctl report --month 2026-10 --format html --out october.html
  refundctl report --from 2026-04-01 --by month --by label:ticket`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.sumUp(c, f) },
	}
	f.rowFilterFlags.flags(c)
	f.outputFlag.flags(c)
	c.Flags().Var(&f.by, "by", "group by this `field`: status, account, day, month or label:NAME"+asWords)
	c.Flags().StringVar(&f.format, "format", "", "output `FORMAT`: text (the default), json (same as --json) or html (a page)")
	complete(c, "format", "text\tfor a terminal", "json\tas --json", "html\ta page")
	jsonFlag(c, &f.asJSON)
	return c
}

func (a *app) sumUp(c *cobra.Command, f reportFlags) error {
	filter, err := f.filter(c, a.account)
	if err != nil {
		return err
	}
	by, err := f.groupings()
	if err != nil {
		return err
	}
	if f.format == "csv" {
		return fail(ExitInvalid, "use text, json or html; refundctl export csv prints one line per refund", `unknown --format "csv"`)
	}
	format, err := chosenFormat(f.format, f.asJSON, view.Text, view.JSON, view.HTML)
	if err != nil {
		return err
	}
	if err := f.check(isReport); err != nil {
		return err
	}
	known, err := a.accounting(c.Context(), f.rowFilterFlags, filter, false)
	if err != nil {
		return err
	}
	chosen := report.Choose(known.rows, filter)
	shown := reportOf(chosen, by)
	shown.AsOf, shown.Alarms = known.asOf, known.alarms(chosen.Rows)
	style := a.outStyle()
	if f.out != "" {
		style = view.Style{Width: unbroken, Commands: a.copyable}
	}
	err = a.writeOutput(f.outputFlag, func(w io.Writer) error { return view.RenderReport(w, format, shown, style) })
	raised := a.raise(shown.Alarms, nil, format == view.JSON)
	if err != nil {
		return quitWith(err, codeOf(raised))
	}
	return raised
}

// groupings returns the groupings of --by; none for the default ones.
func (f reportFlags) groupings() ([]report.By, error) {
	var by []report.By
	for _, text := range f.by {
		one := report.By(text)
		name, label := strings.CutPrefix(text, string(report.ByLabel))
		if !slices.Contains([]report.By{report.ByStatus, report.ByAccount, report.ByDay, report.ByMonth}, one) && (!label || name == "") {
			return nil, fail(ExitInvalid, "use status, account, day, month or label:NAME", "unknown --by %q", text)
		}
		if !slices.Contains(by, one) {
			by = append(by, one)
		}
	}
	return by, nil
}

func reportOf(c report.Choice, by []report.By) view.Report {
	shown := view.Report{Filter: c.Filter, Elsewhere: c.Elsewhere, Undated: c.Undated}
	if by == nil {
		by, shown.Unlisted = report.DefaultGroupings(c.Rows, c.Filter.Date)
	}
	shown.Summary = report.Summarize(c.Rows, by, c.Filter.Date, refund.IST)
	return shown
}

// isReport reports whether head begins an earlier report in any format.
func isReport(head []byte) bool {
	return slices.ContainsFunc(view.ReportBeginnings(), func(s string) bool { return bytes.HasPrefix(head, []byte(s)) })
}
