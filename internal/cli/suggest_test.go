package cli

import (
	"strings"
	"testing"

	"refundctl/internal/view"
)

// suggesting returns the app of an invocation with these arguments.
func suggesting(t *testing.T, args ...string) *app {
	t.Helper()
	a := &app{Streams: Streams{Env: func(string) string { return "" }}}
	c, rest, err := a.root().Find(args)
	if err == nil {
		err = c.ParseFlags(rest)
	}
	if err != nil {
		t.Fatal(err)
	}
	a.running = c
	return a
}

// A command in a hint works as it is printed: it names the project that this run used.
func TestSuggestedCommandsNameTheProject(t *testing.T) {
	for _, c := range []struct{ run, text, want string }{
		{"plan", "run refundctl recover; it settles by 14:13", "run refundctl recover; it settles by 14:13"},
		{"plan --chdir desk", "run refundctl recover; it settles by 14:13", "run refundctl --chdir desk recover; it settles by 14:13"},
		{"plan --chdir desk --state old.jsonl", "refundctl recover --resolve r_1=sent --reason TEXT", "refundctl --chdir desk recover --state old.jsonl --resolve r_1=sent --reason TEXT"},
		{"status --config a.yaml --account x", "refundctl state pin --new --reason TEXT, or (see refundctl state verify)", "refundctl --config a.yaml state pin --new --reason TEXT, or (see refundctl --config a.yaml state verify)"}, // they are about the whole ledger,
		{"status --state l", "refundctl reissue r_1", "refundctl reissue --state l r_1"},
		{"status --config a.yaml --chdir d", "run refundctl init", "run refundctl --chdir d init"},
		{"status --chdir d", "install the newer refundctl that wrote it (see refundctl version)", "install the newer refundctl that wrote it (see refundctl version)"},
		{"status --chdir d", "https://example.com/?refundctl plan and myrefundctl plan", "https://example.com/?refundctl plan and myrefundctl plan"},
		{"status --chdir d", "refundctl --chdir d plan", "refundctl --chdir d plan"},
		{"status --chdir d", "refundctl explain -abc prints more", "refundctl --chdir d explain -- -abc prints more"},
		{"status --state l", "refundctl plan --state other.jsonl", "refundctl plan --state other.jsonl"},
	} {
		if got := suggesting(t, strings.Fields(c.run)...).copied(c.text); got != c.want {
			t.Errorf("%s: %q became\n%q, want\n%q", c.run, c.text, got, c.want)
		}
	}
}

func TestSuggestedCommandsAreQuotedForTheShell(t *testing.T) {
	for word, want := range map[string]string{
		"june.plan.json": "june.plan.json", "my desk": "'my desk'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "": "''",
		"a\x1b[31mb": `$'a\x1b[31mb'`, "a\u202eb": `$'a\u202eb'`, "it's\n": `$'it\'s\n'`, "::x": `$':\x3ax'`, "पुणे": "'पुणे'",
	} {
		if got := shellWord(word); got != want {
			t.Errorf("%q became %s, want %s", word, got, want)
		}
	}
	if got := shellPath("-june.json"); got != "./-june.json" {
		t.Errorf("a path that begins with a dash became %s", got)
	}
	if got, want := suggesting(t, "plan", "--chdir", "my desk").copied("refundctl show 'my plan.json' prints it"), "refundctl --chdir 'my desk' show 'my plan.json' prints it"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What applies a plan has its paths and its selection, or the plan file, and nothing about how it was shown.
func TestThePlansNextCommandSendsWhatItShows(t *testing.T) {
	for _, c := range []struct{ args, file, want string }{
		{"", "", "refundctl apply"},
		{"--chdir desk --detailed-exitcode --format json -v", "", "refundctl --chdir desk apply"},
		{"--target order_1,r_2 --exclude r_3 --refresh all", "", "refundctl apply --exclude r_3 --refresh all --target order_1,r_2"},
		{"--target order_1 --refresh all --without-manifests --out p.json", "p.json", "refundctl apply --without-manifests p.json"},
		{"--without-manifests=false --parallelism 2", "", "refundctl apply --parallelism 2 --without-manifests=false"},
		{"--state l.jsonl", "my plan.json", "refundctl apply --state l.jsonl 'my plan.json'"},
	} {
		a := suggesting(t, append([]string{"plan"}, strings.Fields(c.args)...)...)
		if got := view.Unglued(a.applying(a.running, nil, c.file)); got != c.want {
			t.Errorf("plan %s: %s, want %s", c.args, got, c.want)
		}
	}
	a := suggesting(t, "plan")
	if got, want := view.Unglued(a.applying(a.running, []string{"refunds/june.yaml", "a b"}, "")), "refundctl apply refunds/june.yaml 'a b'"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A command that was cut by the end of a line could do more than the whole one.
func TestNoLineEndsWithinACommand(t *testing.T) {
	a := suggesting(t, "plan", "--chdir", strings.Repeat("long/", 14))
	var out strings.Builder
	err := view.WarningText(&out, "m", "nothing has been sent yet; refundctl explain refund_17 prints more", view.Style{Width: 60, Commands: a.copyable})
	if want := "refundctl --chdir " + strings.Repeat("long/", 14) + " explain refund_17 "; err != nil || !strings.Contains(strings.ReplaceAll(out.String(), "\n", " "), want) || !strings.Contains(out.String(), strings.TrimSpace(want)) {
		t.Errorf("%v: %q", err, out.String())
	}
}
