package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/cashfree"
	"refundctl/internal/diag"
	"refundctl/internal/durable"
	"refundctl/internal/view"
	"refundctl/schema"
)

// initFlags are the flags of init.
type initFlags struct {
	environment     string
	fromEnv, asJSON bool
}

func (a *app) initCommand() *cobra.Command {
	var f initFlags
	c := &cobra.Command{
		Use:   "init",
		Short: "Create a project in this folder",
		Long: `Writes what a project needs: refundctl.yaml, a first manifest, its schema for
editors, .gitignore, .gitattributes and, for the embedded emulator, sandbox.yaml
with its orders. Files that exist stay as they are, so a second run changes
nothing.

With --from-env, the new configuration has the accounts whose credentials are in
CASHFREE_ and FLOWWISE_ variables. The credentials are checked, and never
written to a file.`,
		Example: `  refundctl init
  refundctl init --from-env --environment production
  refundctl --chdir refund-desk init`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.init(c, f) },
	}
	c.Flags().StringVar(&f.environment, "environment", "", "embedded, sandbox or production (default: embedded; with --from-env, sandbox)")
	complete(c, "environment", "embedded\tthe built-in emulator", "sandbox\ttest money", "production\treal money")
	c.Flags().BoolVar(&f.fromEnv, "from-env", false, "configure the accounts whose credentials are set")
	jsonFlag(c, &f.asJSON)
	return c
}

func (a *app) init(c *cobra.Command, f initFlags) error {
	ctx := c.Context()
	for _, flag := range [][2]string{{"config", a.config}, {"account", a.account}} {
		if flag[1] != "" {
			return fail(ExitInvalid, "omit it, and unset "+variable(flag[0])+"; you can edit "+configName+" afterwards", "init writes a new configuration and does not accept --%s", flag[0])
		}
	}
	accounts, err := a.accountsToWrite(f)
	if err != nil {
		return err
	}
	folder, err := os.OpenRoot(".")
	if err != nil {
		return fail(ExitError, "go to a folder that exists, or use --chdir", "%v", err)
	}
	defer folder.Close()
	s, err := a.draftProject(ctx, folder, accounts, f)
	if err == nil && s.isNew {
		err = a.beginLedger(c, s)
	}
	if err != nil {
		return err
	}
	files := s.files()
	found, err := findExisting(folder, files)
	if err != nil {
		return err
	}
	if made, err := writeMissing(ctx, folder, files, found); err != nil {
		return errors.Join(err, a.showInit(view.InitResult{Files: made}, f.asJSON))
	}
	return a.showInit(view.InitResult{Files: slices.Concat(s.ledger, found), Next: s.next(a)}, f.asJSON)
}

// accountsToWrite returns the accounts that the flags ask for.
func (a *app) accountsToWrite(f initFlags) ([]schema.ConfigAccount, error) {
	if !slices.Contains([]string{"", embedded, "sandbox", "production"}, f.environment) {
		return nil, fail(ExitInvalid, "use embedded, sandbox or production", "unknown --environment %q", f.environment)
	}
	if !f.fromEnv {
		return []schema.ConfigAccount{{Name: "default", API: string(cashfree.Cashfree), Environment: firstOf(f.environment, embedded)}}, nil
	}
	if f.environment == embedded {
		return nil, fail(ExitInvalid, "omit one of the two", "--from-env reads credentials, and the embedded emulator needs none")
	}
	return a.fromEnvironment(firstOf(f.environment, "sandbox"))
}

// fromEnvironment returns the accounts whose credentials are set. It fails if credentials are incomplete or
// belong to another environment.
func (a *app) fromEnvironment(env string) ([]schema.ConfigAccount, error) {
	var found []schema.ConfigAccount
	var missing []string
	for _, api := range []cashfree.API{cashfree.Cashfree, cashfree.Flowwise} {
		prefix := strings.ToUpper(string(api))
		one := account{api: api, baseURL: environments[api][env].baseURL, credentials: a.credentials(prefix),
			ConfigAccount: schema.ConfigAccount{Name: "default", API: string(api), Environment: env, EnvPrefix: prefix}}
		if len(found) > 0 {
			one.Name = string(api)
		}
		err := one.credentials.Check(api)
		var bad *cashfree.CredentialsError
		if errors.As(err, &bad) && len(bad.Set)+len(bad.Unreadable) == 0 {
			missing = append(missing, strings.TrimPrefix(combinations(bad.Allowed, prefix+"_"), "one of "))
			continue
		}
		if err := a.credentialsProblem(one); err != nil {
			return nil, a.suggestEnvironment(one, err)
		}
		found = append(found, one.ConfigAccount)
	}
	if len(found) == 0 {
		return nil, fail(ExitCredentials, "set one of "+strings.Join(missing, "; or ")+"; or omit --from-env", "no credentials are set")
	}
	return found, nil
}

// suggestEnvironment adds the hint with the right --environment to err if the credentials belong to the
// other environment.
func (a *app) suggestEnvironment(one account, err error) error {
	one.Environment = map[string]string{"production": "sandbox", "sandbox": "production"}[one.Environment]
	if a.credentialsProblem(one) != nil {
		return err
	}
	f := *explain(err)
	f.hint = "if that is the right environment, add --environment " + one.Environment
	return &f
}

// projectDraft is a project that init completes. Its configuration is the existing one, or the one that init
// writes.
type projectDraft struct {
	config       schema.Config
	isNew        bool // the configuration does not exist yet
	hasManifests bool // manifests exist, and none of them is the first manifest that init would write
	ledger       []view.InitFile
}

