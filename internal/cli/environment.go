package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"refundctl/internal/cashfree"
	"refundctl/internal/diag"
)

// prefix begins every variable that is a setting.
const prefix = "REFUNDCTL_"

// flagless are the variables without a flag. The last two belong to the completion scripts.
var flagless = [][2]string{
	{prefix + "ALLOW_ENV", "prefixes, separated by commas or newlines, that env_prefix may use in addition to CASHFREE and FLOWWISE"},
	{prefix + "ALLOW_HOSTS", "hosts, separated by commas or newlines, that may receive credentials in addition to those of the environment; production needs it for loopback too"},
	{prefix + "FREEZE", "a reason; while it is set, nothing is sent"},
	{prefix + "ACTIVE_HELP", "0 disables hints in shell completion"},
	{prefix + "COMPLETION_DESCRIPTIONS", "false omits descriptions in shell completion"},
}

// credentialFields are the suffixes of the variables of credentials, after an account's env_prefix and _.
var credentialFields = []string{"CLIENT_ID", "CLIENT_SECRET", "CLIENT_SIGNATURE", "PARTNER_API_KEY", "PARTNER_MERCHANT_ID"}

// variable returns the environment variable that sets a flag.
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

// setByVariable reports whether a variable may set this flag of the command. An approval in the environment is
// for apply: it does not answer the question of any other command.
func setByVariable(c *cobra.Command, flag string) bool {
	return slices.Contains(fromEnv, flag) && (flag != autoApprove || c.Name() == "apply")
}

// badValue returns the failure of a wrong value for a flag or its variable, with the innermost error.
func badValue(name string, f *pflag.Flag, value string, err error) error {
	for next := err; next != nil; next = errors.Unwrap(next) {
		err = next
	}
	_, usage := pflag.UnquoteUsage(f)
	return fail(ExitInvalid, "--"+f.Name+": "+usage, "%s %q: %v", name, value, err)
}

// warnOfUnknownVariables warns of variables that set nothing: a misspelt FREEZE would not freeze.
func (a *app) warnOfUnknownVariables() {
	var known []string
	for _, flag := range fromEnv {
		known = append(known, variable(flag))
	}
	for _, v := range flagless {
		known = append(known, v[0])
	}
	for _, entry := range slices.Sorted(slices.Values(a.environ())) {
		name, value, _ := strings.Cut(entry, "=")
		if value == "" || !strings.HasPrefix(name, prefix) || slices.Contains(known, name) {
			continue
		}
		hint := "see refundctl help environment"
		if near := diag.Nearest(name, known); near != "" {
			hint = "did you mean " + near + "?"
		}
		_ = a.warn(name+" is not a setting; it is ignored", hint)
	}
}

// environmentTopic is `help environment`.
func (a *app) environmentTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString("A variable sets a flag that is not given. It overrides the configuration.\n\n")
	for _, flag := range slices.Sorted(slices.Values(fromEnv)) {
		only := ""
		if flag == autoApprove {
			only = " of apply only"
		}
		fmt.Fprintf(&b, "%-34s --%s%s\n", variable(flag), flag, only)
	}
	for _, v := range flagless {
		fmt.Fprintf(&b, "%-34s %s\n", v[0], folded(v[1], 35))
	}
	b.WriteString("NO_COLOR                           --no-color\n\nCredentials: an account's env_prefix, followed by\n\n")
	for _, field := range credentialFields {
		b.WriteString("_" + field + "\n")
	}
	b.WriteString("\nExactly one combination must be set. Flowwise accepts only the first.\n\n")
	for _, c := range cashfree.SignIns {
		b.WriteString(variables("_", c, " + ") + "\n")
	}
	return &cobra.Command{Use: "environment", Short: "Environment variables", Long: b.String()}
}
