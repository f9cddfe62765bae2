package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"refundctl/internal/refund"
)

// schemaName is the manifests' schema beside the configuration, for editors.
const schemaName = "refund-manifest.schema.json"

// manifestFor is the path of the manifest that a row goes to: the one that is named, which may be new, or
// the only one of the account.
func (e *editing) manifestFor(named, account string) (string, error) {
	if named != "" {
		return e.namedManifest(named)
	}
	files := e.loaded.Files
	if len(files) > 1 && account != "" {
		files = slices.DeleteFunc(slices.Clone(files), func(file string) bool {
			return !slices.ContainsFunc(e.loaded.Specs, func(s refund.Spec) bool { return s.Source.File == file && s.Account == account })
		})
	}
	const most = 5
	switch len(files) {
	case 1:
		return e.path(files[0]), nil
	case 0:
		return "", fail(ExitInvalid, "name a new one: --file refunds/"+firstOf(account, "first")+".refunds.yaml", "there is no manifest to add a row to")
	}
	list := strings.Join(files[:min(len(files), most)], ", ")
	if len(files) > most {
		list += ", …"
	}
	return "", fail(ExitInvalid, "add --file with one of: "+list, "there are %d manifests: which one?", len(files))
}

// namedManifest takes an existing file only where it is one of the project's, and a new one where it
// will be: a row that plan does not see would be lost.
func (e *editing) namedManifest(named string) (string, error) {
	full, err := absolute(named)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist) && e.holds(full):
		return full, nil
	case errors.Is(err, fs.ErrNotExist):
		return "", fail(ExitInvalid, "name a .yaml file in a folder of manifests; see manifests in "+e.project.file, "%s would not be one of the project's manifests", named)
	case err != nil:
		return "", fail(ExitInvalid, "name a manifest that can be read", "--file: %v", err)
	}
	for _, file := range e.loaded.Files {
		if known, err := os.Stat(e.path(file)); err == nil && os.SameFile(info, known) {
			return e.path(file), nil
		}
	}
	return "", fail(ExitInvalid, "see manifests in "+e.project.file, "%s is not one of the project's manifests", named)
}

// holds tells whether a file that is made at path is found as a manifest then.
func (e *editing) holds(path string) bool {
	dir, base := filepath.Dir(path), filepath.Base(path)
	if ext := filepath.Ext(base); ext != ".yaml" && ext != ".yml" || base == configName || strings.HasPrefix(base, ".") {
		return false
	}
	return slices.ContainsFunc(e.project.Manifests, func(folder string) bool {
		rel, err := filepath.Rel(e.path(folder), dir)
		hidden := func(part string) bool { return part != "." && strings.HasPrefix(part, ".") }
		if err != nil || !filepath.IsLocal(rel) || slices.ContainsFunc(strings.Split(filepath.ToSlash(rel), "/"), hidden) {
			return false
		}
		top, err := filepath.EvalSymlinks(e.path(folder))
		real, missing := filepath.EvalSymlinks(dir)
		return err == nil && missing == nil && real == filepath.Join(top, rel) // links below are not followed
	})
}

// path is where a file is that manifests or their diagnostics name.
func (e *editing) path(name string) string {
	if path := filepath.FromSlash(name); filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(e.project.root, filepath.FromSlash(name))
}

// name is how diagnostics call a manifest.
func (e *editing) name(path string) string {
	if rel, err := filepath.Rel(e.project.root, path); err == nil && filepath.IsLocal(rel) {
		path = rel
	}
	return filepath.ToSlash(path)
}

// schemaFor is the schema as a manifest at path names it; empty where the project has none.
func (e *editing) schemaFor(path string) string {
	full := filepath.Join(e.project.root, schemaName)
	rel, err := filepath.Rel(filepath.Dir(path), full)
	if _, missing := os.Stat(full); missing != nil || err != nil {
		return ""
	}
	if !strings.HasPrefix(rel, "..") {
		rel = "." + string(filepath.Separator) + rel
	}
	return filepath.ToSlash(rel)
}
