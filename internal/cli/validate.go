package cli

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"refundctl/internal/diag"
	"refundctl/internal/view"
	"refundctl/schema"
)

func (a *app) validateCommand() *cobra.Command {
	var f validateFlags
	c := &cobra.Command{
		Use:   "validate [PATH...]",
		Short: "Check manifests and configuration, offline",
		Long: `Reads the configuration and all manifests, or those in PATH, and reports every
problem in every file at once, with its location and how to fix it. It uses
no network and needs no credentials. Without a configuration, it checks PATH
alone. It warns of files in these folders that are passed over because of their
names (passed_over). In CI, it also warns if the pull request changes the ledger
(ledger_touched) or a clone's memory (memory_touched).`,
		Example: `  refundctl validate
  refundctl validate --json refunds/june.refunds.yaml
  refundctl validate --format github`,
		RunE: func(c *cobra.Command, paths []string) error { return a.validate(c, paths, f) },
	}
	c.Flags().StringVar(&f.format, "format", "", "text, json, or github: annotations for GitHub Actions, with the text on stderr (text)")
	complete(c, "format", "text\tfor a person", "json\tas --json", "github\tannotations for GitHub Actions")
	a.outsideFlag(c)
	jsonFlag(c, &f.asJSON)
	return c
}

// validateFlags are the flags of validate.
type validateFlags struct {
	format string
	asJSON bool
}

// chosen returns the format that the two flags select.
func (f validateFlags) chosen() (string, error) {
	switch {
	case !slices.Contains([]string{"", "text", "json", "github"}, f.format):
		return "", fail(ExitInvalid, "use text, json or github", "unknown --format %q", f.format)
	case f.asJSON && f.format != "" && f.format != "json":
		return "", fail(ExitInvalid, "omit one of them", "--json and --format %s contradict each other", f.format)
	case f.asJSON:
		return "json", nil
	}
	return f.format, nil
}

func (a *app) validate(c *cobra.Command, paths []string, f validateFlags) error {
	format, err := f.chosen()
	if err != nil {
		return err
	}
	all, opts, problems, err := a.toValidate(c.Context(), paths)
	if err != nil {
		return err
	}
	files, refunds := 0, 0
	if !diag.HasError(problems) {
		loaded, err := schema.Load(c.Context(), all, opts)
		if err != nil {
			return err
		}
		files, refunds = len(loaded.Files), len(loaded.Specs)
		problems = append(append(problems, loaded.Diagnostics...), a.secrets.findIn(loaded.Specs)...)
	}
	diag.Sort(problems)
	switch format {
	case "json":
		err = view.DiagnosticsJSON(a.Out, a.copiedHints(problems))
	case "github":
		err = errors.Join(view.Annotations(a.Out, a.copiedHints(a.inRepository(problems, opts.Root))), view.Validated(a.Err, problems, files, refunds, a.errStyle()))
	default:
		err = view.Validated(a.Out, problems, files, refunds, a.outStyle())
	}
	if err == nil && diag.HasError(problems) {
		return quit(ExitInvalid)
	}
	return err
}

// toValidate returns what to check, the paths or the configuration's manifests, and the configuration's own
// problems.
func (a *app) toValidate(ctx context.Context, paths []string) ([]string, schema.Options, []diag.Diagnostic, error) {
	for i, path := range paths {
		full, err := absolute(path)
		if err != nil {
			return nil, schema.Options{}, nil, err
		}
		paths[i] = full
	}
	if err := noPlanFiles(paths); err != nil {
		return nil, schema.Options{}, nil, err
	}
	file, err := a.searchConfig()
	if err == nil && file == "" && len(paths) > 0 {
		root, err := filepath.Abs(".")
		return paths, schema.Options{Root: root}, nil, err
	}
	if err == nil && file == "" {
		_, err = a.findConfig()
	}
	if err != nil {
		return nil, schema.Options{}, nil, err
	}
	config, problems, err := schema.LoadConfig(file)
	if err != nil {
		return nil, schema.Options{}, nil, fail(ExitInvalid, "name an existing file with --config", "%v", err)
	}
	allowed, err := a.words("ALLOW_ENV")
	if err != nil {
		return nil, schema.Options{}, nil, err
	}
	problems = append(problems, config.ForeignPrefixes(allowed)...)
	problems = append(problems, a.ledgersInPullRequest(ctx, filepath.Dir(file), config)...)
	if err := a.inside(filepath.Dir(file), paths); err != nil {
		return nil, schema.Options{}, nil, err
	}
	if len(paths) == 0 {
		paths = config.Manifests
	}
	return paths, schema.Options{Root: filepath.Dir(file), Accounts: config.Known()}, problems, nil
}

// inRepository makes the paths relative to the top of the repository, as GitHub expects.
func (a *app) inRepository(problems []diag.Diagnostic, root string) []diag.Diagnostic {
	top := a.Env("GITHUB_WORKSPACE")
	if top == "" {
		return problems
	}
	named := slices.Clone(problems)
	for i, d := range named {
		full := d.File
		if d.File != "" && !filepath.IsAbs(d.File) {
			full = filepath.Join(root, d.File)
		}
		if rel, err := filepath.Rel(top, full); err == nil && filepath.IsLocal(rel) {
			named[i].File = filepath.ToSlash(rel)
		}
	}
	return named
}
