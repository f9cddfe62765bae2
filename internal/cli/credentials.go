package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"refundctl/internal/cashfree"
	"refundctl/internal/diag"
)

// credentials reads credentials from the environment. Only the client keeps them. A variable with only blanks
// counts as not set.
func (a *app) credentials(prefix string) cashfree.Credentials {
	get := func(name string) string {
		if value := a.Env(prefix + "_" + name); strings.TrimSpace(value) != "" {
			return value
		}
		return ""
	}
	return cashfree.Credentials{
		ClientID: get("CLIENT_ID"), ClientSecret: get("CLIENT_SECRET"), PartnerAPIKey: get("PARTNER_API_KEY"),
		PartnerMerchantID: get("PARTNER_MERCHANT_ID"), ClientSignature: get("CLIENT_SIGNATURE"),
	}
}

// credentialsProblem names variables, never values.
func (a *app) credentialsProblem(one account) error {
	prefix := one.EnvPrefix + "_"
	var bad *cashfree.CredentialsError
	if err := one.credentials.Check(one.api); errors.As(err, &bad) {
		message, hint := a.badCredentials(bad, prefix)
		return fail(ExitCredentials, hint, "account %s: %s", one.Name, message)
	}
	id, secret := one.credentials.ClientID, one.credentials.ClientSecret
	switch {
	case isLoopback(one.baseURL):
		return nil
	case one.Environment == "production" && (strings.HasPrefix(id, "TEST") || strings.HasPrefix(secret, "cfsk_ma_test_")):
		return fail(ExitCredentials, "set production credentials, or environment: sandbox", "account %s: %sCLIENT_ID or %sCLIENT_SECRET is a sandbox credential, but the environment is production", one.Name, prefix, prefix)
	case one.Environment == "sandbox" && strings.HasPrefix(secret, "cfsk_ma_prod_"):
		return fail(ExitCredentials, "set sandbox credentials, or environment: production", "account %s: %sCLIENT_SECRET is a production credential, but the environment is sandbox", one.Name, prefix)
	}
	return nil
}

// badCredentials says which variable is missing, too many or cannot be sent, and what to do.
func (a *app) badCredentials(bad *cashfree.CredentialsError, prefix string) (message, hint string) {
	missing, complete := bad.Missing(), bad.Complete()
	switch {
	case len(missing) > 0:
		return a.missingCredentials(missing, prefix)
	case len(complete) > 0:
		extra := bad.Besides(complete[0])
		message = fmt.Sprintf("%s and %s do not belong together", combinations(complete[:1], prefix), variables(prefix, extra, " + "))
		if len(complete) > 1 {
			message = "more than one combination is set: " + variables(prefix, complete[0], " + ") + " and " + variables(prefix, complete[1], " + ")
		}
		return message, "to use " + variables(prefix, complete[0], " + ") + ", unset " + variables(prefix, extra, " and ")
	case len(bad.Unreadable) > 0:
		var all []string
		for _, name := range bad.Unreadable {
			all = append(all, prefix+name+" "+unsendable(a.Env(prefix+name)))
		}
		return strings.Join(all, "; "), "set " + variables(prefix, bad.Unreadable, " and ") + " again, without it"
	case len(bad.Set) == 0:
		return a.noCredentials(bad, prefix)
	}
	near := slices.DeleteFunc(slices.Clone(bad.Allowed), func(c []string) bool { return len(bad.Besides(c)) == len(bad.Set) })
	return "the credentials that are set do not belong together: " + variables(prefix, bad.Set, " + "), "set exactly " + combinations(near, prefix)
}