// draftProject reads what exists: an existing configuration decides what is missing.
func (a *app) draftProject(ctx context.Context, folder *os.Root, accounts []schema.ConfigAccount, f initFlags) (*projectDraft, error) {
	s := &projectDraft{config: schema.Config{Manifests: []string{"refunds/"}, State: "refunds.state.jsonl", Accounts: accounts}}
	_, err := folder.Lstat(configName)
	switch {
	case errors.Is(err, fs.ErrNotExist) && schema.MisnamedConfig(".") != "":
		err = misnamedConfig("", schema.MisnamedConfig("."))
	case errors.Is(err, fs.ErrNotExist):
		s.isNew = true
		err = a.warnOfProjectAbove()
	case err != nil:
		err = fail(ExitError, "check the folder's owner and mode", "%v", err)
	default:
		s.config, err = a.existingConfig(accounts, f)
	}
	if err != nil {
		return nil, err
	}
	loaded, err := schema.Load(ctx, s.config.Manifests, schema.Options{Root: "."})
	s.hasManifests = len(loaded.Files) > 0 && !slices.Contains(loaded.Files, s.firstManifest())
	return s, err
}

// existingConfig reads the existing configuration. It must have the accounts that the flags ask for.
func (a *app) existingConfig(accounts []schema.ConfigAccount, f initFlags) (schema.Config, error) {
	config, problems, err := schema.LoadConfig(configName)
	switch {
	case err != nil:
		return config, fail(ExitInvalid, "move it out of the way", "%v", err)
	case diag.HasError(problems):
		return config, errors.Join(a.diagnostics(problems), quit(ExitInvalid))
	case f.fromEnv || f.environment != "":
		return config, requireAccounts(config, accounts)
	}
	return config, nil
}

// warnOfProjectAbove warns if the folder is inside another project: with two ledgers for one merchant, each
// knows only half of what was sent.
func (a *app) warnOfProjectAbove() error {
	above, err := a.findConfig()
	if err != nil {
		return nil
	}
	return a.warn("this folder is inside the project of "+above+"; it becomes a separate project, with its own ledger",
		"if you did not intend that, remove the files written here")
}

// requireAccounts fails if an existing configuration lacks one of the accounts: init never changes it.
func requireAccounts(config schema.Config, accounts []schema.ConfigAccount) error {
	for _, one := range accounts {
		if !slices.ContainsFunc(config.Accounts, func(c schema.ConfigAccount) bool {
			return c.API == one.API && c.Environment == one.Environment && (one.EnvPrefix == "" || c.EnvPrefix == one.EnvPrefix)
		}) {
			return fail(ExitInvalid, "edit accounts in "+configName+", or run init in another folder",
				"%s exists and has no account with api: %s and environment: %s; it is not changed", configName, one.API, one.Environment)
		}
	}
	return nil
}

// findExisting reports for each file whether something of its name exists.
func findExisting(folder *os.Root, files []projectFile) ([]view.InitFile, error) {
	var found []view.InitFile
	for _, f := range files {
		_, err := folder.Lstat(filepath.FromSlash(f.name))
		there := err == nil
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fail(ExitError, "it must be in this folder, and you need permission to read it", "looking for %s: %v", f.name, withoutPath(err))
		}
		one := view.InitFile{Name: f.name, Kept: there}
		if there && f.needed {
			one.Lacks = missingLines(folder, f)
		}
		found = append(found, one)
	}
	return found, nil
}

// withoutPath strips the operation and the path from an error of the file system.
func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// missingLines returns the lines that an existing file lacks, and none if the file cannot be read.
func missingLines(folder *os.Root, f projectFile) (missing []string) {
	text, err := folder.ReadFile(filepath.FromSlash(f.name))
	if err != nil {
		return nil
	}
	has := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		has[strings.TrimSpace(line)] = true
	}
	for line := range strings.Lines(f.text) {
		if line = strings.TrimSpace(line); !has[line] && !strings.HasPrefix(line, "#") {
			missing = append(missing, line)
		}
	}
	return missing
}

// writeMissing writes the files that do not exist. With an error, it returns the files that exist by then.
func writeMissing(ctx context.Context, folder *os.Root, files []projectFile, found []view.InitFile) ([]view.InitFile, error) {
	for i, f := range files {
		if found[i].Kept {
			continue
		}
		err := context.Cause(ctx)
		if err == nil {
			err = durable.Create(folder, f.name, []byte(f.text), 0o644)
		}
		switch {
		case errors.Is(err, fs.ErrExist):
			found[i].Kept = true // another init was quicker
		case ctx.Err() != nil:
			return found[:i], err
		case err != nil:
			return found[:i], fail(ExitError, "check its folder's owner, mode and free space, then run init again: it writes what is missing", "%v", err)
		}
	}
	return found, nil
}

// showInit prints what became of each file, and what to do next.
func (a *app) showInit(m view.InitResult, asJSON bool) error {
	if asJSON {
		return view.InitJSON(a.Out, m)
	}
	return view.InitText(a.Out, m, a.outStyle())
}

// next returns the next command: plan or, in a real environment, new, because the project has no refunds yet.
func (s *projectDraft) next(a *app) string {
	account := s.first()
	if !s.isNew || account.Environment == embedded {
		return a.commandFor("plan")
	}
	return a.commandFor("new", parentFlag(account.API), "--amount AMOUNT")
}

func parentFlag(api string) string {
	if api == string(cashfree.Flowwise) {
		return "--payment PAYMENT_ID"
	}
	return "--order ORDER_ID"
}
