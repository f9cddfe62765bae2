package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"refundctl/internal/sandbox"
	"refundctl/schema"
)

// shop is a merchant with the example's repository: an origin with main and the ledger's branch, the
// emulator, and the program as its release is downloaded.
type shop struct {
	t       *testing.T
	dir     string
	origin  string
	api     string // the emulator's base_url
	release string // the program's file
	digest  string
}

const july = `version: 1
refunds:
  - {order_id: order_nowhere, refund_id: refund_nowhere, refund_amount: 5.00}
  - {order_id: order_summer_fashion_001, refund_id: refund_summer_fashion_001_late, refund_amount: 10.00}
  - {order_id: order_summer_fashion_002, refund_id: refund_summer_fashion_002_late, refund_amount: 20.00}
`

// elsewhere makes a refund on an order of July as a colleague in the dashboard does.
func (s *shop) elsewhere() {
	s.t.Helper()
	request, err := http.NewRequest("POST", s.api+"/orders/order_summer_fashion_002/refunds", strings.NewReader(`{"refund_id":"dashboard_1","refund_amount":899.00}`))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header = http.Header{"X-Client-Id": {clientID}, "X-Client-Secret": {secret}, "X-Api-Version": {"2023-08-01"}, "Content-Type": {"application/json"}}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		s.t.Fatal(answer.Status)
	}
}

func openShop(t *testing.T, example string) *shop {
	t.Helper()
	for _, program := range []string{"bash", "git", "curl", "jq", "sha256sum"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("the examples' own shell steps are run here, which needs %s: %v", program, err)
		}
	}
	s := &shop{t: t, dir: t.TempDir()}
	s.origin = filepath.Join(s.dir, "origin.git")
	tree := filepath.Join(s.dir, "work")
	if err := os.CopyFS(tree, os.DirFS(filepath.Join("..", "..", "examples", example))); err != nil {
		t.Fatal(err)
	}
	s.pointAt(filepath.Join(tree, "refundctl.yaml"), s.emulator(filepath.Join(tree, "sandbox.yaml")))
	s.git(s.dir, "init", "--quiet", "--bare", "--initial-branch=main", s.origin)
	s.git(s.origin, "config", "uploadpack.allowAnySHA1InWant", "true")
	s.git(tree, "init", "--quiet", "--initial-branch=main")
	s.git(tree, "remote", "add", "origin", s.origin)
	june := filepath.Join(tree, "refunds", "june.refunds.yaml")
	kept := s.read(june)
	s.write(june, "version: 1\nrefunds: []\n")
	s.commit(tree, "the project", "main")
	s.git(tree, "switch", "--quiet", "--orphan", "refunds-ledger")
	s.write(filepath.Join(tree, "refunds.state.jsonl"), "")
	s.commit(tree, "the ledger", "refunds-ledger")
	s.git(tree, "switch", "--quiet", "main")
	s.git(tree, "switch", "--quiet", "--create", "june")
	s.write(june, kept)
	s.commit(tree, "the refunds of June", "june")
	s.download()
	return s
}

// emulator serves the example's orders on loopback and returns its base_url.
func (s *shop) emulator(world string) string {
	w, problems, err := schema.LoadWorld(world)
	if err != nil || len(problems) > 0 {
		s.t.Fatal(err, problems)
	}
	e, err := sandbox.New(sandbox.Options{Clock: time.Now, World: sandbox.WorldOf(w), SettleAfter: time.Millisecond,
		Credentials: sandbox.Credentials{ClientID: clientID, ClientSecret: secret}})
	if err != nil {
		s.t.Fatal(err)
	}
	server := httptest.NewServer(e)
	s.t.Cleanup(func() { server.Close(); _ = e.Close() })
	s.api = server.URL + "/pg"
	return s.api
}

func (s *shop) pointAt(config, baseURL string) {
	text := s.read(config)
	with := strings.Replace(text, "environment: sandbox\n", "environment: sandbox\n    base_url: "+baseURL+"\n", 1)
	if with == text {
		s.t.Fatal("the example's environment is not the sandbox")
	}
	s.write(config, with)
}

