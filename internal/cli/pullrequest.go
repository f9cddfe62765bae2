package cli

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"refundctl/internal/diag"
	"refundctl/schema"
)

// ledgersInPullRequest calls pullRequestWarnings for the ledger of the configuration and that of the environment.
func (a *app) ledgersInPullRequest(ctx context.Context, root string, c schema.Config) []diag.Diagnostic {
	p := &project{Config: c, root: root}
	ledgers := []string{p.statePath()}
	if other, err := filepath.Abs(a.Env(variable("state"))); err == nil && a.Env(variable("state")) != "" && other != ledgers[0] {
		ledgers = append(ledgers, other)
	}
	return a.pullRequestWarnings(ctx, root, ledgers...)
}

// pullRequestWarnings warns if the pull request that CI works on changes the ledger. The hash chain has no secret key, so
// a line that somebody adds can invent a paid refund. It never fails: if Git cannot answer, it warns on stderr.
func (a *app) pullRequestWarnings(ctx context.Context, root string, ledgers ...string) (all []diag.Diagnostic) {
	bases := a.pullRequestBases()
	if len(bases) == 0 {
		return nil
	}
	known := slices.IndexFunc(bases, func(base string) bool {
		_, ok := a.askGit(ctx, root, "rev-parse", "--verify", "--quiet", base+"^{commit}")
		return ok
	})
	if known < 0 {
		_ = a.warn("cannot check whether this pull request changes the ledger: its target branch is not available",
			"fetch the whole history in this job: fetch-depth: 0 in GitHub Actions, GIT_DEPTH: \"0\" in GitLab CI")
		return nil
	}
	for _, ledger := range ledgers {
		file, err := filepath.Rel(root, ledger)
		if err != nil {
			continue
		}
		file = filepath.ToSlash(file)
		if how := a.changeInPullRequest(ctx, root, bases[known], file); how != "" {
			all = append(all, ledgerWarning(file, bases[known], how))
		}
	}
	if dir := filepath.Dir(memoryName); a.changeInPullRequest(ctx, root, bases[known], dir) != "" {
		all = append(all, diag.Diagnostic{Severity: diag.Warning, Code: "memory_touched", Place: diag.Place{File: dir},
			Message: "this pull request changes " + dir + ", the memory of one clone: plan trusts the runs listed there without a spot check",
			Hint:    "remove it from the pull request: git rm -r --cached " + shellWord(dir) + ", and list it in .gitignore"})
	}
	return all
}

func ledgerWarning(file, base, how string) diag.Diagnostic {
	base = strings.TrimPrefix(strings.TrimPrefix(base, "refs/remotes/"), "refs/heads/")
	hint := "remove the change from the pull request: git checkout " + shellWord(base) + " -- " + shellWord(file)
	if how == "A" {
		hint = "remove it from the pull request: git rm --cached " + shellPath(file) + "; it may stay if the project begins here and the ledger contains no refund"
	}
	return diag.Diagnostic{Severity: diag.Warning, Code: "ledger_touched", Place: diag.Place{File: file}, Hint: hint,
		Message: "this pull request changes the ledger, which only the pipeline should write: a line added here can make a refund look paid"}
}

// commitID matches the full hash of a commit.
var commitID = regexp.MustCompile(`^[0-9a-f]{40,64}$`)

// pullRequestBases returns the commits to compare the pull request with, the best first; none outside a pull request. In a
// merged-results pipeline of GitLab, HEAD contains the target's own commits too.
func (a *app) pullRequestBases() (all []string) {
	for _, name := range []string{"CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "CI_MERGE_REQUEST_DIFF_BASE_SHA"} {
		if commit := a.Env(name); commitID.MatchString(commit) {
			all = append(all, commit)
		}
	}
	if branch := firstOf(a.Env("GITHUB_BASE_REF"), a.Env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"), a.Env("CHANGE_TARGET")); branch != "" {
		all = append(all, "refs/remotes/origin/"+branch, "refs/heads/"+branch)
	}
	return all
}

// changeInPullRequest returns Git's letter for how the pull request changes a file: A, M, D or T; empty for no change. A file
// that equals the one in base is not changed. In a shallow clone, the merge base may be unknown: then only the two
// ends are compared.
func (a *app) changeInPullRequest(ctx context.Context, root, base, file string) (how string) {
	for _, commits := range []string{base + "...HEAD", base + "..HEAD"} {
		out, ok := a.askGit(ctx, root, "diff", "--no-ext-diff", "--no-textconv", "--no-renames", "--name-status", "-z", commits, "--", file)
		if ok && out == "" {
			return ""
		}
		if ok {
			how, _, _ = strings.Cut(out, "\x00")
		}
	}
	return how
}

// askGit runs Git in dir. Git gets no credentials, takes no settings from a repository inside a commit, and fetches
// nothing.
func (a *app) askGit(ctx context.Context, dir string, args ...string) (string, bool) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "git", append([]string{"-c", "safe.bareRepository=explicit", "--literal-pathspecs"}, args...)...)
	c.Dir = dir
	c.Env = []string{"PATH=" + a.Env("PATH"), "HOME=" + a.Env("HOME"), "LC_ALL=C", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0"}
	out, err := c.Output()
	return string(out), err == nil
}
