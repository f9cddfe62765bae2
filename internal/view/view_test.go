package view_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"refundctl/apply"
	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/state"
)

func TestEscapeShowsWhatCannotBeSeen(t *testing.T) {
	for text, want := range map[string]string{
		"refund_1":              "refund_1",
		`C:\new "x"`:            `C:\new "x"`,
		"₹1,20,450.00 · ग्राहक": "₹1,20,450.00 · ग्राहक",
		"a\x1b[2Kb":             `a\x1b[2Kb`,
		"a\r\n\tb":              `a\r\n\tb`,
		"\u009b1A\u0085":        `\u009b1A\u0085`,
		"\u202eabc\u2069":       `\u202eabc\u2069`,
		"a\u200b\u200d\ufeffb":  `a\u200b\u200d\ufeffb`,
		"\u2028\u3164\u034f":    `\u2028\u3164\u034f`,
		"x\ufe0f\u00a0\u00ad":   `x\ufe0f\u00a0\u00ad`,
		"\U000e0041\U000e0100":  `\U000e0041\U000e0100`,
		"bad\xff\xc3":           `bad\xff\xc3`,
		"\x00\x7f":              `\x00\x7f`,
	} {
		if got := view.Escape(text); got != want {
			t.Errorf("Escape(%+q) = %s, want %s", text, got, want)
		}
	}
}

// texts are all text views, fed with what the caller fills in.
func texts(s view.Style, fill func(any)) map[string]func(io.Writer) error {
	p, ds, es, rs, rep := tricky(), diagnostics(), entries(), records(), report()
	rec, f, result := recovered(), view.Failure{Message: "m", Hint: "h"}, apply.Result{Stopped: errors.New("stop")}
	d := differing()
	for _, v := range []any{p, &ds, &es, &rs, &rep, &rec, &f, &d} {
		fill(v)
	}
	watched := func(terminal bool) func(io.Writer) error {
		return func(w io.Writer) error {
			v := view.WatchText(w, view.NewLine(w, view.WatchOptions{Style: s, Terminal: terminal, Clock: clockAt(at(14, 5))}))
			v.Begin(p)
			for _, kind := range []apply.EventKind{apply.Sending, apply.Refused, apply.InDoubt, apply.NotSent, apply.Resolved, apply.Stopping} {
				e := rec.Open[0]
				e.Kind = kind
				v.Observe(e)
			}
			v.Observe(rec.Open[0])
			return v.End(result, 6)
		}
	}
	return map[string]func(io.Writer) error{
		"plan": func(w io.Writer) error {
			return view.Plan(w, p, view.PlanFile{}, view.PlanOptions{Style: s, Verbose: true})
		},
		"plan diff":   func(w io.Writer) error { return view.PlanDiffText(w, d, view.PlanOptions{Style: s}) },
		"diagnostics": func(w io.Writer) error { return view.Diagnostics(w, ds, s) },
		"validated":   func(w io.Writer) error { return view.Validated(w, ds, 2, 3, s) },
		"failure":     func(w io.Writer) error { return view.FailureText(w, f, s) },
		"recovered":   func(w io.Writer) error { return view.Recovered(w, rec, s) },
		"list":        func(w io.Writer) error { return view.StateList(w, es, s) },
		"show":        func(w io.Writer) error { return view.StateShow(w, es, rs, s) },
		"history":     func(w io.Writer) error { return view.History(w, rs, s) },
		"explain":     func(w io.Writer) error { return view.Explain(w, []view.Explanation{with(story(), fill)}, s) },
		"status":      func(w io.Writer) error { return view.Status(w, with(ledgerStatus(), fill), s) },
		"verified":    func(w io.Writer) error { return view.Verified(w, rep, s) },
		"notices":     func(w io.Writer) error { return view.Notices(w, rep.Notices, s) },
		"log":         watched(false),
		"terminal":    watched(true),
	}
}

func leave(any) {}

func with[T any](v T, fill func(any)) T {
	fill(&v)
	return v
}

// spoil puts the hostile text into every text that a value holds, however deep.
func spoil(v any) { fill(v, hostile) }

func fill(v any, text string) { fillValue(reflect.ValueOf(v), text) }

func fillValue(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			fillValue(v.Elem(), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Name != "Parents" {
				fillValue(v.Field(i), text)
			}
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[[]byte]() {
			v.SetBytes([]byte(text))
			return
		}
		for i := range v.Len() {
			fillValue(v.Index(i), text)
		}
	case reflect.String:
		if v.CanSet() {
			v.SetString(text)
		}
	}
}

