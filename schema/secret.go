package schema

import (
	"refundctl/schema/sensitive"
	"refundctl/schema/yamltree"
)

const credentialHint = "remove it, rotate it, and keep credentials in environment variables such as CASHFREE_CLIENT_SECRET"

// refuseSecrets reports every value below n that is a secret, without showing it.
func refuseSecrets(out *yamltree.Diagnostics, n *node) {
	for _, sub := range n.Content {
		refuseSecrets(out, sub)
	}
	if n.Kind == yamltree.ScalarNode && sensitive.ContainsSecret(n.Value) {
		refuseSecret(out, n)
	}
}

// refuseSecret uses the same words wherever a secret is found, so that it is reported once.
func refuseSecret(out *yamltree.Diagnostics, n *node) {
	out.Error(n, CodeSecret, "credentials do not belong in a file", credentialHint)
}
