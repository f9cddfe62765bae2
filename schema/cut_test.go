package schema

import (
	"fmt"
	"strings"
	"testing"

	"refundctl/internal/diag"
)

func warnings(found []diag.Diagnostic) string {
	var b strings.Builder
	for _, d := range found {
		if d.Code == CodeCut {
			_, _ = fmt.Fprintf(&b, "%d:%d %s\n", d.Line, d.Column, d.Message)
		}
	}
	return b.String()
}

func TestATextThatACommentCutsIsQuotedWhole(t *testing.T) {
	r := loadOne(t, `version: 1
account: default #2
defaults:
  refund_note: Batch #6 of June
  labels: {
    team: Returns #desk
  }
refunds:
  - order_id: order_1
    refund_id: refund_1
    refund_amount: 10
    refund_note: Item #4411 returned
    labels:
      ticket: CS #12
      place: Köln #7
    not_duplicate_of:
      - refund_2 #5
    supersedes: refund_7	#8
  - order_id: order_2 #1
    refund_id: refund_3
    refund_amount: 10
    refund_note: Item was
      returned #4411
    refund_splits:
      - vendor_id: vendor_1 #9
        amount: 1
`)
	want := `2:10 account is read as "default", because the # begins a comment: account: default #2
4:16 refund_note is read as "Batch", because the # begins a comment: refund_note: Batch #6 of June
6:11 label team is read as "Returns", because the # begins a comment: team: Returns #desk
12:18 refund_note is read as "Item", because the # begins a comment: refund_note: Item #4411 returned
14:15 label ticket is read as "CS", because the # begins a comment: ticket: CS #12
15:14 label place is read as "Köln", because the # begins a comment: place: Köln #7
17:9 an entry of not_duplicate_of is read as "refund_2", because the # begins a comment: - refund_2 #5
18:17 supersedes is read as "refund_7", because the # begins a comment: supersedes: refund_7 #8
19:15 order_id is read as "order_2", because the # begins a comment: order_id: order_2 #1
22:18 refund_note is read as "Item was returned", because the # begins a comment: refund_note: Item was returned #4411
25:20 vendor_id is read as "vendor_1", because the # begins a comment: vendor_id: vendor_1 #9
`
	if got := warnings(r.Diagnostics); got != want || len(r.Specs) != 2 {
		t.Errorf("%s%d specs", got, len(r.Specs))
	}
}

func TestAnOrdinaryCommentIsNoAlarm(t *testing.T) {
	r := loadOne(t, `#4411
version: 1 #1
defaults: #x
  refund_speed: STANDARD #fast
refunds: #4411
  #4411
  - order_id: order_1 # ticket 4411
    refund_id: refund_1 #
    refund_amount: 10 #4411
    refund_currency: INR #rupees
    refund_note: "Item #4411 returned" #4411
    hold: true #4411
    labels: {a: 'b #1', c: d#1} #4411
  - order_id: order_2 ## 1
    refund_id: refund_2 #- x
    refund_amount: 10
    refund_note: >- #4411
      Item #4411 returned
`)
	if len(r.Diagnostics) > 0 || len(r.Specs) != 2 || r.Specs[1].Note != "Item #4411 returned" {
		t.Errorf("%+v %+v", r.Diagnostics, r.Specs)
	}
}

func TestACutLineIsNotRepeatedWithWhatGitMustNotKeep(t *testing.T) {
	for _, line := range []string{"refund_note: Mail me #a@example.com", "refund_note: Call me #9876543210", "refund_note: Paid #4111111111111111", "refund_note: Key #cfsk_ma_test_0123456789"} {
		if got := warnings(loadOne(t, one(line)).Diagnostics); got != "6:18 refund_note is cut short, because the # begins a comment\n" {
			t.Errorf("%s: %s", line, got)
		}
	}
}

func TestASyntaxErrorOfACommentSaysSo(t *testing.T) {
	r := loadOne(t, "version: 1\nrefunds:\n  - {order_id: order_1, refund_id: r_1, refund_amount: 10, refund_note: Item #4411 returned}\n  - {order_id: order_2, refund_id: r_2, refund_amount: 10}\n")
	if d := r.Diagnostics; len(d) != 1 || d[0].Code != CodeSyntax || d[0].Line != 3 || d[0].Column != 78 || d[0].Message != "the text is not YAML: the # begins a comment, which hides the closing bracket" {
		t.Errorf("%+v", d)
	}
	for _, text := range []string{"version: 1\nrefunds: [\n  {order_id: order_1, refund_id: r_1, refund_amount: 10,\n   refund_note: Item #4411,\n   hold: true}]\n", one("refund_note: Item #4411\n      returned")} {
		if d := loadOne(t, text).Diagnostics; len(d) != 1 || d[0].Code != CodeSyntax || !strings.Contains(d[0].Hint, "begins a comment and hides the rest of the line: put the text in quotes") {
			t.Errorf("%q: %+v", text, d)
		}
	}
	if d := loadOne(t, one("refund_note: #4411 returned")).Diagnostics; len(d) != 1 || d[0].Message != "refund_note is empty, because the # begins a comment" {
		t.Errorf("%+v", d)
	}
}

func TestNamesInTheConfigurationMayBeCut(t *testing.T) {
	_, found := ParseConfig("refundctl.yaml", []byte("version: 1\nfreeze: year-end #2\nstate: s.jsonl #1\nmanifests:\n  - june #2\nparallelism: 8 #x\nrequest_timeout: 30s #x\naccounts:\n  default: #main\n    environment: embedded #x\n    merchant_id: m #2\n"))
	want := `2:9 freeze is read as "year-end", because the # begins a comment: freeze: year-end #2
3:8 state is read as "s.jsonl", because the # begins a comment: state: s.jsonl #1
5:5 an entry of manifests is read as "june", because the # begins a comment: - june #2
11:18 merchant_id is read as "m", because the # begins a comment: merchant_id: m #2
`
	if got := warnings(found); got != want || len(found) != 4 {
		t.Errorf("%s%+v", got, found)
	}
}
