package schema

import (
	"fmt"
	"strings"
	"testing"

	"refundctl/internal/diag"
)

// blankAt has ~ where a character looks like a space, and what is reported of it.
var blankAt = []struct{ text, want string }{
	{"version: 1\nrefunds:\n  - order_id: order_1\n  ~ refund_id: r_1\n    refund_amount: 10\n", "4:3 blank_character the indentation contains U+%04X"},
	{"version: 1\nrefunds:\n  - order_id: order_1\n    refund_id: r_1\n    refund_amount: 10\n~~~~hold: true\n", "6:1 blank_character the indentation contains U+%04X"},
	{"version: 1\nrefunds:\n~ - order_id: order_1\n    refund_id: r_1\n    refund_amount: 10\n", "3:1 blank_character the indentation contains U+%04X"},
	{"version: 1\nrefunds:\n  -~order_id: order_1\n    refund_id: r_1\n    refund_amount: 10\n", "3:4 blank_character the character after the dash is U+%04X"},
	{"version: 1\nrefunds:\n  - order_id: order_1\n    refund_id:~r_1\n    refund_amount: 10\n", "4:15 blank_character the character after the colon is U+%04X"},
	{"version:~1\nrefunds: []\n", "1:9 blank_character the character after the colon is U+%04X"},
	{"version: 1~\nrefunds: []\n", "1:10 blank_character version contains U+%04X"},
	{"version: 1\nrefunds:\n  - order_id: order_1\n    refund_id: r_1\n    refund_amount~: 10\n", "5:18 blank_character the name of a field contains U+%04X"},
	{"version: 1\nrefunds:\n  - order_id: order_1\n    refund_id: r_1\n    refund_amount: 10.50~\n", "5:20 amount refund_amount contains U+%04X"},
	{"version: 1\nrefunds:\n  - order_id: order_1\n    refund_id: r_1\n    refund_amount: 10.50 ~ # paid\n", "5:20 amount refund_amount contains U+%04X"},
	{"version: 1\nrefunds:\n  - order_id: order_1\n    refund_id: r_1\n    refund_amount: \"~10.50\"\n", "5:20 amount refund_amount contains U+%04X"},
	{"version: 1\nrefunds:\n  - {order_id:~order_1, refund_id: r_1, refund_amount: 10}\n", "3:15 blank_character the character after the colon is U+%04X"},
	{"version: 1\nrefunds:\n  - {order_id: order_1, refund_id: r_1, refund_amount: 10, hold: true~}\n", "3:66 blank_character hold contains U+%04X"},
	{"version: 1\nrefunds:\n  - {order_id: order_1, refund_id: r_1, refund_amount: 10, refund_speed: INSTANT~}\n", "3:74 blank_character refund_speed contains U+%04X"},
	{"version: 1\nrefunds:\n  - {order_id: order_1, refund_id: r_1~, refund_amount: 10}\n", "3:36 look_alike refund_id contains U+%04X"},
}

func TestABlankThatIsNoneIsNamedAtItsPlace(t *testing.T) {
	for _, c := range blankAt {
		for _, r := range "\u00a0\u2003\u200b\u202f\u3000" {
			want := fmt.Sprintf(c.want, r)
			found := loadOne(t, strings.ReplaceAll(c.text, "~", string(r))).Diagnostics
			if !names(found, want) {
				t.Errorf("U+%04X in %q: %+v, not %s", r, c.text, found, want)
			}
		}
	}
	if r := loadOne(t, one("refund_note: \"Ticket:\u00a05\u2003x\"")); len(r.Specs) != 1 {
		t.Errorf("a note keeps its characters: %+v", r.Diagnostics)
	}
}

func names(found []diag.Diagnostic, want string) bool {
	for _, d := range found {
		if strings.HasPrefix(fmt.Sprintf("%d:%d %s %s", d.Line, d.Column, d.Code, d.Message), want) && d.Hint != "" {
			return true
		}
	}
	return false
}

func TestABlankInTheConfigurationIsNamed(t *testing.T) {
	const rest = "accounts:\n  default: {environment: embedded}\n"
	for text, want := range map[string]string{
		"version: 1\nparallelism: 8\u00a0\n" + rest:                            "2:14 blank_character parallelism contains U+00A0",
		"version: 1\nstate: a.jsonl\u2003\n" + rest:                            "2:8 blank_character the ledger's path contains U+2003",
		"version: 1\n\u00a0state: a\n" + rest:                                  "2:1 blank_character the indentation contains U+00A0",
		"version: 1\naccounts:\n  default:\u00a0{environment: embedded}\n":     "3:11 blank_character the character after the colon is U+00A0",
		"version: 1\naccounts:\n  default: {environment: embedded\u202f}\n":    "3:26 blank_character environment contains U+202F",
		"version: 1\nrequest_timeout: 30s\u3000\n" + rest:                      "2:18 blank_character request_timeout contains U+3000",
		"version: 1\nlimits: {max_total_amount: \"10\u200b\"}\n" + rest:        "2:28 amount max_total_amount contains U+200B",
		"version: 1\nlimits: {max_total_amount: {INR: \"10\u200b\"}}\n" + rest: "2:34 amount max_total_amount: INR contains U+200B",
	} {
		if _, found := ParseConfig("refundctl.yaml", []byte(text)); !names(found, want) {
			t.Errorf("%q: %+v, not %s", text, found, want)
		}
	}
}

func TestATabIsNamedWhereItMatters(t *testing.T) {
	for text, want := range map[string]string{
		"version: 1\nrefunds:\n  -\torder_id: order_1\n    refund_id: r_1\n    refund_amount: 10\n": "3:4 tab",
		one("hold: tr\tue"):             "6:11 blank_character hold contains a tab (U+0009), as character 3",
		"version: 1\trefunds: []\n":     "1:",
		one("refund_amount\t: 11"):      "6:5 duplicate_key",
		one("refund_note:\tsome text"):  "",
		one("refund_note: some text\t"): "",
	} {
		found := loadOne(t, text).Diagnostics
		if want == "" && len(found) > 0 || want != "" && !names(found, want) {
			t.Errorf("%q: %+v, not %s", text, found, want)
		}
	}
}
