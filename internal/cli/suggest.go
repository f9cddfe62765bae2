package cli

import (
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"refundctl/internal/diag"
	"refundctl/internal/view"
)

// Commands in texts for people can be copied. A text names a command without flags, such as "refundctl recover";
// copyable adds those that name the project of this run.

// copyable repeats --chdir, --config, --account and --state of this run in each command of a text, whether a flag
// or a variable set them: a variable may be set for one command only. view.Glue is between the words of a command,
// so that no line ends within it.
func (a *app) copyable(text string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, program+" ")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		line, after := program, " "+rest
		if before == "" || strings.ContainsAny(before[len(before)-1:], " (\n`") {
			line, after = a.commandLine(after)
		}
		out.WriteString(line)
		text = after
	}
}

// copied is copyable for a text that is not wrapped.
func (a *app) copied(text string) string { return view.Unglued(a.copyable(text)) }

// copiedHints returns the diagnostics for a document.
func (a *app) copiedHints(ds []diag.Diagnostic) []diag.Diagnostic {
	ds = slices.Clone(ds)
	for i := range ds {
		ds[i].Hint = a.copied(ds[i].Hint)
	}
	return ds
}

// program is the first word of a command line.
const program = "refundctl"

// commandLine returns the command at the beginning of a text that follows "refundctl", with the flags of this run,
// and what comes after it. A text that begins with no command gives "refundctl" and the text.
func (a *app) commandLine(text string) (line, after string) {
	words := commandWords{text: text}
	words.flags(a.tree)
	given := words.taken
	words.taken = nil
	c := a.tree
	for sub := c; sub != nil; sub = subcommand(c, words.peek()) {
		if c = sub; c != a.tree {
			words.take()
		}
	}
	if c == a.tree {
		return program, text
	}
	name := words.taken
	words.taken = nil
	words.arguments(c)
	return a.joined(c, given, name, words.taken), words.text
}

// commandFor returns a command of this program that can be copied.
func (a *app) commandFor(name string, arguments ...string) string {
	if c := subcommand(a.tree, name); c != nil {
		return a.joined(c, nil, []string{name}, arguments)
	}
	return strings.Join(append([]string{program, name}, arguments...), view.Glue)
}

// joined is the command line of c with the flags of this run that it does not have.
func (a *app) joined(c *cobra.Command, given, name, arguments []string) string {
	line := append([]string{program}, given...)
	finding := slices.Contains(arguments, "--resolve") // of a refund of any account, even one that is gone
	for _, flag := range []string{"chdir", "config", "account"} {
		if accepts(name[0], flag) && !(finding && flag == "account") && !slices.Contains(given, "--"+flag) {
			line = append(line, a.flagOf(c, flag)...)
		}
	}
	line = append(line, name...)
	if !slices.Contains(arguments, "--state") {
		line = append(line, a.flagOf(c, "state")...)
	}
	return strings.Join(append(line, arguments...), view.Glue)
}

// accepts reports whether a global flag matters to a command: some read no project, init refuses all but --chdir,
// and the commands of state are about the whole ledger.
func accepts(command, flag string) bool {
	switch command {
	case "completion", "help", "schema", "version":
		return false
	case "init":
		return flag == "chdir"
	case "state":
		return flag != "account"
	}
	return true
}

// flagOf returns the flag with its value if this run has it and the command accepts it.
func (a *app) flagOf(c *cobra.Command, name string) []string {
	if a.running == nil || c.Flag(name) == nil {
		return nil
	}
	if f := a.running.Flag(name); f != nil && f.Changed {
		return []string{"--" + name, shellWord(f.Value.String())}
	}
	return nil
}

func subcommand(c *cobra.Command, name string) *cobra.Command {
	if c == nil || name == "" {
		return nil
	}
	for _, sub := range c.Commands() {
		if sub.Name() == name {
			return sub
		}
	}
	return nil
}

// commandWords takes words from the beginning of a text.
type commandWords struct {
	text  string // begins with the blank before the next word, or with what ends the command
	taken []string
}

// peek returns the next word, without the punctuation of the sentence.
func (w *commandWords) peek() string {
	rest, more := strings.CutPrefix(w.text, " ")
	if !more {
		return ""
	}
	const punctuation = ".,;:?!)`"
	end := strings.IndexByte(rest, ' ')
	if quote := strings.TrimPrefix(rest, "$"); quote != "" && strings.ContainsAny(quote[:1], `'"`) {
		end = closing(rest)
	}
	if end < 0 {
		end = len(rest)
	}
	return strings.TrimRight(rest[:end], punctuation)
}

