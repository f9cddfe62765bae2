package schema

import (
	"net/url"

	"refundctl/internal/refund"
	"refundctl/schema/yamltree"
)

// validateBaseURL accepts https, and http to this computer, without anything that could carry a secret. Messages
// never repeat the address.
func validateBaseURL(out *yamltree.Diagnostics, n *node, environment string) {
	u, err := url.Parse(n.Value)
	refuse := func(problem, hint string) { out.Error(n, CodeBaseURL, "base_url "+problem, hint) }
	const example = "write it like https://sandbox.cashfree.com/pg"
	switch {
	case environment == "embedded":
		refuse("has no effect in environment embedded, which uses no network", "remove base_url, or choose sandbox or production")
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		refuse("is not an address", example)
	case u.User != nil:
		refuse("must not contain a user or a password", "credentials come from environment variables only")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		refuse("must not have a query or a fragment", example)
	case u.Scheme == "http" && !refund.Loopback(u.Hostname()):
		refuse("must use https: http is only for this computer", example)
	case u.Scheme != "http" && u.Scheme != "https":
		refuse("must begin with https://", example)
	}
}
