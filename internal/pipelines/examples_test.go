package pipelines

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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

// github is what the tests read of a workflow's head. A key "on" is read as it is written: yaml.v3 follows YAML 1.2 here.
type github struct {
	On          map[string]struct{ Branches []string }
	Concurrency struct {
		Group  string
		Cancel bool `yaml:"cancel-in-progress"`
		Queue  string
	}
	Jobs map[string]struct{ Permissions map[string]string }
}

func readGithub(t *testing.T, name string) (w github) {
	t.Helper()
	load(t, filepath.Join("..", "..", "examples", "github-actions", ".github", "workflows", name), &w)
	return w
}

// A merge queue waits for the check that its branch requires, and for nothing else. Two entries of a queue, two pull
// requests and two forks never share a group.
func TestExamplesFitAMergeQueueAndForks(t *testing.T) {
	validate, plan := readGithub(t, "refunds-validate.yml"), readGithub(t, "refunds-plan.yml")
	for _, event := range []string{"pull_request", "merge_group"} {
		if on, known := validate.On[event]; !known || !slices.Equal(on.Branches, []string{"main"}) {
			t.Errorf("validate runs on %+v", validate.On)
		}
	}
	if _, only := plan.On["workflow_run"]; !only || len(plan.On) != 1 {
		t.Errorf("plan runs on %+v", plan.On)
	}
	for group, parts := range map[string][]string{
		validate.Concurrency.Group: {"github.event.pull_request.number || github.ref"},
		plan.Concurrency.Group:     {"github.event.workflow_run.head_repository.id", "github.event.workflow_run.head_branch"},
	} {
		contains(t, "the group", group, parts...)
	}
}

// Each job can do what it must and no more.
func TestExampleJobsHaveMinimalPermissions(t *testing.T) {
	for name, want := range map[string]map[string]string{
		"refunds-validate.yml": {"contents": "read"},
		"refunds-plan.yml":     {"contents": "read", "pull-requests": "write"},
		"refunds-apply.yml":    {"actions": "read", "contents": "read", "pull-requests": "write"},
	} {
		for job, j := range readGithub(t, name).Jobs {
			if !maps.Equal(j.Permissions, want) {
				t.Errorf("%s: job %s has %v, want %v", name, job, j.Permissions, want)
			}
		}
	}
}

// Both examples download the same archive of make release and know its digest. GitLab's image has a digest, and its
// packages come from one day's archive.
func TestExampleDownloadsArePinned(t *testing.T) {
	address := regexp.MustCompile(`^https://downloads\.example\.com/refundctl/(v[0-9.]+)/refundctl_(v[0-9.]+)_linux_amd64\.tar\.gz$`)
	var action workflow
	load(t, filepath.Join("..", "..", "examples", "github-actions", ".github", "actions", "refundctl", "action.yml"), &action)
	var lab struct {
		Variables map[string]string
		Base      struct {
			Image  string
			Before []string `yaml:"before_script"`
		} `yaml:".refundctl"`
	}
	load(t, filepath.Join("..", "..", "examples", "gitlab-ci", ".gitlab-ci.yml"), &lab)
	for _, env := range []map[string]string{action.Runs.Steps[0].Env, lab.Variables} {
		if m := address.FindStringSubmatch(env["REFUNDCTL_URL"]); m == nil || m[1] != m[2] || env["REFUNDCTL_URL"] != lab.Variables["REFUNDCTL_URL"] {
			t.Errorf("address %q", env["REFUNDCTL_URL"])
		}
		if len(env["REFUNDCTL_SHA256"]) != 64 {
			t.Errorf("digest %q", env["REFUNDCTL_SHA256"])
		}
	}
	image := regexp.MustCompile(`^debian:bookworm-([0-9]{8})@sha256:[0-9a-f]{64}$`).FindStringSubmatch(lab.Base.Image)
	if image == nil || lab.Variables["DEBIAN_SNAPSHOT"] != image[1]+"T000000Z" {
		t.Errorf("image %q, snapshot %q", lab.Base.Image, lab.Variables["DEBIAN_SNAPSHOT"])
	}
	contains(t, "before_script", lab.Base.Before[0], "rm -f /etc/apt/sources.list.d/debian.sources\n", "/archive/debian/$DEBIAN_SNAPSHOT bookworm main")
}

// A running apply is never cancelled, and two runs never share the ledger.
func TestExamplesNeverCancelAnApply(t *testing.T) {
	w := readGithub(t, "refunds-apply.yml")
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
