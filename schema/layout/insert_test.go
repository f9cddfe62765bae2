package layout_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/schema"
	"refundctl/schema/layout"
)

// load reads a manifest; ok is false if it has an error.
func load(t testing.TB, text []byte) (specs []refund.Spec, ok bool) {
	t.Helper()
	r, err := schema.Load(context.Background(), nil, schema.Options{Root: ".", Instead: map[string][]byte{"a.yaml": text}})
	if err != nil {
		t.Fatal(err)
	}
	return r.Specs, !diag.HasError(r.Diagnostics)
}

func added(below string) refund.Spec {
	return refund.Spec{Account: "default", Kind: refund.Order, ParentID: "order_9", RefundID: "new_1", Amount: money.Amount{Minor: 10050, Currency: money.INR}, Supersedes: below}
}

func TestARowIsInsertedWhereItBelongsAndNothingElseChanges(t *testing.T) {
	row := "- order_id: order_9\n  refund_id: new_1\n  refund_amount: 100.50\n"
	at := func(indent string) string {
		return indent + strings.ReplaceAll(strings.TrimSuffix(row, "\n"), "\n", "\n"+indent) + "\n"
	}
	again := func(indent, old string) string { return at(indent) + indent + "  supersedes: " + old + "\n" }
	for name, c := range map[string]struct {
		before, after, below string
		line                 int
	}{
		"two columns": {"version: 1\nrefunds:\n  - {order_id: ord, refund_id: ref, refund_amount: 1}\n",
			"version: 1\nrefunds:\n  - {order_id: ord, refund_id: ref, refund_amount: 1}\n" + at("  "), "", 4},
		"no columns": {"version: 1\nrefunds:\n- order_id: ord\n  refund_id: ref\n  refund_amount: 1\n",
			"version: 1\nrefunds:\n- order_id: ord\n  refund_id: ref\n  refund_amount: 1\n" + at(""), "", 6},
		"four columns and a dash of its own": {"version: 1\nrefunds:\n    -\n      order_id: ord\n      refund_id: ref\n      refund_amount: 1\n",
			"version: 1\nrefunds:\n    -\n      order_id: ord\n      refund_id: ref\n      refund_amount: 1\n" + at("    "), "", 7},
		"no final newline": {"version: 1\nrefunds:\n  - {order_id: ord, refund_id: ref, refund_amount: 1}",
			"version: 1\nrefunds:\n  - {order_id: ord, refund_id: ref, refund_amount: 1}\n" + at("  "), "", 4},
		"a list before other fields, their comment stays theirs": {
			"version: 1\nrefunds:\n  - {order_id: ord, refund_id: ref, refund_amount: 1} # why\n    # still of the row\n\n# of the defaults\ndefaults: {hold: false}\n",
			"version: 1\nrefunds:\n  - {order_id: ord, refund_id: ref, refund_amount: 1} # why\n    # still of the row\n" + at("  ") + "\n# of the defaults\ndefaults: {hold: false}\n", "", 5},
		"a text that looks like a comment": {"version: 1\nrefunds:\n- order_id: ord\n  refund_id: ref\n  refund_amount: 1\n  refund_note: >-\n    # 3 of 4\n",
			"version: 1\nrefunds:\n- order_id: ord\n  refund_id: ref\n  refund_amount: 1\n  refund_note: >-\n    # 3 of 4\n" + at(""), "", 8},
		"rows with blank lines between": {"version: 1\nrefunds:\n  - {order_id: ord, refund_id: ref, refund_amount: 1}\n\n  # two\n  - {order_id: ord, refund_id: ref2, refund_amount: 2}\n\n",
			"version: 1\nrefunds:\n  - {order_id: ord, refund_id: ref, refund_amount: 1}\n\n  # two\n  - {order_id: ord, refund_id: ref2, refund_amount: 2}\n\n" + at("  ") + "\n", "", 8},
		"below the row that it supersedes": {"version: 1\nrefunds:\n  - {order_id: order_9, refund_id: ref, refund_amount: 1}\n  # two\n  - {order_id: ord, refund_id: ref2, refund_amount: 2}\n",
			"version: 1\nrefunds:\n  - {order_id: order_9, refund_id: ref, refund_amount: 1}\n" + again("  ", "ref") + "  # two\n  - {order_id: ord, refund_id: ref2, refund_amount: 2}\n", "ref", 4},
		"below the first of rows with blank lines between": {"version: 1\nrefunds:\n  - {order_id: order_9, refund_id: ref, refund_amount: 1}\n\n  # two\n  - {order_id: ord, refund_id: ref2, refund_amount: 2}\n",
			"version: 1\nrefunds:\n  - {order_id: order_9, refund_id: ref, refund_amount: 1}\n\n" + again("  ", "ref") + "\n  # two\n  - {order_id: ord, refund_id: ref2, refund_amount: 2}\n", "ref", 5},
		"superseding a row of another file": {"version: 1\nrefunds:\n  - {order_id: ord, refund_id: ref, refund_amount: 1}\n",
			"version: 1\nrefunds:\n  - {order_id: ord, refund_id: ref, refund_amount: 1}\n" + again("  ", "other"), "other", 4},
		"an empty list": {"version: 1\nrefunds: [] # none yet\n", "version: 1\nrefunds: # none yet\n" + at("  "), "", 3},
		"an empty list before other fields": {"version: 1\nrefunds: [ ]\ndefaults:\n  hold: true",
			"version: 1\nrefunds:\n" + at("  ") + "defaults:\n  hold: true", "", 3},
		"an empty file":  {"", "version: 1\nrefunds:\n" + at("  "), "", 3},
		"comments alone": {"# June\n\n", "# June\nversion: 1\nrefunds:\n" + at("  ") + "\n", "", 4},
		"an end of the document": {"version: 1\nrefunds:\n  - {order_id: ord, refund_id: ref, refund_amount: 1}\n...\n",
			"version: 1\nrefunds:\n  - {order_id: ord, refund_id: ref, refund_amount: 1}\n" + at("  ") + "...\n", "", 4},
	} {
		for form, as := range map[string]func(string) string{
			"as it is":               func(s string) string { return s },
			"CRLF":                   func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
			"with a byte order mark": func(s string) string { return "\xEF\xBB\xBF" + s },
		} {
			if form == "CRLF" && !strings.Contains(c.before, "\n") {
				continue // it has no line end
			}
			got, err := layout.Insert([]byte(as(c.before)), added(c.below))
			if err != nil {
				t.Fatalf("%s, %s: %v", name, form, err)
			}
			if diff := cmp.Diff(as(c.after), string(got.Text)); diff != "" || got.Line != c.line {
				t.Errorf("%s, %s: line %d, not %d\n%s", name, form, got.Line, c.line, diff)
			}
			hasOneMore(t, []byte(as(c.before)), got, added(c.below))
		}
	}
}

