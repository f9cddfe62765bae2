package view_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"refundctl/apply"
	"refundctl/internal/view"
	"refundctl/plan"
)

// jsons are all JSON views.
func jsons(fill func(any)) map[string]func(io.Writer) error {
	p, ds, es, rs, rep := tricky(), diagnostics(), entries(), records(), report()
	rec, f, result := recovered(), view.Failure{Message: "m", Hint: "h"}, apply.Result{Stopped: errors.New("stop")}
	d := differing()
	for _, v := range []any{p, &ds, &es, &rs, &rep, &rec, &f, &d} {
		fill(v)
	}
	return map[string]func(io.Writer) error{
		"plan":        func(w io.Writer) error { return view.PlanJSON(w, p, view.PlanFile{ExpiresAt: at(20, 0)}) },
		"plan diff":   func(w io.Writer) error { return view.PlanDiffJSON(w, d) },
		"diagnostics": func(w io.Writer) error { return view.DiagnosticsJSON(w, ds) },
		"failure":     func(w io.Writer) error { return view.FailureJSON(w, f) },
		"recovered":   func(w io.Writer) error { return view.RecoveredJSON(w, rec, nil) },
		"list":        func(w io.Writer) error { return view.StateListJSON(w, es) },
		"show":        func(w io.Writer) error { return view.StateShowJSON(w, es, rs) },
		"history":     func(w io.Writer) error { return view.HistoryJSON(w, rs) },
		"verified":    func(w io.Writer) error { return view.VerifiedJSON(w, rep) },
		"version": func(w io.Writer) error {
			return view.VersionJSON(w, view.Version{Version: "v1.2.3", Commit: "0123abcd", Date: "2026-11-22T05:19:35Z", Go: "go1.26", Platform: "linux/amd64"})
		},
		"watch": func(w io.Writer) error {
			v := view.WatchJSON(w)
			v.Begin(p)
			v.Observe(rec.Open[0])
			return v.End(result, 6)
		},
	}
}

func TestJSONHasNoInvisibleCharacterAndKeepsTheText(t *testing.T) {
	for name, write := range jsons(spoil) {
		out := printed(t, write)
		for _, r := range string(out) {
			if r != '\n' && (!unicode.IsPrint(r) || r == '\u3164' || r == '\ufe0f') {
				t.Errorf("%s: %+q is printed raw", name, r)
				break
			}
		}
		escaped, _ := json.Marshal(strings.ToValidUTF8(hostile, "\ufffd"))
		if name != "verified" && name != "version" && !contains(t, out, string(escaped)) {
			t.Errorf("%s: the text does not come back from\n%s", name, out)
		}
	}
}

// contains reports whether a decoded and encoded again output has this text.
func contains(t *testing.T, out []byte, text string) bool {
	t.Helper()
	var all []string
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var v any
		if err := dec.Decode(&v); err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(again))
	}
	return strings.Contains(strings.Join(all, "\n"), text)
}

// documented are the objects of the contract with their fields in its order. Fields may stand
// between them: they are added, never changed.
func TestDocumentedFieldsAreThere(t *testing.T) {
	out := func(name string) []byte { return printed(t, jsons(leave)[name]) }
	lines := bytes.Split(bytes.TrimSpace(out("watch")), []byte("\n"))
	planned := out("plan")
	for _, c := range []struct {
		object, fields string
		raw            json.RawMessage
	}{
		{"plan", "format_version created_at expires_at digest accounts state reads summary changes", planned},
		{"account", "name api environment base_url fingerprint", inside(t, planned, "accounts", 0)},
		{"state", "lineage heads", inside(t, planned, "state")},
		{"summary of an action", "count amounts", inside(t, planned, "summary", "create")},
		{"change", "action account kind parent_id refund_id amount currency idempotency_key request reasons source live", inside(t, planned, "changes", 0)},
		{"request", "method path body", inside(t, planned, "changes", 0, "request")},
		{"reason", "code message", inside(t, planned, "changes", 1, "reasons", 0)},
		{"source", "file line column", inside(t, planned, "changes", 0, "source")},
		{"live", "refund_id cf_refund_id refund_amount refund_currency refund_status refund_type created_at", inside(t, planned, "changes", 1, "live")},
		{"state list", "account kind parent_id payment_id refund_id amount currency phase status cf_refund_id refund_arn idempotency_key attempt created_at updated_at",
			inside(t, out("list"), 0)},
		{"validate", "valid diagnostics", out("diagnostics")},
		{"diagnostic", "severity code message hint file line column", inside(t, out("diagnostics"), "diagnostics", 0)},
		{"error", "code class message hint", inside(t, out("failure"), "error")},
		{"event", "type account kind parent_id refund_id amount currency attempt try idempotency_key", lines[0]},
		{"last line of apply", "type sent refused in_doubt not_sent already_present", lines[1]},
		{"tally of apply", "count amounts", inside(t, lines[1], "sent")},
	} {
		if got := keys(t, c.raw); !inOrder(got, strings.Fields(c.fields)) {
			t.Errorf("%s has the fields %v, documented are %s", c.object, got, c.fields)
		}
	}
	for _, name := range []string{"plan", "plan diff", "diagnostics", "recovered", "show", "history", "verified", "version"} {
		if version := inside(t, out(name), "format_version"); string(version) != `"1"` {
			t.Errorf("%s: format_version is %s", name, version)
		}
	}
}

