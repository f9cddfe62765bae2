package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"refundctl/internal/diag"
	"refundctl/schema"
)

const configName = "refundctl.yaml"

// project is the configuration with the flags applied, and its folder.
type project struct {
	schema.Config
	root     string // absolute
	file     string // the configuration
	written  schema.Config
	warnings []diag.Diagnostic
}

// settings are the flags that override the configuration.
type settings struct {
	state       string
	parallelism int
	headroom    string
	timeout     time.Duration
}

func (s *settings) stateFlag(c *cobra.Command) {
	c.Flags().StringVar(&s.state, "state", "", "the ledger `file` (overrides the configuration)")
}

func (s *settings) flags(c *cobra.Command) {
	s.stateFlag(c)
	c.Flags().IntVar(&s.parallelism, "parallelism", 0, "maximum `number` of requests in flight (overrides the configuration)")
	c.Flags().StringVar(&s.headroom, "headroom", "", "`percent` of the API's rate limits left to other systems (overrides the configuration)")
	c.Flags().DurationVar(&s.timeout, "request-timeout", 0, "how long one request may take (overrides the configuration)")
}

// project finds and reads the configuration. It prints errors and warnings, and fails if there are errors.
func (a *app) project(s settings) (*project, error) {
	p, err := a.readProject(s)
	if err == nil && len(p.warnings) > 0 {
		_ = a.diagnostics(p.warnings)
	}
	return p, err
}

// readProject is project without printing warnings: a later call of project prints them.
func (a *app) readProject(s settings) (*project, error) {
	file, err := a.findConfig()
	if err != nil {
		return nil, err
	}
	config, problems, err := schema.LoadConfig(file)
	if err != nil {
		return nil, fail(ExitInvalid, "name an existing file with --config", "%v", err)
	}
	if diag.HasError(problems) {
		_ = a.diagnostics(problems)
		return nil, quit(ExitInvalid)
	}
	p := &project{Config: config, root: filepath.Dir(file), file: file, written: config, warnings: problems}
	p.Freeze = a.secrets.redact(firstOf(a.Env("REFUNDCTL_FREEZE"), p.Freeze)) // the variable can freeze, but not unfreeze
	return p, p.override(s, a.account)
}

func (p *project) override(s settings, account string) error {
	if s.state != "" {
		// A flag's path is relative to the working folder, the configuration's to its own.
		full, err := filepath.Abs(s.state)
		if err != nil {
			return fail(ExitInvalid, "use the absolute path of the file", "--state: %v", err)
		}
		p.State = full
	}
	switch {
	case s.parallelism < 0 || s.parallelism > 256:
		return fail(ExitInvalid, "use a number from 1 to 256", "--parallelism %d is out of range", s.parallelism)
	case s.parallelism > 0:
		p.Parallelism = s.parallelism
	}
	if s.headroom != "" {
		percent, err := strconv.Atoi(s.headroom)
		if err != nil || percent < 0 || percent > 90 {
			return fail(ExitInvalid, "use a number from 0 to 90", "--headroom %q is not a percentage", s.headroom)
		}
		p.Headroom = percent
	}
	switch {
	case s.timeout < 0:
		return fail(ExitInvalid, "use a duration such as 30s", "--request-timeout %s is negative", s.timeout)
	case s.timeout > 0:
		p.RequestTimeout = s.timeout
	}
	if account != "" && !p.hasAccount(account) {
		return p.unknownAccount(account)
	}
	return nil
}

// findConfig returns the file of --config, or else refundctl.yaml here or in the nearest parent.
func (a *app) findConfig() (string, error) {
	file, err := a.searchConfig()
	if err == nil && file == "" {
		return "", fail(ExitInvalid, "run refundctl init to make this folder a project, or name a configuration with --config",
			"no %s here or in any parent folder", configName)
	}
	return file, err
}

// searchConfig is findConfig, but returns "" if there is none.
func (a *app) searchConfig() (string, error) {
	if a.config != "" {
		return filepath.Abs(a.config)
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fail(ExitError, "go to a folder that exists, or give --chdir", "finding the configuration: %v", err)
	}
	for {
		file := filepath.Join(dir, configName)
		if _, err := os.Stat(file); err == nil && schema.Outside(dir, file) {
			return "", fail(ExitInvalid, "replace the link with the file itself, or name the file with --config", "%s is a link that points outside its folder, so it is not read", file)
		} else if err == nil {
			return file, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", fail(ExitInvalid, "make it readable, or name another with --config", "finding the configuration: %v", err)
		}
		if other := schema.MisnamedConfig(dir); other != "" {
			return "", misnamedConfig(dir, other)
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", nil
		}
		dir = parent
	}
}

// misnamedConfig refuses to go on to a parent's configuration: its accounts may be others.
func misnamedConfig(dir, name string) error {
	return fail(ExitInvalid, "rename "+name+" to "+configName+", or name it with --config", "%s is not read: the configuration is named %s", filepath.Join(dir, name), configName)
}

// manifests loads the manifests of the whole project and of paths. It prints errors and warnings, and
// fails if there are errors.
func (a *app) manifests(ctx context.Context, p *project, paths []string) (schema.Result, error) {
	if err := a.inside(p.root, paths); err != nil {
		return schema.Result{}, err
	}
	if err := noPlanFiles(paths); err != nil {
		return schema.Result{}, err
	}
	all, err := p.paths(paths)
	if err != nil {
		return schema.Result{}, err
	}
	loaded, err := schema.Load(ctx, all, schema.Options{Root: p.root, Accounts: p.Known()})
	if err != nil {
		return loaded, err
	}
	loaded.Diagnostics = append(loaded.Diagnostics, a.secrets.findIn(loaded.Specs)...)
	if len(loaded.Diagnostics) > 0 {
		_ = a.diagnostics(loaded.Diagnostics)
	}
	if diag.HasError(loaded.Diagnostics) {
		return loaded, quit(ExitInvalid)
	}
	return loaded, nil
}

// paths returns the paths of the project's manifests and of the arguments.
func (p *project) paths(arguments []string) ([]string, error) {
	all := slices.Clone(p.Manifests)
	for _, path := range arguments {
		full, err := absolute(path)
		if err != nil {
			return nil, err
		}
		all = append(all, full)
	}
	return all, nil
}

// statePath returns the path of the ledger that this command uses.
func (p *project) statePath() string { return p.absolute(p.State) }

// configured returns the path of the ledger that the configuration names.
func (p *project) configured() string { return p.absolute(p.written.State) }

func (p *project) absolute(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(p.root, path)
}
