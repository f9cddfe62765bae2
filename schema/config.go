package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
)

// Config is the project's configuration with every default filled in.
type Config struct {
	Manifests      []string // files and folders, as written, from the configuration's folder
	State          string   // the ledger's path as written, from the configuration's folder
	Lineage        string   // that the ledger must have; empty: any
	Parallelism    int      // 1 to 256
	Headroom       int      // percent of a rate limit that is left to others, 0 to 90
	RequestTimeout time.Duration
	Recovery       Recovery
	Freeze         string          // why nothing is sent; empty: sending is allowed
	Accounts       []ConfigAccount // sorted by name, at least one
}

// Recovery holds the waits and bounds for unknown outcomes.
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
	BaseURL           string // empty: the environment's own
	APIVersion        string
	MerchantID        string
	EnvPrefix         string     // never empty
	PrefixAt          diag.Place // of env_prefix; zero where it is not written
	RequestsPerMinute Rates
	Limits            Limits // the project's and the account's, the smaller of each
}

// Rates are requests per minute; 0 leaves the limit to the environment and the answers.
type Rates struct {
	Create, Refund, Order, Payments int
}

// Limits are budgets. An empty budget or zero means none.
type Limits struct {
	MaxRefundAmount      money.Budget
	MaxTotalAmount       money.Budget
	MaxRefunds           int
	MaxTotalAmountPerDay money.Budget
}

// Smaller takes each budget from whichever has the lower one.
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

// Known is what the rules of manifests need of the accounts: Options.Accounts.
func (c Config) Known() map[string]Account {
	known := make(map[string]Account, len(c.Accounts))
	for _, a := range c.Accounts {
		known[a.Name] = Account{API: a.API, Environment: a.Environment, APIVersion: a.APIVersion}
	}
	return known
}

// LoadConfig reads a configuration; its diagnostics call it by path. With an error among them the
// Config is empty; the returned error is for a file that cannot be read.
func LoadConfig(path string) (Config, []diag.Diagnostic, error) {
	data, err := readBounded(path)
	if err != nil {
		return Config{}, nil, fmt.Errorf("reading the configuration: %w", err)
	}
	out := &sink{file: path}
	config := parseConfig(out, data)
	return config, sorted(out), nil
}

func sorted(out *sink) []diag.Diagnostic {
	found := out.all()
	diag.Sort(found)
	return found
}

func parseConfig(out *sink, data []byte) Config {
	root := readSingle(out, data, configDocument(), "accounts")
	if out.failed() > 0 {
		return Config{}
	}
	recovery := within(root, "recovery")
	c := Config{
		Parallelism:    number(root, "parallelism", 8),
		Headroom:       number(root, "headroom", 20),
		RequestTimeout: duration(out, root, "request_timeout", 30*time.Second),
		Recovery: Recovery{
			ReadDelay:   duration(out, recovery, "read_delay", 3*time.Second),
			SettleAfter: duration(out, recovery, "settle_after", 10*time.Minute),
			MaxAttempts: number(recovery, "max_attempts", 3),
		},
		Freeze:   text(root, "freeze", ""),
		Accounts: accounts(out, root),
	}
	judgeManifests(out, within(root, "manifests"))
	c.State, c.Lineage = ledger(root)
	for _, path := range list(root, "manifests") {
		c.Manifests = append(c.Manifests, path.Value)
	}
	if c.Manifests == nil {
		c.Manifests = []string{"refunds/"}
	}
	if s := c.Recovery.SettleAfter; s > 0 && s < c.Recovery.ReadDelay {
		out.add(recovery, codeRange, fmt.Sprintf("settle_after is %s, less than read_delay, %s", c.Recovery.SettleAfter, c.Recovery.ReadDelay), "settle_after must be at least read_delay")
	}
	if out.failed() > 0 {
		return Config{}
	}
	return c
}

// ledger is where the ledger is, and its lineage where that is pinned.
func ledger(root *node) (path, lineage string) {
	if _, v := child(root, "state"); v != nil && target(v).Kind == mappingNode {
		return text(target(v), "path", ""), text(target(v), "lineage", "")
	}
	return text(root, "state", "refunds.state.jsonl"), ""
}

func accounts(out *sink, root *node) []ConfigAccount {
	shared := limits(out, within(root, "limits"))
	var all []ConfigAccount
	named := within(root, "accounts").Content
	for i := 0; i+1 < len(named); i += 2 {
		all = append(all, account(out, named[i].Value, target(named[i+1]), shared))
	}
	slices.SortFunc(all, func(a, b ConfigAccount) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func account(out *sink, name string, n *node, shared Limits) ConfigAccount {
	rates := within(n, "requests_per_minute")
	a := ConfigAccount{
		Name: name, API: text(n, "api", "cashfree"), Environment: text(n, "environment", ""), BaseURL: text(n, "base_url", ""),
		APIVersion: text(n, "api_version", "2023-08-01"), MerchantID: text(n, "merchant_id", ""),
		RequestsPerMinute: Rates{number(rates, "create", 0), number(rates, "refund", 0), number(rates, "order", 0), number(rates, "payments", 0)},
		Limits:            shared.Smaller(limits(out, within(n, "limits"))),
	}
	a.EnvPrefix = text(n, "env_prefix", strings.ToUpper(a.API))
	if _, prefix := child(n, "env_prefix"); prefix != nil {
		a.PrefixAt = out.place(target(prefix).Line, target(prefix).Column)
	}
	if _, url := child(n, "base_url"); url != nil && a.BaseURL != "" {
		judgeBaseURL(out, target(url), a.Environment)
	}
	return a
}

func limits(out *sink, n *node) Limits {
	return Limits{
		MaxRefundAmount:      budget(out, n, "max_refund_amount"),
		MaxTotalAmount:       budget(out, n, "max_total_amount"),
		MaxRefunds:           number(n, "max_refunds", 0),
		MaxTotalAmountPerDay: budget(out, n, "max_total_amount_per_day"),
	}
}

// budget is an amount of INR, or a map of one amount for each currency.
func budget(out *sink, n *node, field string) money.Budget {
	_, v := child(n, field)
	if v == nil {
		return nil
	}
	if v = target(v); v.Kind != mappingNode {
		return money.BudgetOf(amount(out, n, field, money.INR))
	}
	b := money.Budget{}
	for i := 0; i+1 < len(v.Content); i += 2 {
		c := currencyOf(target(v.Content[i]))
		b[c] = parseAmount(out, field+": "+string(c), target(v.Content[i+1]), c)
	}
	return b
}

// number is a whole number that the contract has bounded already.
func number(n *node, field string, otherwise int) int {
	if i, err := strconv.Atoi(text(n, field, "")); err == nil {
		return i
	}
	return otherwise
}

// duration is more than zero and at most a day; otherwise it is zero and a diagnostic says so.
func duration(out *sink, n *node, field string, otherwise time.Duration) time.Duration {
	_, v := child(n, field)
	if v == nil {
		return otherwise
	}
	d, err := time.ParseDuration(target(v).Value)
	if err != nil || d <= 0 || d > 24*time.Hour {
		out.add(target(v), codeRange, field+" must be more than zero and at most 24h", fmt.Sprintf("write %s: %s", field, otherwise))
		return 0
	}
	return d
}
