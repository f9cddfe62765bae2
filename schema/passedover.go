package schema

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/schema/yamltree"
)

// maxPassed is how many files of one call of Find are named. The others are counted.
const maxPassed = 100

// passOver warns of a file in a folder whose name alone keeps it from being read: a refund in it would never be sent. A
// folder of manifests should contain nothing else. A wide folder contains the whole project, so only a file that looks
// like a manifest is named.
func (g *finder) passOver(path string, wide bool) {
	name := filepath.Base(path)
	if belongs(name) || isOwnData(path) || wide && !resembles(path, name) {
		return
	}
	if g.passed++; g.passed > maxPassed {
		return
	}
	message := name + " is passed over: manifests end in .yaml or .yml"
	if strings.HasPrefix(name, ".") {
		message = name + " is passed over: its name begins with a dot"
	}
	hint := "if it is a manifest, rename it to " + manifestName(name) + "; if not, move it to another folder"
	switch {
	case isSheet(name):
		hint = "refundctl import csv FILE makes a manifest from a spreadsheet; keep the sheet in another folder"
	case strings.HasPrefix(strings.ToLower(filepath.Ext(name)), ".json"):
		hint += "; JSON is valid YAML"
	}
	g.report(diag.Warning, CodePassedOver, path, message, hint)
}

func (g *finder) reportMorePassed(top string) {
	if more := g.passed - maxPassed; more > 0 {
		g.report(diag.Warning, CodeMore, top, fmt.Sprintf("and at least %d more files are passed over", more), "keep only manifests in this folder")
	}
}

// isWide reports whether a folder contains the whole project.
func (g *finder) isWide(top string) bool {
	rel, err := filepath.Rel(top, g.root)
	return err == nil && filepath.IsLocal(rel)
}

// isHiddenManifest reports whether a hidden file has the recommended name of a manifest: hiding it was a mistake, or
// should be said.
func isHiddenManifest(name string) bool {
	return strings.HasSuffix(strings.ToLower(name), ".refunds.yaml") && !strings.HasPrefix(name, ".#") && !strings.HasPrefix(name, "._")
}

// belongs reports whether a file is usual beside manifests and never one: a note to readers, a copy that an editor
// keeps, the schema.
func belongs(name string) bool {
	lower := strings.ToLower(name)
	switch stem, _, _ := strings.Cut(lower, "."); stem {
	case "readme", "license", "licence", "notice", "changelog", "contributing", "codeowners", "owners", "makefile", "thumbs", "desktop":
		return true
	}
	switch filepath.Ext(lower) {
	case ".md", ".markdown", ".rst", ".adoc", ".bak", ".orig", ".rej", ".swp", ".swo", ".tmp", ".lock", ".sig", ".jsonl", ".ini":
		return true
	}
	return strings.HasSuffix(lower, "~") || strings.HasPrefix(lower, "#") || strings.HasSuffix(lower, ".schema.json") || lower == "refundctl.yaml"
}

// resembles reports whether a file is probably a manifest: by its name, or by its beginning.
func resembles(path, name string) bool {
	lower := strings.ToLower(name)
	for _, part := range []string{".yaml", ".yml", ".refunds"} {
		if strings.Contains(lower, part) {
			return true
		}
	}
	if !slices.Contains([]string{"", ".txt", ".json", ".jsonc", ".json5"}, filepath.Ext(lower)) {
		return false
	}
	text := beginning(path)
	return bytes.Contains(text, []byte("refund_id")) && (bytes.Contains(text, []byte("\nrefunds:")) || bytes.Contains(text, []byte(`"refunds"`)))
}

// isOwnData reports whether a file is a saved plan, a ledger, or a JSON Schema.
func isOwnData(path string) bool {
	text := beginning(path)
	return bytes.HasPrefix(text, []byte(`{"format_version":`)) || bytes.HasPrefix(text, []byte(`{"v":`)) || bytes.Contains(text, []byte("json-schema.org"))
}

// beginning returns the first bytes of a regular file, and none of a file that cannot be read.
func beginning(path string) []byte {
	const size = 64 << 10
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	text := make([]byte, min(size, info.Size()))
	n, _ := f.Read(text)
	return text[:n]
}

func isSheet(name string) bool {
	return slices.Contains([]string{".csv", ".tsv", ".xlsx", ".xls", ".ods"}, strings.ToLower(filepath.Ext(name)))
}

// manifestName returns the name that makes a file a manifest.
func manifestName(name string) string {
	name = strings.TrimLeft(name, ".")
	lower := strings.ToLower(name)
	for _, ext := range []string{".yaml", ".yml"} {
		if i := strings.Index(lower, ext); i > 0 {
			return name[:i+len(ext)]
		}
	}
	if ext := filepath.Ext(lower); ext != ".refunds" && len(ext) > 1 && len(ext) <= 6 {
		name = name[:len(name)-len(ext)]
	}
	return name + ".yaml"
}

