package schema

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/schema/yamltree"
)

// Config is the project's configuration, with every default filled in.
type Config struct {
	Manifests      []string // files and folders as written, relative to the configuration's folder
	State          string   // the ledger's path as written, relative to the configuration's folder
	Lineage        string   // the lineage that the ledger must have; empty for any
	Parallelism    int      // 1 to 256
	Headroom       int      // percent of a rate limit that is left for other programs, 0 to 90
	RequestTimeout time.Duration
	Recovery       Recovery
	Freeze         string          // the reason why nothing is sent; empty if sending is allowed
	Accounts       []ConfigAccount // sorted by name, at least one
}

// Recovery is the waits and bounds for unknown outcomes.
type Recovery struct {
	ReadDelay   time.Duration
	SettleAfter time.Duration // never less than ReadDelay
	MaxAttempts int           // 1 to 20
}

// ConfigAccount is one account of the configuration.
type ConfigAccount struct {
	Name              string
	API               string // cashfree or flowwise
	Environment       string // embedded, sandbox or production
	BaseURL           string // empty for the environment's own
	APIVersion        string
	MerchantID        string
	EnvPrefix         string     // never empty
	PrefixAt          diag.Place // of env_prefix; zero if it is not written
	RequestsPerMinute Rates
	Limits            Limits // the smaller of the project's and the account's, each
}

// Rates are requests per minute. At 0, the environment and the answers set the limit.
type Rates struct {
	Create, Refund, Order, Payments int
}

// Limits are budgets. An empty budget, or zero, is no limit.
type Limits struct {
	MaxRefundAmount      money.Budget
	MaxTotalAmount       money.Budget
	MaxRefunds           int
	MaxTotalAmountPerDay money.Budget
}

// Smaller returns the lower of each budget.
func (l Limits) Smaller(m Limits) Limits {
	return Limits{
		MaxRefundAmount:      l.MaxRefundAmount.Smaller(m.MaxRefundAmount),
		MaxTotalAmount:       l.MaxTotalAmount.Smaller(m.MaxTotalAmount),
		MaxRefunds:           smallerNumber(l.MaxRefunds, m.MaxRefunds),
		MaxTotalAmountPerDay: l.MaxTotalAmountPerDay.Smaller(m.MaxTotalAmountPerDay),
	}
}

