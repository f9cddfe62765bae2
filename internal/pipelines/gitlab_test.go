package pipelines

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"
)

const labToken = "token-of-the-project-that-nobody-must-ever-read"

// lab is GitLab as far as the example needs it: the runner, and the API on loopback.
type lab struct {
	*shop
	jobs   map[string]*yaml.Node
	server *httptest.Server

	mu    sync.Mutex
	notes []note
	head  string // of merge request 5
	sha   string // what it became in main
	fork  bool
}

type note struct {
	ID     int    `json:"id"`
	Body   string `json:"body"`
	Author struct {
		ID int `json:"id"`
	} `json:"author"`
}

func openLab(t *testing.T) *lab {
	l := readLab(t)
	l.shop = openShop(t, "gitlab-ci")
	other := note{ID: 1, Body: "<!-- refundctl plan --> not of the bot"}
	other.Author.ID = 99
	l.notes, l.head = []note{other}, l.shop.head("june")
	l.server = httptest.NewServer(http.HandlerFunc(l.serve))
	t.Cleanup(l.server.Close)
	return l
}

// readLab reads the example's jobs.
func readLab(t *testing.T) *lab {
	l := &lab{shop: &shop{t: t}, jobs: map[string]*yaml.Node{}}
	var top yaml.Node
	load(t, filepath.Join("..", "..", "examples", "gitlab-ci", ".gitlab-ci.yml"), &top)
	for i := 0; i+1 < len(top.Content[0].Content); i += 2 {
		l.jobs[top.Content[0].Content[i].Value] = top.Content[0].Content[i+1]
	}
	return l
}

