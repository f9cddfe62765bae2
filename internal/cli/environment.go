package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"refundctl/internal/diag"
	"refundctl/internal/view"
)

// prefix begins every variable that is a setting.
const prefix = "REFUNDCTL_"

// flagless are the variables that no flag stands for. The last two are those of the completion scripts.
var flagless = [][2]string{
	{prefix + "ALLOW_ENV", "prefixes, separated by commas or newlines, that env_prefix may use besides CASHFREE and FLOWWISE"},
	{prefix + "ALLOW_HOSTS", "hosts, separated by commas or newlines, that may receive credentials besides the environment's own; production needs it for loopback too"},
	{prefix + "FREEZE", "a reason to send nothing"},
	{prefix + "ACTIVE_HELP", "0: no hints while a command line is completed"},
	{prefix + "COMPLETION_DESCRIPTIONS", "false: names without what they mean"},
}

// credentialFields are how the variables of credentials end, behind an account's env_prefix.
var credentialFields = []string{"CLIENT_ID", "CLIENT_SECRET", "CLIENT_SIGNATURE", "PARTNER_API_KEY", "PARTNER_MERCHANT_ID"}

// variable is the environment variable that sets a flag.
func variable(flag string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func (a *app) flagFromEnv(c *cobra.Command, f *pflag.Flag) error {
	value := a.Env(variable(f.Name))
	if value == "" || !setByVariable(c, f.Name) {
		return nil
	}
	if err := c.Flags().Set(f.Name, value); err != nil {
		return badValue(variable(f.Name), f, value, err)
	}
	return nil
}

// setByVariable tells whether a variable may set this flag of the command. An approval that stands in the
// environment is one of what apply sends: it answers no other command's question.
func setByVariable(c *cobra.Command, flag string) bool {
	return slices.Contains(fromEnv, flag) && (flag != autoApprove || c.Name() == "apply")
}

// badValue tells what a flag or its variable is for, and of a long story only the end.
func badValue(name string, f *pflag.Flag, value string, err error) error {
	for next := err; next != nil; next = errors.Unwrap(next) {
		err = next
	}
	_, usage := pflag.UnquoteUsage(f)
	return fail(ExitInvalid, "--"+f.Name+": "+usage, "%s %q: %v", name, value, err)
}

// strangers warns of variables that set nothing: misspelt, a freeze would not freeze.
func (a *app) strangers() {
	if a.Environ == nil {
		return
	}
	var known []string
	for _, flag := range fromEnv {
		known = append(known, variable(flag))
	}
	for _, v := range flagless {
		known = append(known, v[0])
	}
	for _, entry := range slices.Sorted(slices.Values(a.Environ())) {
		name, value, _ := strings.Cut(entry, "=")
		if value == "" || !strings.HasPrefix(name, prefix) || slices.Contains(known, name) {
			continue
		}
		hint := "see refundctl help environment"
		if near := diag.Nearest(name, known); near != "" {
			hint = "did you mean " + near + "?"
		}
		_ = view.WarningText(a.Err, name+" is not a setting; it is ignored", hint, a.errStyle())
	}
}

// environmentTopic is `help environment`.
func (a *app) environmentTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString("A variable stands for a flag that is not given, and goes over the configuration.\n\n")
	for _, flag := range slices.Sorted(slices.Values(fromEnv)) {
		only := ""
		if flag == autoApprove {
			only = " of apply alone"
		}
		fmt.Fprintf(&b, "%-34s --%s%s\n", variable(flag), flag, only)
	}
	for _, v := range flagless {
		fmt.Fprintf(&b, "%-34s %s\n", v[0], folded(v[1], 35))
	}
	b.WriteString("NO_COLOR                           --no-color\n\nCredentials: an account's env_prefix, and behind it\n\n")
	for _, field := range credentialFields {
		b.WriteString("_" + field + "\n")
	}
	return &cobra.Command{Use: "environment", Short: "Which variables are settings", Long: b.String()}
}
