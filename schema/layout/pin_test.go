package layout

import (
	"errors"
	"strings"
	"testing"

	"refundctl/internal/diag"
	"refundctl/schema"
)

const lineage = "7d0f4f1c-8a6e-4c1b-9a3e-2f6f0f9f5b11"

func TestAPinKeepsTheRestOfAConfiguration(t *testing.T) {
	const head, tail = "# desk\nversion: 1 # the first\n", "accounts:\n  default: {environment: embedded} # no network\n"
	for _, c := range []struct{ name, before, after string }{
		{"the short form", "state: refunds.state.jsonl # commit it\n", "state: {path: refunds.state.jsonl, lineage: " + lineage + "} # commit it\n"},
		{"double quotes", "state: \"my ledger, 2026.jsonl\"\n", "state: {path: \"my ledger, 2026.jsonl\", lineage: " + lineage + "}\n"},
		{"single quotes", "state: 'a.jsonl'\n", "state: {path: 'a.jsonl', lineage: " + lineage + "}\n"},
		{"a path that would end in braces", "state: ../a,b.jsonl\n", "state: {path: \"../a,b.jsonl\", lineage: " + lineage + "}\n"},
		{"a path elsewhere", "state: ../a.jsonl\n", "state: {path: ../a.jsonl, lineage: " + lineage + "}\n"},
		{"nothing", "", "state: {path: refunds.state.jsonl, lineage: " + lineage + "}\n"},
		{"another lineage", "state: {path: a.jsonl, lineage: \"old\"} # x\n", "state: {path: a.jsonl, lineage: " + lineage + "} # x\n"},
		{"no lineage, in braces", "state: { path: 'a.jsonl' }\n", "state: { path: 'a.jsonl', lineage: " + lineage + " }\n"},
		{"no lineage, on lines", "state:\n    # where\n    path: a.jsonl # here\n", "state:\n    # where\n    path: a.jsonl # here\n    lineage: " + lineage + "\n"},
		{"another lineage, on lines", "state:\n  lineage: old # it\n  path: a.jsonl\n", "state:\n  lineage: " + lineage + " # it\n  path: a.jsonl\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, ends := range []string{"\n", "\r\n"} {
				write := func(s string) string { return strings.ReplaceAll(head+s+tail, "\n", ends) }
				got, err := Pin([]byte(write(c.before)), lineage)
				if err != nil || string(got) != write(c.after) {
					t.Errorf("%v\n%s", err, got)
				}
				if config, found := schema.ParseConfig("refundctl.yaml", got); diag.HasError(found) || config.Lineage != lineage || config.State == "" {
					t.Errorf("%+v", config)
				}
			}
		})
	}
}

func TestAPinThatWouldChangeTheConfigurationIsNotWritten(t *testing.T) {
	for _, text := range []string{
		"{version: 1, accounts: {default: {environment: embedded}}}\n",
		"version: 1\nstate: &here a.jsonl\naccounts: {default: {environment: embedded, base_url: *here}}\n",
		"version: 1\nstate: >-\n  a.jsonl\naccounts: {default: {environment: embedded}}\n",
		"version: 1\nstate: \"a\\tb.jsonl\"\naccounts: {default: {environment: embedded}}\n",
		"version: 2\n",
	} {
		if got, err := Pin([]byte(text), lineage); !errors.Is(err, ErrNoPlaceForPin) {
			t.Errorf("%v\n%s", err, got)
		}
	}
}
