package schema

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
)

var update = flag.Bool("update", false, "write the diagnostics found into testdata; read them before you keep them")

// load reads manifests given by name and text, each as if a person named it.
func load(t testing.TB, opts Options, files map[string]string) Result {
	t.Helper()
	opts.Root = t.TempDir()
	write(t, opts.Root, files)
	r, err := Load(context.Background(), slices.Collect(maps.Keys(files)), opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func loadOne(t testing.TB, text string) Result {
	t.Helper()
	return load(t, Options{}, map[string]string{"a.yaml": text})
}

// brief is one line:column code a line, with a w before the code of a warning.
func brief(found []diag.Diagnostic) string {
	var b strings.Builder
	for _, d := range found {
		mark := ""
		if d.Severity == diag.Warning {
			mark = "w "
		}
		_, _ = fmt.Fprintf(&b, "%d:%d %s%s\n", d.Line, d.Column, mark, d.Code)
	}
	return b.String()
}

// badCase is a manifest and, in brief, the diagnostics expected for it.
type badCase struct{ name, in, want string }

const badFile = "testdata/bad.txtar"

// BadManifests returns the texts of badCases, for the tests outside of the package.
func BadManifests(t testing.TB) (texts []string) {
	for _, c := range badCases(t) {
		texts = append(texts, c.in)
	}
	return texts
}

func badCases(t testing.TB) []badCase { return casesOf(t, badFile) }

// casesOf reads pairs of parts, a manifest and what is expected, each below a line -- name --.
func casesOf(t testing.TB, file string) []badCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parts := regexp.MustCompile(`(?m)^-- (\S+)\.(yaml|want) --\n`).Split(string(text), -1)[1:]
	names := regexp.MustCompile(`(?m)^-- (\S+)\.yaml --\n`).FindAllStringSubmatch(string(text), -1)
	if len(parts) != 2*len(names) {
		t.Fatalf("%d parts for %d names", len(parts), len(names))
	}
	var cases []badCase
	for i, name := range names {
		cases = append(cases, badCase{name[1], parts[2*i], parts[2*i+1]})
	}
	return cases
}

func TestEveryBadManifestIsReportedByPlaceAndCodeWithAHint(t *testing.T) {
	cases := badCases(t)
	kept := "Manifests with an error or a warning, each followed by its diagnostics: line:column and code.\nA warning has a w before its code.\n\n"
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := loadOne(t, c.in).Diagnostics
			checkDiagnostics(t, got, []byte(c.in))
			kept += fmt.Sprintf("-- %s.yaml --\n%s-- %s.want --\n%s", c.name, c.in, c.name, brief(got))
			if diff := cmp.Diff(c.want, brief(got)); diff != "" {
				t.Errorf("(-want +got)\n%s%v", diff, got)
			}
			if len(got) == 0 {
				t.Error("there is no diagnostic")
			}
		})
	}
	if *update {
		if err := os.WriteFile(badFile, []byte(kept), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// wholeFile lists the codes that are about a whole file.
var wholeFile = []string{CodeTooLarge, CodeUnreadable, CodePathMissing, CodeNoManifests, CodeSymlink}

// checkDiagnostics fails for a code that is not in the table, a place that is missing or outside of the text, and an
// empty or broken message or hint.
func checkDiagnostics(t reporter, found []diag.Diagnostic, text []byte) {
	t.Helper()
	lines := bytes.Split(text, []byte("\n"))
	for _, d := range found {
		if !slices.ContainsFunc(codeTable, func(c Code) bool { return c.Name == d.Code }) {
			t.Errorf("code %s is not in the table", d.Code)
		}
		if (d.Line < 1 || d.Column < 1) && !slices.Contains(wholeFile, d.Code) {
			t.Errorf("%s has no place: %d:%d", d.Code, d.Line, d.Column)
		}
		if d.Line > len(lines) || d.Line > 0 && d.Column > len(lines[d.Line-1])+1 {
			t.Errorf("%v is outside of the text", d.Place)
		}
		if said := d.Message + d.Hint; d.Message == "" || strings.Contains(said, "%!") && !bytes.Contains(text, []byte("%!")) || strings.HasPrefix(d.Message, " ") {
			t.Errorf("%s: message %q, hint %q", d.Code, d.Message, d.Hint)
		}
		if strings.TrimSpace(d.Hint) == "" || strings.HasSuffix(d.Hint, " ") {
			t.Errorf("%v %s: %s: there is no hint", d.Place, d.Code, d.Message)
		}
	}
}

func TestBytesThatAreNotText(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"utf-16 little":   {"\xff\xfev\x00e\x00r\x00", "1:1 encoding\n"},
		"utf-16 big":      {"\xfe\xff\x00v\x00e", "1:1 encoding\n"},
		"latin-1":         {"version: 1\n# caf\xe9\n", "2:6 encoding\n"},
		"overlong":        {"version: 1 # \xc0\xaf\n", "1:14 encoding\n"},
		"surrogate":       {"version: 1 # \xed\xa0\x80\n", "1:14 encoding\n"},
		"nul":             {"version: 1\nrefunds: []\n# \x00\n", "3:3 control_character\n"},
		"escape":          {"version: 1\nrefunds: []\n# \x1b[2J\n", "3:3 control_character\n"},
		"old line end":    {"version: 1\rrefunds: []\n", "1:11 control_character\n"},
		"next line":       {"version: 1\n# é\u0085\n", "2:4 control_character\n"},
		"line separator":  {"version: 1\n# \u2028\n", "2:3 control_character\n"},
		"flow depth":      {"version: 1\nrefunds: " + strings.Repeat("[", 100_000), "2:1 too_deep\n"},
		"block depth":     {"version: 1\nrefunds:\n  " + strings.Repeat("- ", 100_000) + "x\n", "3:3 too_deep\n"},
		"mappings deep":   {"version: 1\nrefunds: " + strings.Repeat("{a: ", 9_000) + strings.Repeat("}", 9_000), "2:90 too_deep\n"},
		"too many values": {"version: 1\nrefunds: [" + strings.Repeat(",", 4_000_000) + "]", "0:0 file_too_large\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got := loadOne(t, c.in).Diagnostics
			checkDiagnostics(t, got, []byte(c.in))
			if diff := cmp.Diff(c.want, brief(got)); diff != "" {
				t.Errorf("(-want +got)\n%s%v", diff, got)
			}
		})
	}
}

