package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"refundctl/schema"
)

func everyCommand(root *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{root}
	for _, c := range root.Commands() {
		all = append(all, everyCommand(c)...)
	}
	return all
}

// help are the topics and commands that only print help.
func help(c *cobra.Command) bool { return c.IsAdditionalHelpTopicCommand() || c.Name() == "help" }

func TestEveryCommandShowsAnExampleOfItself(t *testing.T) {
	for _, c := range everyCommand((&app{}).root()) {
		if help(c) {
			continue
		}
		if !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s --help has no example that begins with %s", c.CommandPath(), c.CommandPath())
		}
		if c.Short == "" {
			t.Errorf("%s has no line in the list of commands", c.CommandPath())
		}
	}
}

// A terminal of 80 columns breaks wider lines within words.
func TestHelpIsNotWiderThanATerminal(t *testing.T) {
	for _, c := range everyCommand((&app{}).root()) {
		var out bytes.Buffer
		args := append(strings.Fields(c.CommandPath())[1:], "--help")
		if code := Main(args, Streams{Out: &out, Err: &out, Env: func(string) string { return "" }, Clock: time.Now}); code != 0 {
			t.Fatalf("%s: exit %d", args, code)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
				t.Errorf("%s --help has a line of %d columns: %s", c.CommandPath(), n, line)
			}
		}
	}
}

func TestAnUnknownFlagSuggestsTheIntendedOne(t *testing.T) {
	for typed, want := range map[string]string{
		"plan --ot x":            "did you mean --out?",
		"plan -out x":            "did you mean --out?",
		"plan --detailed":        "did you mean --detailed-exitcode?",
		"apply --auto-aprove":    "did you mean --auto-approve?",
		"apply -help":            "did you mean --help?",
		"apply --yes":            "did you mean --auto-approve? see refundctl apply --help",
		"apply -y":               "did you mean --auto-approve? see refundctl apply --help",
		"apply --dry-run":        "use refundctl plan: it shows what would be sent, and sends nothing",
		"apply -z":               "see refundctl apply --help",
		"validate --yes":         "see refundctl validate --help",
		"plan --nonsense":        "see refundctl plan --help",
		"plan --valid-for 2d":    "use a duration such as 90s, 30m or 2h",
		"plan --parallelism all": "use a whole number",
	} {
		var out, err bytes.Buffer
		code := Main(strings.Fields(typed), Streams{Out: &out, Err: &err, Env: func(string) string { return "" }, Clock: time.Now})
		if code != int(ExitInvalid) || !strings.HasSuffix(err.String(), "\nhint: "+want+"\n") {
			t.Errorf("refundctl %s: exit %d\n%swant the hint %q", typed, code, err.String(), want)
		}
	}
}

func TestNoFlagTakesASecret(t *testing.T) {
	for _, c := range everyCommand((&app{}).root()) {
		for _, word := range []string{"secret", "client-id", "api-key", "signature", "password", "token"} {
			if c.Flags().Lookup(word) != nil || c.Flags().Lookup("client-"+word) != nil || c.Flags().Lookup("partner-"+word) != nil {
				t.Errorf("%s has a flag for a secret: the process list would show its value", c.CommandPath())
			}
		}
	}
}

// A variable without a flag would have no effect.
func TestEveryVariableSetsAFlag(t *testing.T) {
	all := everyCommand((&app{}).root())
	for _, name := range fromEnv {
		if !slices.ContainsFunc(all, func(c *cobra.Command) bool {
			return c.Flags().Lookup(name) != nil || c.PersistentFlags().Lookup(name) != nil
		}) {
			t.Errorf("%s sets no flag", variable(name))
		}
	}
}

// contract is the table of exit codes that users' scripts rely on.
var contract = []struct {
	code  Exit
	class string
}{
	{0, "ok"}, {1, "error"}, {2, "changes"}, {3, "invalid"}, {4, "needs_person"}, {5, "partial"}, {6, "in_doubt"}, {7, "plan_refused"},
	{8, "locked"}, {9, "declined"}, {10, "credentials"}, {11, "unreachable"}, {12, "deadline"}, {130, "interrupted"},
}

func TestExitCodesMatchTheContractAndHelp(t *testing.T) {
	var out bytes.Buffer
	if code := Main([]string{"help", "exit-codes"}, Streams{Out: &out, Err: &out, Env: func(string) string { return "" }, Clock: time.Now}); code != 0 {
		t.Fatalf("exit %d: %s", code, out.String())
	}
	if len(exitTable) != len(contract) {
		t.Fatalf("%d rows in the table, %d in the contract", len(exitTable), len(contract))
	}
	for i, want := range contract {
		row := exitTable[i]
		if row.Code != want.code || row.Class != want.class {
			t.Errorf("row %d is %d %s, the contract says %d %s", i, row.Code, row.Class, want.code, want.class)
		}
		line := strings.Join(strings.Fields(fmt.Sprintf("%d %s %s %s", row.Code, row.Class, row.Money, row.Meaning)), " ")
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), line) {
			t.Errorf("help exit-codes does not have %q", line)
		}
	}
}

