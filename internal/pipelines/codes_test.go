package pipelines

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// stub is a refundctl that does what CODES says: "plan=4 apply=5 follow=12". Apply and follow add a line to the ledger.
const stub = `#!/bin/bash
code=$(sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" <<<"$CODES")
case $1 in
version | state) exit 0 ;;
plan)
  case $code in 0 | 4 | 5 | 6) echo '{}' >"$3" ;; esac
  echo "the plan of exit $code" ;;
apply)
  echo "{\"by\":\"$1\",\"codes\":\"$CODES\"}" >>"$REFUNDCTL_STATE"
  if [ -n "$GITHUB_OUTPUT" ]; then echo "exit_code=$code" >>"$GITHUB_OUTPUT"; fi ;;
follow) echo "{\"by\":\"$1\",\"codes\":\"$CODES\"}" >>"$REFUNDCTL_STATE" ;;
esac
exit "$code"
`

func (s *shop) stub() string {
	s.t.Helper()
	name := filepath.Join(s.dir, "stub")
	s.write(name, stub)
	if err := os.Chmod(name, 0o755); err != nil {
		s.t.Fatal(err)
	}
	return "PROGRAM=" + name
}

// place is one of the two examples: each function runs a job and reports whether it failed, and with which log.
type place struct {
	*shop
	plan     func(codes string) (failed bool, log string)
	apply    func(codes string) (failed bool, log string)
	comment  func() string
	keptPlan func() bool // and forgets it
}

func places(t *testing.T) map[string]place {
	h, l := openHub(t), openLab(t)
	tree := filepath.Join("..", "..", "examples", "github-actions")
	again := filepath.Join(h.dir, "plan.json")
	h.write(again, "{}")
	if err := h.keep(77, "refund-plan-again-77", again, h.made("push", "refunds-apply.yml", "failure")); err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(l.dir, "work")
	l.git(work, "switch", "--quiet", "refunds-ledger")
	l.write(filepath.Join(work, "plans", "again-77.json"), "{}")
	l.commit(work, "a plan", "refunds-ledger")
	job := func(name string) func(string) (bool, string) {
		return func(codes string) (bool, string) {
			log, code := l.job(name, "main", protected(l.stub(), "CODES="+codes, "PLAN=again-77", "MERGE_REQUEST=5")...)
			return code != 0, log
		}
	}
	planned := filepath.Join(h.store, "artifacts.json")
	return map[string]place{
		"GitHub": {
			shop: h.shop,
			plan: func(codes string) (bool, string) {
				_ = os.Remove(planned)
				r := h.planning("june", "shop/refunds")
				r.env["PROGRAM"], r.env["CODES"] = strings.TrimPrefix(h.stub(), "PROGRAM="), codes
				r.job(tree, "refunds-plan.yml")
				return r.failed, r.log.String()
			},
			apply: func(codes string) (bool, string) {
				r := h.start("main", nil, map[string]string{"inputs.plan": "refund-plan-again-77"})
				r.env["PROGRAM"], r.env["CODES"] = strings.TrimPrefix(h.stub(), "PROGRAM="), codes
				r.job(tree, "refunds-apply.yml")
				return r.failed, r.log.String()
			},
			comment:  func() string { return h.comments()[1].Body },
			keptPlan: func() bool { _, err := os.Stat(planned); return err == nil },
		},
		"GitLab": {
			shop: l.shop, plan: job("plan"), apply: job("apply"),
			comment: func() string { return l.notes[1].Body },
			keptPlan: func() bool {
				return strings.Contains(l.git(l.origin, "ls-tree", "-r", "--name-only", "refunds-ledger"), l.head)
			},
		},
	}
}

// The ledger is kept whatever the exit code; only 0, and 12 of follow, end well.
func TestExamplesKeepTheLedgerAtEveryExitCode(t *testing.T) {
	for name, p := range places(t) {
		for _, codes := range []string{"apply=0 follow=0", "apply=0 follow=12", "apply=0 follow=4", "apply=0 follow=6", "apply=0 follow=11", "apply=1 follow=0", "apply=4 follow=0",
			"apply=5 follow=0", "apply=6 follow=0", "apply=7 plan=4", "apply=8 follow=0", "apply=10 follow=10", "apply=11 follow=11", "apply=130 follow=0"} {
			failed, log := p.apply(codes)
			if want := !slices.Contains([]string{"apply=0 follow=0", "apply=0 follow=12"}, codes); failed != want {
				t.Errorf("%s, %s: the job failed: %t\n%s", name, codes, failed, log)
			}
			for by := range strings.FieldsSeq(codes) {
				by, _, _ = strings.Cut(by, "=")
				if line := fmt.Sprintf(`{"by":"%s","codes":"%s"}`, by, codes); by != "plan" && !strings.Contains(p.ledger(), line) {
					t.Errorf("%s, %s: the ledger lacks what %s wrote\n%s", name, codes, by, log)
				}
			}
		}
	}
}

// A plan with rows that need a person, were not read or are in doubt is shown and kept. Without a plan, the comment
// says so, and there is nothing to apply.
func TestExamplesShowAPlanAtEveryExitCode(t *testing.T) {
	for name, p := range places(t) {
		for _, code := range []int{0, 4, 5, 6, 1, 3, 10, 11, 130} {
			failed, log := p.plan("plan=" + strconv.Itoa(code))
			want, shown := slices.Contains([]int{0, 4, 5, 6}, code), "There is no plan."
			if want {
				shown = fmt.Sprintf("the plan of exit %d", code)
			}
			if failed == want || p.keptPlan() != want || !strings.Contains(p.comment(), shown) {
				t.Errorf("%s: exit %d of plan: the job failed: %t, the plan is kept: %t, comment:\n%s\n%s", name, code, failed, p.keptPlan(), p.comment(), log)
			}
		}
	}
}
