package cli

import (
	"net/url"
	"slices"
	"strings"

	"refundctl/internal/cashfree"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/schema"
)

// environment is a built-in environment of an API. The limits belong to its host.
type environment struct {
	baseURL string
	rates   cashfree.Rates // documented, a minute; Flowwise publishes none
}

var environments = map[cashfree.API]map[string]environment{
	cashfree.Cashfree: {
		embedded:     {baseURL: "http://127.0.0.1/pg"},
		"sandbox":    {"https://sandbox.cashfree.com/pg", cashfree.Rates{Create: 30, Refund: 60, Order: 60, Payments: 30}},
		"production": {"https://api.cashfree.com/pg", cashfree.Rates{Create: 100, Refund: 30, Order: 400, Payments: 100}},
	},
	cashfree.Flowwise: {
		embedded:     {baseURL: "http://127.0.0.1/router"},
		"sandbox":    {baseURL: "https://sandbox.flowwise.com/router"},
		"production": {baseURL: "https://app.flowwise.com/router"},
	},
}

const embedded = "embedded"

// account is an account of the configuration, ready for use.
type account struct {
	schema.ConfigAccount
	api         cashfree.API
	baseURL     string
	own         environment // the built-in one
	documented  cashfree.Rates
	credentials cashfree.Credentials
	fingerprint string
	alone       string // the fingerprint of the credentials without a merchant_id; empty for embedded
}

// accounts prepares the needed accounts. It checks credentials, host and fingerprint before any request
// (R15). Every failed check exits with 10.
func (a *app) accounts(p *project, needed map[string]bool) ([]account, error) {
	var ready []account
	names := map[string]string{}
	for _, c := range p.Accounts {
		if !needed[c.Name] || a.account != "" && a.account != c.Name {
			continue
		}
		one, err := a.prepare(c)
		if err != nil {
			return nil, err
		}
		if other, taken := names[one.fingerprint]; taken {
			return nil, sameMerchant(other, c.Name)
		}
		names[one.fingerprint] = c.Name
		ready = append(ready, one)
	}
	return ready, a.apart(p)
}

// apart fails if one merchant has two fingerprints in the configuration: guards, budgets and the order of
// sending would not work across them (R21). It checks every account whose credentials are set, whether
// or not this command needs it: a refund of one may have been sent for the other.
func (a *app) apart(p *project) error {
	fingerprints, names := map[string]string{}, map[string]string{}
	for _, c := range p.Accounts {
		if c.Environment == embedded || a.allowPrefix(c) != nil {
			continue
		}
		one := account{ConfigAccount: c, credentials: a.credentials(c.EnvPrefix)}
		if one.identify(); one.alone == "" {
			continue
		}
		switch other, taken := fingerprints[one.alone]; {
		case taken && other != one.fingerprint:
			return fail(ExitCredentials, "give each account the env_prefix of its own credentials; a different merchant_id does not make it a different merchant",
				"accounts %s and %s use the credentials of one merchant, but different merchant_ids", names[one.alone], c.Name)
		case taken:
			return sameMerchant(names[one.alone], c.Name)
		}
		fingerprints[one.alone], names[one.alone] = one.fingerprint, c.Name
	}
	return nil
}

func sameMerchant(one, other string) error {
	return fail(ExitCredentials, "give each account its own env_prefix and credentials", "accounts %s and %s are the same merchant", one, other)
}

// identify sets the fingerprints if the credentials are set.
func (one *account) identify() {
	if id := firstOf(one.credentials.PartnerMerchantID, one.credentials.ClientID); id != "" {
		one.alone = refund.Fingerprint(one.API, one.Environment, id)
		one.fingerprint = refund.Fingerprint(one.API, one.Environment, firstOf(one.MerchantID, id))
	}
}

// place returns the address of the account in the form that the ledger records.
func place(c schema.ConfigAccount) string {
	if c.BaseURL == "" {
		return ""
	}
	return refund.Place(c.BaseURL, environments[cashfree.API(c.API)][c.Environment].baseURL)
}

