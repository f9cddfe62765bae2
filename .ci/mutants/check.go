package main

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
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"
)

// check verifies all entries without running a test: the marker is in its declaration exactly once,
// the result compiles, and the test that must notice exists. It prints one line for each entry that
// fails.
func check(t *tree, entries []entry, out io.Writer) error {
	exports, err := exportData(t.root)
	if err != nil {
		return err
	}
	wrong := make([]error, len(entries))
	changes := make([]change, len(entries))
	for i, e := range entries {
		if changes[i], wrong[i] = t.apply(e); wrong[i] == nil {
			wrong[i] = t.noticed(e)
		}
	}
	// A type checker's imports are not for concurrent use, so each worker has its own.
	var group errgroup.Group
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			c := checker{tree: t, imports: importsFrom(exports)}
			for i := range next {
				if wrong[i] == nil && strings.HasSuffix(changes[i].path, ".go") {
					wrong[i] = c.compiles(changes[i])
				}
			}
			return nil
		})
	}
	for i := range entries {
		next <- i
	}
	close(next)
	if err := group.Wait(); err != nil {
		return err
	}
	broken := 0
	for i, e := range entries {
		if wrong[i] != nil {
			broken++
			fmt.Fprintf(out, "%s:%d: %s: %v\n", tableName, e.line, e.name, wrong[i])
		}
	}
	if broken > 0 {
		return fmt.Errorf("%d of %d entries do not fit the source", broken, len(entries))
	}
	fmt.Fprintf(out, "%d entries fit the source\n", len(entries))
	return nil
}

// noticed fails if the test that must notice does not exist.
func (t *tree) noticed(e entry) error {
	if e.by == "sim" {
		return nil
	}
	dir, test, _ := strings.Cut(e.by, " ")
	test, script, _ := strings.Cut(test, "/")
	names, err := testNames(filepath.Join(t.root, dir))
	if err != nil {
		return err
	}
	if !strings.Contains(names, "\n"+test) {
		return fmt.Errorf("%s has no test whose name begins with %s", dir, test)
	}
	if test != "TestScripts" {
		return nil
	}
	pattern, err := regexp.Compile(script)
	if err != nil {
		return err
	}
	scripts, err := filepath.Glob(filepath.Join(t.root, dir, "testdata", "script", "*.txtar"))
	for _, s := range scripts {
		if pattern.MatchString(strings.TrimSuffix(filepath.Base(s), ".txtar")) {
			return nil
		}
	}
	return errors.Join(err, fmt.Errorf("%s has no script %s", dir, script))
}

// testNames returns the test functions of a folder, each after a newline.
func testNames(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		return "", err
	}
	var names strings.Builder
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return "", err
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				names.WriteString("\n" + fn.Name.Name)
			}
		}
	}
	return names.String(), nil
}

// A checker type-checks changes. Only the bodies of the changed file matter; leaving out all others
// makes hundreds of checks cheap.
type checker struct {
	tree    *tree
	imports types.Importer
}

func (c checker) compiles(ch change) error {
	changed, err := parser.ParseFile(c.tree.fset, ch.path, ch.text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	files := []*ast.File{changed}
	for _, s := range c.tree.folders[filepath.ToSlash(filepath.Dir(ch.path))] {
		if s.path != ch.path {
			files = append(files, withoutBodies(s.ast))
		}
	}
	var first error
	conf := types.Config{Importer: c.imports, Error: func(err error) {
		var e types.Error
		if first == nil && errors.As(err, &e) && c.tree.fset.File(e.Pos) == c.tree.fset.File(changed.FileStart) {
			first = err
		}
	}}
	conf.Check(ch.path, c.tree.fset, files, nil) // the callback has its errors
	return first
}

func withoutBodies(f *ast.File) *ast.File {
	bare := *f
	bare.Decls = make([]ast.Decl, len(f.Decls))
	for i, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			declared := *fn
			declared.Body = nil
			d = &declared
		}
		bare.Decls[i] = d
	}
	return &bare
}

// exportData returns the files with the compiled interfaces of all packages that the module uses.
func exportData(root string) (map[string]string, error) {
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export", "./...")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	exports := map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Export string }
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF):
			return exports, nil
		case err != nil:
			return nil, err
		}
		exports[p.ImportPath] = p.Export
	}
}

func importsFrom(exports map[string]string) types.Importer {
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("nothing imports %s", path)
		}
		return os.Open(exports[path])
	})
}
