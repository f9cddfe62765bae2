package cashfree

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// Credentials are what the API knows us by. Exactly one of four combinations may be set: id and
// secret; id and partner API key; id and client signature; partner merchant id and partner API
// key. Flowwise takes the first alone. However a Credentials is printed, no value is shown.
type Credentials struct {
	ClientID          string
	ClientSecret      string
	PartnerAPIKey     string
	PartnerMerchantID string
	ClientSignature   string // sent as it is; how it is made is not published
}

// CredentialsError says which fields are set where the API does not accept that combination, or
// which field cannot be a header. Fields are named as the environment variables end.
type CredentialsError struct {
	Set        []string   // the fields that have a value
	Unreadable []string   // those with a blank, a control or a non-ASCII character
	Allowed    [][]string // the combinations that the API accepts
}

// Error names fields and the allowed combinations.
func (e *CredentialsError) Error() string {
	if len(e.Unreadable) > 0 {
		return "credentials with blanks or unprintable characters: " + strings.Join(e.Unreadable, ", ")
	}
	set := strings.Join(e.Set, " + ")
	if set == "" {
		set = "nothing"
	}
	choices := make([]string, len(e.Allowed))
	for i, c := range e.Allowed {
		choices[i] = strings.Join(c, " + ")
	}
	return fmt.Sprintf("credentials: %s is set, but it must be exactly one of: %s", set, strings.Join(choices, "; "))
}

type credential struct{ name, header, value string }

func (c Credentials) fields() []credential {
	return []credential{
		{"CLIENT_ID", "X-Client-Id", c.ClientID},
		{"CLIENT_SECRET", "X-Client-Secret", c.ClientSecret},
		{"CLIENT_SIGNATURE", "X-Client-Signature", c.ClientSignature},
		{"PARTNER_API_KEY", "X-Partner-Apikey", c.PartnerAPIKey},
		{"PARTNER_MERCHANT_ID", "X-Partner-Merchantid", c.PartnerMerchantID},
	}
}

// Check returns a *CredentialsError unless exactly one combination that the API accepts is set, in
// characters that a header can carry.
func (c Credentials) Check(a API) error {
	var set, unreadable []string
	for _, f := range c.fields() {
		if f.value != "" {
			set = append(set, f.name)
		}
		if strings.ContainsFunc(f.value, func(r rune) bool { return r <= ' ' || r > '~' }) {
			unreadable = append(unreadable, f.name)
		}
	}
	allowed := dialectOf(a).signIns
	fits := slices.ContainsFunc(allowed, func(c []string) bool { return slices.Equal(c, set) })
	if !fits || len(unreadable) > 0 {
		return &CredentialsError{Set: set, Unreadable: unreadable, Allowed: allowed}
	}
	return nil
}

const hidden = "[credentials]"

// String, GoString, Format, MarshalJSON and LogValue all give the same word and no value.
func (c Credentials) String() string { return hidden }

// GoString is String.
func (c Credentials) GoString() string { return hidden }

// Format is String under every verb.
func (c Credentials) Format(s fmt.State, _ rune) { io.WriteString(s, hidden) }

// MarshalJSON is String, quoted.
func (c Credentials) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// LogValue is String for structured logs.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(hidden) }
