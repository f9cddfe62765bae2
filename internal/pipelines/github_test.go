package pipelines

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// workflow is what the runner needs of a workflow or a composite action.
type workflow struct {
	Jobs map[string]job
	Runs struct{ Steps []step }
}

type job struct {
	If    string
	Env   map[string]string
	Steps []step
}

type step struct {
	ID, Name, If, Uses, Run string
	Env, With               map[string]string
	Dir                     string `yaml:"working-directory"`
}

// hub is GitHub as far as the example needs it: the runner, and the API, which a substitute for gh answers
// from the files in store.
type hub struct {
	*shop
	store string
	runID int
}

// run is one run of a job.
type run struct {
	*hub
	dir    string // the workspace
	env    map[string]string
	values map[string]string // of expressions
	failed bool
	log    strings.Builder
	bin    []string // of $GITHUB_PATH
}

func (h *hub) start(branch string, env, values map[string]string) *run {
	h.t.Helper()
	h.runID++
	r := &run{hub: h, dir: h.t.TempDir(), values: map[string]string{
		"github.event.before": strings.Repeat("0", 40), "github.token": "t", "github.run_id": strconv.Itoa(h.runID), "github.run_attempt": "1", "github.repository": "shop/refunds",
		"github.server_url": "https://github.example", "github.ref": "refs/heads/" + branch, "inputs.plan": "", "secrets.CASHFREE_CLIENT_ID": clientID,
		"secrets.CASHFREE_CLIENT_SECRET": secret,
	}}
	r.env = map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "shop/refunds", "GITHUB_WORKSPACE": r.dir, "GITHUB_RUN_ID": strconv.Itoa(h.runID),
		"GITHUB_SERVER_URL": "https://github.example", "GITHUB_ACTOR": "asha", "RUNNER_TEMP": h.t.TempDir(), "GH_STORE": h.store, "GITHUB_SHA": h.head(branch),
		"GITHUB_STEP_SUMMARY": filepath.Join(r.dir, "..", "summary.md")}
	maps.Copy(r.env, env)
	maps.Copy(r.values, values)
	return r
}

var expression = regexp.MustCompile(`\$\{\{\s*(.*?)\s*\}\}`)

// expand replaces expressions by their values. An expression without a known value fails the test.
func (r *run) expand(text string) string {
	return expression.ReplaceAllStringFunc(text, func(whole string) string {
		return r.value(expression.FindStringSubmatch(whole)[1])
	})
}

func (r *run) value(name string) string {
	name = strings.TrimSpace(name)
	if v, known := r.values[name]; known {
		return v
	}
	if v, known := strings.CutPrefix(name, "env."); known {
		return r.env[v]
	}
	if strings.HasPrefix(name, "steps.") {
		return ""
	}
	r.t.Fatalf("${{ %s }} has no value in this test", name)
	return ""
}

// holds evaluates a condition: all its terms must be true. Without always(), no step may have failed.
func (r *run) holds(condition string) bool {
	holds := !r.failed
	if strings.Contains(condition, "always()") {
		holds = true
	}
	for term := range strings.SplitSeq(condition, "&&") {
		term = strings.TrimSpace(term)
		left, right, equal := strings.Cut(term, "==")
		if !equal {
			left, right, _ = strings.Cut(term, "!=")
		}
		switch right = strings.TrimSpace(right); {
		case term == "" || term == "always()":
		case right == "":
			holds = holds && r.value(term) != ""
		default:
			if strings.HasPrefix(right, "'") {
				right = strings.Trim(right, "'")
			} else {
				right = r.value(right)
			}
			holds = holds && (r.value(left) == right) == equal
		}
	}
	return holds
}

// job runs the only job of a workflow of this tree.
func (r *run) job(tree, name string) {
	r.t.Helper()
	var w workflow
	load(r.t, filepath.Join(tree, ".github", "workflows", name), &w)
	for _, j := range w.Jobs {
		if !r.holds(j.If) {
			r.log.WriteString("the job does not run\n")
			return
		}
		for name, value := range j.Env {
			r.env[name] = r.expand(value)
		}
		for _, s := range j.Steps {
			r.step(s)
		}
	}
}