func TestForeignTextNeverReachesATerminalRaw(t *testing.T) {
	for name, write := range texts(view.Style{Width: 80}, spoil) {
		t.Run(name, func(t *testing.T) {
			out := string(printed(t, write))
			if name == "terminal" {
				out = strings.ReplaceAll(out, "\r\x1b[K", "")
			}
			for _, r := range strings.ToValidUTF8(out, "\x00") {
				if r != '\n' && (!unicode.IsPrint(r) || r == '\u3164' || r == '\ufe0f') {
					t.Fatalf("%+q is printed raw in:\n%+q", r, out)
				}
			}
			if name != "verified" && name != "notices" && !strings.Contains(out, `\x1b[31m`) {
				t.Errorf("the text is not shown at all:\n%s", out)
			}
		})
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9]*m")

func TestColourAddsNothingThatThePlainTextDoesNotSay(t *testing.T) {
	plain := texts(view.Style{Width: 80}, leave)
	for name, write := range texts(view.Style{Width: 80, Color: true}, leave) {
		coloured := printed(t, write)
		if bare, want := escapes.ReplaceAllString(string(coloured), ""), string(printed(t, plain[name])); bare != want {
			t.Errorf("%s: without its colours:\n%s\nin plain:\n%s", name, bare, want)
		}
	}
	if out := printed(t, texts(view.Style{Color: true}, leave)["plan"]); !escapes.Match(out) {
		t.Error("a plan with colours has none")
	}
}

func TestIdsAreNeverCutAndTextFitsTheScreen(t *testing.T) {
	long := "refund_" + strings.Repeat("x", 53)
	for _, width := range []int{1, 40, 80, 200} {
		p := tricky()
		p.Changes[3].ID.RefundID = long
		out := string(printed(t, func(w io.Writer) error {
			return view.Plan(w, p, view.PlanFile{}, view.PlanOptions{Style: view.Style{Width: width}})
		}))
		if !strings.Contains(out, long) {
			t.Errorf("width %d: the id is not whole in:\n%s", width, out)
		}
		if width < 80 {
			continue
		}
		for line := range strings.Lines(out) {
			line = strings.TrimRight(line, "\n")
			widest := slices.MaxFunc(strings.Fields(line+" x"), func(a, b string) int { return len([]rune(a)) - len([]rune(b)) })
			if len([]rune(line)) > width && len([]rune(widest)) < width-8 && !strings.Contains(line, long) {
				t.Errorf("width %d: a line of %d: %s", width, len([]rune(line)), line)
			}
		}
	}
}

// failing takes the first n bytes.
type failing struct{ n int }

var errClosed = errors.New("closed pipe")

func (f *failing) Write(b []byte) (int, error) {
	if len(b) > f.n {
		return f.n, errClosed
	}
	f.n -= len(b)
	return len(b), nil
}

func TestAFailingWriterIsReported(t *testing.T) {
	views := texts(view.Style{}, leave)
	for name, write := range jsons(leave) {
		views["json "+name] = write
	}
	for name, write := range views {
		for _, n := range []int{0, 5} {
			if err := write(&failing{n}); !errors.Is(err, errClosed) {
				t.Errorf("%s after %d bytes: error %v", name, n, err)
			}
		}
	}
}

func TestDiagnosticsLookLikeACompilers(t *testing.T) {
	golden(t, "diagnostics.txt", printed(t, func(w io.Writer) error { return view.Diagnostics(w, diagnostics(), view.Style{}) }))
	golden(t, "diagnostics.json", printed(t, func(w io.Writer) error { return view.DiagnosticsJSON(w, diagnostics()) }))
	if out := printed(t, func(w io.Writer) error { return view.DiagnosticsJSON(w, nil) }); string(out) != `{"format_version":"1","valid":true,"diagnostics":[]}`+"\n" {
		t.Errorf("nothing to mend is %s", out)
	}
	if out := printed(t, func(w io.Writer) error { return view.Diagnostics(w, nil, view.Style{}) }); len(out) > 0 {
		t.Errorf("nothing to mend prints %q", out)
	}
}

func TestValidatedSaysValidOnlyWithoutErrors(t *testing.T) {
	warning := []diag.Diagnostic{{Severity: diag.Warning, Code: "c", Message: "m", Place: diag.Place{File: "f", Line: 1}}}
	for _, c := range []struct {
		ds   []diag.Diagnostic
		want string
	}{
		{nil, "Valid: 1 refund in 2 files.\n"},
		{warning, "f:1: warning: m [c]\n0 errors, 1 warning\nValid: 1 refund in 2 files.\n"},
		{[]diag.Diagnostic{{Severity: diag.Error, Code: "c", Message: "m"}}, "error: m [c]\n1 error\n"},
	} {
		if got := string(printed(t, func(w io.Writer) error { return view.Validated(w, c.ds, 2, 1, view.Style{}) })); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestAFailureSaysWhatAndThenWhatToDo(t *testing.T) {
	f := view.Failure{Code: 8, Class: "locked", Message: "the ledger is locked by asha\n", Hint: "wait for <asha> & co"}
	out := printed(t, func(w io.Writer) error { return view.FailureText(w, f, view.Style{}) })
	if want := "error: the ledger is locked by asha\\n\nhint: wait for <asha> & co\n"; string(out) != want {
		t.Errorf("got %q", out)
	}
	out = printed(t, func(w io.Writer) error { return view.FailureJSON(w, f) })
	if want := `{"error":{"code":8,"class":"locked","message":"the ledger is locked by asha\n","hint":"wait for <asha> & co"}}` + "\n"; string(out) != want {
		t.Errorf("got %s", out)
	}
}

func TestTimesNameTheirZone(t *testing.T) {
	if got := view.Time(at(14, 3).UTC()); got != "2026-06-09 14:03:00 +05:30" {
		t.Error(got)
	}
}

func TestLedgerViews(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{
		"list_80.txt":   func(w io.Writer) error { return view.StateList(w, entries(), view.Style{Width: 80}) },
		"list_200.txt":  func(w io.Writer) error { return view.StateList(w, entries(), view.Style{Width: 200}) },
		"list.json":     func(w io.Writer) error { return view.StateListJSON(w, entries()) },
		"show.txt":      func(w io.Writer) error { return view.StateShow(w, entries(), records(), view.Style{}) },
		"show.json":     func(w io.Writer) error { return view.StateShowJSON(w, entries(), records()) },
		"history.txt":   func(w io.Writer) error { return view.History(w, records(), view.Style{}) },
		"history.json":  func(w io.Writer) error { return view.HistoryJSON(w, records()) },
		"verified.txt":  func(w io.Writer) error { return view.Verified(w, report(), view.Style{}) },
		"verified.json": func(w io.Writer) error { return view.VerifiedJSON(w, report()) },
	} {
		golden(t, name, printed(t, write))
	}
}

func TestAnEmptyLedgerIsASentenceOrAnEmptyArray(t *testing.T) {
	for want, write := range map[string]func(io.Writer) error{
		"[\n]\n":                       func(w io.Writer) error { return view.StateListJSON(w, nil) },
		"The ledger has no refunds.\n": func(w io.Writer) error { return view.StateList(w, nil, view.Style{}) },
		"The ledger has no events for this refund.\n": func(w io.Writer) error { return view.History(w, nil, view.Style{}) },
		"Nothing is in doubt.\n":                      func(w io.Writer) error { return view.Recovered(w, apply.Recovered{}, view.Style{}) },
	} {
		if got := string(printed(t, write)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestEqualIdsOfTwoAccountsAreDistinguished(t *testing.T) {
	two := []state.Entry{{AccountName: "shop", ID: refund.Identity{Parent: refund.Parent{Account: "f1", Kind: refund.Order, ID: "o_1"}, RefundID: "r_1"}},
		{AccountName: "outlet", ID: refund.Identity{Parent: refund.Parent{Account: "f2", Kind: refund.Order, ID: "o_1"}, RefundID: "r_1"}}}
	out := printed(t, func(w io.Writer) error { return view.StateList(w, two, view.Style{}) })
	if !bytes.Contains(out, []byte("shop: order o_1")) || !bytes.Contains(out, []byte("outlet: order o_1")) {
		t.Errorf("got\n%s", out)
	}
}

func BenchmarkStateListJSON100000(b *testing.B) {
	all := make([]state.Entry, 0, 100000)
	for len(all) < cap(all) {
		all = append(all, entries()[:1]...)
	}
	for b.Loop() {
		if err := view.StateListJSON(io.Discard, all); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStateListText100000(b *testing.B) {
	all := make([]state.Entry, 0, 100000)
	for len(all) < cap(all) {
		all = append(all, entries()[:1]...)
	}
	for b.Loop() {
		if err := view.StateList(io.Discard, all, view.Style{}); err != nil {
			b.Fatal(err)
		}
	}
}
