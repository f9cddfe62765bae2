package cashfree

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// Credentials identify the merchant to the API. Exactly one of four combinations must be set: client
// id and secret; client id and partner API key; client id and signature; partner merchant id and
// partner API key. Flowwise accepts the first only. No way of printing Credentials shows a value.
type Credentials struct {
	ClientID          string
	ClientSecret      string
	PartnerAPIKey     string
	PartnerMerchantID string
	ClientSignature   string // sent as given; the vendor does not publish how it is computed
}

// CredentialsError names the fields that are set if the API does not accept their combination, or the
// fields that cannot be sent in a header. The names are the suffixes of the environment variables.
type CredentialsError struct {
	Set        []string   // the fields that have a value
	Unreadable []string   // fields with a space, a control or a non-ASCII character
	Allowed    [][]string // the combinations that the API accepts
}

// Error names fields and the allowed combinations.
func (e *CredentialsError) Error() string {
	if len(e.Unreadable) > 0 {
		return "credentials contain spaces or unprintable characters: " + strings.Join(e.Unreadable, ", ")
	}
	set := strings.Join(e.Set, " + ")
	if set == "" {
		set = "nothing"
	}
	choices := make([]string, len(e.Allowed))
	for i, c := range e.Allowed {
		choices[i] = strings.Join(c, " + ")
	}
	return fmt.Sprintf("credentials: %s is set; set exactly one of: %s", set, strings.Join(choices, "; "))
}

// Missing returns the fields of which one more would complete a combination, in the order of Allowed. It returns
// nil if nothing is set, or if no single field would do.
func (e *CredentialsError) Missing() (names []string) {
	for _, c := range e.Allowed {
		if rest := without(c, e.Set); len(rest) == 1 && len(e.Set) == len(c)-1 {
			names = append(names, rest[0])
		}
	}
	return names
}

// Complete returns the combinations all of whose fields are set, if something else is set as well.
func (e *CredentialsError) Complete() [][]string {
	return slices.DeleteFunc(slices.Clone(e.Allowed), func(c []string) bool {
		return len(without(c, e.Set)) > 0 || len(c) == len(e.Set)
	})
}

// Besides returns the fields that are set and not part of a combination.
func (e *CredentialsError) Besides(combination []string) []string { return without(e.Set, combination) }

func without(names, some []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(some, name) })
}

// Unsendable reports whether a character cannot be part of a credential in a header.
func Unsendable(r rune) bool { return r <= ' ' || r > '~' }

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

// Check returns a *CredentialsError unless exactly one combination that the API accepts is set, and
// every value can be sent in a header.
func (c Credentials) Check(a API) error {
	var set, unreadable []string
	for _, f := range c.fields() {
		if f.value != "" {
			set = append(set, f.name)
		}
		if strings.ContainsFunc(f.value, Unsendable) {
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

// String returns a placeholder, as do GoString, Format, MarshalJSON and LogValue.
func (c Credentials) String() string { return hidden }

// GoString returns the placeholder.
func (c Credentials) GoString() string { return hidden }

// Format writes the placeholder for every verb.
func (c Credentials) Format(s fmt.State, _ rune) { io.WriteString(s, hidden) }

// MarshalJSON returns the placeholder as a JSON string.
func (c Credentials) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// LogValue returns the placeholder for structured logs.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(hidden) }
