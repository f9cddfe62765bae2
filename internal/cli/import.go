package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/schema"
)

// importFlags are what both imports have in common.
type importFlags struct {
	out    string
	dryRun bool
	asJSON bool
}

func (f *importFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.out, "out", "", "the manifest to write, or to add to where it is of the same import")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "write nothing: print what would be written")
	jsonFlag(c, &f.asJSON)
}

func (a *app) importCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "import",
		Short: "Make manifests of a spreadsheet, or of refunds that are live",
		Long: `Writes manifest rows for refunds that stand elsewhere: in a spreadsheet's CSV
export, or at the API, where somebody made them in the dashboard. Nothing is
sent: plan shows the rows, apply sends what is missing.`,
		Example: `  refundctl import csv june.csv --batch june
  refundctl import live --order order_1,order_2`,
		Args: unknownCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.importCSVCommand(), a.importLiveCommand())
	return c
}

// importing is what both imports stand on: the project, the account that rows are written for, what its
// manifests hold, and the one that is written.
type importing struct {
	project *project
	account schema.ConfigAccount
	held    []refund.Spec
	target  target
	flags   importFlags
	opts    schema.Options
}

// importing loads the project; the target is --out, or a file named stem.
func (a *app) importing(ctx context.Context, s settings, f importFlags, stem string) (*importing, error) {
	p, err := a.project(s)
	if err != nil {
		return nil, err
	}
	i := &importing{project: p, flags: f, opts: schema.Options{Root: p.root, Accounts: p.Known()}}
	if i.account, err = a.importAccount(p); err != nil {
		return nil, err
	}
	if i.target, err = p.target(f.out, stem); err != nil {
		return nil, err
	}
	i.held, err = a.held(ctx, i)
	return i, err
}

// file is what the views are told of the target.
func (i *importing) file() view.ImportedFile {
	return view.ImportedFile{File: i.target.name, Account: i.account.Name}
}

// importAccount is the account of --account, else default, else the only one.
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

// held loads what the manifests hold, those of the target among them. A folder that is not there yet
// holds nothing. Errors end the import: of what cannot be read nobody knows whether it is imported already.
func (a *app) held(ctx context.Context, i *importing) ([]refund.Spec, error) {
	var paths []string
	for _, path := range i.project.Manifests {
		if _, err := os.Stat(filepath.Join(i.project.root, path)); filepath.IsAbs(path) || !errors.Is(err, fs.ErrNotExist) {
			paths = append(paths, path)
		}
	}
	if i.target.before != nil {
		paths = append(paths, i.target.path)
	}
	loaded, err := schema.Load(ctx, paths, i.opts)
	if err != nil {
		return nil, err
	}
	if diag.HasError(loaded.Diagnostics) {
		_ = view.Diagnostics(a.Err, loaded.Diagnostics, a.errStyle())
		return nil, quit(ExitInvalid)
	}
	return loaded.Specs, nil
}

func sameRefund(a, b refund.Spec) bool {
	a.Source, b.Source = diag.Place{}, diag.Place{}
	return reflect.DeepEqual(a, b)
}

// stem is a file's name made of a batch's or a sheet's.
func stem(name string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r == '.' || r == '_' || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '-'
	}, name), ".-")
}
