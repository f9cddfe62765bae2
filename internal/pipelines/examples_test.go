package pipelines

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var withShellcheck = flag.Bool("shellcheck", false, "check the examples' scripts with shellcheck")

func TestExampleScriptsAreGoodBash(t *testing.T) {
	scripts := map[string]string{}
	folder := filepath.Join("..", "..", "examples", "github-actions", ".github")
	var action workflow
	load(t, filepath.Join(folder, "actions", "refundctl", "action.yml"), &action)
	for i, s := range action.Runs.Steps {
		scripts[fmt.Sprintf("action.yml step %d", i)] = s.Run
	}
	for _, name := range []string{"refunds-validate.yml", "refunds-plan.yml", "refunds-apply.yml"} {
		var w workflow
		load(t, filepath.Join(folder, "workflows", name), &w)
		for _, j := range w.Jobs {
			for _, s := range j.Steps {
				scripts[name+" "+s.Name] = s.Run
			}
		}
	}
	l := readLab(t)
	for _, job := range []string{"validate", "plan", "apply"} {
		scripts[".gitlab-ci.yml "+job] = strings.Join(append(l.lines(job, "before_script"), l.lines(job, "script")...), "\n")
		scripts[".gitlab-ci.yml after "+job] = strings.Join(l.lines(job, "after_script"), "\n")
	}
	checker := []string{"bash", "-n"}
	if *withShellcheck {
		checker = []string{"shellcheck", "--shell=bash", "--severity=warning"}
	}
	for name, script := range scripts {
		c := exec.Command(checker[0], append(checker[1:], "/dev/stdin")...)
		c.Stdin = strings.NewReader(script)
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// Every action is pinned by its whole commit, with the version beside it.
func TestExampleActionsArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`uses: [a-z-]+/[a-z-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$`)
	files, err := filepath.Glob(filepath.Join("..", "..", "examples", "github-actions", ".github", "workflows", "*.yml"))
	if err != nil || len(files) != 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if strings.Contains(line, "uses: ") && !strings.Contains(line, "uses: ./") && !pinned.MatchString(line) {
				t.Errorf("%s: %s", filepath.Base(file), line)
			}
			if strings.Contains(line, "pull_request_target") || strings.HasPrefix(line, "permissions: write-all") {
				t.Errorf("%s: %s", filepath.Base(file), line)
			}
		}
		if !bytes.Contains(text, []byte("\npermissions: {}\n")) {
			t.Errorf("%s: every job must ask for its own permissions", filepath.Base(file))
		}
	}
}

// A running apply is never cancelled, and two runs never share the ledger.
func TestExamplesNeverCancelAnApply(t *testing.T) {
	var w struct {
		Concurrency struct {
			Group  string
			Cancel bool `yaml:"cancel-in-progress"`
			Queue  string
		}
	}
	w.Concurrency.Cancel = true
	load(t, filepath.Join("..", "..", "examples", "github-actions", ".github", "workflows", "refunds-apply.yml"), &w)
	if w.Concurrency.Cancel || w.Concurrency.Group != "refunds-ledger" || w.Concurrency.Queue != "max" {
		t.Errorf("%+v", w)
	}
	type labJob struct {
		Extends       string
		Interruptible bool
		Group         string `yaml:"resource_group"`
	}
	var lab struct {
		Main  labJob `yaml:".main"`
		Apply labJob
	}
	lab.Main.Interruptible = true
	load(t, filepath.Join("..", "..", "examples", "gitlab-ci", ".gitlab-ci.yml"), &lab)
	if lab.Apply.Extends != ".main" || lab.Main.Interruptible || lab.Main.Group != "refunds-ledger" {
		t.Errorf("%+v", lab)
	}
}
