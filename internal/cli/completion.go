package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// completions makes the shells complete every command: its argument by the word that stands for it in
// the usage, its flags that name a file by files. What a command or a flag completes by itself stays;
// whatever else is typed is nothing that can be proposed, and no file either.
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
				_ = c.RegisterFlagCompletionFunc(f.Name, value) // fails for one that completes by itself
			}
		})
	}
	for _, sub := range c.Commands() {
		a.completeCommand(sub)
	}
}

// completeValue is how a flag completes whose name or usage says what it takes.
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

// completeArguments is how the arguments complete that a usage line names.
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

// completeFiles lets the shell propose files, where extensions are given those alone and folders.
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

// complete gives the words that a flag takes, each with its meaning behind a tab.
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

// commaList completes the last name of a list with commas. Behind a comma it says no meanings: bash, which
// escapes commas where there are some, would find that nothing goes on from what is typed.
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

// typable tells names that a shell does not take apart. Those of the API are; a ledger that came from
// elsewhere may hold anything.
func typable(name string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."
	return name != "" && strings.Trim(name, letters) == ""
}

// completeTopics proposes what help knows: commands and topics.
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

// installs says for each shell how its script is loaded, now and for good.
var installs = map[string]string{
	"bash": `Needs the package bash-completion. In this shell:

  source <(refundctl completion bash)

For every new one, on Linux:

  refundctl completion bash > /etc/bash_completion.d/refundctl

and on macOS:

  refundctl completion bash > $(brew --prefix)/etc/bash_completion.d/refundctl`,
	"zsh": `Needs "autoload -U compinit; compinit" in ~/.zshrc. In this shell:

  source <(refundctl completion zsh)

For every new one, in a folder that ~/.zshrc puts into fpath before compinit:

  refundctl completion zsh > "${fpath[1]}/_refundctl"`,
	"fish": `In this shell:

  refundctl completion fish | source

For every new one:

  refundctl completion fish > ~/.config/fish/completions/refundctl.fish`,
	"powershell": `In this shell:

  refundctl completion powershell | Out-String | Invoke-Expression

For every new one, add that line to your profile ($PROFILE).`,
}

// explainCompletion gives the library's commands examples, and texts as wide as all others.
func explainCompletion(root *cobra.Command) {
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			continue
		}
		c.Short = "Print the completion script of a shell"
		c.Long = `Prints the script that lets a shell complete commands, flags, accounts, and the
ids of refunds and orders, as far as manifests and ledger know them. It reads
these files alone: nothing goes over the network and nothing is locked.`
		c.Example = "  source <(refundctl completion bash)"
		for _, shell := range c.Commands() {
			shell.Short = "Print the completion script of " + shell.Name()
			shell.Long = shell.Short + ".\n\n" + installs[shell.Name()]
			shell.Example = "  refundctl completion " + shell.Name()
		}
	}
}
