package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpColumns is the maximum width of help: that of the narrowest terminal in common use.
const helpColumns = 80

// narrowHelp wraps the lists of flags, which cobra does not, and shortens the last line of help.
func narrowHelp(root *cobra.Command) {
	wrapped := fmt.Sprintf(".FlagUsagesWrapped %d ", helpColumns)
	root.SetUsageTemplate(strings.NewReplacer(".FlagUsages ", wrapped, " for more information about a command", " for more").Replace(root.UsageTemplate()))
}

// folded wraps a text that begins in column indent at helpColumns.
func folded(text string, indent int) string {
	var b strings.Builder
	used := indent
	for i, word := range strings.Fields(text) {
		switch {
		case i > 0 && used+1+len(word) > helpColumns:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			used = indent
		case i > 0:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += len(word)
	}
	return b.String()
}

// flagError is the failure for flags that cannot be parsed, with a hint that says what to write instead.
func flagError(c *cobra.Command, err error) error {
	see := "see " + c.CommandPath() + " --help"
	var unknown *pflag.NotExistError
	var value *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return fail(ExitInvalid, flagHint(c, typedFlag(unknown), see), "%v", err)
	case errors.As(err, &value) && valueHints[value.GetFlag().Value.Type()] != "":
		return fail(ExitInvalid, valueHints[value.GetFlag().Value.Type()], "invalid --%s %q", value.GetFlag().Name, value.GetValue())
	}
	return fail(ExitInvalid, see, "%v", err)
}

// valueHints say what a flag of a type accepts. Go's own errors name the parser instead.
var valueHints = map[string]string{
	"duration": "use a duration such as 90s, 30m or 2h",
	"int":      "use a whole number", "uint64": "use a whole number that is not negative",
}

// typedFlag returns the name that was meant: pflag reads -out, with one dash, as the letters o, u and t.
func typedFlag(e *pflag.NotExistError) string {
	if letters := e.GetSpecifiedShortnames(); letters != "" {
		return strings.SplitN(letters, "=", 2)[0]
	}
	return e.GetSpecifiedName()
}

// foreignFlags maps flag names that other programs use to ours.
var foreignFlags = map[string]string{
	"yes": "auto-approve", "y": "auto-approve", "output": "out", "o": "out",
}

func flagHint(c *cobra.Command, typed, see string) string {
	if typed == "dry-run" || typed == "n" {
		return "use refundctl plan: it shows what would be sent, and sends nothing"
	}
	if name := foreignFlags[typed]; name != "" && c.Flags().Lookup(name) != nil {
		return "did you mean --" + name + "? " + see
	}
	if name := nearestFlag(c, typed); name != "" {
		return "did you mean --" + name + "?"
	}
	return see
}

// nearestFlag returns a flag that begins with typed, or differs from it by at most two letters.
func nearestFlag(c *cobra.Command, typed string) string {
	if len(typed) < 2 {
		return ""
	}
	flags := &cobra.Command{SuggestionsMinimumDistance: 2} // cobra suggests only names of commands
	c.Flags().VisitAll(func(f *pflag.Flag) {
		flags.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	if close := flags.SuggestionsFor(typed); len(close) > 0 {
		return close[0]
	}
	return ""
}
