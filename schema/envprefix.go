package schema

import (
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/schema/yamltree"
)

// OwnPrefix reports whether this program may read variables with this env_prefix: CASHFREE or FLOWWISE, alone or
// followed by _ and more. Any other prefix may be that of credentials for something else, so the process
// environment must name it.
func OwnPrefix(prefix string) bool {
	own, more, longer := strings.Cut(prefix, "_")
	return (own == "CASHFREE" || own == "FLOWWISE") && (!longer || more != "")
}

// ForeignPrefixes returns a warning for each account whose env_prefix is neither OwnPrefix nor allowed by the
// process environment. Nothing is sent or read for such an account.
func (c Config) ForeignPrefixes(allowed []string) []diag.Diagnostic {
	var found []diag.Diagnostic
	for _, a := range c.Accounts {
		if OwnPrefix(a.EnvPrefix) || slices.Contains(allowed, a.EnvPrefix) {
			continue
		}
		found = append(found, diag.Diagnostic{
			Severity: diag.Warning, Code: CodeEnvPrefix, Place: a.PrefixAt,
			Message: "env_prefix " + a.EnvPrefix + " is not CASHFREE or FLOWWISE: " + a.EnvPrefix + "_CLIENT_ID and so on may be credentials for something else",
			Hint:    "write CASHFREE or FLOWWISE, or add a suffix as in CASHFREE_INDIA; to use " + a.EnvPrefix + " anyway, name it in REFUNDCTL_ALLOW_ENV in the process environment",
		})
	}
	return found
}

// refusePrefix reports the prefix of the program's own settings, which no variable can allow.
func refusePrefix(out *yamltree.Diagnostics, n *node) {
	out.Error(n, CodeEnvPrefix, "env_prefix must not begin with REFUNDCTL: those variables are settings", "write CASHFREE or FLOWWISE, or add a suffix as in CASHFREE_INDIA")
}
