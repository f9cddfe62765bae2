package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"refundctl/internal/view"
)

// app is one invocation: its streams and the global flags.
type app struct {
	Streams
	chdir     string
	config    string
	account   string
	noColor   bool
	verbose   bool
	logFormat string
	outside   bool // a PATH may lead out of the project
	secrets   secrets
	noHelp    error      // why the requested help does not exist
	report    view.Step  // the result of plan or apply, for a pipeline
	line      *view.Line // progress; set by begin
	reader    *pipe      // of Out
	wrote     wrote

	tree      *cobra.Command // all commands
	jsonLines bool           // stderr has one object a line
	hosts     []string       // those that this command asks
	running   *cobra.Command // the one of this invocation
}

// fromEnv lists the flags that a REFUNDCTL_ variable may set: settings, never a one-off decision
// such as what to resolve.
var fromEnv = []string{"chdir", "config", "account", "no-color", "log-format", "state", "parallelism", "headroom", "request-timeout",
	"refresh", "spot-check", "on-error", "lock-timeout", "actor", "approved-by", autoApprove, "input"}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "refundctl",
		Short: "Declarative refunds for Cashfree Payments: plan, review, apply once",
		Long: `refundctl sends the refunds in a repository's manifests to Cashfree Payments.
plan shows which refunds are missing at the API, apply sends exactly those, once
each, and a ledger remembers what was sent and what happened to it.`,
		Example: `  refundctl validate
  refundctl plan
  refundctl apply`,
		Version:           version(),
		Args:              unknownCommand,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error { return a.begin(c) },
	}
	root.SetFlagErrorFunc(flagError)
	narrowHelp(root)
	a.tree = root
	flags := root.PersistentFlags()
	flags.StringVar(&a.chdir, "chdir", "", "work in this `folder`")
	flags.StringVar(&a.config, "config", "", "the configuration `file` (default: refundctl.yaml here or in the nearest parent)")
	flags.StringVar(&a.account, "account", "", "only this account of the configuration")
	flags.BoolVar(&a.noColor, "no-color", false, "no colours (also NO_COLOR)")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "also show what is in sync, and log every request to stderr")
	flags.StringVar(&a.logFormat, "log-format", "text", "format of the requests that --verbose logs: text or json")
	a.commandsByTask(root)
	root.AddCommand(a.topics()...)
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetCompletionCommandGroupID(more)
	root.SetHelpCommandGroupID(more)
	root.InitDefaultCompletionCmd()
	explainCompletion(root)
	a.helpOfCommands(root)
	a.completions(root)
	return root
}

// more is the group of commands that are not a step of a refund.
const more = "More"

// commandsByTask adds the commands in the order in which people need them.
func (a *app) commandsByTask(root *cobra.Command) {
	for _, task := range []struct {
		title    string
		commands []*cobra.Command
	}{
		{"Start", []*cobra.Command{a.initCommand(), a.importCommand(), a.newCommand(), a.validateCommand(), a.fmtCommand()}},
		{"Plan and send", []*cobra.Command{a.planCommand(), a.showCommand(), a.diffPlansCommand(), a.applyCommand()}},
		{"Follow up", []*cobra.Command{a.statusCommand(), a.followCommand(), a.explainCommand(), a.recoverCommand(), a.reissueCommand(), a.cancelCommand()}},
		{"Account", []*cobra.Command{a.reportCommand(), a.exportCommand(), a.reconcileCommand(), a.stateCommand()}},
		{more, []*cobra.Command{a.sandboxCommand(), a.schemaCommand(), a.versionCommand()}},
	} {
		root.AddGroup(&cobra.Group{ID: task.title, Title: task.title + ":"})
		for _, c := range task.commands {
			c.GroupID = task.title
		}
		root.AddCommand(task.commands...)
	}
}

// helpOfCommands makes help fail for a word that is not a command.
func (a *app) helpOfCommands(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		if c.Name() == "help" {
			c.ValidArgsFunction = completeTopics
			c.Args = func(_ *cobra.Command, args []string) error {
				found, rest, err := root.Find(args)
				return errors.Join(err, unknownCommand(found, rest))
			}
		}
	}
	usual := root.HelpFunc()
	root.SetHelpFunc(func(c *cobra.Command, args []string) {
		if c.HasSubCommands() {
			a.noHelp = unknownCommand(c, c.Flags().Args())
		}
		if a.noHelp == nil {
			usual(c, args)
		}
	})
}

// begin runs before every command. It sets flags from the environment and changes to the working folder.
// Completion has no flags; it calls begin for the command that is completed.
func (a *app) begin(c *cobra.Command) error {
	if c.Name() == cobra.ShellCompRequestCmd {
		return nil
	}
	a.running = c
	var err error
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if err == nil && !f.Changed {
			err = a.flagFromEnv(c, f)
		}
	})
	if err != nil {
		return err
	}
	if err := refuseEmptyFlags(c, "account", "state", "config", "chdir"); err != nil {
		return err
	}
	if err := a.redactFlags(c); err != nil {
		return err
	}
	if a.logFormat != "text" && a.logFormat != "json" {
		return fail(ExitInvalid, "use text or json", "unknown --log-format %q", a.logFormat)
	}
	a.streams(c)
	a.warnOfUnknownVariables()
	if a.chdir != "" {
		if err := os.Chdir(a.chdir); err != nil {
			return fail(ExitInvalid, "name a folder that exists", "--chdir: %v", err)
		}
	}
	return nil
}

// refuseEmptyFlags refuses flags that are set to an empty value.
func refuseEmptyFlags(c *cobra.Command, names ...string) error {
	for _, name := range names {
		f := c.Flags().Lookup(name)
		if f != nil && f.Changed && (f.Value.String() == "" || f.Value.String() == "[]") {
			return fail(ExitInvalid, "is a variable not set? omit the flag to use the default", "--%s is empty", name)
		}
	}
	return nil
}

// unknownCommand refuses a word that is not a command, and suggests one.
func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "see " + c.CommandPath() + " --help"
	c.SuggestionsMinimumDistance = 2 // cobra sets it only on its own path to an unknown command
	if close := c.SuggestionsFor(args[0]); len(close) > 0 {
		hint = "did you mean " + strings.Join(close, " or ") + "?"
	}
	return fail(ExitInvalid, hint, "%q is not a command of %s", args[0], c.CommandPath())
}

// argsBetween refuses a wrong number of arguments with the exit code for invalid input.
func argsBetween(least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return fail(ExitInvalid, "usage: "+c.UseLine(), "%s takes %s, but got %d", c.CommandPath(), count(least, most), len(args))
		}
		return nil
	}
}

func count(least, most int) string {
	switch {
	case most == 0:
		return "no arguments"
	case least == most && most == 1:
		return "one argument"
	case least == most:
		return fmt.Sprintf("%d arguments", most)
	}
	return fmt.Sprintf("%d to %d arguments", least, most)
}
