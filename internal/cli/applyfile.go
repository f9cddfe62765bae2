package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"refundctl/internal/refund"
)

// planFileOf returns the plan file in the arguments of apply, or "". It must be the only argument.
func planFileOf(c *cobra.Command, args []string) (string, error) {
	for _, arg := range args {
		is, err := isPlanFile(arg)
		switch {
		case err != nil, !is:
			continue // loading the manifests reports what is wrong with them
		case len(args) > 1:
			return "", fail(ExitInvalid, "apply it on its own", "%s is a plan file, which must be the only argument", arg)
		}
		for _, flag := range []string{"target", "exclude", "refresh"} {
			if c.Flags().Changed(flag) {
				return "", fail(ExitInvalid, "use --"+flag+" with plan --out", "--%s cannot be used with a plan file, which is applied as approved", flag)
			}
		}
		return arg, nil
	}
	return "", nil
}

// planFileWork loads what apply needs for a plan file, and connects its accounts.
func (a *app) planFileWork(ctx context.Context, f planFlags, file string) (*work, error) {
	w, err := a.unconnectedFile(ctx, f, file)
	if err != nil {
		return w, err
	}
	needed := map[string]bool{}
	for _, account := range w.saved.Accounts {
		needed[account.Name] = true
	}
	return w, w.connect(needed)
}

// unconnectedFile loads a plan file and its project without the accounts. It leaves out the rows that are no
// longer in the manifests.
func (a *app) unconnectedFile(ctx context.Context, f planFlags, file string) (*work, error) {
	saved, err := readPlan(file)
	if err != nil {
		return nil, err
	}
	p, err := a.project(f.settings)
	if err != nil {
		return nil, err
	}
	w := a.newWork(p)
	w.saved, w.accepts = &saved, f.acceptance
	w.loaded.Specs, w.loaded.Digest, w.approval = saved.Specs(), saved.Manifests, saved.Approval()
	if f.without {
		w.omitMissingManifests()
	}
	files := p.sources(w.loaded.Specs)
	asked, err := a.manifests(ctx, p, files)
	if err != nil {
		return nil, err
	}
	if err := w.requireManifests(asked.Files); err != nil {
		return nil, err
	}
	if len(asked.Files) > 0 {
		w.loaded.Specs, w.approval = saved.SpecsOf(asked.Specs), saved.ApprovalOf(asked.Specs)
		w.asked, w.loaded.Files = asked.Specs, asked.Files
		w.rememberFiles(files, asked.Digest)
	}
	return w, nil
}

// sources returns the files that the rows came from, if they still exist. A plan can also be made of files
// that are not among the project's manifests.
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

// forgone reports whether the run goes without the manifests named in the configuration.
func (w *work) forgone() bool { return w != nil && w.without }

// planDigest returns the digest of the plan file being applied, or "".
func (w *work) planDigest() string {
	if w == nil || w.saved == nil {
		return ""
	}
	return w.saved.Digest
}
