package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// withoutManifests is the flag for a project whose manifests are gone on purpose. Git keeps no empty
// folders. If the configuration names manifests and there are none, nothing can be checked against them, and
// most likely the checkout is incomplete.
const withoutManifests = "without-manifests"

// manifestWork returns the work of a command that sends, or shows what would be sent. It needs the manifests that the
// configuration names, or the flag that says that they are gone.
func (a *app) manifestWork(ctx context.Context, f planFlags, paths []string) (*work, error) {
	w, err := a.work(ctx, f, paths)
	if err == nil {
		err = w.requireManifests(w.loaded.Files)
	}
	return w, err
}

// omitMissingManifests drops the paths of manifests that do not exist, and records that in the ledger.
func (w *work) omitMissingManifests() {
	w.without = true
	w.project.Manifests = slices.DeleteFunc(slices.Clone(w.project.Manifests), func(path string) bool {
		_, err := os.Stat(w.project.under(path))
		return errors.Is(err, fs.ErrNotExist)
	})
}

// requireManifests fails if the configuration names manifests and none of them exists. With the flag, it fails if all
// of them exist.
func (w *work) requireManifests(files []string) error {
	named := w.project.written.Manifests
	there := slices.ContainsFunc(files, func(file string) bool {
		return slices.ContainsFunc(named, func(path string) bool { return within(file, w.project.placed(path)) })
	})
	list := strings.Join(named, ", ")
	switch {
	case !w.without && !there:
		return fail(ExitInvalid, "restore them, or correct manifests in "+w.project.file+"; a manifest with refunds: [] asks for nothing; to continue without any, add --"+withoutManifests,
			"the configuration names manifests (%s), but none exist", list)
	case w.without && there && len(w.project.Manifests) == len(named):
		return fail(ExitInvalid, "omit the flag", "--%s is for a project whose manifests are gone, but they exist (%s)", withoutManifests, list)
	}
	return nil
}

// under returns the full path of a path in the configuration.
func (p *project) under(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(p.root, path)
}

// placed returns a path in the configuration in the form of the manifests' names.
func (p *project) placed(path string) string {
	full := p.under(path)
	if rel, err := filepath.Rel(p.root, full); err == nil && filepath.IsLocal(rel) {
		full = rel
	}
	return filepath.ToSlash(full)
}
