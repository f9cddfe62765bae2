package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"refundctl/internal/diag"
	"refundctl/internal/edit"
	"refundctl/schema"
)

// importFlags are the flags of both imports.
type importFlags struct {
	out    string
	dryRun bool
	asJSON bool
}

func (f *importFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.out, "out", "", "the manifest `file` to write; an existing one must be from the same import")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "print what would be written, and write nothing")
	jsonFlag(c, &f.asJSON)
}

func (a *app) importCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "import",
		Short: "Write manifests from a spreadsheet, or from live refunds",
		Long: `Writes manifest rows for refunds that are listed elsewhere: in the CSV export of
a spreadsheet, or at the API if they were made in the dashboard. Nothing is
sent: plan shows the rows, and apply sends what is missing.`,
		Example: `  refundctl import csv june.csv --batch june
  refundctl import live --order order_1,order_2`,
		Args: unknownCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.importCSVCommand(), a.importLiveCommand())
	return c
}

// openImport loads the project for an import into --out, or into a file named after stem.
func (a *app) openImport(ctx context.Context, s settings, f importFlags, stem string) (*project, *edit.Import, error) {
	p, err := a.project(s)
	if err != nil {
		return nil, nil, err
	}
	account, err := a.importAccount(p)
	if err != nil {
		return nil, nil, err
	}
	i, problems, err := edit.OpenImport(ctx, p.editable(), account, f.out, stem)
	if err == nil && diag.HasError(problems) {
		_ = a.diagnostics(problems)
		err = quit(ExitInvalid)
	}
	return p, i, err
}

// importAccount returns the account of --account, or else the only one, or else the one named default.
func (a *app) importAccount(p *project) (schema.ConfigAccount, error) {
	name := a.account
	if name == "" {
		name = "default"
		if len(p.Accounts) == 1 {
			name = p.Accounts[0].Name
		}
	}
	n := slices.IndexFunc(p.Accounts, func(c schema.ConfigAccount) bool { return c.Name == name })
	if n < 0 {
		return schema.ConfigAccount{}, fail(ExitInvalid, "choose one with --account", "the configuration has several accounts, and none is named default")
	}
	return p.Accounts[n], nil
}

// writeImport writes the target under the lock of manifests, or only prints the new rows with --dry-run. It
// reports whether it wrote.
func (a *app) writeImport(ctx context.Context, i *edit.Import, m *edit.Imported, f importFlags) (written bool, err error) {
	if f.dryRun {
		if !f.asJSON {
			_, err = a.Out.Write(m.Added)
		}
		return false, err
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	release, err := lockManifests(ctx, i.Root)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := writeFailure(m.Write()); err != nil {
		return false, err
	}
	if i.SeenByPlan() {
		return true, nil
	}
	return true, a.warn(i.Target()+" is not among the manifests of "+configName+": plan does not see it",
		"add it under manifests:, or choose a file there with --out")
}
