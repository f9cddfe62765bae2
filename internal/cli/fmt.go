package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"refundctl/internal/diag"
	"refundctl/internal/durable"
	"refundctl/internal/view"
	"refundctl/schema/layout"
	"refundctl/schema/yamltree"
)

func (a *app) fmtCommand() *cobra.Command {
	var f fmtFlags
	c := &cobra.Command{
		Use:   "fmt [PATH...]",
		Short: "Format manifests",
		Long: `Rewrites all manifests, or those in PATH, in the canonical layout, and prints
the name of each changed file. With - it reads a manifest from stdin and prints
it. Only the layout changes: every value keeps its spelling, every comment stays
at its field or row, and a file is written only after a check that its refunds
are the same. Files in the canonical layout are not touched.

Fields are in this order: version, account, defaults, refunds; in a refund
order_id, subscription_id, payment_id, refund_id, refund_amount,
refund_currency, refund_note, refund_speed, refund_type, refund_splits, labels,
hold, not_duplicate_of, supersedes; in a share vendor_id, amount. Labels keep
their order, and so do a mapping with an unknown field and a document with
aliases. Each level, also of a list, is indented by two spaces. Several blank
lines become one. What is in braces or brackets, {a: b, c: d}, stays in them and
keeps its lines. Line ends stay LF or CRLF. There are no trailing spaces and no
byte order mark.

--check writes nothing, prints what would change and exits with 2 if something
would. If a file is not YAML, fmt exits with 3 after formatting the others. The
configuration and other YAML files are not manifests and stay as they are.`,
		Example: `  refundctl fmt
  refundctl fmt --check --diff
  refundctl fmt - < june.refunds.yaml`,
		RunE: func(c *cobra.Command, paths []string) error { return a.format(c, paths, f) },
	}
	c.Flags().BoolVar(&f.check, "check", false, "write nothing; exit with 2 if something would change")
	c.Flags().BoolVar(&f.diff, "diff", false, "print the changes as a unified diff")
	a.outsideFlag(c)
	jsonFlag(c, &f.asJSON)
	return c
}

// fmtFlags are the flags of fmt.
type fmtFlags struct{ check, diff, asJSON bool }

// formatting is one run of fmt.
type formatting struct {
	*app
	fmtFlags
	files    []view.FormattedFile
	problems []diag.Diagnostic
}

func (a *app) format(c *cobra.Command, paths []string, flags fmtFlags) error {
	f := &formatting{app: a, fmtFlags: flags}
	if slices.Contains(paths, "-") {
		return f.stream(paths)
	}
	return f.manifests(c, paths)
}

func (f *formatting) manifests(c *cobra.Command, paths []string) (err error) {
	root := "."
	for i, path := range paths {
		full, err := absolute(path)
		if err != nil {
			return err
		}
		paths[i] = full
	}
	if config, err := f.findConfig(); err == nil {
		if err := f.inside(filepath.Dir(config), paths); err != nil {
			return err
		}
	}
	if len(paths) == 0 {
		p, err := f.project(settings{})
		if err != nil {
			return err
		}
		paths, root = p.Manifests, p.root
	}
	root, err = filepath.Abs(root)
	if err != nil {
		return err
	}
	release, err := f.lockProject(c.Context())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	f.problems, err = layout.Format(c.Context(), paths, root, f.file)
	return f.finish(err)
}

// lockProject takes the lock of the project's manifests, if there is a project and files are written.
func (f *formatting) lockProject(ctx context.Context) (func() error, error) {
	if config, err := f.findConfig(); err == nil && !f.check {
		return lockManifests(ctx, filepath.Dir(config))
	}
	return func() error { return nil }, nil
}

func layoutFailure(err error) error {
	switch {
	case errors.Is(err, layout.ErrLayout):
		return fail(ExitError, "the file was not changed; please report this, with the file if you may share it", "%v", err)
	case errors.Is(err, durable.ErrChanged):
		return fail(ExitError, "the file is as that program left it; run fmt again", "%v", err)
	case errors.As(err, new(*fs.PathError)), errors.As(err, new(*os.LinkError)):
		return fail(ExitError, "the file is intact, either unchanged or formatted; check the permissions of the file and its folder, and the free disk space", "%v", err)
	}
	return err
}

// file writes a manifest if its layout is not canonical.
func (f *formatting) file(m layout.Formatted) error {
	if m.Changed() && !f.check {
		if err := durable.Rewrite(m.Path, m.Before, m.After); err != nil {
			return err
		}
	}
	return f.done(m, m.Changed() && !f.check)
}

// done prints each file at once, so that an early end hides nothing.
func (f *formatting) done(m layout.Formatted, written bool) error {
	done := view.FormattedFile{File: m.File, Changed: m.Changed(), Written: written}
	if f.diff {
		done.Diff = view.UnifiedDiff(m.File, m.Before, m.After)
	}
	f.files = append(f.files, done)
	if f.asJSON {
		return nil
	}
	return view.Formatted(f.Out, done, f.outStyle())
}

// stream formats stdin.
func (f *formatting) stream(paths []string) error {
	switch {
	case len(paths) > 1:
		return fail(ExitInvalid, "use either - or files", "- means stdin and cannot be combined with files")
	case f.asJSON && !f.check && !f.diff:
		return fail(ExitInvalid, "omit --json, or add --check or --diff", "with - the output is the manifest itself, not JSON")
	}
	text, err := io.ReadAll(io.LimitReader(f.In, yamltree.MaxFileSize+1))
	if err != nil {
		return err
	}
	laid, problems, err := layout.FormatText("-", text)
	f.problems = problems
	switch {
	case err != nil || diag.HasError(problems):
	case f.check || f.diff:
		err = f.done(layout.Formatted{File: "-", Before: text, After: laid}, false)
	default:
		_, err = f.Out.Write(laid)
	}
	return f.finish(err)
}

// finish prints the summary of the run, also if err ended it, and returns the run's failure.
func (f *formatting) finish(err error) error {
	printing := f.showSums()
	changed := slices.ContainsFunc(f.files, func(d view.FormattedFile) bool { return d.Changed })
	switch {
	case err != nil:
		return layoutFailure(err)
	case printing != nil:
		return printing
	case diag.HasError(f.problems):
		return quit(ExitInvalid)
	case f.check && changed:
		return quit(ExitChanges)
	}
	return nil
}

func (f *formatting) showSums() error {
	if f.asJSON {
		return view.FormattedJSON(f.Out, f.files, f.copiedHints(f.problems))
	}
	err := f.diagnostics(f.problems)
	if len(f.files) == 0 {
		return err
	}
	return errors.Join(err, view.FormattedSums(f.Err, f.files, f.errStyle()))
}