func (a *app) prepare(c schema.ConfigAccount) (account, error) {
	api := cashfree.API(c.API)
	one := account{ConfigAccount: c, api: api, own: environments[api][c.Environment], baseURL: c.BaseURL}
	if one.baseURL == "" {
		one.baseURL, one.documented = one.own.baseURL, one.own.rates
	}
	if c.Environment == embedded {
		// Nothing leaves the process. The emulator accepts any credentials and gets no real ones.
		one.credentials = cashfree.Credentials{ClientID: embedded, ClientSecret: embedded}
		one.fingerprint = refund.Fingerprint(c.API, c.Environment, firstOf(c.MerchantID, embedded))
		return one, nil
	}
	if err := a.allowPrefix(c); err != nil {
		return one, err
	}
	if err := a.allowHost(one); err != nil {
		return one, err
	}
	one.credentials = a.credentials(c.EnvPrefix)
	if err := a.credentialsProblem(one); err != nil {
		return one, err
	}
	one.identify()
	return one, nil
}

func firstOf(texts ...string) string {
	i := slices.IndexFunc(texts, func(t string) bool { return t != "" })
	return texts[max(i, 0)]
}

// allowHost allows credentials to be sent to the environment's own host, to hosts named in the process
// environment, which a pull request cannot change, and outside production to loopback. In production
// loopback must be named, because anybody may listen there on a shared machine.
func (a *app) allowHost(one account) error {
	u, err := url.Parse(one.baseURL)
	if err != nil {
		return fail(ExitInvalid, "write it as https://HOST/PATH", "account %s: base_url is not a valid URL", one.Name)
	}
	own, _ := url.Parse(one.own.baseURL)
	if u.Host == own.Host || one.Environment != "production" && isLoopback(one.baseURL) {
		return nil
	}
	allowed, err := a.words("ALLOW_HOSTS")
	if err != nil {
		return err
	}
	named := func(host string) bool {
		return strings.EqualFold(host, u.Host) || strings.EqualFold(host, u.Hostname())
	}
	if slices.ContainsFunc(allowed, named) {
		return nil
	}
	return fail(ExitCredentials, "if this is intended, add the host to REFUNDCTL_ALLOW_HOSTS in the process environment",
		"account %s: credentials are not sent to %s, which is not a host of the %s environment", one.Name, u.Host, one.Environment)
}

// allowPrefix allows credentials to be read only from this program's own variables and from those named in
// the process environment: a pull request must not send another program's secret to the API.
func (a *app) allowPrefix(c schema.ConfigAccount) error {
	one := schema.Config{Accounts: []schema.ConfigAccount{c}}
	allowed, err := a.words("ALLOW_ENV")
	if err != nil {
		return err
	}
	for _, d := range one.ForeignPrefixes(allowed) {
		return fail(ExitCredentials, d.Hint, "%s: account %s: %s", d.Place, c.Name, d.Message)
	}
	return nil
}

func isLoopback(baseURL string) bool {
	u, err := url.Parse(baseURL)
	if err != nil {
		return false
	}
	return refund.Loopback(u.Hostname())
}

// host returns the host that the account's requests go to.
func (one account) host() string {
	if u, err := url.Parse(one.baseURL); err == nil && one.Environment != embedded {
		return u.Host
	}
	return ""
}

// version returns the API version to use. Flowwise has none, whatever the configuration says.
func (one account) version() string {
	if one.api == cashfree.Flowwise {
		return ""
	}
	return one.APIVersion
}

// planned returns the account in the form of package plan.
func (one account) planned(allowed cashfree.Rates) plan.Account {
	l := one.Limits
	base := one.baseURL
	if one.Environment == embedded {
		base = "" // nothing leaves the process
	}
	return plan.Account{
		Name: one.Name, API: one.API, Environment: one.Environment, BaseURL: base, Fingerprint: one.fingerprint,
		Cancels:          one.api == cashfree.Cashfree && one.APIVersion >= cashfree.CancelSince,
		CreatesPerMinute: allowed.Create, ListsPerMinute: allowed.Refund, Window: cashfree.Window,
		Limits: plan.Limits{MaxRefundAmount: l.MaxRefundAmount, MaxTotalAmount: l.MaxTotalAmount,
			MaxRefunds: l.MaxRefunds, MaxTotalAmountPerDay: l.MaxTotalAmountPerDay},
	}
}
