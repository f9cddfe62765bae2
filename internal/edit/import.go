package edit

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/schema"
	"refundctl/schema/layout"
)

// Import adds many rows to one manifest, the target.
type Import struct {
	Project
	Account schema.ConfigAccount // of the rows

	target    target
	manifests []refund.Spec // the project's existing rows, including the target's
	rows      []byte        // the new rows, as text
}

// target is the manifest that an import writes.
type target struct {
	path   string
	name   string // as diagnostics name it
	before []byte // nil if there is no such file yet
	ofStem bool
}

// OpenImport finds the target, which is the file out or else one named after stem, and loads the project's manifests.
// If there is an error among the diagnostics, it returns no Import: a row that cannot be read may have been imported
// already.
func OpenImport(ctx context.Context, p Project, account schema.ConfigAccount, out, stem string) (*Import, []diag.Diagnostic, error) {
	t, err := p.target(out, stem)
	if err != nil {
		return nil, nil, err
	}
	paths := slices.DeleteFunc(slices.Clone(p.Manifests), func(path string) bool { // a folder that does not exist yet has no rows
		_, err := os.Stat(filepath.Join(p.Root, path))
		return !filepath.IsAbs(path) && errors.Is(err, fs.ErrNotExist)
	})
	if t.before != nil {
		paths = append(paths, t.path)
	}
	loaded, err := schema.Load(ctx, paths, p.options())
	if err != nil || diag.HasError(loaded.Diagnostics) {
		return nil, loaded.Diagnostics, err
	}
	return &Import{Project: p, Account: account, target: t, manifests: loaded.Specs}, loaded.Diagnostics, nil
}

// Target returns the name of the manifest that the rows go to, relative to the project's folder.
func (i *Import) Target() string { return i.target.name }

func (p Project) target(out, stem string) (target, error) {
	path := p.path(filepath.Join(p.folder(), fileStem(stem)+".refunds.yaml"))
	if out != "" {
		full, err := filepath.Abs(out)
		if err != nil {
			return target{}, refuse(UnusableTarget, "", "--out: %v", err)
		}
		path = full
	}
	t := target{path: path, name: p.name(path), ofStem: out == ""}
	if !schema.IsManifestName(path) {
		return t, refuse(TargetNotYAML, "", "--out %s: manifests end in .yaml", out)
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return t, nil
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		return t, refuse(TargetLink, "", "--out: %s is a symbolic link, which is not followed", path)
	case err == nil && !info.Mode().IsRegular():
		return t, refuse(UnusableTarget, "", "%s is not a file", t.name)
	case err == nil:
		t.before, err = os.ReadFile(path)
	}
	if err != nil {
		return t, refuse(UnusableTarget, "", "%v", err)
	}
	return t, nil
}

// folder returns the first folder among the configured manifests.
func (p Project) folder() string {
	for _, m := range p.Manifests {
		if !schema.IsManifestName(m) {
			return m
		}
	}
	return "refunds"
}

// fileStem returns the name of a batch or a sheet with only the characters that suit a file name.
func fileStem(name string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r == '.' || r == '_' || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '-'
	}, name), ".-")
}

// Imported is the target with the new rows, not written yet.
type Imported struct {
	Added []byte // the text that the target gains

	target target
	text   []byte
}

// Write puts the rows into the target, whole or not at all. If the target changed since it was read, it
// fails with durable.ErrChanged. The caller holds the lock of manifests.
func (m *Imported) Write() error {
	if m.target.ofStem {
		if err := os.MkdirAll(filepath.Dir(m.target.path), 0o755); err != nil {
			return err
		}
	}
	return writeManifest(m.target.path, m.target.before, m.text)
}

// imported returns the target with the rows, under a new head or after the existing text, which stays byte for byte.
// The result must read as the existing rows followed by the new ones.
func (i *Import) imported() (*Imported, error) {
	t := i.target
	alone := append([]byte(layout.WriteHead(i.schemaFor(t.path), i.Account.Name)), i.rows...)
	whole, rows := alone, i.rows
	if t.before != nil {
		rows = withLineEndsOf(t.before, rows)
		whole = append(endLine(slices.Clip(t.before)), rows...)
	}
	if !schema.Fits(whole) {
		return nil, refuse(TargetTooLarge, "", "%s would be larger than a manifest can be", t.name)
	}
	if t.before != nil {
		tail, before := t.tail(i.manifests)
		added, read := schema.Parse(t.name, alone, i.options()), schema.Parse(t.name, append(tail, rows...), i.options())
		if diag.HasError(read.Diagnostics) || !slices.EqualFunc(append(before, added.Specs...), read.Specs, sameRow) {
			return nil, refuse(NoRoomInTarget, "", "%s does not end with a list of refunds of account %s that rows can be added to", t.name, i.Account.Name)
		}
	}
	return &Imported{Added: bytes.TrimPrefix(whole, t.before), target: t, text: whole}, nil
}

func endLine(text []byte) []byte {
	if len(text) > 0 && text[len(text)-1] != '\n' {
		return append(text, withLineEndsOf(text, []byte("\n"))...)
	}
	return text
}

// withLineEndsOf gives rows the line ends of the text that they are added to.
func withLineEndsOf(text, rows []byte) []byte {
	if bytes.Contains(text, []byte("\r\n")) {
		return bytes.ReplaceAll(rows, []byte("\n"), []byte("\r\n"))
	}
	return rows
}

// tail returns the target's text and its refunds without those before the last. That is enough to check, in little
// memory, how added rows are read. A file with several documents is returned whole.
func (t target) tail(manifests []refund.Spec) ([]byte, []refund.Spec) {
	var own []refund.Spec
	for _, s := range manifests {
		if s.Source.File == t.name {
			own = append(own, s)
		}
	}
	lines := slices.Collect(bytes.Lines(endLine(slices.Clip(t.before))))
	n := len(own) - 1
	if n > 0 && own[n].Source.Line <= len(lines) && !bytes.Contains(t.before, []byte("\n---")) {
		lines, own = slices.Delete(lines, own[0].Source.Line-1, own[n].Source.Line-1), own[n:]
	}
	return slices.Concat(lines...), slices.Clip(own)
}

// SeenByPlan reports whether the configuration names the target or its folder among the manifests.
func (i *Import) SeenByPlan() bool {
	return slices.ContainsFunc(i.Manifests, func(m string) bool {
		place := filepath.ToSlash(filepath.Clean(m))
		return place == "." || i.target.name == place || strings.HasPrefix(i.target.name, place+"/")
	})
}
