package schema

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// passed returns the files that a warning says are passed over.
func passed(r Result) []string {
	files := map[string]bool{}
	for _, d := range r.Diagnostics {
		if d.Code == CodePassedOver {
			files[d.File] = true
		}
	}
	return slices.Sorted(maps.Keys(files))
}

func TestAFilePassedOverForItsNameIsNamed(t *testing.T) {
	root := t.TempDir()
	named := []string{".june.refunds.yaml", "Old/June.YAML.txt", "august", "august.refunds", "july.json", "june.yaml.1", "june.yaml.txt", "notes.txt", "sheet.csv"}
	files := map[string]string{"refunds/a.yaml": nothing}
	for _, name := range named {
		files["refunds/"+name] = one()
	}
	quiet := []string{"README.md", "readme.txt", ".keep", ".gitkeep", ".gitattributes", "CODEOWNERS", "a.yaml.bak", "a.yaml.orig", "a.yaml~", ".#a.yaml",
		"#a.yaml#", ".a.yaml.swp", "a.yaml.swp", "._a.refunds.yaml", "refund-manifest.schema.json", "refundctl.yaml", "ledger.jsonl", "ledger.jsonl.lock", "Thumbs.db", "desktop.ini"}
	for _, name := range quiet {
		files["refunds/"+name] = one()
	}
	files["refunds/p.json"], files["refunds/p"] = `{"format_version":"1"}`, `{"format_version":"1"}`
	files["refunds/s.json"] = `{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"refunds": {"refund_id": {}}}}`
	write(t, root, files)
	r := loadPaths(t, root, "refunds")
	want := []string{}
	for _, name := range named {
		want = append(want, "refunds/"+name)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, passed(r)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"refunds/a.yaml"}, r.Files); diff != "" {
		t.Error(diff)
	}
	for _, d := range r.Diagnostics {
		if !strings.HasPrefix(d.Message, path.Base(d.File)+" is passed over: ") || d.Hint == "" {
			t.Errorf("%+v", d)
		}
	}
}

func TestInTheWholeProjectOnlyWhatLooksLikeAManifestIsNamed(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"a.yaml": nothing, "june.yaml.txt": "", "july.json": `{"refunds": [{"refund_id": "r"}]}`, "august": one(), "september.refunds": "",
		"main.go": one(), "notes.txt": "refund_id", "package.json": "{}", "exports/june.csv": "refund_id,refunds", "Makefile": one(),
	})
	if diff := cmp.Diff([]string{"august", "july.json", "june.yaml.txt", "september.refunds"}, passed(loadPaths(t, root, "."))); diff != "" {
		t.Error(diff)
	}
}

const world = "version: 1\norders:\n  - {order_id: order_1, order_amount: 10}\n"

func TestTheProgramsOwnFilesAreNoManifests(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"a.yaml": nothing, "sandbox.yaml": world + "refunds: []\n", "orders.yml": world, "subs.yaml": "version: 1\nsubscriptions: []\n",
		"prod.yaml": "version: 1\naccounts:\n  default: {environment: embedded}\n", "refundctl.yaml": "{{", "eu/refundctl.yaml": "{{",
	})
	r := loadPaths(t, root, ".")
	clean(t, r)
	if diff := cmp.Diff([]string{"a.yaml"}, r.Files); diff != "" {
		t.Error(diff)
	}
	for name, message := range map[string]string{"sandbox.yaml": "this is perhaps the emulator's file, not a manifest", "orders.yml": "this is the emulator's file, not a manifest", "prod.yaml": "this is the configuration, not a manifest"} {
		r := loadPaths(t, root, ".", name)
		if len(r.Diagnostics) != 1 || r.Diagnostics[0].Message != message || r.Diagnostics[0].Code != CodeForeign {
			t.Errorf("%s: %+v", name, r.Diagnostics)
		}
	}
}

func TestWhatMayBeAManifestIsNeverPassedOver(t *testing.T) {
	for what, text := range map[string]string{
		"a misspelt list":      "version: 1\nrefnds:\n  - {order_id: order_1, refund_id: refund_1, refund_amount: 10}\n",
		"orders":               "version: 1\norders:\n  - {order_id: order_1, refund_id: refund_1, refund_amount: 10}\n",
		"a list alone":         "- {order_id: order_1, refund_id: refund_1, refund_amount: 10}\n",
		"other spelling":       "rows:\n  - {Refund-Amount: 10}\n",
		"accounts and refunds": "accounts: {a: b}\nrefunds: []\n",
		"a version":            "version: 1\n",
		"an account":           "account: default\n",
		"not YAML":             "version: 1\nrefunds:\n  - {order_id: [\n",
		"UTF-16":               "r\x00e\x00f\x00u\x00n\x00d\x00s\x00:\x00",
	} {
		root := t.TempDir()
		write(t, root, map[string]string{"a.yaml": nothing, "b.yaml": text})
		if r := loadPaths(t, root, "."); len(r.Diagnostics) == 0 || r.Diagnostics[0].Severity != "error" {
			t.Errorf("%s: %+v", what, r.Diagnostics)
		}
	}
}

func TestOtherProgramsFilesAreNamedInTheWholeProject(t *testing.T) {
	for what, text := range map[string]string{
		"a mapping": "services:\n  refund-api: {image: x}\n", "a list": "- hosts: all\n", "a version": "version: 1\nformatters: {}\n", "a template": "a: {{ .Values.x }}\n",
		"documents": "kind: A\n---\nkind: B\n", "Latin-1": "name: caf\xe9\n",
	} {
		root := t.TempDir()
		write(t, root, map[string]string{"refunds/a.yaml": nothing, "x/b.yaml": text})
		r := loadPaths(t, root, ".")
		if got := brief(r.Diagnostics); got != "0:0 w passed_over\n" || len(r.Files) != 1 {
			t.Errorf("%s: %s %q", what, got, r.Files)
		}
		if r = loadPaths(t, root, "x"); len(r.Diagnostics) == 0 || r.Diagnostics[0].Severity != "error" {
			t.Errorf("in a folder of manifests, %s is no error", what)
		}
	}
	root := t.TempDir()
	write(t, root, map[string]string{"a.yaml": nothing, "b.yaml": world + "refunds:\n  - {order_id: order_1, refund_id: refund_1, refund_amount: 10}\n"})
	if got := brief(loadPaths(t, root, ".").Diagnostics); got != "1:1 w passed_over\n" {
		t.Error(got)
	}
}

func TestAPatternIsNotAFile(t *testing.T) {
	for pattern, hint := range map[string]string{
		"refunds/*.yaml": "name the folder refunds/", "refunds/june/[ab].yaml": "name the folder refunds/june/", "*.yaml": "name the folder .",
		"refunds/**/x.yaml": "name the folder refunds/", "refunds/j?ne.yaml": "name the folder refunds/", "refunds/{a,b}.yaml": "name the folder refunds/",
	} {
		r := loadPaths(t, t.TempDir(), pattern)
		if len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != CodePathMissing || r.Diagnostics[0].Hint != "patterns are not expanded here: "+hint {
			t.Errorf("%s: %+v", pattern, r.Diagnostics)
		}
	}
}