func (r *run) step(s step) {
	r.t.Helper()
	if !r.holds(s.If) {
		return
	}
	outcome := "success"
	if err := r.act(s); err != nil {
		fmt.Fprintf(&r.log, "%s: %v\n", s.Name, err)
		outcome, r.failed = "failure", true
	}
	if s.ID != "" {
		r.values["steps."+s.ID+".outcome"] = outcome
	}
}

func (r *run) act(s step) error {
	action, _, _ := strings.Cut(s.Uses, "@")
	switch action {
	case "":
		return r.script(s)
	case "actions/checkout":
		return r.checkout(s)
	case "actions/upload-artifact":
		return r.upload(s)
	case "./.github/actions/refundctl":
		var w workflow
		load(r.t, filepath.Join(r.dir, action, "action.yml"), &w)
		for _, inner := range w.Runs.Steps {
			inner.Env["REFUNDCTL_URL"], inner.Env["REFUNDCTL_SHA256"] = r.release, r.digest
			if err := r.script(inner); err != nil {
				return err
			}
		}
		return nil
	}
	r.t.Fatalf("this test cannot run the action %s", s.Uses)
	return nil
}

// script runs a step's own lines as a runner does.
func (r *run) script(s step) error {
	r.t.Helper()
	if strings.Contains(s.Run, "${{") {
		r.t.Errorf("%s: an expression inside a script allows injection", s.Name)
	}
	files := map[string]string{}
	env := r.environment()
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_PATH"} {
		files[name] = filepath.Join(r.t.TempDir(), name)
		r.write(files[name], "")
		env = append(env, name+"="+files[name])
	}
	all := maps.Clone(r.env)
	for name, value := range s.Env {
		all[name] = r.expand(value)
	}
	for name, value := range all {
		env = append(env, name+"="+value)
	}
	env = append(env, "PATH="+strings.Join(append(slices.Clone(r.bin), os.Getenv("PATH")), ":"))
	out, code := r.shell(filepath.Join(r.dir, s.Dir), s.Run, []string{"--noprofile", "--norc", "-eo", "pipefail"}, env)
	fmt.Fprintf(&r.log, "## %s\n%s", s.Name, out)
	for line := range strings.Lines(r.read(files["GITHUB_OUTPUT"])) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		r.values["steps."+s.ID+".outputs."+name] = value
	}
	r.bin = append(strings.Fields(r.read(files["GITHUB_PATH"])), r.bin...)
	if code != 0 {
		return fmt.Errorf("exit %d", code)
	}
	return nil
}

// checkout is actions/checkout: the commit of the event, or a branch beside it.
func (r *run) checkout(s step) error {
	into, ref := filepath.Join(r.dir, s.With["path"]), r.expand(s.With["ref"])
	r.git(r.dir, "clone", "--quiet", r.origin, into)
	if ref == "" {
		ref = r.env["GITHUB_SHA"]
	}
	r.git(into, "switch", "--quiet", "--detach", strings.TrimPrefix(r.git(into, "rev-parse", "--verify", "--quiet", refOf(r, into, ref)), "\n"))
	return nil
}

func refOf(r *run, into, ref string) string {
	if c := exec.Command("git", "-C", into, "rev-parse", "--verify", "--quiet", "origin/"+ref); c.Run() == nil {
		return "origin/" + ref
	}
	return ref
}

// artifact is one as the API reports it; its files are in the store.
type artifact struct {
	ID      int    `json:"id"`
	Name    string `json:"name"`
	Expired bool   `json:"expired"`
	Run     struct {
		ID int `json:"id"`
	} `json:"workflow_run"`
}

// origin is what the API reports about the run that made an artifact.
type origin struct {
	Branch     string     `json:"head_branch"`
	SHA        string     `json:"head_sha"`
	Event      string     `json:"event"`
	Path       string     `json:"path"`
	Conclusion string     `json:"conclusion"`
	Repository repository `json:"repository"`
	Head       repository `json:"head_repository"`
}

type repository struct {
	ID int `json:"id"`
}

// made is the origin of a run of one of main's workflows.
func (h *hub) made(event, workflow, conclusion string) origin {
	return origin{Branch: "main", SHA: h.head("main"), Event: event, Path: ".github/workflows/" + workflow, Conclusion: conclusion,
		Repository: repository{1}, Head: repository{1}}
}

