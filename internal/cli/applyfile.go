package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"refundctl/internal/refund"
	"refundctl/plan"
)

// planFileOf is the plan file among the arguments of apply, if there is one. It stands alone.
func planFileOf(c *cobra.Command, args []string) (string, error) {
	for _, arg := range args {
		is, err := isPlanFile(arg)
		switch {
		case err != nil, !is:
			continue // manifests are looked at where they are loaded
		case len(args) > 1:
			return "", fail(ExitInvalid, "apply it alone", "%s is a plan file: it says by itself what is sent", arg)
		}
		for _, flag := range []string{"target", "exclude", "refresh"} {
			if c.Flags().Changed(flag) {
				return "", fail(ExitInvalid, "give --"+flag+" to plan --out", "--%s does not go with a plan file, which is applied as it was approved", flag)
			}
		}
		return arg, nil
	}
	return "", nil
}

// followed loads what the application of a plan file stands on. What the manifests no longer ask for
// is left out.
func (a *app) followed(ctx context.Context, f planFlags, file string) (*work, error) {
	saved, err := readPlan(file)
	if err != nil {
		return nil, err
	}
	p, err := a.project(f.settings)
	if err != nil {
		return nil, err
	}
	w := &work{app: a, project: p, refresh: plan.Auto, saved: &saved, accepts: f.acceptance}
	w.loaded.Specs, w.loaded.Digest, w.approval = saved.Specs(), saved.Manifests, saved.Approval()
	if f.without {
		w.forgo()
	}
	files := p.sources(w.loaded.Specs)
	asked, err := a.manifests(ctx, p, files)
	if err != nil {
		return nil, err
	}
	if err := w.manifested(asked.Files); err != nil {
		return nil, err
	}
	if len(asked.Files) > 0 {
		w.loaded.Specs, w.approval = saved.SpecsOf(asked.Specs), saved.ApprovalOf(asked.Specs)
		w.asked, w.loaded.Files = asked.Specs, asked.Files
		w.reads(files, asked.Digest)
	}
	needed := map[string]bool{}
	for _, account := range saved.Accounts {
		needed[account.Name] = true
	}
	if w.accounts, err = a.accounts(p, needed); err != nil {
		return nil, err
	}
	w.gates, err = a.open(p, w.accounts)
	return w, err
}

// sources are the files that the rows stood in and that are still there: a plan may also be made of
// files beside the project's manifests.
func (p *project) sources(specs []refund.Spec) []string {
	var files []string
	for _, s := range specs {
		file := s.Source.File
		if !filepath.IsAbs(file) {
			file = filepath.Join(p.root, file)
		}
		files = append(files, file)
	}
	slices.Sort(files)
	return slices.DeleteFunc(slices.Compact(files), func(file string) bool {
		info, err := os.Stat(file)
		return err != nil || !info.Mode().IsRegular()
	})
}

// forgone reports whether the run does without the manifests that the configuration names.
func (w *work) forgone() bool { return w != nil && w.without }

// planDigest is that of the plan file that is applied; empty for none.
func (w *work) planDigest() string {
	if w == nil || w.saved == nil {
		return ""
	}
	return w.saved.Digest
}