// hasOneMore fails unless the result has the same refunds, and one more on the line that it names.
func hasOneMore(t testing.TB, before []byte, got layout.Inserted, want refund.Spec) {
	t.Helper()
	old, _ := load(t, before)
	specs, ok := load(t, got.Text)
	if !ok || len(specs) != len(old)+1 {
		t.Fatalf("valid: %v, %d refunds after %d\n%q\n%q", ok, len(specs), len(old), before, got.Text)
	}
	var others []refund.Spec
	for _, s := range specs {
		if s.RefundID != want.RefundID {
			others = append(others, s)
			continue
		}
		if s.Source.Line != got.Line || s.ParentID != want.ParentID || s.Amount != want.Amount || s.Supersedes != want.Supersedes {
			t.Fatalf("line %d: %+v\n%s", got.Line, s, got.Text)
		}
	}
	if diff := cmp.Diff(old, others, cmpopts.IgnoreFields(refund.Spec{}, "Source"), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("other refunds changed (-before +after)\n%s\n%q\n%q", diff, before, got.Text)
	}
}

func TestAManifestWithoutAPlaceForARowIsRefused(t *testing.T) {
	for text, want := range map[string]error{
		"version: 1\nrefunds: [{order_id: ord, refund_id: ref, refund_amount: 1}]\n": layout.ErrFlowStyle,
		"{version: 1, refunds: []}\n":                             layout.ErrFlowStyle,
		"version: 1\nrefunds: [\n]\n":                             layout.ErrFlowStyle,
		"version: 1\nrefunds: []\n---\nversion: 1\nrefunds: []\n": layout.ErrSeveralDocuments,
		"version: 1\n":           layout.ErrNoList,
		"version: 1\nrefunds:\n": layout.ErrNoList,
		"- 1\n":                  layout.ErrNoList,
		"? version\n: 1\n? refunds\n: - {order_id: ord, refund_id: ref, refund_amount: 1}\n":                       layout.ErrNoPlace,
		"version: 1\nrefunds:\n- order_id: ord\n  refund_id: ref\n  refund_amount: 1\n  refund_note: \"a\n# b\"\n": layout.ErrNoPlace,
		"version: 1\nx: &x []\nrefunds: *x\n": layout.ErrNoList,
	} {
		if got, err := layout.Insert([]byte(text), added("")); !errors.Is(err, want) {
			t.Errorf("%q: %v, not %v\n%s", text, err, want, got.Text)
		}
	}
	if _, err := layout.Insert([]byte("version: 1\nrefunds: [\n"), added("")); err == nil {
		t.Error("a row was inserted into a text that is not YAML")
	}
}

// FuzzInsert checks that any valid manifest either gets the row and keeps its refunds, or is refused.
func FuzzInsert(f *testing.F) {
	for _, seed := range []string{
		"version: 1\nrefunds: []\n", "", "# c\n",
		"version: 1\nrefunds:\n- {order_id: ord, refund_id: ref, refund_amount: 1}\n# c\ndefaults: {}\n",
		"version: 1\nrefunds:\n  -\n    # c\n    order_id: &x ord\n    refund_id: ref\n    refund_amount: 1\n\n  - {order_id: *x, refund_id: ref2, refund_amount: 1}\n",
		"? version\n: 1\n? refunds\n: - {order_id: ord, refund_id: ref, refund_amount: 1}\n",
		"version: 1\nrefunds:\n  - order_id: ord\n    refund_id: ref\n    refund_amount: 1\n    refund_note: \"a\n# b\"\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		old, ok := load(t, text)
		below := ""
		if len(old) > 0 {
			below = old[0].RefundID
		}
		want := added(below)
		got, err := layout.Insert(text, want)
		if err != nil || !ok || bytes.Contains(text, []byte("new_1")) || bytes.Contains(text, []byte("default")) || bytes.Contains(text, []byte("account")) {
			return // the caller checks for a row with that id, and what the head says for all rows
		}
		hasOneMore(t, text, got, want)
	})
}