// download lays the release where the pipelines fetch it from: a way to the program of this test.
func (s *shop) download() {
	const text = "#!/bin/sh\nexec \"$PROGRAM\" \"$@\"\n"
	sum := sha256.Sum256([]byte(text))
	s.release, s.digest = filepath.Join(s.dir, "release"), hex.EncodeToString(sum[:])
	s.write(s.release, text)
}

func (s *shop) read(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func (s *shop) write(name, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) git(dir string, args ...string) string {
	s.t.Helper()
	c := exec.Command("git", append([]string{"-c", "user.name=asha", "-c", "user.email=asha@localhost"}, args...)...)
	c.Dir, c.Env = dir, s.environment()
	out, err := c.CombinedOutput()
	if err != nil {
		s.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (s *shop) commit(tree, message, branch string) {
	s.t.Helper()
	s.git(tree, "add", "--all")
	s.git(tree, "commit", "--quiet", "--message", message)
	s.git(tree, "push", "--quiet", "origin", "HEAD:"+branch)
}

// propose pushes a branch that adds one manifest to main, and returns its head.
func (s *shop) propose(branch, manifest string) string {
	s.t.Helper()
	tree := filepath.Join(s.dir, "work")
	s.git(tree, "fetch", "--quiet", "origin")
	s.git(tree, "switch", "--quiet", "--force-create", branch, "origin/main")
	s.write(filepath.Join(tree, "refunds", branch+".refunds.yaml"), manifest)
	s.commit(tree, branch, branch)
	return s.head(branch)
}

func (s *shop) head(branch string) string { return s.git(s.origin, "rev-parse", "refs/heads/"+branch) }

// squash merges a branch into main as one new commit and returns it.
func (s *shop) squash(branch string) string {
	s.t.Helper()
	tree := filepath.Join(s.dir, "work")
	s.git(tree, "fetch", "--quiet", "origin")
	s.git(tree, "switch", "--quiet", "--force-create", "main", "origin/main")
	s.git(tree, "merge", "--quiet", "--squash", "origin/"+branch)
	s.commit(tree, branch+" (squashed)", "main")
	return s.head("main")
}

// ledger is the ledger's branch as it was pushed.
func (s *shop) ledger() string {
	s.t.Helper()
	return s.git(s.origin, "show", "refunds-ledger:refunds.state.jsonl")
}

// environment is that of a job without credentials; what a job sets goes over it.
func (s *shop) environment(more ...string) []string {
	program, err := exec.LookPath("refundctl")
	if err != nil {
		s.t.Fatal(err)
	}
	return append([]string{"PATH=" + os.Getenv("PATH"), "PROGRAM=" + program, "HOME=" + filepath.Join(s.dir, "home"), "LC_ALL=C", "GORACE=atexit_sleep_ms=0",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0"}, more...)
}

// shell runs a script and returns what it printed and its exit code. The secret is never printed.
func (s *shop) shell(dir, script string, options, env []string) (string, int) {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "step.sh")
	s.write(file, script)
	c := exec.Command("bash", append(slices.Clone(options), file)...)
	c.Dir, c.Env = dir, env
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	if c.ProcessState == nil {
		s.t.Fatal(err)
	}
	if strings.Contains(out.String(), secret) {
		s.t.Errorf("the secret stands in the log:\n%s", out.String())
	}
	return out.String(), c.ProcessState.ExitCode()
}

// load reads the last document of a YAML file.
func load(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	documents := bytes.Split(text, []byte("\n---\n"))
	if err := yaml.Unmarshal(documents[len(documents)-1], into); err != nil {
		t.Fatal(err)
	}
}

// intents counts the ledger's intents.
func intents(ledger string) int { return strings.Count(ledger, `"type":"intent"`) }

func want(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s does not hold %q:\n%s", what, part, text)
		}
	}
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

var withShellcheck = flag.Bool("shellcheck", false, "hold the examples' scripts against shellcheck")

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

// What may be pinned is pinned: an action by its whole commit, with the version beside it.
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
			t.Errorf("%s: not every job asks for its own permissions", filepath.Base(file))
		}
	}
}

// Money that is on its way is not cut off, and two runs never share the ledger.
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
