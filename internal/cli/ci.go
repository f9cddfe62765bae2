package cli

import (
	"fmt"
	"io"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"refundctl/internal/durable"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// header returns who runs c, who approved it and where it runs, for the ledger.
func (a *app) header(c *cobra.Command, f sessionFlags) state.Header {
	h := state.Header{
		Actor: a.secrets.redact(a.actor(f.actor)), Command: c.CommandPath(), Program: version(), Commit: a.secrets.redact(a.commit()),
		CIRun: a.secrets.redact(a.ciRun()),
	}
	for _, name := range approvers(f.approvers) {
		h.Approvers = append(h.Approvers, a.secrets.redact(name))
	}
	return h
}

// actor returns who acts: the flag, or CI's user, or the system's user. If a GitHub job is run again, it is
// the person who ran it again. A system without a name for its user, such as a container with an arbitrary uid,
// may have one in the environment.
func (a *app) actor(flag string) string {
	uid := os.Getuid() // -1 on Windows
	return a.firstName(uid, flag, a.Env("GITHUB_TRIGGERING_ACTOR"), a.Env("GITHUB_ACTOR"), a.Env("GITLAB_USER_LOGIN"), a.Env("BUILD_USER_ID"),
		systemUser(uid), a.Env("USER"), a.Env("LOGNAME"), a.Env("USERNAME"))
}

// firstName returns the first name that is not blank. Without one it returns the uid, and warns.
func (a *app) firstName(uid int, names ...string) string {
	for _, name := range names {
		if name = personName(name); name != "" {
			return name
		}
	}
	name := "unknown"
	if uid >= 0 {
		name = "uid " + strconv.Itoa(uid)
	}
	_ = a.warn("the system has no name for the user of this run: the ledger records "+strconv.Quote(name), "name who runs it with --actor")
	return name
}

// systemUser returns the name that the system's list of users has for the uid. user.Current would also guess from
// the environment.
func systemUser(uid int) string {
	if uid >= 0 {
		if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
			return u.Username
		}
		return ""
	}
	if u, err := user.Current(); err == nil { // Windows
		return u.Username
	}
	return ""
}

// personName returns a name on one line, without characters that a terminal hides or obeys, and of bounded length.
func personName(name string) string {
	name = strings.Map(func(r rune) rune {
		if !plan.Visible(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(name, " "))
	runes := []rune(strings.Join(strings.Fields(name), " "))
	return string(runes[:min(len(runes), longestName)])
}

const longestName = 200

// approvers returns each name once. No CI passes approvers to its jobs: a job must query them itself.
func approvers(given []string) []string {
	var names []string
	for _, name := range given {
		if name = personName(name); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// commit returns the commit that CI works on.
func (a *app) commit() string {
	return firstOf(a.Env("GITHUB_SHA"), a.Env("CI_COMMIT_SHA"), a.Env("GIT_COMMIT"))
}

// ciRun returns the address of the run's log.
func (a *app) ciRun() string {
	if run := a.Env("GITHUB_RUN_ID"); run != "" {
		address := a.Env("GITHUB_SERVER_URL") + "/" + a.Env("GITHUB_REPOSITORY") + "/actions/runs/" + run
		if attempt := a.Env("GITHUB_RUN_ATTEMPT"); attempt != "" && attempt != "1" {
			address += "/attempts/" + attempt
		}
		return address
	}
	return firstOf(a.Env("CI_JOB_URL"), a.Env("BUILD_URL"))
}

// reportToGitHub appends the result of plan or apply to the files that GitHub Actions names: a summary for
// the page of the run, and outputs for later steps. A failure to do so does not change the run.
func (a *app) reportToGitHub(code Exit) {
	if a.Env("GITHUB_ACTIONS") != "true" || a.report.Command == "" {
		return
	}
	info := exitInfo(code)
	a.report.Code, a.report.Meaning, a.report.Style = int(code), info.Meaning, view.Style{Commands: a.copyable}
	for _, one := range []struct {
		variable string
		write    func(io.Writer, view.Step) error
	}{{"GITHUB_STEP_SUMMARY", view.StepSummary}, {"GITHUB_OUTPUT", view.StepOutputs}} {
		if err := appendTo(a.Env(one.variable), func(w io.Writer) error {
			out := a.secrets.redactor(w)
			defer out.flush()
			return one.write(out, a.report)
		}); err != nil {
			_ = a.warn(fmt.Sprintf("$%s could not be written: %v", one.variable, err), "later steps of this job lack the result; the run itself is as printed")
		}
	}
}

// appendTo appends to a file. Without a name it does nothing.
func appendTo(name string, write func(io.Writer) error) (err error) {
	if name == "" {
		return nil
	}
	f, err := durable.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE)
	if err != nil {
		return err
	}
	err = write(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}