func (l *lab) serve(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.Header.Get("PRIVATE-TOKEN") != labToken {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	project := 7
	if l.fork {
		project = 8
	}
	var answer any
	switch path := strings.TrimPrefix(r.URL.Path, "/api/v4"); {
	case path == "/user":
		answer = map[string]any{"id": 3}
	case strings.HasSuffix(path, "/notes") && r.Method == http.MethodGet:
		answer = l.notes
	case strings.Contains(path, "/notes"):
		l.putNote(r, path)
	case strings.HasSuffix(path, "/approvals"):
		answer = map[string]any{"approved_by": []any{map[string]any{"user": map[string]any{"username": "meera"}}, map[string]any{"user": map[string]any{"username": "ravi"}}}}
	case path == "/projects/7/merge_requests/5":
		answer = map[string]any{"iid": 5, "sha": l.head, "source_project_id": project, "target_project_id": 7}
	case path == "/projects/7/repository/commits/"+l.sha+"/merge_requests":
		answer = []any{
			map[string]any{"iid": 4, "state": "opened", "sha": l.sha, "merge_commit_sha": nil, "squash_commit_sha": nil, "target_branch": "main"},
			map[string]any{"iid": 6, "state": "merged", "sha": l.sha, "merge_commit_sha": nil, "squash_commit_sha": nil, "target_branch": "elsewhere"},
			map[string]any{"iid": 5, "state": "merged", "sha": l.head, "merge_commit_sha": "2222", "squash_commit_sha": l.sha, "target_branch": "main"},
		}
	case strings.HasSuffix(path, "/merge_requests"):
		answer = []any{}
	default:
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// putNote adds or changes a note.
func (l *lab) putNote(r *http.Request, path string) {
	_ = r.ParseForm()
	body := r.PostForm.Get("body")
	if id := filepath.Base(path); r.Method == http.MethodPut {
		for i := range l.notes {
			if strconv.Itoa(l.notes[i].ID) == id {
				l.notes[i].Body = body
			}
		}
		return
	}
	one := note{ID: 700 + len(l.notes), Body: body}
	one.Author.ID = 3
	l.notes = append(l.notes, one)
}

// lines are the lines of a job's field, or of the job that it extends, with references resolved. Lines that
// install packages are left out.
func (l *lab) lines(job, field string) (lines []string) {
	l.t.Helper()
	var extends string
	for i, node := 0, l.jobs[job]; i+1 < len(node.Content); i += 2 {
		switch value := node.Content[i+1]; node.Content[i].Value {
		case "extends":
			extends = value.Value
		case field:
			for _, line := range value.Content {
				switch {
				case line.Tag == "!reference":
					lines = append(lines, l.lines(line.Content[0].Value, line.Content[1].Value)...)
				case !strings.Contains(line.Value, "apt-get "):
					lines = append(lines, line.Value)
				}
			}
			return lines
		}
	}
	if extends == "" {
		return nil
	}
	return l.lines(extends, field)
}

// job runs a job as a runner does: before_script and script in one shell, after_script in another.
func (l *lab) job(job, ref string, more ...string) (log string, code int) {
	l.t.Helper()
	dir := l.t.TempDir()
	l.git(dir, "clone", "--quiet", l.origin, "project")
	dir = filepath.Join(dir, "project")
	l.git(dir, "switch", "--quiet", "--detach", "origin/"+ref)
	home := l.t.TempDir()
	env := l.environment(append([]string{"HOME=" + home, "CI_PROJECT_ID=7", "CI_API_V4_URL=" + l.server.URL + "/api/v4", "CI_COMMIT_SHA=" + l.shop.head(ref),
		"CI_COMMIT_BRANCH=" + ref, "CI_PROJECT_URL=file://" + strings.TrimSuffix(l.origin, ".git"), "CI_PIPELINE_ID=41", "GITLAB_USER_LOGIN=devi",
		"CI_JOB_URL=https://gitlab.example/shop/-/jobs/9", "REFUNDCTL_URL=" + l.release, "REFUNDCTL_SHA256=" + l.digest,
		"REFUNDCTL_STATE=ledger/refunds.state.jsonl", "MERGE_REQUEST=", "PLAN="}, more...)...)
	options := []string{"-eo", "pipefail"}
	log, code = l.shell(dir, strings.Join(append(l.lines(job, "before_script"), l.lines(job, "script")...), "\n"), options, env)
	after, _ := l.shell(dir, strings.Join(l.lines(job, "after_script"), "\n"), options, env)
	if log += after; strings.Contains(log, labToken) {
		l.t.Errorf("the token is in the log:\n%s", log)
	}
	return fmt.Sprintf("%s\n(exit %d)", log, code), code
}

// protected are the variables that only main has.
func protected(more ...string) []string {
	return append([]string{"REFUNDS_TOKEN=" + labToken, "CASHFREE_CLIENT_ID=" + clientID, "CASHFREE_CLIENT_SECRET=" + secret}, more...)
}

func TestGitLab_AReviewedPlanIsApplied(t *testing.T) {
	t.Parallel()
	l := openLab(t)
	for range 2 {
		if log, code := l.job("plan", "main", protected("MERGE_REQUEST=5")...); code != 0 {
			t.Fatal(log)
		}
	}
	if len(l.notes) != 2 {
		t.Fatalf("%d notes, want the bot's one and the other author's: %+v", len(l.notes), l.notes)
	}
	contains(t, "the note", l.notes[1].Body, "<!-- refundctl plan -->\n", "2,048.75", l.head, "https://gitlab.example/shop/-/jobs/9")
	l.sha = l.squash("june")
	if log, code := l.job("apply", "main", protected()...); code != 0 {
		t.Fatal(log)
	}
	if got := intents(l.ledger()); got != 2 {
		t.Errorf("%d intents in the ledger's branch, not 2", got)
	}
	contains(t, "the ledger", l.ledger(), `"actor":"devi"`, `"approvers":["meera","ravi"]`, `"ci_run":"https://gitlab.example/shop/-/jobs/9"`, `"commit":"`+l.sha+`"`)
	if found := append(filesWith(l.dir, secret), filesWith(l.dir, labToken)...); len(found) > 0 {
		t.Errorf("secrets are in %v", found)
	}
}

func TestGitLab_TheLedgerIsPushedWhenApplyFails(t *testing.T) {
	t.Parallel()
	l := openLab(t)
	l.head = l.propose("july", july)
	if log, code := l.job("plan", "main", protected("MERGE_REQUEST=5")...); code != 0 {
		t.Fatal(log)
	}
	contains(t, "the note", l.notes[1].Body, "blocked")
	l.refundInDashboard()
	l.sha = l.squash("july")
	if log, code := l.job("apply", "main", protected()...); code != 5 {
		t.Fatal(log)
	}
	if got := intents(l.ledger()); got != 1 {
		t.Errorf("%d intents in the ledger's branch, not the one that was sent", got)
	}
}

func TestGitLab_ARefusedPlanIsMadeAgainForReview(t *testing.T) {
	t.Parallel()
	l := openLab(t)
	tree := filepath.Join(l.dir, "work")
	l.git(tree, "switch", "--quiet", "refunds-ledger")
	l.write(filepath.Join(tree, "plans", l.head+".json"), `{"format_version":"1"}`)
	l.commit(tree, "an altered plan", "refunds-ledger")
	l.sha = l.squash("june")
	if log, code := l.job("apply", "main", protected()...); code != 7 || intents(l.ledger()) != 0 {
		t.Fatal(log)
	}
	contains(t, "the note", l.notes[1].Body, "nothing was sent", "again-41", "2,048.75")
	if log, code := l.job("apply", "main", protected("PLAN=again-41")...); code != 0 || intents(l.ledger()) != 2 {
		t.Errorf("the new plan, named by hand, was not applied:\n%s", log)
	}
}

func TestGitLab_AnUnreviewedPlanIsNotSent(t *testing.T) {
	t.Parallel()
	l := openLab(t)
	l.squash("june")
	if log, code := l.job("apply", "main", protected()...); code != 1 || intents(l.ledger()) != 0 || !strings.Contains(log, "No merge request merged this commit") {
		t.Error(log)
	}
	l.sha = l.shop.head("main")
	if log, code := l.job("apply", "main", protected()...); code != 1 || intents(l.ledger()) != 0 || !strings.Contains(log, "has no plan "+l.head) {
		t.Error(log)
	}
}

func TestGitLab_AForkGetsOnlyValidation(t *testing.T) {
	t.Parallel()
	l := openLab(t)
	if log, code := l.job("validate", "june"); code != 0 || !strings.Contains(log, "Valid: 2 refunds") {
		t.Error(log)
	}
	l.fork = true
	if log, code := l.job("plan", "main", protected("MERGE_REQUEST=5")...); code == 0 || len(l.notes) != 1 {
		t.Error(log)
	}
}