// other is what a YAML document is that is not a manifest.
type other string

const (
	manifest     other = ""
	configFile   other = "the configuration"
	worldFile    other = "the emulator's file"
	foreignFile  other = "another program's file"
	worldOrOther other = "perhaps the emulator's file" // it has refunds
)

var otherHints = map[other]string{
	configFile: "refundctl validate checks it; name manifests here, or their folder",
	worldFile:  "refundctl sandbox --orders FILE reads it; name manifests here, or their folder",

	worldOrOther: "if it is a manifest, remove orders, subscriptions and payments",
}

// otherKind says what a document is by its fields. Whatever could ask for a refund is a manifest, even with mistakes.
func otherKind(root *node) other {
	if root.Kind != yamltree.MappingNode {
		if asksForRefunds(root) {
			return manifest
		}
		return foreignFile
	}
	has := func(field string) *node { _, v := yamltree.Child(root, field); return v }
	refunds := has("refunds")
	world := isWorld(root)
	switch {
	case world && refunds != nil:
		return worldOrOther
	case world:
		return worldFile
	case refunds != nil:
		return manifest
	case has("accounts") != nil && yamltree.Resolve(has("accounts")).Kind == yamltree.MappingNode:
		return configFile
	case has("account") != nil || has("defaults") != nil || len(root.Content) == 2 && has("version") != nil || asksForRefunds(root):
		return manifest
	}
	return foreignFile
}

// isWorld reports whether a document has lists that only the emulator's file has, without a refund in them.
func isWorld(root *node) bool {
	found := false
	for _, field := range []string{"orders", "subscriptions", "payments"} {
		_, v := yamltree.Child(root, field)
		if v == nil {
			continue
		}
		if yamltree.Resolve(v).Kind != yamltree.SequenceNode || asksForRefunds(v) {
			return false
		}
		found = true
	}
	return found
}

// asksForRefunds reports whether there is a field in n that names a refund or its amount, however it is spelled.
func asksForRefunds(n *node) bool {
	for i, c := range n.Content {
		if n.Kind == yamltree.MappingNode && i%2 == 0 {
			switch strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(c.Value)) {
			case "refund", "refunds", "refundid", "refundamount":
				return true
			}
		}
		if asksForRefunds(c) {
			return true
		}
	}
	return false
}

// passOver reports whether a document of a file that was found in a folder is not a manifest. The program's own files
// are passed over silently. Those of other programs are a warning, and in a folder of manifests an error like any other
// document that is not a manifest.
func (m *manifestFile) passOver(root *node) bool {
	if !m.file.InFolder {
		return false
	}
	kind := otherKind(root)
	if kind == manifest || kind == foreignFile && !m.file.Wide {
		return false
	}
	m.passed = true
	warnPassedOver(m.out, root, kind)
	return true
}

func warnPassedOver(out *yamltree.Diagnostics, root *node, kind other) {
	name := filepath.Base(out.File)
	switch {
	case kind == worldOrOther && name != "sandbox.yaml":
		out.Warn(root, CodePassedOver, name+" is passed over: it looks like the emulator's file, so its refunds are not sent",
			otherHints[kind])
	case kind == foreignFile:
		out.WarnAt(0, 0, CodePassedOver, name+" is passed over: it is not a manifest", foreignHint)
	}
}

const foreignHint = "list only folders of manifests under manifests in refundctl.yaml; a manifest begins with version: 1 and has refunds"

// passOverText decides about a file found in a wide folder that is not YAML. If it does not mention refunds, such as a
// template of another program, its errors become a warning.
func (m *manifestFile) passOverText(data []byte) {
	if !m.file.Wide || m.out.Errors() == 0 || mentionsRefunds(data) {
		return
	}
	m.passed, m.specs, m.ids = true, nil, nil
	m.out = &yamltree.Diagnostics{File: m.out.File}
	warnPassedOver(m.out, nil, foreignFile)
}

// mentionsRefunds looks at the letters alone, so that UTF-16 hides nothing.
func mentionsRefunds(data []byte) bool {
	return bytes.Contains(bytes.ToLower(bytes.ReplaceAll(data, []byte{0}, nil)), []byte("refund"))
}

// PassedOver reports whether a file that Find found in a folder is not a manifest. If a person should know, the warning
// is in out.
func PassedOver(out *yamltree.Diagnostics, f File, data []byte) bool {
	if !f.InFolder {
		return false
	}
	m := &manifestFile{out: &yamltree.Diagnostics{File: out.File}, file: f}
	text, ok := yamltree.CheckText(m.out, data)
	if ok {
		first := true
		err := yamltree.Documents(text, func(root *node) {
			if first && !yamltree.IsNull(root) {
				first = false
				m.passOver(root)
			}
		})
		if err != nil {
			yamltree.ReportSyntax(m.out, text, err)
		}
	}
	m.passOverText(data)
	if m.passed {
		out.Merge(m.out)
	}
	return m.passed
}
