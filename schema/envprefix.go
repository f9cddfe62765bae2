package schema

import (
	"slices"
	"strings"

	"refundctl/internal/diag"
)

// OwnPrefix reports whether variables with this env_prefix are this program's to read: CASHFREE or
// FLOWWISE, alone or with _ and more behind it. Any other may be that of credentials for something else,
// so the process environment must name it.
func OwnPrefix(prefix string) bool {
	own, more, longer := strings.Cut(prefix, "_")
	return (own == "CASHFREE" || own == "FLOWWISE") && (!longer || more != "")
}

// ForeignPrefixes are warnings, one for each account whose env_prefix is neither OwnPrefix nor one of
// those that the process environment allows. Nothing is sent or read for such an account.
func (c Config) ForeignPrefixes(allowed []string) []diag.Diagnostic {
	var found []diag.Diagnostic
	for _, a := range c.Accounts {
		if OwnPrefix(a.EnvPrefix) || slices.Contains(allowed, a.EnvPrefix) {
			continue
		}
		found = append(found, diag.Diagnostic{
			Severity: diag.Warning, Code: codeEnvPrefix, Place: a.PrefixAt,
			Message: "env_prefix " + a.EnvPrefix + " is not CASHFREE or FLOWWISE: " + a.EnvPrefix + "_CLIENT_ID and so on may hold credentials for something else",
			Hint:    "write CASHFREE or FLOWWISE, or add a suffix as in CASHFREE_INDIA; to use " + a.EnvPrefix + " anyway, name it in REFUNDCTL_ALLOW_ENV in the process environment",
		})
	}
	return found
}

// refusePrefix refuses the prefix of the program's own settings, which no variable can allow.
func refusePrefix(out *sink, n *node) {
	out.add(n, codeEnvPrefix, "env_prefix must not begin with REFUNDCTL: those variables are settings", "write CASHFREE or FLOWWISE, or add a suffix as in CASHFREE_INDIA")
}
