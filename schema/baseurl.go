package schema

import (
	"net/url"

	"refundctl/internal/refund"
)

// judgeBaseURL accepts https, and http to this computer, without anything that could carry a
// secret. The address is never repeated in a message.
func judgeBaseURL(out *sink, n *node, environment string) {
	u, err := url.Parse(n.Value)
	refuse := func(problem, hint string) { out.add(n, codeBaseURL, "base_url "+problem, hint) }
	const example = "write it like https://sandbox.cashfree.com/pg"
	switch {
	case environment == "embedded":
		refuse("has no meaning for environment embedded, which needs no network", "take base_url away, or choose sandbox or production")
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		refuse("is not an address", example)
	case u.User != nil:
		refuse("must not hold a user or a password", "credentials come from environment variables only")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		refuse("must have no query and no fragment", example)
	case u.Scheme == "http" && !refund.Loopback(u.Hostname()):
		refuse("must use https: http is only for this computer", example)
	case u.Scheme != "http" && u.Scheme != "https":
		refuse("must begin with https://", example)
	}
}
