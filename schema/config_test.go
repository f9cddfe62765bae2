package schema

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/schema/yamltree"
)

func config(t *testing.T, text string) (Config, []diag.Diagnostic) {
	t.Helper()
	root := t.TempDir()
	write(t, root, map[string]string{"refundctl.yaml": text})
	c, found, err := LoadConfig(filepath.Join(root, "refundctl.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	checkDiagnostics(t, found, []byte(text))
	return c, found
}

func TestDefaultsOfTheConfiguration(t *testing.T) {
	c, found := config(t, "version: 1\naccounts: {default: {environment: sandbox}, flow: {api: flowwise, environment: embedded}}\n")
	want := Config{
		Manifests: []string{"refunds/"}, State: "refunds.state.jsonl", Parallelism: 8, Headroom: 20, RequestTimeout: 30 * time.Second,
		Recovery: Recovery{3 * time.Second, 10 * time.Minute, 3},
		Accounts: []ConfigAccount{
			{Name: "default", API: "cashfree", Environment: "sandbox", APIVersion: "2023-08-01", EnvPrefix: "CASHFREE"},
			{Name: "flow", API: "flowwise", Environment: "embedded", APIVersion: "2023-08-01", EnvPrefix: "FLOWWISE"},
		},
	}
	if diff := cmp.Diff(want, c); diff != "" || len(found) > 0 {
		t.Errorf("(-want +got)\n%s%+v", diff, found)
	}
}

func TestAnAccountIsTheSameOnlyWithItsNameAPIAndEnvironment(t *testing.T) {
	c, _ := config(t, "version: 1\naccounts: {default: {environment: sandbox}, live: {environment: production}}\n")
	if a, ours := c.Configured("live", "cashfree", "production"); !ours || a.Name != "live" {
		t.Errorf("%+v, %v", a, ours)
	}
	for _, other := range [][3]string{{"default", "cashfree", "production"}, {"default", "flowwise", "sandbox"}, {"other", "cashfree", "sandbox"}, {}} {
		if a, ours := c.Configured(other[0], other[1], other[2]); ours {
			t.Errorf("%q is %+v", other, a)
		}
	}
}

func TestEverySettingIsRead(t *testing.T) {
	c, found := config(t, `version: 1
manifests: [refunds/, extra.yaml]
state: there/state.jsonl
parallelism: 16
headroom: 0
request_timeout: 1m30s
recovery: {read_delay: 1.5s, settle_after: 1h, max_attempts: 5}
freeze: year-end closing
accounts:
  shop:
    api: cashfree
    environment: production
    base_url: http://127.0.0.1:8080/pg
    api_version: 2025-01-01
    merchant_id: 0123
    env_prefix: SHOP_2
    requests_per_minute: {create: 60, refund: 30, order: 1, payments: 0}
    limits: {max_refund_amount: 500, max_refunds: 600, max_total_amount_per_day: 1.50}
  all: {environment: sandbox}
limits:
  max_refund_amount: 10000.00
  max_total_amount: "250000.00"
  max_refunds: 500
`)
	shared := Limits{MaxRefundAmount: money.BudgetOf(inr(1000000)), MaxTotalAmount: money.BudgetOf(inr(25000000)), MaxRefunds: 500}
	want := Config{
		Manifests: []string{"refunds/", "extra.yaml"}, State: "there/state.jsonl", Parallelism: 16, Headroom: 0, RequestTimeout: 90 * time.Second,
		Recovery: Recovery{1500 * time.Millisecond, time.Hour, 5}, Freeze: "year-end closing",
		Accounts: []ConfigAccount{
			{Name: "all", API: "cashfree", Environment: "sandbox", APIVersion: "2023-08-01", EnvPrefix: "CASHFREE", Limits: shared},
			{
				Name: "shop", API: "cashfree", Environment: "production", BaseURL: "http://127.0.0.1:8080/pg", APIVersion: "2025-01-01", MerchantID: "0123", EnvPrefix: "SHOP_2",
				RequestsPerMinute: Rates{60, 30, 1, 0},
				Limits:            Limits{MaxRefundAmount: money.BudgetOf(inr(50000)), MaxTotalAmount: money.BudgetOf(inr(25000000)), MaxRefunds: 500, MaxTotalAmountPerDay: money.BudgetOf(inr(150))},
			},
		},
	}
	for i := range c.Accounts {
		if at := &c.Accounts[i].PrefixAt; at.Line > 0 {
			want.Accounts[i].PrefixAt = diag.Place{File: at.File, Line: 16, Column: 17}
		}
	}
	if diff := cmp.Diff(want, c); diff != "" || len(found) > 0 {
		t.Errorf("(-want +got)\n%s%+v", diff, found)
	}
	if diff := cmp.Diff(Account{"cashfree", "production", "2025-01-01"}, c.Known()["shop"]); diff != "" {
		t.Error(diff)
	}
}

func TestBadConfigurationsAreRefusedAtTheirPlace(t *testing.T) {
	const accounts = "accounts: {default: {environment: sandbox}}\n"
	account := func(fields string) string {
		return "version: 1\naccounts:\n  default: {environment: sandbox, " + fields + "}\n"
	}
	top := func(line string) string { return "version: 1\n" + accounts + line + "\n" }
	for text, want := range map[string]string{
		"":                                      "1:1 empty_file\n",
		"version: 1\n":                          "1:1 required\n",
		accounts:                                "1:1 required\n",
		"version: 2\n" + accounts:               "1:10 newer_version\n",
		"version: 1\naccounts: {}\n":            "2:11 range\n",
		"version: 1\naccounts: {default: {}}\n": "2:21 required\n",
		"version: 1\naccounts: {default: }\n":   "2:21 empty_value\n",
		"version: 1\naccounts: {a b: {environment: sandbox}}\n":  "2:12 key\n",
		"version: 1\naccounts: {default: {environment: live}}\n": "2:35 value\n",
		"version: 1\naccounts: {default: {environment: [a]}}\n":  "2:35 type\n",
		top("paralelism: 4"):                                                 "3:1 unknown_field\n",
		top("parallelism: 0"):                                                "3:14 range\n",
		top("parallelism: 257"):                                              "3:14 range\n",
		top("parallelism: many"):                                             "3:14 type\n",
		top("parallelism: 1.5"):                                              "3:14 type\n",
		top("parallelism: '4'"):                                              "3:14 type\n",
		top("parallelism: 99999999999999999999"):                             "3:14 range\n",
		top("headroom: 91"):                                                  "3:11 range\n",
		top("headroom: -1"):                                                  "3:11 range\n",
		top("headroom: 20%"):                                                 "3:11 type\n",
		top("request_timeout: 30"):                                           "3:18 format\n",
		top("request_timeout: -1s"):                                          "3:18 format\n",
		top("request_timeout: 0s"):                                           "3:18 format\n",
		top("request_timeout: 25h"):                                          "3:18 range\n",
		top("request_timeout: 999999999999h"):                                "3:18 range\n",
		top("request_timeout: soon"):                                         "3:18 format\n",
		top("recovery: {read_delay: 0s}"):                                    "3:24 format\n",
		top("recovery: {read_delay: 1h}"):                                    "3:11 range\n",
		top("recovery: {settle_after: 1s}"):                                  "3:11 range\n",
		top("recovery: {max_attempts: 21}"):                                  "3:26 range\n",
		top("recovery: {max_attempts: 0}"):                                   "3:26 range\n",
		top("recovery: {read_delay: 48h}"):                                   "3:24 range\n",
		top("recovery: {settle_after: 48h, read_delay: 1h}"):                 "3:26 range\n",
		top("recovery: {read_dely: 3s}"):                                     "3:12 unknown_field\n",
		top("recovery:"):                                                     "3:10 empty_value\n",
		top("recovery: 3s"):                                                  "3:11 type\n",
		top("manifests: refunds/"):                                           "3:12 type\n",
		top("manifests: []"):                                                 "3:12 range\n",
		top("manifests: ['']"):                                               "3:13 empty_value\n",
		top("state: ''"):                                                     "3:8 empty_value\n",
		top("freeze:"):                                                       "3:8 empty_value\n",
		top("limits: {max_refund_amount: 010}"):                              "3:29 amount\n",
		top("limits: {max_refund_amount: 1.234}"):                            "3:29 amount\n",
		top("limits: {max_total_amount: 0}"):                                 "3:28 amount\n",
		top("limits: {max_refunds: 0}"):                                      "3:23 range\n",
		top("limits: {max_refund: 5}"):                                       "3:10 unknown_field\n",
		top("client_secret: x"):                                              "3:1 secret\n",
		top("freeze: cfsk_ma_test_notarealsecret"):                           "3:9 secret\n",
		top("client_secret: cfsk_ma_test_x"):                                 "3:16 secret\n",
		top("cfsk_ma_test_x: 1"):                                             "3:1 secret\n",
		top("manifests: [cfsk_ma_test_x]"):                                   "3:13 secret\n",
		top("request_timeout: cfsk_ma_test_x"):                               "3:18 secret\n",
		account("env_prefix: cfsk_ma_test_x"):                                "3:47 secret\n",
		account("api_version: cfsk_ma_test_x"):                               "3:48 secret\n",
		account("merchant_id: cfsk_ma_test_x!"):                              "3:48 secret\n",
		account("base_url: 'https://cfsk_ma_test_x@a'"):                      "3:45 secret\n",
		"version: 1\naccounts: {cfsk_ma_test_x y: {environment: sandbox}}\n": "2:12 secret\n",
		"version: 1\naccounts: {default: {enviroment: sandbox}}\n":           "2:22 unknown_field\n",
		"version: 1\naccounts: [default]\n":                                  "2:11 type\n",
		"version: 1\naccounts: &a {default: *a}\n":                           "2:24 alias_bomb\n",
		top("---\nversion: 1"):                                               "4:1 one_document\n",
		top("version: 1"):                                                    "3:1 duplicate_key\n",
		top("\tstate: a"):                                                    "3:1 tab\n",
		account("client_id: x"):                                              "3:35 secret\n",
		account("api-key: x"):                                                "3:35 secret\n",
		account("CLIENT_SECRET: x"):                                          "3:35 secret\n",
		account("api: cashfre"):                                              "3:40 value\n",
		account("api_version: 2024-01-01"):                                   "3:48 value\n",
		account("env_prefix: REFUNDCTL_SHOP"):                                "3:47 env_prefix\n",
		account("env_prefix: shop"):                                          "3:47 format\n",
		account("env_prefix: 1SHOP"):                                         "3:47 format\n",
		account("env_prefix: ''"):                                            "3:47 format\n",
		account("merchant_id: a b"):                                          "3:48 characters\n",
		account("requests_per_minute: {create: -1}"):                         "3:65 range\n",
		account("requests_per_minute: {creat: 1}"):                           "3:57 unknown_field\n",
		account("requests_per_minute: {create: 1.5}"):                        "3:65 type\n",
		account("limits: {max_refunds: -1}"):                                 "3:57 range\n",
		account("base_url: http://sandbox.cashfree.com/pg"):                  "3:45 base_url\n",
		account("base_url: ftp://localhost/pg"):                              "3:45 base_url\n",
		account("base_url: sandbox.cashfree.com/pg"):                         "3:45 base_url\n",
		account("base_url: 'https://'"):                                      "3:45 base_url\n",
		account("base_url: 'https://me:word@example.com/pg'"):                "3:45 base_url\n",
		account("base_url: 'https://example.com/pg?key=1'"):                  "3:45 base_url\n",
		account("base_url: 'https://example.com/pg#a'"):                      "3:45 base_url\n",
		account("base_url: 'http://127.0.0.1.example.com'"):                  "3:45 base_url\n",
		account("base_url: 'http://localhost.example.com'"):                  "3:45 base_url\n",
		account("base_url: 'http://10.0.0.1/pg'"):                            "3:45 base_url\n",
		"version: 1\naccounts: {default: {environment: embedded, base_url: 'https://example.com'}}\n": "2:55 base_url\n",
		"just words": "1:1 type\n",
		"- a\n":      "1:1 type\n",
	} {
		c, found := config(t, text)
		if diff := cmp.Diff(want, brief(found)); diff != "" {
			t.Errorf("%s(-want +got)\n%s%+v", text, diff, found)
		}
		if len(c.Accounts) > 0 || c.State != "" {
			t.Errorf("%s: a bad configuration was returned", text)
		}
	}
}

func TestAnUnquotedNonStringIsRefusedInTheConfiguration(t *testing.T) {
	const head = "version: 1\naccounts: {default: {environment: sandbox"
	for place, text := range map[string]string{
		"state": head + "}}\nstate: @\n", "freeze": head + "}}\nfreeze: @\n", "manifests": head + "}}\nmanifests:\n  - @\n",
		"request_timeout": head + "}}\nrequest_timeout: @\n", "read_delay": head + "}}\nrecovery: {read_delay: @}\n", "settle_after": head + "}}\nrecovery: {settle_after: @}\n",
		"merchant_id": head + ", merchant_id: @}}\n", "base_url": head + ", base_url: @}}\n", "env_prefix": head + ", env_prefix: @}}\n",
		"api_version": head + ", api_version: @}}\n", "api": head + ", api: @}}\n", "environment": "version: 1\naccounts: {default: {environment: @}}\n",
		"an account's name": "version: 1\naccounts:\n  @: {environment: sandbox}\n",
	} {
		for _, word := range words {
			if word == "" && place == "an account's name" {
				continue
			}
			_, found := config(t, strings.Replace(text, "@", word, 1))
			if len(found) != 1 || !strings.Contains(found[0].Hint, yamltree.QuoteHint) {
				t.Errorf("%s: %q: %+v", place, word, found)
			}
		}
	}
}

func TestMistakesInTheConfigurationComeWithAHint(t *testing.T) {
	const head = "version: 1\naccounts: {default: {environment: sandbox}}\n"
	account := func(field string) string {
		return "version: 1\naccounts: {default: {environment: sandbox, " + field + "}}\n"
	}
	for text, want := range map[string][2]string{
		"- a\n":                                              {"a refundctl configuration must be a mapping, not a list", "begin it with version: 1"},
		"version: 1\n":                                       {"accounts is missing", "add accounts, such as accounts: {default: {environment: sandbox}}"},
		head + "paralelism: 4\n":                             {"unknown field paralelism", "did you mean parallelism?"},
		head + "timeout: 4s\n":                               {"unknown field timeout", "the fields here are accounts, freeze, headroom, limits, manifests, parallelism, recovery, request_timeout, state or version"},
		head + "request_timeout: 30\n":                       {"request_timeout is not a duration with its unit, more than zero", "write request_timeout: 30s"},
		head + "request_timeout: 25h\n":                      {"request_timeout must be more than zero and at most 24h", "write request_timeout: 30s"},
		head + "recovery: {read_delay: 1h}\n":                {"settle_after is 10m0s, less than read_delay, which is 1h0m0s", "settle_after must be at least read_delay"},
		head + "limits: {max_refund_amount: {}}\n":           {"max_refund_amount needs an amount for at least one currency", "write max_refund_amount: 10000"},
		head + "limits: {max_refund_amount: {INR: 1.234}}\n": {"max_refund_amount: INR has 3 decimals, but INR has 2", "write an amount such as 1149.75"},
		head + "limits: {max_refund_amount: {INR: null}}\n":  {"max_refund_amount: INR is empty: an unquoted null is not a value", "write INR: 100"},
		head + "freeze: cfsk_ma_test_x\n":                    {"credentials do not belong in a file", credentialHint},
		account("api_version: 2024-01-01"):                   {"api_version cannot be 2024-01-01", "write api_version: 2022-01-01, 2022-09-01, 2023-08-01, 2025-01-01 or 2026-01-01"},
		account("enviroment: sandbox"):                       {"unknown field enviroment", "did you mean environment?"},
		account("base_url: http://a.example"):                {"base_url must use https: http is only for this computer", "write it like https://sandbox.cashfree.com/pg"},
		account("base_url: 'https://a:b@c'"):                 {"base_url must not contain a user or a password", "credentials come from environment variables only"},
	} {
		_, found := config(t, text)
		if len(found) != 1 || found[0].Message != want[0] || found[0].Hint != want[1] {
			t.Errorf("%s: %+v", text, found)
		}
	}
}

func TestBaseURLs(t *testing.T) {
	for _, good := range []string{"https://sandbox.cashfree.com/pg", "http://localhost:8080/pg", "http://127.0.0.1/pg", "http://127.9.9.9:1", "http://[::1]:8080/pg", "https://proxy.example.com:8443"} {
		c, found := config(t, "version: 1\naccounts: {default: {environment: sandbox, base_url: '"+good+"'}}\n")
		if len(found) > 0 || c.Accounts[0].BaseURL != good {
			t.Errorf("%s: %+v", good, found)
		}
	}
}

func TestASecretInTheConfigurationIsNeverShown(t *testing.T) {
	const secret = "cfsk_ma_prod_notarealsecret"
	for _, text := range []string{"client_secret: " + secret, "freeze: x " + secret, "accounts: {default: {environment: " + secret + "}}", secret + ": 1", "manifests: [" + secret + "]",
		"accounts: {" + secret + ": {environment: sandbox}}", "accounts: {default: {environment: sandbox, base_url: 'http://" + secret + "'}}"} {
		_, found := config(t, "version: 1\n"+text+"\n")
		if !diag.HasError(found) {
			t.Errorf("%s is accepted", text)
		}
		for _, d := range found {
			if strings.Contains(d.Message+d.Hint, secret) {
				t.Errorf("%+v", d)
			}
		}
	}
}

func TestAConfigurationThatCannotBeReadIsAnError(t *testing.T) {
	if _, _, err := LoadConfig(filepath.Join(t.TempDir(), "missing.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestStateIsAPathOrAPathWithALineage(t *testing.T) {
	for text, bad := range map[string]string{
		"state: {lineage: x}": CodeRequired, "state: {path: a, linage: x}": CodeUnknownField, "state: [a]": CodeType,
		"state: {path: a, lineage: }": CodeEmptyValue, "state: {path: a, lineage: {b: c}}": CodeType, "state:": CodeEmptyValue,
	} {
		out := &yamltree.Diagnostics{}
		parseConfig(out, []byte("version: 1\n"+text+"\naccounts: {default: {environment: embedded}}\n"))
		if found := out.All(); len(found) != 1 || found[0].Code != bad {
			t.Errorf("%s: %+v", text, found)
		}
	}
}
