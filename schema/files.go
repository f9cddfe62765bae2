package schema

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/schema/yamltree"
)

// File is a manifest to read.
type File struct {
	Path     string // empty if it is only in Options.Instead
	Name     string // in diagnostics: relative to the root, with forward slashes
	InFolder bool   // found in a folder and not named itself: it may be a file of this program
	Wide     bool   // the folder contains the whole project: it may be a file of another program
}

// finder collects files, each once, and the problems of the paths.
type finder struct {
	root   string
	seen   map[string]int // the index in files, by real path
	files  []File
	found  []diag.Diagnostic
	passed int // files that were passed over for their names
}

// Find returns the manifests at paths: the files among them, and *.yaml and *.yml below the folders, except
// refundctl.yaml and what begins with a dot. Other files of the folders that may be manifests are warnings. Problems
// are diagnostics; the error is that of ctx or of the working folder.
func Find(ctx context.Context, paths []string, root string) ([]File, []diag.Diagnostic, error) {
	absolute, err := filepath.Abs(root)
	if err != nil {
		return nil, nil, err
	}
	g := &finder{root: absolute, seen: map[string]int{}}
	for _, p := range slices.Sorted(slices.Values(paths)) {
		full := p
		if !filepath.IsAbs(p) {
			full = filepath.Join(absolute, p)
		}
		info, err := os.Stat(full)
		switch {
		case err != nil:
			g.report(diag.Error, CodePathMissing, full, missingMessage(err), g.missingHint(full))
		case info.IsDir():
			g.folder(ctx, full)
		default:
			g.file(full, false, false)
		}
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
	}
	return g.files, g.found, nil
}

func missingMessage(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "there is no such file or folder"
	}
	return "the path cannot be followed: " + reason(err)
}

// missingHint recognizes a pattern that the shell did not expand.
func (g *finder) missingHint(path string) string {
	before, _, pattern := strings.Cut(g.name(path), "*")
	if i := strings.IndexAny(before, "?[{"); i >= 0 {
		before, pattern = before[:i], true
	}
	if !pattern {
		return "check manifests in refundctl.yaml, or the command line"
	}
	return "patterns are not expanded here: name the folder " + cmp.Or(before[:strings.LastIndexByte(before, '/')+1], ".")
}

// addTexts adds the texts of Options.Instead that are not files yet.
func (o Options) addTexts(files []File) []File {
	for name := range o.Instead {
		if !slices.ContainsFunc(files, func(f File) bool { return f.Name == name }) {
			files = append(files, File{Name: name})
		}
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	return files
}

func (g *finder) report(s diag.Severity, code, path, message, hint string) {
	d := diag.Diagnostic{Severity: s, Code: code, Message: message, Hint: hint, Place: diag.Place{File: g.name(path)}}
	if !slices.Contains(g.found, d) {
		g.found = append(g.found, d)
	}
}

// name is the path relative to the root, with forward slashes, or the whole path of a file outside.
func (g *finder) name(path string) string {
	rel, err := filepath.Rel(g.root, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		rel = path
	}
	return filepath.ToSlash(rel)
}

// file adds a file, unless it was added already under this or another name.
func (g *finder) file(path string, inFolder, wide bool) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		g.report(diag.Error, CodeUnreadable, path, "the file cannot be read: "+reason(err), unreadableHint)
		return
	}
	if i, seen := g.seen[real]; seen {
		g.files[i].InFolder, g.files[i].Wide = g.files[i].InFolder && inFolder, g.files[i].Wide && wide
		return
	}
	g.seen[real] = len(g.files)
	g.files = append(g.files, File{path, g.name(path), inFolder, wide})
}

func (g *finder) folder(ctx context.Context, top string) {
	found, wide := false, g.isWide(top)
	err := fs.WalkDir(os.DirFS(top), ".", func(sub string, d fs.DirEntry, err error) error {
		path := filepath.Join(top, filepath.FromSlash(sub))
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			g.report(diag.Error, CodeUnreadable, path, "the folder cannot be read: "+reason(err), unreadableHint)
			return fs.SkipDir
		case sub != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			if isHiddenManifest(d.Name()) {
				g.passOver(path, wide)
			}
		case d.Type()&fs.ModeSymlink != 0:
			found = true
			g.link(path, wide)
		case !d.IsDir() && IsManifestName(d.Name()):
			found = true
			g.file(path, true, wide)
		case !d.IsDir():
			g.passOver(path, wide)
		}
		return nil
	})
	g.reportMorePassed(top)
	if err == nil && !found {
		g.report(diag.Warning, CodeNoManifests, top, "the folder contains no manifests", "the names of manifests end in .yaml or .yml")
	}
}

// IsManifestName reports whether a file of this name in a folder is read as a manifest.
func IsManifestName(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return (ext == ".yaml" || ext == ".yml") && filepath.Base(name) != "refundctl.yaml"
}

// link follows a symbolic link below a folder only to a file within the root: a link to a folder could lead in
// circles, and one to elsewhere could lead to something that is not a manifest.
func (g *finder) link(path string, wide bool) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		g.report(diag.Error, CodeUnreadable, path, "the link is broken", "remove it or repair it")
		return
	}
	info, err := os.Stat(real)
	base, rootErr := filepath.EvalSymlinks(g.root)
	switch {
	case err != nil || rootErr != nil:
		g.report(diag.Error, CodeUnreadable, path, "the link is broken", "remove it or repair it")
	case info.IsDir():
		g.report(diag.Warning, CodeSymlink, path, "links to folders are not followed", "list the folder itself under manifests")
	case !IsManifestName(path):
		g.passOver(path, true)
	case !strings.HasPrefix(real, base+string(filepath.Separator)):
		g.report(diag.Error, CodeSymlink, path, "the link points outside the project", "put the manifest itself here")
	default:
		g.file(path, true, wide)
	}
}

const unreadableHint = "check that it exists and that you may read it"

// ReadFile returns the bytes of a file that Find found, and their SHA-256, in which line ends do not count. If it cannot be read, the reason is in
// out.
func ReadFile(out *yamltree.Diagnostics, f File) (data []byte, sum [sha256.Size]byte) {
	return Options{}.read(out, f)
}

func (o Options) read(out *yamltree.Diagnostics, f File) (data []byte, sum [sha256.Size]byte) {
	data, instead := o.Instead[f.Name]
	var err error
	if !instead {
		data, err = yamltree.ReadFile(f.Path)
	} else if len(data) > yamltree.MaxFileSize {
		err = yamltree.ErrTooLarge
	}
	switch {
	case errors.Is(err, yamltree.ErrTooLarge):
		out.ErrorAt(0, 0, CodeTooLarge, "the file is too large: "+err.Error(), "split it into several files")
	case err != nil:
		out.ErrorAt(0, 0, CodeUnreadable, "the file cannot be read: "+reason(err), unreadableHint)
	}
	return data, sumOf(data)
}

// sumOf is a SHA-256 that does not depend on line ends, which a checkout may change.
func sumOf(data []byte) [sha256.Size]byte {
	return sha256.Sum256(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))
}

// reason is an error of the file system without the path, which is in the place.
func reason(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