func (r *run) upload(s step) error {
	from := r.made("workflow_run", "refunds-plan.yml", "success")
	if strings.Contains(r.expand(s.With["name"]), "again") {
		from = r.made("push", "refunds-apply.yml", "failure")
	}
	return r.keep(r.runID, r.expand(s.With["name"]), filepath.Join(r.dir, s.With["path"]), from)
}

// keep adds an artifact of a run to the store.
func (h *hub) keep(run int, name, file string, from origin) error {
	a := artifact{Name: name, Expired: from.Path == ""}
	a.Run.ID = run
	h.answer(filepath.Join("runs", strconv.Itoa(run)), from)
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	h.write(filepath.Join(h.store, "artifacts", strconv.Itoa(a.Run.ID), a.Name, filepath.Base(file)), string(text))
	list := filepath.Join(h.store, "artifacts.json")
	all := struct {
		Artifacts []artifact `json:"artifacts"`
	}{}
	if old, err := os.ReadFile(list); err == nil {
		if err := json.Unmarshal(old, &all); err != nil {
			return err
		}
	}
	a.ID = len(all.Artifacts) + 1
	all.Artifacts = append(all.Artifacts, a)
	text, err = json.Marshal(all)
	h.write(list, string(text))
	return err
}

// answer makes value what the API answers for name.
func (h *hub) answer(name string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		h.t.Fatal(err)
	}
	h.write(filepath.Join(h.store, name+".json"), string(text))
}

type comment struct {
	ID   int    `json:"id"`
	Body string `json:"body"`
	User struct {
		Login string `json:"login"`
	} `json:"user"`
}

func (h *hub) comments() (all []comment) {
	if text, err := os.ReadFile(filepath.Join(h.store, "comments.json")); err == nil {
		if err := json.Unmarshal(text, &all); err != nil {
			h.t.Fatal(err)
		}
	}
	return all
}

// gh is the substitute for GitHub's client: it reads from the store, filters with jq, and puts comments there.
func gh() {
	store, args := os.Getenv("GH_STORE"), os.Args[1:]
	option := func(name string) string {
		if i := slices.Index(args, name); i >= 0 {
			return args[i+1]
		}
		return ""
	}
	if args[0] == "run" && args[1] == "download" {
		if _, err := os.Stat(".git"); err != nil && option("--repo") != "shop/refunds" {
			end(fmt.Errorf("run download needs --repo outside a clone"))
		}
		err := os.CopyFS(option("--dir"), os.DirFS(filepath.Join(store, "artifacts", args[2], option("--name"))))
		end(err)
	}
	at := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "repos/shop/refunds/") })
	path, query, _ := strings.Cut(strings.TrimPrefix(args[at], "repos/shop/refunds/"), "?")
	if method := option("--method"); method != "" {
		end(post(store, path, method, strings.TrimPrefix(option("--field"), "body=@")))
	}
	name := map[string]string{"pulls": "pulls", "reviews": "reviews", "approvals": "approvals", "artifacts": "artifacts", "comments": "comments"}[filepath.Base(path)]
	if name == "" {
		name = filepath.Join("runs", filepath.Base(path))
	}
	text, err := os.ReadFile(filepath.Join(store, name+".json"))
	if os.IsNotExist(err) {
		text, err = []byte("[]"), nil
	}
	if err != nil {
		end(err)
	}
	filter := cmp.Or(option("--jq"), ".")
	if only, filtered := strings.CutPrefix(query, "name="); filtered {
		only, _, _ = strings.Cut(only, "&")
		filter = fmt.Sprintf(".artifacts |= map(select(.name == %q)) | %s", only, filter)
	}
	c := exec.Command("jq", "--raw-output", filter)
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(string(text)), os.Stdout, os.Stderr
	end(c.Run())
}