// inside walks into a document by names and indexes.
func inside(t *testing.T, raw json.RawMessage, path ...any) json.RawMessage {
	t.Helper()
	for _, step := range path {
		var err error
		switch step := step.(type) {
		case string:
			var object map[string]json.RawMessage
			err = json.Unmarshal(raw, &object)
			raw = object[step]
		case int:
			var list []json.RawMessage
			err = json.Unmarshal(raw, &list)
			raw = list[step]
		}
		if err != nil {
			t.Fatalf("%v: %v", path, err)
		}
	}
	return raw
}

// keys are an object's fields in their order.
func keys(t *testing.T, raw json.RawMessage) (names []string) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(raw))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		t.Fatalf("no object: %s", raw)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
		var skipped json.RawMessage
		if err := dec.Decode(&skipped); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

func inOrder(got, want []string) bool {
	for _, name := range got {
		if len(want) > 0 && name == want[0] {
			want = want[1:]
		}
	}
	return len(want) == 0
}

func TestPlanJSONIsTheGoldenDocument(t *testing.T) {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, printed(t, jsons(leave)["plan"]), "", " "); err != nil {
		t.Fatal(err)
	}
	golden(t, "plan.json", pretty.Bytes())
}

func TestTheSamePlanIsTheSameJSON(t *testing.T) {
	first := printed(t, jsons(leave)["plan"])
	for range 20 {
		if !bytes.Equal(first, printed(t, jsons(leave)["plan"])) {
			t.Fatal("two printings of one plan differ")
		}
	}
}

func TestR5_PlanJSONContainsTheExactRequestBytes(t *testing.T) {
	p := tricky()
	body := []byte("{\"refund_note\":\"<b> & ₹ \u2028 \\u202e \u200b\"}  ")
	p.Changes[0].Request.Body = body
	out := printed(t, func(w io.Writer) error { return view.PlanJSON(w, p, view.PlanFile{}) })
	var got string
	if err := json.Unmarshal(inside(t, out, "changes", 0, "request", "body"), &got); err != nil || got != string(body) {
		t.Errorf("%v: %q came back as %q", err, body, got)
	}
}

func TestPlanJSONSumsAllTenActionsWithoutSupersededRows(t *testing.T) {
	out := printed(t, jsons(leave)["plan"])
	var got map[string]struct {
		Count   int
		Amounts map[string]string
	}
	if err := json.Unmarshal(inside(t, out, "summary"), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(plan.Actions) {
		t.Errorf("%d actions, want %d", len(got), len(plan.Actions))
	}
	if want := map[string]string{"INR": "2299.50", "JPY": "1200", "BHD": "1.500"}; !reflect.DeepEqual(got["create"].Amounts, want) {
		t.Errorf("create sums up to %v, want %v", got["create"].Amounts, want)
	}
	if got["failed"].Count != 1 {
		t.Errorf("%d failed: the superseded one is counted", got["failed"].Count)
	}
}

func TestPlanThatWasNotSavedNeverExpires(t *testing.T) {
	out := printed(t, func(w io.Writer) error { return view.PlanJSON(w, settledPlan(0), view.PlanFile{}) })
	for field, want := range map[string]string{"expires_at": "null", "changes": "[]", "accounts": "[]", "digest": `""`} {
		if got := inside(t, out, field); string(got) != want {
			t.Errorf("%s is %s, want %s", field, got, want)
		}
	}
	if got := inside(t, out, "summary", "create", "amounts"); string(got) != "{}" {
		t.Errorf("no creates sum up to %s", got)
	}
	if got := inside(t, out, "state", "heads"); string(got) != "[]" {
		t.Errorf("no heads are %s", got)
	}
}

func BenchmarkPlanJSON10000(b *testing.B) {
	p := large(10000)
	for b.Loop() {
		if err := view.PlanJSON(io.Discard, p, view.PlanFile{}); err != nil {
			b.Fatal(err)
		}
	}
}
