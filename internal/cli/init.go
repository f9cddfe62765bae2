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
		Short: "Make this folder a project",
		Long: `Writes what a project needs: refundctl.yaml, a first manifest, its schema for
editors, .gitignore and .gitattributes; for the emulator inside the program also
sandbox.yaml with its orders. What is there already is kept as it is, and so a
second run changes nothing.

With --from-env the accounts are those whose credentials stand in CASHFREE_ and
FLOWWISE_ variables, which are checked and never written down.`,
		Example: `  refundctl init
  refundctl init --from-env --environment production
  refundctl --chdir refund-desk init`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.init(c, f) },
	}
	c.Flags().StringVar(&f.environment, "environment", "", "embedded, sandbox or production (embedded; with --from-env sandbox)")
	complete(c, "environment", "embedded\tthe emulator inside", "sandbox\ttest money", "production\treal money")
	c.Flags().BoolVar(&f.fromEnv, "from-env", false, "write the accounts whose credentials are set")
	jsonFlag(c, &f.asJSON)
	return c
}

func (a *app) init(c *cobra.Command, f initFlags) error {
	ctx := c.Context()
	for _, flag := range [][2]string{{"config", a.config}, {"account", a.account}} {
		if flag[1] != "" {
			return fail(ExitInvalid, "leave it away, also as "+variable(flag[0])+"; "+configName+" can be edited then", "init writes its own configuration: --%s is not for it", flag[0])
		}
	}
	wanted, err := a.accountsToWrite(f)
	if err != nil {
		return err
	}
	folder, err := os.OpenRoot(".")
	if err != nil {
		return fail(ExitError, "go to a folder that exists, or give --chdir", "%v", err)
	}
	defer folder.Close()
	s, err := a.draftProject(ctx, folder, wanted, f)
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
		return errors.Join(err, a.showMade(view.InitResult{Files: made}, f.asJSON))
	}
	return a.showMade(view.InitResult{Files: slices.Concat(s.ledger, found), Next: s.next(a)}, f.asJSON)
}

// accountsToWrite are the accounts that the flags ask for.
func (a *app) accountsToWrite(f initFlags) ([]schema.ConfigAccount, error) {
	if !slices.Contains([]string{"", embedded, "sandbox", "production"}, f.environment) {
		return nil, fail(ExitInvalid, "write embedded, sandbox or production", "--environment %q is not known", f.environment)
	}
	if !f.fromEnv {
		return []schema.ConfigAccount{{Name: "default", API: string(cashfree.Cashfree), Environment: firstOf(f.environment, embedded)}}, nil
	}
	if f.environment == embedded {
		return nil, fail(ExitInvalid, "leave one of them away", "--from-env is of credentials, and the embedded emulator takes none")
	}
	return a.fromEnvironment(firstOf(f.environment, "sandbox"))
}

// fromEnvironment are the accounts whose credentials are set, each complete and of this environment.
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
		if err := credentialsProblem(one); err != nil {
			return nil, suggestEnvironment(one, err)
		}
		found = append(found, one.ConfigAccount)
	}
	if len(found) == 0 {
		return nil, fail(ExitCredentials, "set one of "+strings.Join(missing, "; or ")+"; or leave --from-env away", "no credentials are set")
	}
	return found, nil
}

// suggestEnvironment says which flag fits credentials that are of the other environment.
func suggestEnvironment(one account, err error) error {
	one.Environment = map[string]string{"production": "sandbox", "sandbox": "production"}[one.Environment]
	if credentialsProblem(one) != nil {
		return err
	}
	f := *explain(err)
	f.hint = "add --environment " + one.Environment + " if that is what is meant"
	return &f
}

// projectDraft is a project as far as it is there: the configuration that holds, and what it asks for.
type projectDraft struct {
	config schema.Config
	isNew  bool // the configuration is still to be written
	begun  bool // there are manifests, and the first is none of them
	ledger []view.InitFile
}