// closing returns the index of the blank after the quoted word at the beginning of a text, or -1.
func closing(text string) int {
	quote := strings.TrimPrefix(text, "$")[:1]
	if i := strings.Index(text[1:], quote+" "); i >= 0 {
		return i + 2
	}
	return -1
}

func (w *commandWords) take() {
	word := w.peek()
	w.taken = append(w.taken, word)
	w.text = w.text[1+len(word):]
}

// flags takes the flags before the command's name.
func (w *commandWords) flags(root *cobra.Command) {
	for word := w.peek(); strings.HasPrefix(word, "--"); word = w.peek() {
		f := root.PersistentFlags().Lookup(strings.TrimPrefix(word, "--"))
		w.take()
		if f != nil && f.NoOptDefVal == "" && w.peek() != "" {
			w.take()
		}
	}
}

// arguments takes what belongs to the command: what its usage requires, and flags with their values.
func (w *commandWords) arguments(c *cobra.Command) {
	required := requiredBy(c)
	for word := w.peek(); word != ""; word = w.peek() {
		name, _, valued := strings.Cut(strings.TrimLeft(word, "-"), "=")
		f := c.Flag(name)
		switch {
		case strings.HasPrefix(word, "-") && f != nil:
			w.take()
			if f.NoOptDefVal == "" && !valued && w.peek() != "" {
				w.take()
			}
		case word == "--help":
			w.take()
		case required > 0:
			if strings.HasPrefix(word, "-") { // an id may begin with a dash
				w.taken = append(w.taken, "--")
			}
			w.take()
			required--
		default:
			return
		}
	}
}

// requiredBy returns how many arguments the usage of a command requires.
func requiredBy(c *cobra.Command) (n int) {
	for _, word := range strings.Fields(c.Use)[1:] {
		if strings.ContainsAny(word[:1], "[-") {
			break
		}
		n++
	}
	return n
}

// applying returns the command that sends what a plan shows, and nothing else: it applies the plan file, if there is
// one, or repeats the paths and flags of the plan.
func (a *app) applying(c *cobra.Command, paths []string, planFile string) string {
	var arguments []string
	apply := subcommand(a.tree, "apply")
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed && apply.Flags().Lookup(f.Name) != nil && !slices.Contains(notRepeated, f.Name) && (planFile == "" || !slices.Contains(plannedFlags, f.Name)) {
			arguments = append(arguments, flagWords(f)...)
		}
	})
	if planFile != "" {
		paths = []string{planFile}
	}
	for _, path := range paths {
		arguments = append(arguments, shellPath(path))
	}
	return a.commandFor("apply", arguments...)
}

// notRepeated are flags that say how a plan is shown, or that commandFor repeats.
var notRepeated = []string{"json", "state", "chdir", "config", "account", "no-color", "verbose", "log-format", "help"}

// plannedFlags are flags that a plan file has carried out, or that do not apply to it.
var plannedFlags = []string{"target", "exclude", "refresh", "spot-check"}

func flagWords(f *pflag.Flag) []string {
	switch value := f.Value.String(); {
	case f.NoOptDefVal == "":
		return []string{"--" + f.Name, shellWord(value)}
	case value == f.NoOptDefVal:
		return []string{"--" + f.Name}
	default:
		return []string{"--" + f.Name + "=" + shellWord(value)}
	}
}

// shellPath is shellWord for an argument that is a path.
func shellPath(path string) string {
	if strings.HasPrefix(path, "-") {
		path = "." + string(filepath.Separator) + path
	}
	return shellWord(path)
}

// shellWord quotes a text for the shell, if it is not a plain word. What must not be printed as it is, is escaped.
func shellWord(text string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_@%+=:,./-", r) || r == filepath.Separator
	}
	switch {
	case text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) && view.Escape(text) == text:
		return text
	case runtime.GOOS == "windows":
		return `"` + view.Escape(strings.ReplaceAll(text, `"`, `\"`)) + `"`
	case view.Escape(text) != text:
		return "$'" + view.Escape(strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text)) + "'"
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
