package cli

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"refundctl/internal/durable"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/schema"
)

// saveFlags are the flags for saving a plan.
type saveFlags struct {
	out      string
	validFor time.Duration
	next     string // the command that sends what was planned
}

func (f *saveFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.out, "out", "", "save the plan to this `file`, for show, diff-plans and apply")
	c.Flags().DurationVar(&f.validFor, "valid-for", 24*time.Hour, "how long a saved plan may be applied")
}

// check refuses, before anything is read, a plan that could not be saved or applied. Only a plan file is
// ever replaced: a typo must not overwrite a manifest or the ledger.
func (f saveFlags) check(c *cobra.Command, refresh string) error {
	switch {
	case f.validFor <= 0:
		return fail(ExitInvalid, "use a duration such as 24h", "--valid-for %s: a plan must be valid for some time", f.validFor)
	case f.out == "" && c.Flags().Changed("valid-for"):
		return fail(ExitInvalid, "add --out FILE, or omit --valid-for", "--valid-for needs a saved plan")
	case f.out == "":
		return nil
	case refresh == string(plan.None):
		return fail(ExitInvalid, "omit --refresh, or write auto or all", "--out needs reads: with --refresh none, nothing is read, and the plan cannot be applied")
	}
	if err := refuseLink(f.out); err != nil {
		return err
	}
	is, err := isPlanFile(f.out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err = os.Stat(filepath.Dir(f.out)); err != nil {
			return fail(ExitInvalid, "name a folder that exists", "--out: %v", err)
		}
	case err != nil:
		return fail(ExitInvalid, "name another file", "--out: %v", err)
	case !is:
		return fail(ExitInvalid, "name another file, or delete this one", "--out: %s exists and is not a plan file, so it is not replaced", f.out)
	}
	return nil
}

// save writes the plan to the file of --out, if any. A plan that could not be read back is never written.
func (a *app) save(f saveFlags, p *plan.Plan) (view.PlanFile, error) {
	if f.out == "" {
		return view.PlanFile{}, nil
	}
	text, err := plan.Encode(p, p.CreatedAt.Add(f.validFor))
	if err != nil {
		return view.PlanFile{}, err
	}
	saved, err := plan.Decode(bytes.NewReader(text))
	if err != nil {
		return view.PlanFile{}, fail(ExitError, "please report this; apply without a plan file still works", "the plan cannot be saved: %v", err)
	}
	if err := durable.Replace(f.out, text); err != nil {
		return view.PlanFile{}, fail(ExitError, "the file has its old content or the new plan, complete; free some space or name another file, then plan again", "%v", err)
	}
	return a.fileOf(saved, f.next), nil
}

// fileOf describes a plan file that the command apply sends.
func (a *app) fileOf(s plan.Saved, apply string) view.PlanFile {
	return view.PlanFile{Digest: s.Digest, ExpiresAt: s.ExpiresAt, Now: a.Clock(), Apply: apply}
}

// isPlanFile reports whether path is a plan file, intact or altered. It opens only regular files: a pipe
// would block it.
func isPlanFile(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false, err
	}
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, 4096)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return n > 0 && head[0] == '{' && bytes.Contains(head[:n], []byte(`"format_version"`)), nil
}

// readPlan reads a saved plan. It returns a *plan.FileError (exit 7) if the file is not one or was altered.
func readPlan(path string) (plan.Saved, error) {
	if is, err := isPlanFile(path); err == nil && !is && schema.IsManifestName(path) {
		return plan.Saved{}, fail(ExitPlan, "refundctl plan "+shellPath(path)+" shows what it asks for; refundctl plan --out FILE saves a plan", "%s is a manifest, not a saved plan", path)
	}
	f, err := durable.OpenFile(path, os.O_RDONLY)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return plan.Saved{}, fail(ExitInvalid, "name a file that refundctl plan --out wrote", "there is no file %s", path)
	case errors.Is(err, durable.ErrLink):
		return plan.Saved{}, fail(ExitInvalid, "name the plan file itself", "%s is a symbolic link, which is not followed", path)
	}
	if err != nil {
		return plan.Saved{}, fail(ExitInvalid, "name a file that refundctl plan --out wrote", "%v", err)
	}
	defer f.Close()
	return plan.Decode(f)
}

// noPlanFiles refuses a saved plan among paths of manifests.
func noPlanFiles(paths []string) error {
	for _, path := range paths {
		if is, err := isPlanFile(path); err == nil && is {
			return fail(ExitInvalid, "refundctl show "+shellPath(path)+" prints it, refundctl apply "+shellPath(path)+" sends it", "%s is a saved plan, not a manifest", path)
		}
	}
	return nil
}

// planHints say what to do about a plan file that is refused.
var planHints = map[plan.Why]string{
	plan.Altered:       "save a new plan and have it reviewed: refundctl plan --out FILE; never edit a plan file",
	plan.UnknownFormat: "use the version that wrote it, or save a new plan with this version",
	plan.Expired:       "save a new plan and have it reviewed: refundctl plan --out FILE; --valid-for sets how long it is valid",
	plan.FromTheFuture: "set the clock that is wrong, then save a new plan and have it reviewed: refundctl plan --out FILE",
	plan.Foreign:       "use the configuration, credentials and ledger that it was made with, or save a new plan",
	plan.Used:          "refundctl state list shows what was sent; for what is missing, save a new plan and have it reviewed: refundctl plan --out FILE",
	plan.Overtaken:     "save a new plan and have it reviewed: refundctl plan --out FILE",
}
