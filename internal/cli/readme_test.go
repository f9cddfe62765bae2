package cli_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// command is one line of a console block, and the output shown below it.
type command struct {
	line, shown string
	exit        int
}

// commands returns the commands of all console blocks. A line may end in "# exit N".
func commands(text string) []command {
	exit := regexp.MustCompile(`# exit (\d+)$`)
	var all []command
	inside := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = !inside && strings.TrimSpace(line) == "```console"
		case inside && strings.HasPrefix(line, "$ "):
			c := command{line: strings.TrimSpace(line[2:])}
			if m := exit.FindStringSubmatch(c.line); m != nil {
				c.exit, _ = strconv.Atoi(m[1])
			}
			all = append(all, c)
		case inside && len(all) > 0:
			all[len(all)-1].shown += line
		}
	}
	return all
}

// pattern matches the shown output; a line of three dots matches any lines.
func pattern(shown string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(shown)
	return regexp.MustCompile(`^` + strings.ReplaceAll(quoted, `\.\.\.`+"\n", `(?:.*\n)*?`) + `$`)
}

func TestREADME_itsCommandsPrintWhatItShows(t *testing.T) {
	runPage(t, "../../README.md", 5)
}

// The manifest of README, copied into a new project, has a refund that would be sent.
func TestREADME_itsManifestPlansAsItIs(t *testing.T) {
	topic, err := os.ReadFile("topics/manifest.md")
	if err != nil {
		t.Fatal(err)
	}
	_, manifest, _ := strings.Cut(string(topic), "```yaml\n")
	manifest, _, _ = strings.Cut(manifest, "```")
	s := &person{t: t, dir: t.TempDir(), env: unhurried()}
	if code, out := s.run("refundctl init"); code != 0 {
		t.Fatalf("init: exit %d\n%s", code, out)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "refunds", "first.refunds.yaml"), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := s.run("refundctl plan"); code != 0 || !strings.Contains(out, "Plan: + 1 create") {
		t.Errorf("plan: exit %d\n%s", code, out)
	}
}

// runPage runs the commands of a page one after another, in a folder that contains the examples, and compares their
// output and exit codes with the page.
func runPage(t *testing.T, page string, atLeast int) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS("../../examples")); err != nil {
		t.Fatal(err)
	}
	all := commands(string(text))
	if len(all) < atLeast {
		t.Fatalf("only %d commands found", len(all))
	}
	s := &person{t: t, dir: dir, env: unhurried()}
	for _, c := range all {
		if code, out := s.run(c.line); code != c.exit || !pattern(c.shown).MatchString(out) {
			t.Fatalf("$ %s\nexit %d, printed\n%s\nbut %s shows exit %d and\n%s", c.line, code, out, page, c.exit, c.shown)
		}
	}
}

// unhurried is the environment, with race-enabled programs exiting without delay.
func unhurried() []string { return append(os.Environ(), "GORACE=atexit_sleep_ms=0") }

// person runs lines as in one shell: each in the folder and with the variables of the one before. Background
// processes end with the test.
type person struct {
	t   *testing.T
	dir string
	env []string
}

func (s *person) run(line string) (code int, output string) {
	sh := exec.Command("bash", "-c", "{ "+line+"\n} 3>&-; status=$?; { pwd; env -0; } >&3; exit $status")
	sh.Dir, sh.Env, sh.SysProcAttr = s.dir, s.env, &syscall.SysProcAttr{Setpgid: true}
	left, report, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	var out bytes.Buffer
	sh.Stdout, sh.Stderr, sh.ExtraFiles = &out, &out, []*os.File{report}
	err = sh.Start()
	_ = report.Close()
	if err != nil {
		s.t.Fatal(err)
	}
	if strings.HasSuffix(line, "&") {
		s.t.Cleanup(func() { _ = syscall.Kill(-sh.Process.Pid, syscall.SIGKILL) })
	}
	after := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(left)
		after <- string(text)
	}()
	err = sh.Wait()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		s.t.Fatal(err)
	}
	where, env, _ := strings.Cut(<-after, "\n")
	s.dir, s.env = where, strings.Split(strings.TrimSuffix(env, "\x00"), "\x00")
	return sh.ProcessState.ExitCode(), out.String()
}

func TestREADME_itsExitCodesAreThoseOfTheProgram(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("refundctl", "exit-codes", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^\| (\d+) \| (\w+) \| (.*?) \| (.*?) \|$`)
	rows := row.FindAllStringSubmatch(string(text), -1)
	if want := regexp.MustCompile(`(?m)^\d+ `).FindAllString(string(out), -1); len(rows) != len(want) || len(rows) < 10 {
		t.Fatalf("README.md has %d exit codes, the program %d", len(rows), len(want))
	}
	for _, r := range rows {
		meaning := strings.ReplaceAll(regexp.QuoteMeta(r[3]), " ", `\s+`) // help breaks its lines
		line := regexp.MustCompile(`(?m)^` + r[1] + ` +` + r[2] + ` +` + regexp.QuoteMeta(r[4]) + ` +` + meaning + `$`)
		if !line.Match(out) {
			t.Errorf("the program does not print %q as README.md does:\n%s", r[0], out)
		}
	}
}
