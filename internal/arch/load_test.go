package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pkg is one package without its tests. Files excluded on this platform are parsed but not
// type-checked.
type pkg struct {
	name  string // the path relative to the module; empty for main
	files map[string]*ast.File
	info  *types.Info
	errs  []error
}

// tree is the input of the checks.
type tree struct {
	fset     *token.FileSet
	packages []*pkg
	entries  []string // of the root
}

// listed contains the fields of `go list -json` that the checks need.
type listed struct {
	ImportPath, Dir, Export           string
	GoFiles, CgoFiles, IgnoredGoFiles []string
	Module                            *struct{ Main bool }
}

// moduleRoot asks the go command, so the test runs from any folder.
func moduleRoot(t *testing.T) string {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatalf("go list -m: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// loadTree reads the module's packages and type-checks them against the compiler's export data.
func loadTree(dir string) (*tree, error) {
	all, err := goList(dir)
	if err != nil {
		return nil, err
	}
	t := &tree{fset: token.NewFileSet()}
	resolve := resolver(t.fset, all)
	for _, l := range all {
		if l.Module == nil || !l.Module.Main || len(l.GoFiles)+len(l.CgoFiles)+len(l.IgnoredGoFiles) == 0 {
			continue
		}
		sources := map[string][]byte{}
		for _, name := range slices.Concat(l.GoFiles, l.CgoFiles, l.IgnoredGoFiles) {
			if sources[name], err = os.ReadFile(filepath.Join(l.Dir, name)); err != nil {
				return nil, err
			}
		}
		t.packages = append(t.packages, t.check(l, sources, resolve))
	}
	top, err := os.ReadDir(dir)
	for _, e := range top {
		t.entries = append(t.entries, e.Name())
	}
	return t, err
}

// goList lists the module's packages with their dependencies, and the standard packages that
// badHouses imports.
func goList(dir string) ([]listed, error) {
	cmd := exec.Command("go", "list", "-e", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,CgoFiles,IgnoredGoFiles,Module",
		"./...", "net/http", "regexp", "sync", "strconv", "testing")
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.String())
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		switch err := dec.Decode(&l); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		}
		all = append(all, l)
	}
}

func resolver(fset *token.FileSet, all []listed) types.Importer {
	exports := map[string]string{}
	for _, l := range all {
		exports[l.ImportPath] = l.Export
	}
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("%s does not compile or nothing imports it", path)
		}
		return os.Open(exports[path])
	})
}

// check parses and type-checks one package. Errors go to pkg.errs.
func (t *tree) check(l listed, sources map[string][]byte, resolve types.Importer) *pkg {
	p := &pkg{
		name:  below(l.ImportPath),
		files: map[string]*ast.File{},
		info:  &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}},
	}
	keep := func(err error) { p.errs = append(p.errs, err) }
	var built []*ast.File
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		f, err := parser.ParseFile(t.fset, path.Join(p.name, name), sources[name], parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			keep(err)
			continue
		}
		p.files[name] = f
		if !slices.Contains(l.IgnoredGoFiles, name) {
			built = append(built, f)
		}
	}
	conf := types.Config{Importer: resolve, Error: keep, FakeImportC: true}
	conf.Check(l.ImportPath, t.fset, built, p.info) // keep receives every error
	return p
}

// below returns an import path relative to the module.
func below(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
}

type imported struct {
	path string
	spec *ast.ImportSpec
}

func imports(p *pkg) (all []imported) {
	for _, name := range slices.Sorted(maps.Keys(p.files)) {
		f := p.files[name]
		for _, spec := range f.Imports {
			all = append(all, imported{strings.Trim(spec.Path.Value, "`\""), spec})
		}
	}
	return all
}
