package sensitive

import "strings"

var separators = strings.NewReplacer("-", "", "_", "", ".", "", " ", "")

// NamesSecret reports whether a field's name asks for a credential, however it is spelled, or is one.
func NamesSecret(name string) bool {
	if ContainsSecret(name) {
		return true
	}
	name = separators.Replace(strings.ToLower(name))
	for _, word := range []string{"secret", "clientid", "appid", "apikey", "partnerkey", "password", "token", "signature", "credential", "privatekey"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// ContainsSecret reports whether text contains the prefix of the secrets that Cashfree issues.
func ContainsSecret(text string) bool {
	return strings.Contains(text, "cfsk_ma_")
}
