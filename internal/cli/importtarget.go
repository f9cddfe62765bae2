package cli

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
	"refundctl/internal/durable"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/schema"
)

// target is the manifest that an import writes.
type target struct {
	path   string
	name   string // from the project's folder
	before []byte // nil where there is no such file yet
}

// target is the file of --out, or one named stem among the manifests.
func (p *project) target(out, stem string) (target, error) {
	var t target
	path := filepath.Join(p.folder(), stem+".refunds.yaml")
	if !filepath.IsAbs(path) {
		path = filepath.Join(p.root, path)
	}
	if out != "" {
		full, err := filepath.Abs(out)
		if err != nil {
			return t, fail(ExitError, "go to a folder that exists, or give --chdir", "--out: %v", err)
		}
		path = full
	}
	if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" {
		return t, fail(ExitInvalid, "name a file such as june.refunds.yaml", "--out %s: manifests end in .yaml", out)
	}
	t.path, t.name = path, path
	if rel, err := filepath.Rel(p.root, path); err == nil && filepath.IsLocal(rel) {
		t.name = filepath.ToSlash(rel)
	}
	if err := noLink(path); err != nil {
		return t, err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return t, nil
	case err == nil && !info.Mode().IsRegular():
		return t, fail(ExitInvalid, "name a file with --out", "%s is not a file", t.name)
	case err == nil:
		t.before, err = os.ReadFile(path)
	}
	if err != nil {
		return t, fail(ExitInvalid, "make it readable, or name another file with --out", "%v", err)
	}
	return t, nil
}

// folder is the first folder of the configuration's manifests.
func (p *project) folder() string {
	for _, m := range p.Manifests {
		if ext := filepath.Ext(m); ext != ".yaml" && ext != ".yml" {
			return m
		}
	}
	return "refunds"
}

// with is the target's text with rows added: under a new head, or behind what stands there, which is kept
// byte by byte. The whole must read as what was there and the new refunds, in that order.
func (i *importing) with(rows []byte) ([]byte, error) {
	t := i.target
	fresh := append([]byte(schema.WriteHead(i.project.schemaFile(t.path), i.account.Name)), rows...)
	whole := fresh
	if t.before != nil {
		whole = slices.Clip(t.before)
		if len(whole) > 0 && whole[len(whole)-1] != '\n' {
			whole = append(whole, '\n')
		}
		whole = append(whole, rows...)
	}
	if !schema.Fits(whole) {
		return nil, fail(ExitInvalid, "import it in parts, each with a --batch of its own", "%s would be larger than a manifest can be", t.name)
	}
	if t.before == nil {
		return whole, nil
	}
	ending, was := t.ending(i.held)
	added, is := schema.Parse(t.name, fresh, i.opts), schema.Parse(t.name, append(ending, rows...), i.opts)
	if diag.HasError(is.Diagnostics) || !slices.EqualFunc(append(was, added.Specs...), is.Specs, sameRefund) {
		return nil, fail(ExitInvalid, "name another file with --out", "%s does not end with a list of refunds of account %s that rows can be added to", t.name, i.account.Name)
	}
	return whole, nil
}

// ending is the target's text and its refunds without those before the last: what tells how rows behind
// it are read, in little memory. A file of several documents is taken whole.
func (t target) ending(held []refund.Spec) ([]byte, []refund.Spec) {
	var was []refund.Spec
	for _, s := range held {
		if s.Source.File == t.name {
			was = append(was, s)
		}
	}
	lines := slices.Collect(bytes.Lines(t.before))
	if last := len(lines) - 1; last >= 0 && !bytes.HasSuffix(lines[last], []byte("\n")) {
		lines[last] = append(slices.Clip(lines[last]), '\n')
	}
	n := len(was) - 1
	if n > 0 && was[n].Source.Line <= len(lines) && !bytes.Contains(t.before, []byte("\n---")) {
		lines, was = slices.Delete(lines, was[0].Source.Line-1, was[n].Source.Line-1), was[n:]
	}
	return slices.Concat(lines...), slices.Clip(was)
}

// schemaFile is where editors find the manifests' schema from a file, if it stands in the project.
func (p *project) schemaFile(from string) string {
	const name = "refund-manifest.schema.json"
	for _, dir := range []string{filepath.Dir(from), p.root} {
		file := filepath.Join(dir, name)
		if _, err := os.Stat(file); err != nil {
			continue
		}
		if rel, err := filepath.Rel(filepath.Dir(from), file); err == nil && strings.HasPrefix(rel, "..") {
			return filepath.ToSlash(rel)
		}
		return "./" + name
	}
	return ""
}

// write puts rows into the target, or prints them where that is only tried out. It tells whether it wrote.
func (a *app) write(ctx context.Context, i *importing, rows []byte) (bool, error) {
	text, err := i.with(rows)
	switch {
	case err != nil:
		return false, err
	case i.flags.dryRun && i.flags.asJSON:
		return false, nil
	case i.flags.dryRun:
		_, err := a.Out.Write(bytes.TrimPrefix(text, i.target.before))
		return false, err
	case ctx.Err() != nil:
		return false, ctx.Err()
	}
	if err := i.put(ctx, text); err != nil {
		return false, err
	}
	return true, a.warnUnread(i)
}

// put writes the target while no other command writes manifests.
func (i *importing) put(ctx context.Context, text []byte) (err error) {
	release, err := lockManifests(ctx, i.project.root)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if i.flags.out == "" {
		if err := os.MkdirAll(filepath.Dir(i.target.path), 0o755); err != nil {
			return unwritten(err)
		}
	}
	if i.target.before == nil {
		return unwritten(durable.CreateAt(i.target.path, text, 0o644))
	}
	return unwritten(durable.Rewrite(i.target.path, i.target.before, text))
}

// warnUnread warns where the configuration does not name the target: plan would not see it.
func (a *app) warnUnread(i *importing) error {
	for _, m := range i.project.Manifests {
		if within(i.target.name, filepath.ToSlash(filepath.Clean(m))) {
			return nil
		}
	}
	return view.WarningText(a.Err, i.target.name+" is not among the manifests of "+configName+": plan does not see it",
		"add it under manifests:, or choose a file there with --out", a.errStyle())
}
