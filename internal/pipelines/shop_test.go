package pipelines

import (
	"bytes"
	"flag"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"gopkg.in/yaml.v3"

	"refundctl/internal/cli"
	"refundctl/internal/sandbox"
)

// TestMain lets the test binary be the program and GitHub's client: the pipelines run both as real processes.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"refundctl": func() { os.Exit(cli.Main(os.Args[1:], cli.System())) }, "gh": gh})
}

// The credentials that the emulator accepts. The secret must appear in no log and no file.
const (
	clientID = "merchant_of_the_pipelines"
	secret   = "words-that-nobody-must-ever-read"
)

// shop is a merchant with the example's repository: a Git origin with main and the ledger's branch, the
// emulator, and the program as a release that can be downloaded.
type shop struct {
	t       *testing.T
	dir     string
	origin  string
	api     string // the emulator's base_url
	release string // the address of the release's archive
	digest  string
}

const july = `version: 1
refunds:
  - {order_id: order_nowhere, refund_id: refund_nowhere, refund_amount: 5.00}
  - {order_id: order_summer_fashion_001, refund_id: refund_summer_fashion_001_late, refund_amount: 10.00}
  - {order_id: order_summer_fashion_002, refund_id: refund_summer_fashion_002_late, refund_amount: 20.00}
`

// refundInDashboard refunds an order of July, as a colleague in the dashboard does.
func (s *shop) refundInDashboard() {
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
	s.publish()
	return s
}

// emulator serves the example's orders on loopback and returns its base_url.
func (s *shop) emulator(world string) string {
	w, problems, err := sandbox.LoadWorld(world)
	if err != nil || len(problems) > 0 {
		s.t.Fatal(err, problems)
	}
	e, err := sandbox.New(sandbox.Options{Clock: time.Now, World: w, SettleAfter: time.Millisecond,
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

// releaseFolder is the dist/ of make release, for the tests that .ci/release-check runs.
var releaseFolder = flag.String("release", "", "download the archive in this `folder` instead of a substitute")

// publish makes the release that the pipelines download: an archive like that of make release, which contains a
// script that starts the program of this test; with -release, the real one.
func (s *shop) publish() {
	s.t.Helper()
	dist := *releaseFolder
	if dist == "" {
		const name = "refundctl_v0.0.0_linux_amd64"
		dist = filepath.Join(s.dir, "dist")
		program := filepath.Join(s.dir, "stage", name, "refundctl")
		s.write(program, "#!/bin/sh\nexec \"$PROGRAM\" \"$@\"\n")
		if err := os.Chmod(program, 0o755); err != nil {
			s.t.Fatal(err)
		}
		s.write(filepath.Join(dist, "SHA256SUMS"), "")
		pack := `tar -czf "$2/$3.tar.gz" -C "$1" "$3" && cd "$2" && sha256sum "$3.tar.gz" >SHA256SUMS`
		if out, err := exec.Command("bash", "-c", pack, "pack", filepath.Join(s.dir, "stage"), dist, name).CombinedOutput(); err != nil {
			s.t.Fatal(err, string(out))
		}
	}
	for line := range strings.Lines(s.read(filepath.Join(dist, "SHA256SUMS"))) {
		if digest, name, _ := strings.Cut(strings.TrimSpace(line), "  "); strings.HasSuffix(name, "_linux_amd64.tar.gz") {
			s.release, s.digest = "file://"+filepath.Join(dist, name), digest
			return
		}
	}
	s.t.Fatalf("%s has no archive for linux/amd64", dist)
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

// ledger is the ledger as the origin has it.
func (s *shop) ledger() string {
	s.t.Helper()
	return s.git(s.origin, "show", "refunds-ledger:refunds.state.jsonl")
}

// environment is that of a job without credentials. What the job sets overrides it.
func (s *shop) environment(more ...string) []string {
	program, err := exec.LookPath("refundctl")
	if err != nil {
		s.t.Fatal(err)
	}
	return append([]string{"PATH=" + os.Getenv("PATH"), "PROGRAM=" + program, "HOME=" + filepath.Join(s.dir, "home"), "LC_ALL=C", "GORACE=atexit_sleep_ms=0",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0"}, more...)
}

// shell runs a script and returns what it printed and its exit code. The test fails if it printed the secret.
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
		s.t.Errorf("the secret is in the log:\n%s", out.String())
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

// contains fails the test if text lacks one of the parts.
func contains(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s lacks %q:\n%s", what, part, text)
		}
	}
}

// filesWith are the files below dir that contain text.
func filesWith(dir, text string) (files []string) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // a file that is gone contains nothing
		}
		if content, err := os.ReadFile(path); err == nil && bytes.Contains(content, []byte(text)) {
			files = append(files, path)
		}
		return nil
	})
	return files
}
