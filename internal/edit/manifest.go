package edit

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"refundctl/internal/refund"
	"refundctl/schema"
)

// ManifestFor returns the path of the manifest for a row: the named one, which may be new, or the only one of the
// account. An empty account means all accounts.
func (e *Editor) ManifestFor(named, account string) (string, error) {
	if named != "" {
		return e.namedManifest(named)
	}
	files := e.Loaded.Files
	if len(files) > 1 && account != "" {
		files = slices.DeleteFunc(slices.Clone(files), func(file string) bool {
			return !slices.ContainsFunc(e.Loaded.Specs, func(s refund.Spec) bool { return s.Source.File == file && s.Account == account })
		})
	}
	const most = 5
	switch len(files) {
	case 1:
		return e.path(files[0]), nil
	case 0:
		return "", refuse(NoManifest, cmp.Or(account, "first"), "there is no manifest to add a row to")
	}
	list := strings.Join(files[:min(len(files), most)], ", ")
	if len(files) > most {
		list += ", …"
	}
	return "", refuse(SeveralManifests, list, "there are %d manifests: which one?", len(files))
}

// namedManifest accepts an existing file only if it is one of the project's manifests, and a new one only
// if it will be: plan would not see a row anywhere else.
func (e *Editor) namedManifest(named string) (string, error) {
	full, err := filepath.Abs(named)
	if err != nil {
		return "", refuse(UnreadableManifest, "", "--file: %v", err)
	}
	info, err := os.Stat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist) && e.becomesManifest(full):
		return full, nil
	case errors.Is(err, fs.ErrNotExist):
		return "", refuse(NotInManifests, e.File, "%s would not be one of the project's manifests", named)
	case err != nil:
		return "", refuse(UnreadableManifest, "", "--file: %v", err)
	}
	for _, file := range e.Loaded.Files {
		if known, err := os.Stat(e.path(file)); err == nil && os.SameFile(info, known) {
			return e.path(file), nil
		}
	}
	return "", refuse(NotAManifest, e.File, "%s is not one of the project's manifests", named)
}

// becomesManifest reports whether a file created at path would be loaded as a manifest.
func (p Project) becomesManifest(path string) bool {
	dir, base := filepath.Dir(path), filepath.Base(path)
	if !schema.IsManifestName(base) || strings.HasPrefix(base, ".") {
		return false
	}
	return slices.ContainsFunc(p.Manifests, func(folder string) bool {
		rel, err := filepath.Rel(p.path(folder), dir)
		hidden := func(part string) bool { return part != "." && strings.HasPrefix(part, ".") }
		if err != nil || !filepath.IsLocal(rel) || slices.ContainsFunc(strings.Split(filepath.ToSlash(rel), "/"), hidden) {
			return false
		}
		top, err := filepath.EvalSymlinks(p.path(folder))
		real, missing := filepath.EvalSymlinks(dir)
		return err == nil && missing == nil && real == filepath.Join(top, rel) // links below are not followed
	})
}

// schemaFor returns the JSON Schema for the head of a manifest at path: one beside the manifest, or else the
// project's, or "" if there is none.
func (p Project) schemaFor(path string) string {
	dir := filepath.Dir(path)
	for _, folder := range []string{dir, p.Root} {
		file := filepath.Join(folder, SchemaName)
		if _, err := os.Stat(file); err != nil {
			continue
		}
		if rel, err := filepath.Rel(dir, file); err == nil && strings.HasPrefix(rel, "..") {
			return filepath.ToSlash(rel)
		}
		return "./" + SchemaName
	}
	return ""
}