// draftProject reads what is there, since an existing configuration says what is missing.
func (a *app) draftProject(ctx context.Context, folder *os.Root, wanted []schema.ConfigAccount, f initFlags) (*projectDraft, error) {
	s := &projectDraft{config: schema.Config{Manifests: []string{"refunds/"}, State: "refunds.state.jsonl", Accounts: wanted}}
	_, err := folder.Lstat(configName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.isNew = true
		err = a.warnOfProjectAbove()
	case err != nil:
		err = fail(ExitError, "see the folder's owner and mode", "%v", err)
	default:
		s.config, err = a.existingConfig(wanted, f)
	}
	if err != nil {
		return nil, err
	}
	loaded, err := schema.Load(ctx, s.config.Manifests, schema.Options{Root: "."})
	s.begun = len(loaded.Files) > 0 && !slices.Contains(loaded.Files, s.firstManifest())
	return s, err
}

// existingConfig is the configuration that is there.
func (a *app) existingConfig(wanted []schema.ConfigAccount, f initFlags) (schema.Config, error) {
	config, problems, err := schema.LoadConfig(configName)
	switch {
	case err != nil:
		return config, fail(ExitInvalid, "move what is there out of the way", "%v", err)
	case diag.HasError(problems):
		return config, errors.Join(view.Diagnostics(a.Err, problems, a.errStyle()), quit(ExitInvalid))
	case f.fromEnv || f.environment != "":
		return config, requireAccounts(config, wanted)
	}
	return config, nil
}

// warnOfProjectAbove: two ledgers for one merchant remember half each.
func (a *app) warnOfProjectAbove() error {
	above, err := a.findConfig()
	if err != nil {
		return nil
	}
	return view.WarningText(a.Err, "this folder lies in the project of "+above+"; it becomes one of its own, with its own ledger",
		"if that is not meant, remove what is written here", a.errStyle())
}

// requireAccounts refuses flags that an existing configuration does not heed: it is never changed.
func requireAccounts(config schema.Config, wanted []schema.ConfigAccount) error {
	for _, w := range wanted {
		if !slices.ContainsFunc(config.Accounts, func(c schema.ConfigAccount) bool {
			return c.API == w.API && c.Environment == w.Environment && (w.EnvPrefix == "" || c.EnvPrefix == w.EnvPrefix)
		}) {
			return fail(ExitInvalid, "edit accounts in "+configName+", or run init in another folder",
				"%s is there and has no account with api: %s and environment: %s; it is not changed", configName, w.API, w.Environment)
		}
	}
	return nil
}

// findExisting tells which files are there already, whatever they are.
func findExisting(folder *os.Root, files []projectFile) ([]view.InitFile, error) {
	var found []view.InitFile
	for _, f := range files {
		_, err := folder.Lstat(filepath.FromSlash(f.name))
		there := err == nil
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fail(ExitError, "it must lie in this folder and be yours to read", "looking for %s: %v", f.name, withoutPath(err))
		}
		one := view.InitFile{Name: f.name, Kept: there}
		if there && f.needed {
			one.Lacks = missingLines(folder, f)
		}
		found = append(found, one)
	}
	return found, nil
}

// withoutPath is an error of the file system without what it was doing.
func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// missingLines are the lines that a file should have. One that cannot be read lacks none, as far as is known.
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

// writeMissing writes what is missing. With an error comes what is there nevertheless.
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
			return found[:i], fail(ExitError, "see its folder's owner, mode and free space, and run it again: it writes what is missing", "%v", err)
		}
	}
	return found, nil
}

// showMade tells of each file, and what to do next.
func (a *app) showMade(m view.InitResult, asJSON bool) error {
	if asJSON {
		return view.InitJSON(a.Out, m)
	}
	return view.InitText(a.Out, m, a.outStyle())
}

// next is what comes then: a real environment needs a refund first.
func (s *projectDraft) next(a *app) string {
	account := s.first()
	if !s.isNew || account.Environment == embedded {
		return a.next("plan")
	}
	return a.next("new " + parentFlag(account.API) + " --amount AMOUNT")
}

func parentFlag(api string) string {
	if api == string(cashfree.Flowwise) {
		return "--payment PAYMENT_ID"
	}
	return "--order ORDER_ID"
}
