package cli

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"refundctl/internal/durable"
	"refundctl/internal/view"
	"refundctl/plan"
)

// saveFlags are those of a plan that is kept for apply.
type saveFlags struct {
	out      string
	validFor time.Duration
	next     string // what sends a plan that is not saved
}

// applying is the command that sends what was planned, and no more.
func applying(c *cobra.Command, paths []string) string {
	if len(paths) > 0 || c.Flags().NFlag() > 0 {
		return "refundctl apply, with the same paths and flags,"
	}
	return "refundctl apply"
}

func (f *saveFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.out, "out", "", "save the plan in this `file`, for show, diff-plans and apply")
	c.Flags().DurationVar(&f.validFor, "valid-for", 24*time.Hour, "how long a saved plan may be applied")
}

// check refuses what could not be kept or never applied, before anything is read. Only a plan file is
// ever replaced: a slip of the pen must not cost a manifest or the ledger.
func (f saveFlags) check(c *cobra.Command, refresh string) error {
	switch {
	case f.validFor <= 0:
		return fail(ExitInvalid, "write a duration such as 24h", "--valid-for %s: a plan must be valid for some time", f.validFor)
	case f.out == "" && c.Flags().Changed("valid-for"):
		return fail(ExitInvalid, "add --out FILE, or leave it away", "--valid-for is of a saved plan")
	case f.out == "":
		return nil
	case refresh == string(plan.None):
		return fail(ExitInvalid, "leave --refresh away, or write auto or all", "--out saves a plan that can be applied: with --refresh none nothing is read, and it cannot")
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
		return fail(ExitInvalid, "name another file, or delete this one", "--out: %s is there and is no plan file; it is not replaced", f.out)
	}
	return nil
}

// save keeps the plan, where that is asked for. What could not be read back is never written.
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
		return view.PlanFile{}, fail(ExitError, "please report it; apply without a plan file goes on working", "the plan cannot be saved: %v", err)
	}
	if err := durable.Replace(f.out, text); err != nil {
		return view.PlanFile{}, fail(ExitError, "what stood there before, or the new plan, is whole; make room or name another file, then plan again", "%v", err)
	}
	return a.fileOf(saved), nil
}

func (a *app) fileOf(s plan.Saved) view.PlanFile {
	return view.PlanFile{Digest: s.Digest, ExpiresAt: s.ExpiresAt, Now: a.Clock()}
}

// isPlanFile tells a plan file, or what was made of one, from all other files. It does not open what is
// no file: a pipe would make it wait.
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

// readPlan reads a saved plan. What is none, or was altered, is a *plan.FileError: exit 7.
func readPlan(path string) (plan.Saved, error) {
	if is, err := isPlanFile(path); err == nil && !is && manifestName(path) {
		return plan.Saved{}, fail(ExitPlan, "refundctl plan "+path+" shows what it asks for; refundctl plan --out FILE saves a plan", "%s is a manifest, not a saved plan", path)
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

func manifestName(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return (ext == ".yaml" || ext == ".yml") && filepath.Base(path) != configName
}

// noPlanFiles refuses a saved plan where manifests are meant.
func noPlanFiles(paths []string) error {
	for _, path := range paths {
		if is, err := isPlanFile(path); err == nil && is {
			return fail(ExitInvalid, "refundctl show "+path+" prints it, refundctl apply "+path+" sends it", "%s is a saved plan, not a manifest", path)
		}
	}
	return nil
}

// planHints say what a person does about a plan file that is refused.
var planHints = map[plan.Why]string{
	plan.Altered:       "have a new one reviewed: refundctl plan --out FILE; a plan file is never edited",
	plan.UnknownFormat: "use the version that wrote it, or make a new one with this version",
	plan.Expired:       "have a new one reviewed: refundctl plan --out FILE; --valid-for says for how long",
	plan.FromTheFuture: "set whichever clock is wrong, then have a new plan reviewed: refundctl plan --out FILE",
	plan.Foreign:       "use the configuration, credentials and ledger that it was made with, or make a new one",
	plan.Used:          "refundctl state list shows what was sent; for what is missing, have a new one reviewed: refundctl plan --out FILE",
	plan.Overtaken:     "have a new one reviewed: refundctl plan --out FILE",
}
