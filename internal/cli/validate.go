package cli

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"refundctl/internal/diag"
	"refundctl/internal/view"
	"refundctl/schema"
)

func (a *app) validateCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "validate [PATH...]",
		Short: "Check manifests and configuration, offline",
		Long: `Reads the configuration and all manifests, or those of PATH, and tells every problem of every
file at once, with its place and what to write instead. Nothing is sent or read over the network;
no credentials are needed. Without a configuration, PATH is checked by itself.`,
		Example: `  refundctl validate
  refundctl validate --json refunds/june.refunds.yaml`,
		RunE: func(c *cobra.Command, paths []string) error { return a.validate(c, paths, asJSON) },
	}
	jsonFlag(c, &asJSON)
	return c
}

func (a *app) validate(c *cobra.Command, paths []string, asJSON bool) error {
	all, opts, problems, err := a.toValidate(paths)
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
		problems = append(problems, loaded.Diagnostics...)
	}
	diag.Sort(problems)
	if asJSON {
		err = view.DiagnosticsJSON(a.Out, problems)
	} else {
		err = view.Validated(a.Out, problems, files, refunds, a.outStyle())
	}
	if err == nil && diag.HasError(problems) {
		return quit(ExitInvalid)
	}
	return err
}

// toValidate says what is checked: the paths, or the configuration's manifests. The configuration's
// own problems come along.
func (a *app) toValidate(paths []string) ([]string, schema.Options, []diag.Diagnostic, error) {
	for i, path := range paths {
		full, err := filepath.Abs(path)
		if err != nil {
			return nil, schema.Options{}, nil, fail(ExitInvalid, "", "%v", err)
		}
		paths[i] = full
	}
	file, err := a.findConfig()
	if err != nil && len(paths) > 0 && a.config == "" {
		root, err := filepath.Abs(".")
		return paths, schema.Options{Root: root}, nil, err
	}
	if err != nil {
		return nil, schema.Options{}, nil, err
	}
	config, problems, err := schema.LoadConfig(file)
	if err != nil {
		return nil, schema.Options{}, nil, fail(ExitInvalid, "", "%v", err)
	}
	if len(paths) == 0 {
		paths = config.Manifests
	}
	return paths, schema.Options{Root: filepath.Dir(file), Accounts: config.Known()}, problems, nil
}
