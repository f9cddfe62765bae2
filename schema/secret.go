package schema

import "strings"

const credentialHint = "take it out, have it replaced, and put credentials only into environment variables such as CASHFREE_CLIENT_SECRET"

var separators = strings.NewReplacer("-", "", "_", "", ".", "", " ", "")

// secretKey tells whether a field's name asks for a credential, however it is spelled, or is one.
func secretKey(key string) bool {
	if secretValue(key) {
		return true
	}
	key = separators.Replace(strings.ToLower(key))
	for _, word := range []string{"secret", "clientid", "appid", "apikey", "partnerkey", "password", "token", "signature", "credential", "privatekey"} {
		if strings.Contains(key, word) {
			return true
		}
	}
	return false
}

// secretValue tells whether a text holds what the provider hands out as a secret.
func secretValue(text string) bool {
	return strings.Contains(text, "cfsk_ma_")
}

// refuseSecrets reports every value below n that is a secret, without showing it.
func refuseSecrets(out *sink, n *node) {
	for _, sub := range n.Content {
		refuseSecrets(out, sub)
	}
	if n.Kind == scalarNode && secretValue(n.Value) {
		refuseSecret(out, n)
	}
}

// refuseSecret says the same wherever a secret is noticed, so that the sink keeps it once.
func refuseSecret(out *sink, n *node) {
	out.add(n, codeSecret, "credentials do not belong in a file", credentialHint)
}