func end(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "gh: %v\n", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func post(store, path, method, file string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var all []comment
	list := filepath.Join(store, "comments.json")
	if text, err := os.ReadFile(list); err == nil {
		if err := json.Unmarshal(text, &all); err != nil {
			return err
		}
	}
	one := comment{ID: 700 + len(all), Body: string(body)}
	one.User.Login = "github-actions[bot]"
	if id := filepath.Base(path); method == "PATCH" {
		i := slices.IndexFunc(all, func(c comment) bool { return strconv.Itoa(c.ID) == id })
		all[i].Body = one.Body
	} else {
		all = append(all, one)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return os.WriteFile(list, text, 0o600)
}

func openHub(t *testing.T) *hub {
	s := openShop(t, "github-actions")
	h := &hub{shop: s, store: filepath.Join(s.dir, "github")}
	other := comment{ID: 1, Body: "<!-- refundctl plan --> not of the bot"}
	other.User.Login = "mallory"
	h.answer("comments", []comment{other})
	return h
}

// plan runs the plan's workflow for a branch's head.
func (h *hub) plan(branch, repository string) *run {
	r := h.planning(branch, repository)
	r.job(filepath.Join("..", "..", "examples", "github-actions"), "refunds-plan.yml")
	return r
}

// planning is a run of the plan's workflow that has not begun.
func (h *hub) planning(branch, repository string) *run {
	return h.start("main", nil, map[string]string{
		"github.event.workflow_run.event": "pull_request", "github.event.workflow_run.conclusion": "success",
		"github.event.workflow_run.head_repository.full_name": repository, "github.event.workflow_run.head_sha": h.head(branch),
		"github.event.workflow_run.pull_requests[0].number": "5", "github.event.workflow_run.head_branch": branch,
	})
}

// pull is a pull request as the API reports it.
func pull(number int, base, commit, head string, merged any) map[string]any {
	return map[string]any{"number": number, "merged_at": merged, "merge_commit_sha": commit, "head": map[string]any{"sha": head}, "base": map[string]any{"ref": base}}
}

// merge squashes a branch into main and runs the workflow that follows.
func (h *hub) merge(branch string) *run {
	head := h.head(branch)
	sha := h.squash(branch)
	h.answer("pulls", []map[string]any{
		pull(4, "main", "1111", "open", nil),
		pull(3, "main", "3333", "earlier", "2026-06-08T10:00:00Z"),
		pull(6, "elsewhere", sha, "never reviewed", "2026-06-09T10:00:00Z"),
		pull(5, "main", sha, head, "2026-06-09T10:00:00Z"),
	})
	review := func(who, state, commit string) map[string]any {
		return map[string]any{"state": state, "commit_id": commit, "user": map[string]any{"login": who}}
	}
	h.answer("reviews", []any{review("meera", "APPROVED", head), review("meera", "COMMENTED", head), review("kiran", "APPROVED", "an older head"),
		review("usha", "APPROVED", head), review("usha", "CHANGES_REQUESTED", head)})
	h.answer("approvals", []any{map[string]any{"state": "approved", "user": map[string]any{"login": "ravi"}}})
	return h.apply("")
}

func (h *hub) apply(plan string) *run {
	r := h.start("main", nil, map[string]string{"inputs.plan": plan})
	r.job(filepath.Join("..", "..", "examples", "github-actions"), "refunds-apply.yml")
	return r
}

func TestGitHub_AReviewedPlanIsApplied(t *testing.T) {
	t.Parallel()
	h := openHub(t)
	for range 2 { // a second plan of the same pull request
		if r := h.plan("june", "shop/refunds"); r.failed {
			t.Fatal(r.log.String())
		}
	}
	comments := h.comments()
	if len(comments) != 2 {
		t.Fatalf("%d comments, want the bot's one and the other author's: %+v", len(comments), comments)
	}
	contains(t, "the comment", comments[1].Body, "<!-- refundctl plan -->\n", "2,048.75", h.head("june"), "https://github.example/shop/refunds/actions/runs/2")
	if got := intents(h.ledger()); got != 0 {
		t.Fatalf("%d intents after the plan", got)
	}
	r := h.merge("june")
	if r.failed {
		t.Fatal(r.log.String())
	}
	if got := intents(h.ledger()); got != 2 {
		t.Errorf("%d intents in the ledger's branch, not 2", got)
	}
	contains(t, "the ledger", h.ledger(), `"actor":"asha"`, `"approvers":["meera","ravi"]`, `"ci_run":"https://github.example/shop/refunds/actions/runs/3"`,
		`"commit":"`+h.head("main")+`"`)
	if found := filesWith(h.dir, secret); len(found) > 0 {
		t.Errorf("the secret is in %v", found)
	}
}

func TestGitHub_TheLedgerIsPushedWhenApplyFails(t *testing.T) {
	t.Parallel()
	h := openHub(t)
	h.propose("july", july)
	if r := h.plan("july", "shop/refunds"); r.failed {
		t.Fatal(r.log.String())
	}
	contains(t, "the comment", h.comments()[1].Body, "blocked")
	h.refundInDashboard()
	r := h.merge("july")
	if !r.failed || r.values["steps.apply.outputs.exit_code"] != "5" {
		t.Fatalf("exit code %q\n%s", r.values["steps.apply.outputs.exit_code"], r.log.String())
	}
	if got := intents(h.ledger()); got != 1 {
		t.Errorf("%d intents in the ledger's branch, not the one that was sent", got)
	}
}

func TestGitHub_OnlyPlansOfMainAreApplied(t *testing.T) {
	t.Parallel()
	h := openHub(t)
	forged := filepath.Join(h.dir, "plan.json")
	h.write(forged, `{"forged":true}`)
	name := "refund-plan-" + h.head("june")
	for i, spoil := range []func(*origin){
		func(o *origin) { o.Branch = "june" },
		func(o *origin) { o.Head.ID = 2 },
		func(o *origin) { o.Path = "" },                             // the artifact has expired
		func(o *origin) { o.Event, o.SHA = "push", h.head("june") }, // of a tag called main
		func(o *origin) { o.Event = "push" },
		func(o *origin) { o.Event = "pull_request" }, // from main into another branch
		func(o *origin) { o.Event, o.Path = "workflow_dispatch", ".github/workflows/forged.yml" },
		func(o *origin) { o.SHA = h.head("june") },
		func(o *origin) { o.SHA = strings.Repeat("1", 40) },
		func(o *origin) { o.Conclusion = "failure" },
	} {
		from := h.made("workflow_run", "refunds-plan.yml", "success")
		spoil(&from)
		if err := h.keep(900+i, name, forged, from); err != nil {
			t.Fatal(err)
		}
	}
	r := h.merge("june")
	if !r.failed || intents(h.ledger()) != 0 {
		t.Fatalf("a forged plan was accepted:\n%s", r.log.String())
	}
	contains(t, "the log", r.log.String(), "No run of main made "+name)
}

func TestGitHub_ARefusedPlanIsMadeAgainForReview(t *testing.T) {
	t.Parallel()
	h := openHub(t)
	altered := filepath.Join(h.dir, "plan.json")
	h.write(altered, `{"format_version":"1"}`)
	if err := h.keep(800, "refund-plan-"+h.head("june"), altered, h.made("workflow_run", "refunds-plan.yml", "success")); err != nil {
		t.Fatal(err)
	}
	r := h.merge("june")
	again := "refund-plan-again-" + strconv.Itoa(h.runID)
	if !r.failed || intents(h.ledger()) != 0 {
		t.Fatalf("a refused plan was applied:\n%s", r.log.String())
	}
	comments := h.comments()
	contains(t, "the comment", comments[len(comments)-1].Body, "nothing was sent", again, "2,048.75")
	if r := h.apply(again); r.failed || intents(h.ledger()) != 2 {
		t.Errorf("the new plan, named by hand, was not applied:\n%s", r.log.String())
	}
	contains(t, "the ledger", h.ledger(), `"approvers":["ravi"]`)
}

// If a queue pushes two merges at once, a person starts the apply of each plan.
func TestGitHub_APushThatMergedSeveralPullRequestsSendsNothing(t *testing.T) {
	t.Parallel()
	h := openHub(t)
	h.write(filepath.Join(h.dir, "work", "approvers"), "mallory\n") // a file of this name on main approves nothing
	h.write(filepath.Join(h.dir, "work", "merged"), "5 0000\n")
	h.propose("july", july)
	for _, branch := range []string{"june", "july"} {
		if r := h.plan(branch, "shop/refunds"); r.failed {
			t.Fatal(r.log.String())
		}
	}
	before, june, july := h.head("main"), h.head("june"), h.head("july")
	first, second := h.squash("june"), h.squash("july")
	h.answer("pulls", []any{pull(6, "main", second, july, "2026-06-09T10:00:00Z"), pull(5, "main", first, june, "2026-06-09T09:00:00Z"), pull(7, "elsewhere", "4444", july, "2026-06-09T09:00:00Z")})
	h.answer("reviews", []any{})
	r := h.start("main", nil, map[string]string{"inputs.plan": "", "github.event.before": before})
	r.job(filepath.Join("..", "..", "examples", "github-actions"), "refunds-apply.yml")
	if !r.failed || intents(h.ledger()) != 0 {
		t.Fatal(r.log.String())
	}
	contains(t, "the log", r.log.String(), "several pull requests", "refund-plan-"+june+" refund-plan-"+july)
	h.answer("reviews", []any{map[string]any{"state": "APPROVED", "commit_id": june, "user": map[string]any{"login": "meera"}}})
	if r := h.apply("refund-plan-" + june); r.failed || intents(h.ledger()) != 2 {
		t.Fatal(r.log.String())
	}
	contains(t, "the ledger", h.ledger(), `"approvers":["meera"]`)
}

func TestGitHub_AnUnmergedPlanNamedByHandSendsNothing(t *testing.T) {
	t.Parallel()
	h := openHub(t)
	if r := h.plan("june", "shop/refunds"); r.failed {
		t.Fatal(r.log.String())
	}
	head := h.head("june")
	h.answer("pulls", []any{pull(5, "main", "1111", head, nil), pull(6, "elsewhere", "2222", head, "2026-06-09T10:00:00Z")})
	for plan, why := range map[string]string{"refund-plan-" + head: "No pull request with this plan was merged", "refund-plan-again-$(id)": "is not the name of a plan",
		"refund-plan-again-77": "No run of main made refund-plan-again-77"} {
		if r := h.apply(plan); !r.failed || intents(h.ledger()) != 0 || !strings.Contains(r.log.String(), why) {
			t.Error(r.log.String())
		}
	}
}

func TestGitHub_APushWithoutAPullRequestSendsNothing(t *testing.T) {
	t.Parallel()
	h := openHub(t)
	h.squash("june")
	r := h.apply("")
	if !r.failed || intents(h.ledger()) != 0 {
		t.Fatal(r.log.String())
	}
	contains(t, "the log", r.log.String(), "No pull request merged this commit")
}

// A fork gets no plan; its manifests are validated without credentials, and mistakes are annotated.
func TestGitHub_AForkGetsOnlyValidation(t *testing.T) {
	t.Parallel()
	h := openHub(t)
	if r := h.plan("june", "mallory/refunds"); strings.TrimSpace(r.log.String()) != "the job does not run" {
		t.Fatal(r.log.String())
	}
	var w workflow
	load(t, filepath.Join("..", "..", "examples", "github-actions", ".github", "workflows", "refunds-validate.yml"), &w)
	text := h.read(filepath.Join("..", "..", "examples", "github-actions", ".github", "workflows", "refunds-validate.yml"))
	if strings.Contains(text, "secrets.") || strings.Contains(text, "pull_request_target") {
		t.Error("validation can read credentials")
	}
	h.propose("broken", "version: 1\nrefunds:\n  - {order_id: order_1, refund_id: r_1, refund_amount: 010}\n")
	r := h.start("broken", nil, nil)
	r.job(filepath.Join("..", "..", "examples", "github-actions"), "refunds-validate.yml")
	if !r.failed {
		t.Fatal(r.log.String())
	}
	contains(t, "the log", r.log.String(), "::error file=refunds/broken.refunds.yaml,line=3,")
}

// A manifest that is a link brings no other file of the job into a plan.
func TestGitHub_LinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	h := openHub(t)
	tree := filepath.Join(h.dir, "work")
	h.git(tree, "switch", "--quiet", "main")
	h.write(filepath.Join(tree, "bait.yaml"), "version: 1\nrefunds:\n  - {order_id: order_summer_fashion_001, refund_id: refund_of_bait, refund_amount: 7.00}\n")
	h.commit(tree, "a file that is not a manifest", "main")
	if err := os.Symlink("../bait.yaml", filepath.Join(tree, "refunds", "bait.refunds.yaml")); err != nil {
		t.Fatal(err)
	}
	h.commit(tree, "a link", "link")
	r := h.plan("link", "shop/refunds")
	if !r.failed {
		t.Error(r.log.String())
	}
	for _, c := range h.comments() {
		if strings.Contains(c.Body, "refund_of_bait") || strings.Contains(r.log.String(), "refund_of_bait") {
			t.Errorf("the linked file was read:\n%s", c.Body)
		}
	}
}