func smallerNumber(a, b int) int {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// Known returns what the rules of manifests need to know of the accounts: Options.Accounts.
func (c Config) Known() map[string]Account {
	known := make(map[string]Account, len(c.Accounts))
	for _, a := range c.Accounts {
		known[a.Name] = Account{API: a.API, Environment: a.Environment, APIVersion: a.APIVersion}
	}
	return known
}

// Configured returns the account with this name, API and environment. An account whose API or environment was edited is
// another one: what a ledger knows of the earlier one is not its.
func (c Config) Configured(name, api, environment string) (ConfigAccount, bool) {
	for _, a := range c.Accounts {
		if a.Name == name && a.API == api && a.Environment == environment {
			return a, true
		}
	}
	return ConfigAccount{}, false
}

// LoadConfig reads the configuration at path, which the diagnostics name. If one of them is an error, the Config
// is empty. The returned error is about a file that cannot be read.
func LoadConfig(path string) (Config, []diag.Diagnostic, error) {
	data, err := yamltree.ReadFile(path)
	if err != nil {
		return Config{}, nil, fmt.Errorf("reading the configuration: %w", err)
	}
	config, found := ParseConfig(path, data)
	return config, append(found, warnMisnamed(path)...), nil
}

// MisnamedConfig returns the name of a file in a folder that is probably meant as the configuration; "" if there is
// none.
func MisnamedConfig(dir string) string {
	for _, ext := range []string{".yml", ".YAML", ".YML", ".Yaml", ".Yml", ".yaml.txt", ".yml.txt"} {
		if info, err := os.Stat(filepath.Join(dir, "refundctl"+ext)); err == nil && info.Mode().IsRegular() {
			return "refundctl" + ext
		}
	}
	return ""
}

// warnMisnamed warns of a second configuration beside the one at path: a freeze in it would not freeze.
func warnMisnamed(path string) []diag.Diagnostic {
	dir, base := filepath.Split(path)
	other := MisnamedConfig(dir)
	if base != "refundctl.yaml" || other == "" {
		return nil
	}
	one, err := os.Stat(path)
	two, worse := os.Stat(filepath.Join(dir, other))
	if err != nil || worse != nil || os.SameFile(one, two) { // the same name where capitals do not count
		return nil
	}
	return []diag.Diagnostic{{Severity: diag.Warning, Code: CodePassedOver, Message: other + " is passed over: the configuration is refundctl.yaml",
		Hint: "keep one of the two", Place: diag.Place{File: filepath.Join(dir, other)}}}
}

// ParseConfig reads a configuration from memory, as LoadConfig does from a file.
func ParseConfig(path string, data []byte) (Config, []diag.Diagnostic) {
	out := &yamltree.Diagnostics{File: path}
	config := parseConfig(out, data)
	return config, out.Sorted()
}

func parseConfig(out *yamltree.Diagnostics, data []byte) Config {
	root := configSchema().ReadDocument(out, data, "accounts")
	if out.Errors() > 0 {
		return Config{}
	}
	recovery := yamltree.Mapping(root, "recovery")
	c := Config{
		Parallelism:    number(root, "parallelism", 8),
		Headroom:       number(root, "headroom", 20),
		RequestTimeout: duration(out, root, "request_timeout", 30*time.Second),
		Recovery: Recovery{
			ReadDelay:   duration(out, recovery, "read_delay", 3*time.Second),
			SettleAfter: duration(out, recovery, "settle_after", 10*time.Minute),
			MaxAttempts: number(recovery, "max_attempts", 3),
		},
		Freeze:   yamltree.Text(root, "freeze", ""),
		Accounts: accounts(out, root),
	}
	validateManifestPaths(out, yamltree.Mapping(root, "manifests"))
	c.State, c.Lineage = ledger(root)
	if r, position := yamltree.FindBlank(c.State); r >= 0 { // another file than the one that it looks like
		_, v := yamltree.Child(root, "state")
		out.Error(v, CodeBlank, fmt.Sprintf("the ledger's path contains %s, as character %d", yamltree.NameBlank(r), position), "remove it")
	}
	for _, path := range yamltree.List(root, "manifests") {
		c.Manifests = append(c.Manifests, path.Value)
	}
	if c.Manifests == nil {
		c.Manifests = []string{"refunds/"}
	}
	if s := c.Recovery.SettleAfter; s > 0 && s < c.Recovery.ReadDelay {
		out.Error(recovery, CodeRange, fmt.Sprintf("settle_after is %s, less than read_delay, which is %s", c.Recovery.SettleAfter, c.Recovery.ReadDelay), "settle_after must be at least read_delay")
	}
	if out.Errors() > 0 {
		return Config{}
	}
	return c
}

// ledger returns the path of the ledger, and its lineage if that is pinned.
func ledger(root *node) (path, lineage string) {
	if _, v := yamltree.Child(root, "state"); v != nil && yamltree.Resolve(v).Kind == yamltree.MappingNode {
		return yamltree.Text(yamltree.Resolve(v), "path", ""), yamltree.Text(yamltree.Resolve(v), "lineage", "")
	}
	return yamltree.Text(root, "state", "refunds.state.jsonl"), ""
}

func accounts(out *yamltree.Diagnostics, root *node) []ConfigAccount {
	shared := limits(out, yamltree.Mapping(root, "limits"))
	var all []ConfigAccount
	named := yamltree.Mapping(root, "accounts").Content
	for i := 0; i+1 < len(named); i += 2 {
		all = append(all, account(out, named[i].Value, yamltree.Resolve(named[i+1]), shared))
	}
	slices.SortFunc(all, func(a, b ConfigAccount) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func account(out *yamltree.Diagnostics, name string, n *node, shared Limits) ConfigAccount {
	rates := yamltree.Mapping(n, "requests_per_minute")
	a := ConfigAccount{
		Name: name, API: yamltree.Text(n, "api", "cashfree"), Environment: yamltree.Text(n, "environment", ""), BaseURL: yamltree.Text(n, "base_url", ""),
		APIVersion: yamltree.Text(n, "api_version", "2023-08-01"), MerchantID: yamltree.Text(n, "merchant_id", ""),
		RequestsPerMinute: Rates{number(rates, "create", 0), number(rates, "refund", 0), number(rates, "order", 0), number(rates, "payments", 0)},
		Limits:            shared.Smaller(limits(out, yamltree.Mapping(n, "limits"))),
	}
	a.EnvPrefix = yamltree.Text(n, "env_prefix", strings.ToUpper(a.API))
	if _, prefix := yamltree.Child(n, "env_prefix"); prefix != nil {
		a.PrefixAt = out.Place(yamltree.Resolve(prefix).Line, yamltree.Resolve(prefix).Column)
	}
	if _, url := yamltree.Child(n, "base_url"); url != nil && a.BaseURL != "" {
		validateBaseURL(out, yamltree.Resolve(url), a.Environment)
	}
	return a
}

func limits(out *yamltree.Diagnostics, n *node) Limits {
	return Limits{
		MaxRefundAmount:      budget(out, n, "max_refund_amount"),
		MaxTotalAmount:       budget(out, n, "max_total_amount"),
		MaxRefunds:           number(n, "max_refunds", 0),
		MaxTotalAmountPerDay: budget(out, n, "max_total_amount_per_day"),
	}
}

// budget reads an amount in INR, or a map with one amount for each currency.
func budget(out *yamltree.Diagnostics, n *node, field string) money.Budget {
	_, v := yamltree.Child(n, field)
	if v == nil {
		return nil
	}
	if v = yamltree.Resolve(v); v.Kind != yamltree.MappingNode {
		return money.BudgetOf(Amount(out, n, field, money.INR))
	}
	b := money.Budget{}
	for i := 0; i+1 < len(v.Content); i += 2 {
		c := currencyOf(yamltree.Resolve(v.Content[i]))
		b[c] = parseAmount(out, field+": "+string(c), yamltree.Resolve(v.Content[i+1]), c)
	}
	return b
}

// number reads a whole number, which the schema has bounded.
func number(n *node, field string, otherwise int) int {
	if i, err := strconv.Atoi(yamltree.Text(n, field, "")); err == nil {
		return i
	}
	return otherwise
}

// duration reads a duration of more than zero and at most a day. For any other it is zero and reports an error.
func duration(out *yamltree.Diagnostics, n *node, field string, otherwise time.Duration) time.Duration {
	_, v := yamltree.Child(n, field)
	if v == nil {
		return otherwise
	}
	d, err := time.ParseDuration(yamltree.Resolve(v).Value)
	if err != nil || d <= 0 || d > 24*time.Hour {
		out.Error(yamltree.Resolve(v), CodeRange, field+" must be more than zero and at most 24h", fmt.Sprintf("write %s: %s", field, otherwise))
		return 0
	}
	return d
}
