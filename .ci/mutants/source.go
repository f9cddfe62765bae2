package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A source is a Go file of the program.
type source struct {
	path string // below the module
	text string
	ast  *ast.File
	lex  []lexeme
}

// A tree is the module's source for this platform, read folder by folder when it is asked for.
type tree struct {
	root    string
	fset    *token.FileSet
	folders map[string][]*source
}

func newTree(root string) *tree {
	return &tree{root: root, fset: token.NewFileSet(), folders: map[string][]*source{}}
}

// folder returns the files of a package, without tests.
func (t *tree) folder(dir string) ([]*source, error) {
	if files, ok := t.folders[dir]; ok {
		return files, nil
	}
	names, err := filepath.Glob(filepath.Join(t.root, dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var files []*source
	for _, name := range names {
		base := filepath.Base(name)
		built, err := build.Default.MatchFile(filepath.Dir(name), base)
		if err != nil {
			return nil, err
		}
		if !built || strings.HasSuffix(base, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		s, err := t.parse(path.Join(dir, base), string(text))
		if err != nil {
			return nil, err
		}
		files = append(files, s)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no package in %s", dir)
	}
	t.folders[dir] = files
	return files, nil
}

// parse resolves the identifiers that a function declares itself: the parser's own, deprecated
// resolution does that without types, so a file is enough.
func (t *tree) parse(path, text string) (*source, error) {
	f, err := parser.ParseFile(t.fset, path, text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	s := &source{path: path, text: text, ast: f, lex: lex(text)}
	global := map[*ast.Object]bool{}
	for _, o := range f.Scope.Objects {
		global[o] = true
	}
	local := map[int]bool{}
	at := func(n ast.Node) int { return t.fset.Position(n.Pos()).Offset }
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			_, seen := local[at(n)]
			if !seen && n.Obj != nil && !global[n.Obj] {
				local[at(n)] = true
			}
		case *ast.CompositeLit: // the parser takes the name of a field for a variable of that name
			if _, keyed := n.Type.(*ast.MapType); !keyed {
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						local[at(kv.Key)] = false
					}
				}
			}
		}
		return true
	})
	for i := range s.lex {
		s.lex[i].local = s.lex[i].name && local[s.lex[i].start]
	}
	return s, nil
}

// A region is the source of one declaration.
type region struct {
	*source
	name     string
	from, to int // lexemes
}

// regions returns the functions of a file, and its variables, constants and types by the name of
// each.
func (t *tree) regions(s *source) []region {
	var all []region
	add := func(n ast.Node, names ...string) {
		from, to := t.fset.Position(n.Pos()).Offset, t.fset.Position(n.End()).Offset
		r := region{source: s}
		r.from = slices.IndexFunc(s.lex, func(l lexeme) bool { return l.start >= from })
		for r.to = r.from; r.to < len(s.lex) && s.lex[r.to].start < to; r.to++ {
		}
		for _, r.name = range names {
			all = append(all, r)
		}
	}
	for _, d := range s.ast.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			add(d, functionName(d))
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				var n ast.Node = spec
				if !d.Lparen.IsValid() {
					n = d
				}
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(n, spec.Name.Name)
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						add(n, id.Name)
					}
				}
			}
		}
	}
	return all
}

// functionName writes a function as the table does: name, T.name or (*T).name.
func functionName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	t, form := d.Recv.List[0].Type, "%s.%s"
	if star, ok := t.(*ast.StarExpr); ok {
		t, form = star.X, "(*%s).%s"
	}
	switch generic := t.(type) {
	case *ast.IndexExpr:
		t = generic.X
	case *ast.IndexListExpr:
		t = generic.X
	}
	return fmt.Sprintf(form, t.(*ast.Ident).Name, d.Name.Name)
}

// plain leaves out whether a receiver is a pointer.
func plain(name string) string {
	return strings.NewReplacer("(*", "", ")", "").Replace(name)
}

// A change is a file of the module and its text with a break in it.
type change struct{ path, text string }

// apply makes an entry's break. The error says what about the entry no longer fits the source.
func (t *tree) apply(e entry) (change, error) {
	if e.old == "" {
		return change{}, errors.New("no line begins with -")
	}
	if path, ok := e.file(); ok {
		return t.applyText(path, e)
	}
	dir, decl := e.target()
	files, err := t.folder(dir)
	if err != nil {
		return change{}, err
	}
	var found []region
	for _, s := range files {
		for _, r := range t.regions(s) {
			if plain(r.name) == plain(decl) {
				found = append(found, r)
			}
		}
	}
	if len(found) != 1 {
		return change{}, fmt.Errorf("%s has %d declarations of %s%s", dir, len(found), decl, t.elsewhere(e))
	}
	r := found[0]
	at := matches(lex(e.old), r.lex[r.from:r.to])
	if len(at) != 1 {
		return change{}, fmt.Errorf("%s has the marker %d times%s", decl, len(at), t.elsewhere(e))
	}
	return r.replace(at[0], e.new)
}

func (r region) replace(m match, text string) (change, error) {
	text, err := substitute(text, m.bound)
	code := r.lex[r.from:r.to]
	return change{r.path, r.text[:code[m.from].start] + text + r.text[code[m.to-1].end:]}, err
}

// applyText replaces text in a file that is not Go.
func (t *tree) applyText(path string, e entry) (change, error) {
	text, err := os.ReadFile(filepath.Join(t.root, path))
	if err != nil {
		return change{}, err
	}
	if n := strings.Count(string(text), e.old); n != 1 {
		return change{}, fmt.Errorf("%s has the text %d times", path, n)
	}
	return change{path, strings.Replace(string(text), e.old, e.new, 1)}, nil
}

// elsewhere names the declarations of the module that contain the marker, as a hint for whoever
// moved it.
func (t *tree) elsewhere(e entry) string {
	marker := lex(e.old)
	if len(marker) < 4 {
		return ""
	}
	var found []string
	filepath.WalkDir(t.root, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		dir, _ := filepath.Rel(t.root, path)
		if dir != "." && strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" {
			return filepath.SkipDir
		}
		files, _ := t.folder(filepath.ToSlash(dir)) // a folder that does not parse gives no hint
		for _, s := range files {
			for _, r := range t.regions(s) {
				if len(matches(marker, s.lex[r.from:r.to])) == 1 {
					found = append(found, filepath.ToSlash(dir)+" "+r.name)
				}
			}
		}
		return nil
	})
	if len(found) == 0 || len(found) > 3 {
		return ""
	}
	return "; found in " + strings.Join(found, ", ")
}