const full = `version: 1
account: shop
defaults:
  refund_note: Size exchange, June batch
  refund_speed: STANDARD
  labels: {team: returns, batch: june}
refunds:
  - order_id: order_summer_fashion_001
    refund_id: refund_summer_fashion_001_size
    refund_amount: 1149.75
    refund_currency: INR
    refund_note: Customer requested size exchange
    refund_speed: INSTANT
    refund_splits:
      - {vendor_id: Vendor01, amount: 100.12}
    labels: {ticket: CS-4411, team: desk}
    hold: true
    not_duplicate_of: [refund_of_may]
    supersedes: refund_old
  - subscription_id: sub_77
    payment_id: pay_77_03
    refund_id: refund_sub_77_03
    refund_amount: 299
  - payment_id: pay_summer_fashion_001_upi
    refund_id: refund_flowwise_001
    refund_amount: "1149.75"
`

func TestEveryFieldReachesTheSpec(t *testing.T) {
	r := load(t, Options{}, map[string]string{"refunds/june.yaml": full})
	place := func(line int) diag.Place { return diag.Place{File: "refunds/june.yaml", Line: line, Column: 5} }
	shared := map[string]string{"team": "returns", "batch": "june"}
	want := []refund.Spec{{
		Account: "shop", Kind: refund.Order, ParentID: "order_summer_fashion_001", RefundID: "refund_summer_fashion_001_size",
		Amount: inr(114975), Note: "Customer requested size exchange", Speed: "INSTANT", Splits: []refund.Split{{VendorID: "Vendor01", Amount: inr(10012)}},
		Labels: map[string]string{"ticket": "CS-4411", "team": "desk", "batch": "june"}, Hold: true,
		NotDuplicateOf: []string{"refund_of_may"}, Supersedes: "refund_old", Source: place(8),
	}, {
		Account: "shop", Kind: refund.Subscription, ParentID: "sub_77", PaymentID: "pay_77_03", RefundID: "refund_sub_77_03",
		Amount: inr(29900), Note: "Size exchange, June batch", Speed: "STANDARD", Labels: shared, Source: place(20),
	}, {
		Account: "shop", Kind: refund.Payment, ParentID: "pay_summer_fashion_001_upi", RefundID: "refund_flowwise_001",
		Amount: inr(114975), Note: "Size exchange, June batch", Type: "MERCHANT_INITIATED", Labels: shared, Source: place(24),
	}}
	if diff := cmp.Diff(want, r.Specs); diff != "" || len(r.Diagnostics) > 0 {
		t.Errorf("(-want +got)\n%s%v", diff, r.Diagnostics)
	}
}
