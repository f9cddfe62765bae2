package schema

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"refundctl/internal/diag"
)

// manifestPath is a file to read and the name that diagnostics give it.
type manifestPath struct{ path, name string }

// gatherer collects files, each once, and what is wrong with the paths.
type gatherer struct {
	root  string
	seen  map[string]bool // by real path
	files []manifestPath
	found []diag.Diagnostic
}

// gather finds the manifests that paths mean: files as they are named, and below folders *.yaml and
// *.yml, without what begins with a dot and without refundctl.yaml.
func gather(ctx context.Context, paths []string, root string) ([]manifestPath, []diag.Diagnostic, error) {
	absolute, err := filepath.Abs(root)
	if err != nil {
		return nil, nil, err
	}
	g := &gatherer{root: absolute, seen: map[string]bool{}}
	for _, p := range slices.Sorted(slices.Values(paths)) {
		full := p
		if !filepath.IsAbs(p) {
			full = filepath.Join(absolute, p)
		}
		info, err := os.Stat(full)
		switch {
		case err != nil:
			g.tell(diag.Error, codePathMissing, full, missing(err), "look at manifests in refundctl.yaml, or at the command line")
		case info.IsDir():
			g.folder(ctx, full)
		default:
			g.file(full)
		}
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
	}
	return g.files, g.found, nil
}

func missing(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "there is no such file or folder"
	}
	return "the path cannot be followed: " + reason(err)
}

// with adds the texts that are no file yet.
func (o Options) with(files []manifestPath) []manifestPath {
	for name := range o.Instead {
		if !slices.ContainsFunc(files, func(f manifestPath) bool { return f.name == name }) {
			files = append(files, manifestPath{name: name})
		}
	}
	slices.SortFunc(files, func(a, b manifestPath) int { return cmp.Compare(a.name, b.name) })
	return files
}

func (g *gatherer) tell(s diag.Severity, code, path, message, hint string) {
	d := diag.Diagnostic{Severity: s, Code: code, Message: message, Hint: hint, Place: diag.Place{File: g.name(path)}}
	if !slices.Contains(g.found, d) {
		g.found = append(g.found, d)
	}
}

// name is the path from the root, with forward slashes; the whole path where it lies outside.
func (g *gatherer) name(path string) string {
	rel, err := filepath.Rel(g.root, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		rel = path
	}
	return filepath.ToSlash(rel)
}

// file takes a file unless it was taken under this or another name.
func (g *gatherer) file(path string) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		g.tell(diag.Error, codeUnreadable, path, "the file cannot be read: "+reason(err), unreadableHint)
		return
	}
	if !g.seen[real] {
		g.seen[real] = true
		g.files = append(g.files, manifestPath{path, g.name(path)})
	}
}

func (g *gatherer) folder(ctx context.Context, top string) {
	found := false
	err := fs.WalkDir(os.DirFS(top), ".", func(sub string, d fs.DirEntry, err error) error {
		path := filepath.Join(top, filepath.FromSlash(sub))
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			g.tell(diag.Error, codeUnreadable, path, "the folder cannot be read: "+reason(err), unreadableHint)
			return fs.SkipDir
		case sub != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.Type()&fs.ModeSymlink != 0:
			found = true
			g.link(path)
		case !d.IsDir() && isManifestName(d.Name()):
			found = true
			g.file(path)
		}
		return nil
	})
	if err == nil && !found {
		g.tell(diag.Warning, codeNoManifests, top, "the folder holds no manifests", "manifests end in .yaml or .yml")
	}
}

func isManifestName(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return (ext == ".yaml" || ext == ".yml") && name != "refundctl.yaml"
}

// link follows a symbolic link below a folder only to a file within the root: to folders it could
// run in circles, and to elsewhere it could read what is nobody's manifest.
func (g *gatherer) link(path string) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		g.tell(diag.Error, codeUnreadable, path, "the link leads nowhere", "remove it or mend it")
		return
	}
	info, err := os.Stat(real)
	base, rootErr := filepath.EvalSymlinks(g.root)
	switch {
	case err != nil || rootErr != nil:
		g.tell(diag.Error, codeUnreadable, path, "the link leads nowhere", "remove it or mend it")
	case info.IsDir():
		g.tell(diag.Warning, codeSymlink, path, "links to folders are not followed", "name the folder itself among the manifests")
	case !isManifestName(filepath.Base(path)):
	case !strings.HasPrefix(real, base+string(filepath.Separator)):
		g.tell(diag.Error, codeSymlink, path, "the link leads out of the project", "put the manifest itself here")
	default:
		g.file(path)
	}
}
