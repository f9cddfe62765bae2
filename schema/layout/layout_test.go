package layout

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/schema"
)

// formatted formats a text, and fails if that breaks a promise about every text.
func formatted(t reporter, text string) (string, []diag.Diagnostic) {
	t.Helper()
	laid, found, err := FormatText("a.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%q", err, text)
	}
	checkDiagnostics(t, found, []byte(text))
	if len(found) > 0 {
		if string(laid) != text {
			t.Errorf("%s, but it is changed", brief(found))
		}
		return string(laid), found
	}
	again, found, err := FormatText("a.yaml", laid)
	if err != nil || len(found) > 0 || !bytes.Equal(again, laid) {
		t.Errorf("formatted again: %v %v\n%q\n%q\n%q", err, found, text, laid, again)
	}
	if diff := cmp.Diff(visibleBytes(text), visibleBytes(string(laid))); diff != "" {
		t.Errorf("characters were added or lost: %s\n%q\n%q", diff, text, laid)
	}
	if diff := cmp.Diff(specs([]byte(text)), specs(laid)); diff != "" {
		t.Errorf("the refunds are different: %s\n%q\n%q", diff, text, laid)
	}
	return string(laid), nil
}

// visibleBytes counts the visible bytes of a text.
func visibleBytes(text string) map[string]int {
	counts := map[string]int{}
	for _, c := range []byte(strings.TrimPrefix(text, "\uFEFF")) {
		if !strings.ContainsRune(" \t\r\n", rune(c)) {
			counts[string(c)]++
		}
	}
	return counts
}

