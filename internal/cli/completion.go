package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// completions sets up completion for every command: arguments by their word in the usage line, and flags
// that take a file with files. A command's or a flag's own completion stays. For anything else nothing
// is proposed, not even files.
func (a *app) completions(root *cobra.Command) {
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	a.completeCommand(root)
	complete(root, "log-format", "text\tlines for a person", "json\tone object a line")
	_ = root.MarkPersistentFlagDirname("chdir")
}

func (a *app) completeCommand(c *cobra.Command) {
	if c.ValidArgsFunction == nil && len(c.ValidArgs) == 0 {
		c.ValidArgsFunction = a.completeArguments(c.Use)
	}
	for _, flags := range []*pflag.FlagSet{c.LocalNonPersistentFlags(), c.PersistentFlags()} {
		flags.VisitAll(func(f *pflag.Flag) {
			if value := a.completeValue(f); value != nil {
				_ = c.RegisterFlagCompletionFunc(f.Name, value) // fails for a flag that has its own
			}
		})
	}
	for _, sub := range c.Commands() {
		a.completeCommand(sub)
	}
}

// completeValue returns the completion of a flag whose name or usage says what it takes, or nil.
func (a *app) completeValue(f *pflag.Flag) cobra.CompletionFunc {
	switch f.Name {
	case "account":
		return a.completeAccounts
	case "target", "exclude":
		return commaList(a.completeTargets)
	case "order":
		return commaList(a.completeParents)
	case "resolve":
		return a.completeFinding
	}
	if what, _ := pflag.UnquoteUsage(f); what == "file" {
		return completeFiles()
	}
	return nil
}

// completeArguments returns the completion of the arguments in a usage line, or nil.
func (a *app) completeArguments(use string) cobra.CompletionFunc {
	has := func(word string) bool { return strings.Contains(use, word) }
	switch {
	case has("REFUND_ID"):
		return first(a.completeRefundIDs)
	case has("ACCOUNT"):
		return first(a.completeAccounts)
	case has("PATH") && has("PLANFILE"):
		return completeFiles("yaml", "yml", "json")
	case has("PATH"):
		return completeFiles("yaml", "yml")
	case has("PLANFILE"):
		return first(completeFiles("json"))
	case has("FILE"):
		return completeFiles()
	}
	return nil
}

// completeFiles lets the shell propose files; with extensions only such files, and folders.
func completeFiles(extensions ...cobra.Completion) cobra.CompletionFunc {
	if len(extensions) == 0 {
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)
	}
	return cobra.FixedCompletions(extensions, cobra.ShellCompDirectiveFilterFileExt)
}

// first completes one argument and none after it.
func first(one cobra.CompletionFunc) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return one(c, args, typed)
	}
}

// complete sets the words that a flag takes, each with its meaning after a tab.
func complete(c *cobra.Command, flag string, words ...cobra.Completion) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// completeAccounts proposes the accounts of the configuration.
func (a *app) completeAccounts(c *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	if p := a.projectAtHand(c); p != nil {
		for _, one := range p.Accounts {
			if typable(one.Name) {
				names = append(names, cobra.CompletionWithDesc(one.Name, one.API+", "+one.Environment))
			}
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// commaList completes the last name of a comma-separated list. After a comma it omits the descriptions: with
// descriptions bash escapes commas and finds no match.
func commaList(one cobra.CompletionFunc) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		names, then := one(c, args, typed[len(before):])
		for i := range names {
			if before != "" {
				name, _, _ := strings.Cut(names[i], "\t")
				names[i] = before + name
			}
		}
		return names, then
	}
}

// typable reports whether a shell treats a name as one word. Names of the API are, but a ledger from
// elsewhere may contain anything.
func typable(name string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."
	return name != "" && strings.Trim(name, letters) == ""
}

// completeTopics proposes the commands and topics of help.
func completeTopics(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	of, _, err := c.Root().Find(args)
	if err != nil || of == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, sub := range of.Commands() {
		if (sub.IsAvailableCommand() || sub.IsAdditionalHelpTopicCommand()) && strings.HasPrefix(sub.Name(), typed) {
			names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// installs says how each shell loads its script, once and permanently.
var installs = map[string]string{
	"bash": `Requires the package bash-completion. In the current shell:

  source <(refundctl completion bash)

For every new shell, on Linux:

  refundctl completion bash > /etc/bash_completion.d/refundctl

and on macOS:

  refundctl completion bash > $(brew --prefix)/etc/bash_completion.d/refundctl`,
	"zsh": `Requires "autoload -U compinit; compinit" in ~/.zshrc. In the current shell:

  source <(refundctl completion zsh)

For every new shell, in a folder that ~/.zshrc adds to fpath before compinit:

  refundctl completion zsh > "${fpath[1]}/_refundctl"`,
	"fish": `In the current shell:

  refundctl completion fish | source

For every new shell:

  refundctl completion fish > ~/.config/fish/completions/refundctl.fish`,
	"powershell": `In the current shell:

  refundctl completion powershell | Out-String | Invoke-Expression

For every new shell, add that line to your profile ($PROFILE).`,
}

// explainCompletion replaces the texts of the library's commands.
func explainCompletion(root *cobra.Command) {
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			continue
		}
		c.Short = "Print the completion script of a shell"
		c.Long = `Prints a script with which the shell completes commands, flags, accounts, and
the ids of refunds and orders in the manifests and the ledger. Completion reads
only these files: it does not use the network and locks nothing.`
		c.Example = "  source <(refundctl completion bash)"
		for _, shell := range c.Commands() {
			shell.Short = "Print the completion script of " + shell.Name()
			shell.Long = shell.Short + ".\n\n" + installs[shell.Name()]
			shell.Example = "  refundctl completion " + shell.Name()
		}
	}
}
