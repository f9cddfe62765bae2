package cli_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// command is one line of a console block, and the output that is shown under it.
type command struct {
	line, shown string
	exit        int
}

// commands are those of all console blocks. A line may end in "# exit N".
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

// pattern matches what is shown; a line of three dots stands for any lines.
func pattern(shown string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(shown)
	return regexp.MustCompile(`^` + strings.ReplaceAll(quoted, `\.\.\.`+"\n", `(?:.*\n)*?`) + `$`)
}

func TestREADME_itsCommandsPrintWhatItShows(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS("../../examples")); err != nil {
		t.Fatal(err)
	}
	all := commands(string(text))
	if len(all) < 5 {
		t.Fatalf("only %d commands found", len(all))
	}
	for _, c := range all {
		// Each line runs in the folder in which the one before ended.
		sh := exec.Command("sh", "-c", c.line+"\nstatus=$?; pwd >&3; exit $status")
		sh.Dir = dir
		where, report, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		sh.Stdout, sh.Stderr, sh.ExtraFiles = &out, &out, []*os.File{report}
		err = sh.Run()
		_ = report.Close()
		code := 0
		var ended *exec.ExitError
		if errors.As(err, &ended) {
			code = ended.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if code != c.exit || !pattern(c.shown).MatchString(out.String()) {
			t.Fatalf("$ %s\nexit %d, printed\n%s\nbut README.md shows exit %d and\n%s", c.line, code, &out, c.exit, c.shown)
		}
		var pwd bytes.Buffer
		_, _ = pwd.ReadFrom(where)
		dir = strings.TrimSpace(pwd.String())
	}
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