// The program writes manifests that need no fmt.
func TestAWrittenManifestIsCanonical(t *testing.T) {
	text := rapid.StringMatching(`[A-Za-z0-9 .,:;#'"{}\[\]&*!|>%?₹-]{3,60}`)
	id := rapid.StringMatching(`[A-Za-z0-9_-]{3,40}`)
	amount := func(t *rapid.T) money.Amount {
		return money.Amount{Minor: rapid.Int64Range(1, 1e9).Draw(t, "amount"), Currency: rapid.SampledFrom([]money.Currency{money.INR, "USD", "JPY"}).Draw(t, "currency")}
	}
	row := rapid.Custom(func(t *rapid.T) refund.Spec {
		s := refund.Spec{
			Kind:     rapid.SampledFrom([]refund.Kind{refund.Order, refund.Subscription, refund.Payment}).Draw(t, "kind"),
			ParentID: id.Draw(t, "parent"), PaymentID: id.Draw(t, "payment"), RefundID: id.Draw(t, "refund"), Amount: amount(t),
			Note: text.Draw(t, "note"), Speed: rapid.SampledFrom([]string{"", "STANDARD"}).Draw(t, "speed"), Type: rapid.SampledFrom([]string{"", "AUTO_REFUND"}).Draw(t, "type"),
			Labels: rapid.MapOfN(rapid.StringMatching(`[a-z][a-z0-9_-]{0,9}`), text, 0, 3).Draw(t, "labels"), Hold: rapid.Bool().Draw(t, "hold"),
			NotDuplicateOf: rapid.SliceOfN(id, 0, 3).Draw(t, "cleared"), Supersedes: rapid.SampledFrom([]string{"", "refund_0"}).Draw(t, "supersedes"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "shares") {
			s.Splits = append(s.Splits, refund.Split{VendorID: id.Draw(t, "vendor"), Amount: amount(t)})
		}
		return s
	})
	rapid.Check(t, func(t *rapid.T) {
		written := WriteHead(rapid.SampledFrom([]string{"", "../a.json"}).Draw(t, "schema"), rapid.SampledFrom([]string{"default", "shop", "no"}).Draw(t, "account"))
		for _, s := range rapid.SliceOfN(row, 0, 3).Draw(t, "rows") {
			written += WriteRefund(s)
		}
		if laid, found := formatted(t, written); laid != written || len(found) > 0 {
			t.Errorf("%s%s", brief(found), cmp.Diff(written, laid))
		}
	})
}

func TestTheExamplesAreCanonical(t *testing.T) {
	folders, err := filepath.Glob("../../examples/*/refunds")
	if err != nil || len(folders) < 5 {
		t.Fatalf("%q %v", folders, err)
	}
	found, err := Format(context.Background(), folders, ".", func(f Formatted) error {
		if f.Changed() {
			t.Errorf("%s: %s", f.File, cmp.Diff(string(f.Before), string(f.After)))
		}
		return nil
	})
	if err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
}

func TestFormatGoesThroughTheFilesInOrderUntilAnError(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"b.yaml": "version:   1\n", "a.yaml": "version: 1\n", "c.yaml": "- 1\n", "d.yaml": "{", "e.yaml": "version: 1\n"})
	stop := errors.New("enough")
	var seen []string
	found, err := Format(context.Background(), []string{"a.yaml", "b.yaml", "c.yaml", "d.yaml", "e.yaml"}, root, func(f Formatted) error {
		seen = append(seen, f.File+" "+string(f.After))
		if f.Changed() != (f.File == "b.yaml") {
			t.Errorf("%+v", f)
		}
		if f.File == "e.yaml" {
			return stop
		}
		return nil
	})
	if want := []string{"a.yaml version: 1\n", "b.yaml version: 1\n", "e.yaml version: 1\n"}; !slices.Equal(seen, want) || !errors.Is(err, stop) {
		t.Errorf("%q %v", seen, err)
	}
	if got := brief(found); got != "1:1 w layout\n1:1 syntax\n" {
		t.Error(got)
	}
	ended, end := context.WithCancel(context.Background())
	end()
	if _, err := Format(ended, []string{"."}, root, func(Formatted) error { t.Error("a file"); return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A layout that loses or changes anything must never reach a file.
func TestALayoutThatSaysSomethingElseIsNoticed(t *testing.T) {
	const text = "version: 1\nrefunds:\n  # first\n  - order_id: \"012\"  # beside\n    refund_id: refund_1\n    refund_amount: 10\n    labels: {a: b, c: d}\n"
	before, err := formatDocuments(text)
	if err != nil || !before.sameAs(before) {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"an amount":           {"10", "100"},
		"the spelling":        {`"012"`, "012"},
		"the quotes":          {`"012"`, "'012'"},
		"a comment":           {"  # beside", ""},
		"a comment's text":    {"# first", "# second"},
		"a label":             {"a: b, ", ""},
		"a refund":            {"  # first\n", "  # first\n  - {order_id: order_2, refund_id: refund_2, refund_amount: 1}\n"},
		"what is a comment":   {"  # beside", "  "},
		"a field's name":      {"refund_id", "refund_di"},
		"values change place": {"a: b, c: d", "a: d, c: b"},
	} {
		after, err := formatDocuments(strings.Replace(text, change[0], change[1], 1))
		if err != nil {
			t.Fatal(err)
		}
		after.text = before.text // the other checks must notice it on their own
		if before.sameAs(after) {
			t.Errorf("%s is not noticed", name)
		}
	}
	if schema.SameRefunds([]byte(text), []byte(strings.Replace(text, "10", "10.01", 1))) || !schema.SameRefunds([]byte(text), []byte("# more\n"+text)) {
		t.Error("the refunds are compared wrongly")
	}
}

func FuzzFormat(f *testing.F) {
	for _, c := range layoutCases(f) {
		f.Add(c.in)
	}
	for _, c := range examples(f, "../testdata/bad.txtar") {
		f.Add(c.in)
	}
	f.Add("version: 1\naccount: shop\ndefaults: {refund_note: \"Size exchange\", labels: {team: returns}}\nrefunds:\n  - order_id: order_1\n    refund_id: refund_1\n    refund_amount: 1149.75\n    refund_splits:\n      - {vendor_id: Vendor01, amount: 100.12}\n    hold: true\n    not_duplicate_of: [refund_0]\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 10_000 {
			formatted(t, text)
		}
	})
}
