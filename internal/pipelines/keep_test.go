package pipelines

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// desk is a job's folder with a clone of the ledger's branch, and the remote repository.
type desk struct {
	*shop
	bin string // comes first in PATH
}

// keepers are the three places in the examples that push the ledger: each runs in the job's folder.
func keepers(t *testing.T) map[string]string {
	l := readLab(t)
	function := regexp.MustCompile(`(?ms)^keep\(\) \{$.*?^\}$`)
	before, after := strings.Join(l.lines("apply", "before_script"), "\n"), strings.Join(l.lines("apply", "after_script"), "\n")
	if keep := function.FindString(before); keep == "" || keep != function.FindString(after) {
		t.Fatal("keep() differs between before_script and after_script")
	}
	scripts := map[string]string{"GitLab's script": "set -euo pipefail\n" + function.FindString(before) + "\nkeep 'refunds of abc'", "GitLab's after_script": after}
	var w workflow
	load(t, filepath.Join("..", "..", "examples", "github-actions", ".github", "workflows", "refunds-apply.yml"), &w)
	for _, s := range w.Jobs["apply"].Steps {
		if s.Name == "Commit the ledger" {
			scripts["GitHub's step"] = "cd " + s.Dir + "\n" + s.Run
		}
	}
	for name, script := range scripts {
		if strings.Contains(script, "--force") || strings.Contains(script, "+HEAD") || !strings.Contains(script, "push --quiet origin HEAD:refunds-ledger") {
			t.Errorf("%s pushes in another way:\n%s", name, script)
		}
	}
	return scripts
}

// ledgers are three copies of one real ledger: its beginning, and two that continued separately.
func ledgers(t *testing.T) (base, ours, theirs string) {
	s := &shop{t: t, dir: t.TempDir()}
	work := func(from, name, target string) (dir string) {
		dir = filepath.Join(s.dir, name)
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		if log, code := s.shell(dir, "refundctl apply --auto-approve --target "+target, nil, s.environment()); code != 0 {
			t.Fatal(log)
		}
		return dir
	}
	first := work(filepath.Join("..", "..", "examples", "quickstart"), "base", "refund_summer_fashion_001_size")
	return s.read(filepath.Join(first, "refunds.state.jsonl")),
		s.read(filepath.Join(work(first, "ours", "refund_summer_fashion_002_full"), "refunds.state.jsonl")),
		s.read(filepath.Join(work(first, "theirs", "refund_monsoon_041_damage"), "refunds.state.jsonl"))
}

func openDesk(t *testing.T, base string) *desk {
	d := &desk{shop: &shop{t: t, dir: t.TempDir()}}
	d.origin, d.bin = filepath.Join(d.dir, "origin.git"), filepath.Join(d.dir, "bin")
	d.git(d.dir, "init", "--quiet", "--bare", "--initial-branch=refunds-ledger", d.origin)
	d.git(d.dir, "clone", "--quiet", "file://"+d.origin, "other")
	d.push("other", base)
	d.git(d.dir, "clone", "--quiet", "--depth", "1", "file://"+d.origin, "ledger")
	d.program(filepath.Join(d.bin, "sleep"), `echo "$1" >>"$DESK/pauses"`)
	return d
}

func (d *desk) program(name, script string) {
	d.t.Helper()
	d.write(name, "#!/bin/bash\n"+script+"\n")
	if err := os.Chmod(name, 0o755); err != nil {
		d.t.Fatal(err)
	}
}

// hook makes script the answer of the remote repository to a push.
func (d *desk) hook(script string) {
	d.program(filepath.Join(d.origin, "hooks", "pre-receive"), script)
}

// record writes the job's ledger and leaves a lock beside it, as a run does.
func (d *desk) record(text string) {
	d.t.Helper()
	d.write(filepath.Join(d.dir, "ledger", "refunds.state.jsonl"), text)
	d.write(filepath.Join(d.dir, "ledger", "refunds.state.jsonl.lock"), "{}")
}

// push is what another job pushes.
func (d *desk) push(clone, text string) {
	d.t.Helper()
	d.write(filepath.Join(d.dir, clone, "refunds.state.jsonl"), text)
	d.commit(filepath.Join(d.dir, clone), "elsewhere", "refunds-ledger")
}

func (d *desk) run(script string) (string, int) {
	d.t.Helper()
	return d.shell(d.dir, script, []string{"-eo", "pipefail"}, d.environment("PATH="+d.bin+":"+os.Getenv("PATH"), "DESK="+d.dir, "ORIGIN="+d.origin,
		"GIT_AUTHOR_NAME=job", "GIT_AUTHOR_EMAIL=job@localhost", "GIT_COMMITTER_NAME=job", "GIT_COMMITTER_EMAIL=job@localhost"))
}