// missingCredentials is for credentials that lack one variable. If several would do, the one that somebody tried
// to set is meant, or else the client's secret.
func (a *app) missingCredentials(missing []string, prefix string) (message, hint string) {
	for _, name := range missing {
		if written := a.misspelt(prefix + name); written != "" {
			return prefix + name + " is not set", written + " is set: did you mean " + prefix + name + "?"
		}
		if how := a.blank(prefix + name); how != "" {
			return prefix + name + " " + how, "give it a value"
		}
	}
	if slices.Contains(missing, "CLIENT_SECRET") {
		missing = []string{"CLIENT_SECRET"}
	}
	hint = "set " + variables(prefix, missing, " or ") + "; refundctl help environment lists the combinations"
	if len(missing) == 1 {
		return prefix + missing[0] + " is not set", hint
	}
	return "neither " + variables(prefix, missing, " nor ") + " is set", hint
}

// noCredentials is for an account of which no variable has a value.
func (a *app) noCredentials(bad *cashfree.CredentialsError, prefix string) (message, hint string) {
	message, hint = "no credentials are set", "set exactly "+combinations(bad.Allowed, prefix)
	var without, meant []string
	for _, name := range credentialFields {
		if how := a.blank(prefix + name); how != "" {
			without = append(without, prefix+name+" "+how)
		}
		if written := a.misspelt(prefix + name); written != "" {
			meant = append(meant, written+" is set: did you mean "+prefix+name+"?")
		}
	}
	if len(without) > 0 {
		message += ": " + strings.Join(without, "; ")
	}
	if len(meant) > 0 {
		hint = strings.Join(meant, " ")
	}
	return message, hint
}

// blank says how a variable is set without a value. It returns "" if it is not set.
func (a *app) blank(name string) string {
	environ := a.environ()
	i := slices.IndexFunc(environ, func(entry string) bool { return strings.HasPrefix(entry, name+"=") })
	switch {
	case i < 0:
		return ""
	case environ[i] == name+"=":
		return "is set and empty"
	}
	return "contains only spaces"
}

// environ returns the process's variables, or nothing if the streams do not list them.
func (a *app) environ() []string {
	if a.Environ == nil {
		return nil
	}
	return a.Environ()
}

// misspelt returns the variable that is set instead of the one with this name, or "". The variables of other
// accounts are not misspelt.
func (a *app) misspelt(name string) string {
	known := credentialVariables(name)
	for _, entry := range slices.Sorted(slices.Values(a.environ())) {
		written, value, _ := strings.Cut(entry, "=")
		if value != "" && !isCredential(written) && diag.Nearest(written, known) == name {
			return written
		}
	}
	return ""
}

// credentialVariables returns the variables with the same prefix as this one.
func credentialVariables(like string) (names []string) {
	for _, field := range credentialFields {
		if prefix, is := strings.CutSuffix(like, field); is {
			for _, other := range credentialFields {
				names = append(names, prefix+other)
			}
		}
	}
	return names
}

// isCredential reports whether a variable is one that an account can have.
func isCredential(name string) bool {
	return slices.ContainsFunc(credentialFields, func(field string) bool {
		prefix, is := strings.CutSuffix(name, "_"+field)
		return is && (prefix == "CASHFREE" || prefix == "FLOWWISE" || strings.HasPrefix(prefix, "CASHFREE_") || strings.HasPrefix(prefix, "FLOWWISE_"))
	})
}

// unsendable says what makes a value unusable in a header, without showing it.
func unsendable(value string) string {
	trimmed := strings.TrimSpace(value)
	switch {
	case strings.ContainsFunc(trimmed, cashfree.Unsendable):
		return "contains spaces or unprintable characters"
	case strings.HasSuffix(value, "\n") || strings.HasSuffix(value, "\r"):
		return "ends with a newline"
	case strings.HasSuffix(value, trimmed):
		return "begins with a space"
	}
	return "ends with a space"
}

func variables(prefix string, names []string, between string) string {
	return prefix + strings.Join(names, between+prefix)
}

func combinations(allowed [][]string, prefix string) string {
	var choices []string
	for _, c := range allowed {
		choices = append(choices, variables(prefix, c, " + "))
	}
	if len(choices) == 1 {
		return choices[0]
	}
	return "one of " + strings.Join(choices, "; or ")
}