// exitCodesSection is the section of README.md about exit codes, made from the table.
func exitCodesSection() string {
	var b strings.Builder
	b.WriteString("| code | class | meaning | money moved? |\n|---|---|---|---|\n")
	for _, row := range exitTable {
		fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", row.Code, row.Class, row.Meaning, row.Money)
	}
	fmt.Fprintf(&b, "\nIf several apply, refundctl exits with the first of these: %s.\n`refundctl help exit-codes` prints the same table.\n\n%s\n", precedence(), folded(crashNote, 0))
	return b.String()
}

// README.md and help say the same. UPDATE_GOLDEN=1 writes the topics into README.md.
func TestTopicsAreSectionsOfREADME(t *testing.T) {
	const name = "../../README.md"
	readme, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for title, topic := range map[string]string{"The manifest": manifestTopic, "When it crashes": safetyTopic, "Exit codes": exitCodesSection()} {
		section := regexp.MustCompile(`(?ms)^## ` + title + `\n\n(.*?)\n(\n## |\z)`)
		found := section.FindSubmatchIndex(readme)
		switch {
		case found == nil:
			t.Errorf("README.md has no section %q", title)
		case string(readme[found[2]:found[3]])+"\n" == topic:
		case os.Getenv("UPDATE_GOLDEN") != "":
			readme = slices.Concat(readme[:found[2]], []byte(strings.TrimSuffix(topic, "\n")), readme[found[3]:])
			if err := os.WriteFile(name, readme, 0o600); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("README.md says something else under %q than its topic of help; UPDATE_GOLDEN=1 writes it", title)
		}
	}
}

func TestTheManifestInHelpIsValid(t *testing.T) {
	dir := t.TempDir()
	_, text, _ := strings.Cut(manifestTopic, "```yaml\n")
	text, _, _ = strings.Cut(text, "```")
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := schema.Load(t.Context(), []string{"a.yaml"}, schema.Options{Root: dir})
	if err != nil || len(read.Diagnostics) > 0 || len(read.Specs) != 1 {
		t.Errorf("%v, %v, %d refunds", err, read.Diagnostics, len(read.Specs))
	}
}

func TestTopicsAreRenderedForATerminal(t *testing.T) {
	words := strings.Repeat("word ", 20)
	got := rendered("Some `*.yaml` of **one** and\n*other*.\n\n```sh\n# *as it is*\n\nls\n```\n\n" + words + "\n\n- item\n- " + words + "\n")
	want := "Some *.yaml of one and other.\n\n  # *as it is*\n\n  ls\n\n" + strings.TrimSpace(strings.Repeat("word ", 16)) + "\nword word word word\n\n" +
		"- item\n- " + strings.TrimSpace(strings.Repeat("word ", 15)) + "\n  word word word word word\n"
	if got != want {
		t.Errorf("%q\nwant\n%q", got, want)
	}
}

// The order is the contract's. Each code that can apply together with others has its own place in it.
func TestTheContractsOrderDecidesAmongExitCodes(t *testing.T) {
	order := []Exit{6, 10, 130, 5, 1, 11, 4, 12, 2, 0}
	if got, want := precedence(), strings.Trim(strings.ReplaceAll(fmt.Sprint(order), " ", ", "), "[]"); got != want {
		t.Errorf("the order is %s, not %s", got, want)
	}
	for i, first := range order {
		for _, later := range order[i:] {
			if got := worst(later, first); got != first {
				t.Errorf("of %d and %d counts %d", first, later, got)
			}
			if got := worst(first, later); got != first {
				t.Errorf("of %d and %d counts %d", first, later, got)
			}
		}
	}
}

// A command that ends early (3, 7, 8, 9) ends with its own code.
func TestAnEarlyExitCodeIsNeverReplaced(t *testing.T) {
	for _, row := range exitTable {
		if row.Code != ExitOK && worst(ExitOK, row.Code) != row.Code {
			t.Errorf("%d gives way to 0", row.Code)
		}
	}
}

func TestSandboxWithoutCredentialsCreatesAPairAndStopsOnASignal(t *testing.T) {
	t.Parallel()
	c := exec.Command("refundctl", "sandbox")
	c.Env = []string{"GORACE=atexit_sleep_ms=0"}
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	lines := bufio.NewScanner(out)
	for _, want := range []string{"listening on http://127.0.0.1:", "base_url: http://127.0.0.1:", "export CASHFREE_CLIENT_ID=TEST", "base_url of api: flowwise: ", "export FLOWWISE_CLIENT_ID=TEST"} {
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), want) {
			t.Fatalf("%q, not %q", lines.Text(), want)
		}
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("ended by a signal as meant: %v", err)
	}
}

// Only unknown errors have no hint, and they come from one place.
func TestEveryRefusalHasAHint(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	hintless := regexp.MustCompile(`.*fail\(\w+, "".*`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range hintless.FindAllString(string(text), -1) {
			if !strings.HasSuffix(file, "_test.go") && strings.TrimSpace(line) != `return fail(ExitError, "", "%v", err)` {
				t.Errorf("%s: %s", file, line)
			}
		}
	}
}