// Whatever happens to a push, the branch ends up with every line of both sides, or the job fails and the branch and
// the job's ledger are as they were.
func TestExamplesKeepTheLedger(t *testing.T) {
	base, ours, theirs := ledgers(t)
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	const once = `[ -e "$DESK/failed" ] && exit 0; touch "$DESK/failed"; echo 503 >&2; exit 1`
	for name, c := range map[string]struct {
		setup  func(*desk)
		lines  []string // that the branch has in the end; empty: the job fails
		pauses string
		only   string // the place to try, if not every one
	}{
		"nothing changed": {func(d *desk) {}, []string{base}, "0", ""},
		"a run":           {func(d *desk) { d.record(ours) }, []string{ours}, "0", ""},
		"one failure":     {func(d *desk) { d.record(ours); d.hook(once) }, []string{ours}, "0 2", ""},
		"four failures": {func(d *desk) {
			d.record(ours)
			d.hook(`echo >>"$DESK/tries"; [ "$(wc -l <"$DESK/tries")" -gt 4 ]`)
		}, []string{ours}, "0 2 5 10 20", ""},
		"a commit before the job was cancelled": {func(d *desk) {
			d.record(ours)
			d.git(filepath.Join(d.dir, "ledger"), "commit", "--quiet", "--all", "--message", "earlier")
		}, []string{ours}, "0", ""},
		"the branch moved on":               {func(d *desk) { d.record(ours); d.push("other", theirs) }, []string{ours, theirs}, "0 2", ""},
		"the branch moved on, nothing here": {func(d *desk) { d.push("other", theirs) }, []string{theirs}, "0", ""},
		"the branch moved on, and one failure": {func(d *desk) {
			d.record(ours)
			d.push("other", theirs)
			d.hook(once)
		}, []string{ours, theirs}, "0 2 5", ""},
		"another job pushes at the same time": {func(d *desk) {
			d.record(ours)
			d.write(filepath.Join(d.dir, "other", "refunds.state.jsonl"), theirs)
			d.git(filepath.Join(d.dir, "other"), "commit", "--quiet", "--all", "--message", "at the same time")
			d.hook(`[ -e "$DESK/moved" ] && exit 0; touch "$DESK/moved"; unset "${!GIT_@}"
				git -C "$DESK/other" push --quiet origin HEAD:refunds-ledger; exit 1`)
		}, []string{ours, theirs}, "0 2", ""},
		"every answer is lost": {func(d *desk) {
			d.record(ours)
			d.program(filepath.Join(d.bin, "git"), `"`+git+`" "$@" || exit; case " $* " in *" push "*) exit 128 ;; esac`)
		}, []string{ours}, "0", ""},
		"the answer to the last push is lost": {func(d *desk) {
			d.record(ours)
			d.hook(`echo >>"$DESK/tries"; [ "$(wc -l <"$DESK/tries")" -gt 4 ]`)
			d.program(filepath.Join(d.bin, "git"), `"`+git+`" "$@" || exit; case " $* " in *" push "*) exit 128 ;; esac`)
		}, []string{ours}, "0 2 5 10 20", ""},
		"the branch is read-only":             {func(d *desk) { d.record(ours); d.hook("exit 1") }, nil, "0 2 5 10 20", ""},
		"the remote repository is gone":       {func(d *desk) { d.record(ours); d.move() }, nil, "0 2 5 10 20", ""},
		"the branch moved on and was damaged": {func(d *desk) { d.record(ours); d.push("other", base+"{\"v\":9}\n") }, nil, "0", ""},
		"killed in the middle of a join": {func(d *desk) {
			d.record(ours)
			ledger := filepath.Join(d.dir, "ledger")
			d.git(ledger, "commit", "--quiet", "--all", "--message", "earlier")
			d.push("other", theirs)
			d.git(ledger, "fetch", "--quiet", "origin", "refunds-ledger")
			d.write(filepath.Join(ledger, ".git", "info", "attributes"), "refunds.state.jsonl merge=union\n")
			d.git(ledger, "merge", "--quiet", "--no-commit", "FETCH_HEAD")
			d.write(filepath.Join(ledger, ".git", "index.lock"), "")
		}, []string{ours, theirs}, "0 2", "GitLab's after_script"},
		"no clone": {func(d *desk) { _ = os.RemoveAll(filepath.Join(d.dir, "ledger")) }, []string{base}, "", "GitLab's after_script"},
	} {
		for place, script := range keepers(t) {
			if c.only != "" && c.only != place {
				continue
			}
			t.Run(place+"/"+name, func(t *testing.T) {
				t.Parallel()
				d := openDesk(t, base)
				c.setup(d)
				before := d.branch()
				log, code := d.run(script)
				if pauses, _ := os.ReadFile(filepath.Join(d.dir, "pauses")); strings.Join(strings.Fields(string(pauses)), " ") != c.pauses {
					t.Errorf("pauses %q, want %q", pauses, c.pauses)
				}
				if len(c.lines) == 0 {
					if code == 0 || !strings.Contains(log, "is NOT on the branch refunds-ledger") || d.branch() != before {
						t.Errorf("exit %d, the branch has\n%s\n%s", code, d.branch(), log)
					}
					if d.read(filepath.Join(d.dir, "ledger", "refunds.state.jsonl")) != ours {
						t.Error("the ledger of the job, which becomes its artifact, was changed")
					}
					return
				}
				if code != 0 {
					t.Fatalf("exit %d\n%s", code, log)
				}
				d.hasOnly(c.lines...)
			})
		}
	}
}

// move takes the remote repository away.
func (d *desk) move() {
	if err := os.Rename(d.origin, d.origin+".gone"); err != nil {
		d.t.Fatal(err)
	}
	d.origin += ".gone"
}

// branch is the ledger on the remote branch.
func (d *desk) branch() string {
	d.t.Helper()
	return d.git(d.origin, "show", "refunds-ledger:refunds.state.jsonl")
}

// hasOnly fails the test if the branch does not contain the lines of all ledgers, each once and nothing else.
func (d *desk) hasOnly(ledgers ...string) {
	d.t.Helper()
	if files := d.git(d.origin, "ls-tree", "-r", "--name-only", "refunds-ledger"); files != "refunds.state.jsonl" {
		d.t.Errorf("the branch has the files %q", files)
	}
	want := map[string]bool{}
	for _, l := range ledgers {
		for line := range strings.SplitSeq(strings.TrimSpace(l), "\n") {
			want[line] = true
		}
	}
	got := strings.Split(d.branch(), "\n")
	for _, line := range got {
		if !want[line] {
			d.t.Errorf("the branch has this line twice, or it is foreign: %s", line)
		}
		delete(want, line)
	}
	for line := range want {
		d.t.Errorf("the branch lacks %s", line)
	}
}
