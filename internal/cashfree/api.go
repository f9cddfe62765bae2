package cashfree

import (
	"cmp"
	"fmt"
	"slices"

	"refundctl/internal/refund"
)

// API is one of the vendor's two APIs. Each has its own hosts, credentials and errors.
type API string

// Cashfree is the payment gateway, which refunds orders and subscriptions; Flowwise refunds payments.
const (
	Cashfree API = "cashfree"
	Flowwise API = "flowwise"
)

// SignIns are the combinations of credentials that Cashfree accepts; Flowwise accepts only the first.
var SignIns = [][]string{
	{"CLIENT_ID", "CLIENT_SECRET"},
	{"CLIENT_ID", "PARTNER_API_KEY"},
	{"CLIENT_ID", "CLIENT_SIGNATURE"},
	{"PARTNER_API_KEY", "PARTNER_MERCHANT_ID"},
}

// dialect is what distinguishes an API.
type dialect struct {
	signIns  [][]string             // combinations of credentials that it accepts
	versions []string               // values of x-api-version; "" means that there is no such header
	keys     bool                   // it has an x-idempotency-key header
	since    map[refund.Kind]string // first version that refunds each kind
}

var dialects = map[API]dialect{
	Cashfree: {
		signIns:  SignIns,
		versions: Versions,
		keys:     true,
		since:    map[refund.Kind]string{refund.Order: "2022-01-01", refund.Subscription: "2023-08-01"},
	},
	Flowwise: {
		signIns:  SignIns[:1],
		versions: []string{""},
		since:    map[refund.Kind]string{refund.Payment: ""},
	},
}

// dialectOf returns the zero dialect, which accepts nothing, for an unknown API.
func dialectOf(a API) dialect { return dialects[cmp.Or(a, Cashfree)] }

func (d dialect) check(version string) error {
	if !slices.Contains(d.versions, version) {
		return fmt.Errorf("api version %q is not one of %q", version, d.versions)
	}
	return nil
}

// supports returns an error if this API, or this version of it, has no refunds of the kind.
func (c *Client) supports(k refund.Kind) error {
	since, has := c.api.since[k]
	switch {
	case !has:
		return fmt.Errorf("this API has no refunds of kind %q", k)
	case c.version < since:
		return fmt.Errorf("refunds of kind %s need API version %s or newer, not %s", k, since, c.version)
	}
	return nil
}
