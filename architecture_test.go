package main_test

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

const module = "refundctl"

// levels is the import order: a package may import only packages with a smaller number. A
// package that is not here is refused; one that is here and not yet in the tree is not missed.
var levels = map[string]int{
	"": 7, "internal/contract": 7,

	"internal/cli": 6,

	"internal/cashfree": 5, "internal/sandbox": 5, "internal/view": 5,
	"state/local": 5, "state/statetest": 5, "apply/sim": 5,

	"apply": 4,
	"plan":  3, "internal/report": 3, "internal/reconcile": 3,

	"schema": 2, "state": 2, "internal/sheet": 2,
	"internal/refund": 1,
	"internal/money":  0, "internal/diag": 0, "internal/durable": 0,
}

// library says who may import a package from outside of the standard library.
type library struct {
	owners  []string // empty: everybody
	oneFile bool     // exactly one file, as soon as its owner exists
}

var libraries = map[string]library{
	"gopkg.in/yaml.v3":                       {[]string{"schema"}, true},
	"github.com/santhosh-tekuri/jsonschema/": {[]string{"schema"}, true},
	"github.com/hashicorp/go-retryablehttp":  {[]string{"internal/cashfree"}, true},
	"github.com/sergi/go-diff/":              {[]string{"plan"}, true},
	"github.com/spf13/":                      {[]string{"internal/cli"}, false},
	"github.com/gofrs/flock":                 {[]string{"state/local", "internal/sandbox"}, false},
	"golang.org/x/term":                      {[]string{"internal/cli", "internal/view"}, false},
	"golang.org/x/sync/":                     {nil, false},
	"golang.org/x/sys/":                      {nil, false},
}

// restricted names what only some packages may use. A name that ends in a dot stands for all that
// the package exports, also from the packages below it.
var restricted = []struct {
	names  string
	users  []string
	reason string
}{
	{"net/http.", []string{"internal/cashfree", "internal/sandbox", "internal/cli"}, "the rules of the trade know no HTTP"},
	{"testing.", []string{"state/statetest"}, "tests stand apart"},
	{"os.Exit syscall.Exit log.Fatal log.Fatalf log.Fatalln", []string{""}, "only main ends the program"},
	{"time.Now time.Since time.Until", []string{"", "internal/cli"}, "a clock is handed in"},
	{"os.Stdin os.Stdout os.Stderr fmt.Print fmt.Printf fmt.Println log.Print log.Printf log.Println log.Default log/slog.Default " +
		"log/slog.Debug log/slog.Info log/slog.Warn log/slog.Error print println",
		[]string{"", "internal/cli", "internal/view"}, "only the command line and the views talk to a person"},
	{"strconv.ParseFloat strconv.FormatFloat strconv.AppendFloat math/big.Float math/big.NewFloat math/big.ParseFloat", nil, "no floating point"},
}

// topLevel is what may stand beside the packages; names with a dot in front are free.
var topLevel = strings.Fields("go.mod go.sum main.go architecture_test.go plan apply schema state docs examples internal " +
	"Makefile README.md LICENSE CHANGELOG.md CONTRIBUTING.md")

// built is what .gitignore keeps out.
var built = strings.Fields("bin dist refundctl *.prof *.test")

// pkg is one package without its tests. Files that this platform leaves out are parsed and not
// type-checked.
type pkg struct {
	name  string // the path below the module; empty for main
	files map[string]*ast.File
	info  *types.Info
	errs  []error
}

// tree is what the checks look at.
type tree struct {
	fset     *token.FileSet
	packages []*pkg
	entries  []string // of the top level
}

// finding is one broken rule with its place.
type finding string

func (t *tree) at(n ast.Node, format string, args ...any) finding {
	p := t.fset.Position(n.Pos())
	return finding(fmt.Sprintf("%s:%d: ", p.Filename, p.Line) + fmt.Sprintf(format, args...))
}

var checks = map[string]func(*tree) []finding{
	"packages compile":                      compile,
	"the top level holds what is listed":    entries,
	"imports go downward":                   downward,
	"libraries stand behind one package":    owned,
	"some names belong to some packages":    reserved,
	"no floating point":                     noFloats,
	"no init and no package state":          noState,
	"functions and files stay short":        short,
	"a package says in its file what it is": documented,
}

func TestHouseRulesHold(t *testing.T) {
	tr, err := loadTree(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		t.Run(name, func(t *testing.T) {
			for _, f := range checks[name](tr) {
				t.Error(f)
			}
		})
	}
}

// compile: the other checks see only what type-checks.
func compile(t *tree) (found []finding) {
	for _, p := range t.packages {
		for _, err := range p.errs {
			found = append(found, finding(err.Error()))
		}
	}
	return found
}

func entries(t *tree) (found []finding) {
	for _, name := range t.entries {
		ignored := slices.ContainsFunc(built, func(pattern string) bool { ok, _ := path.Match(pattern, name); return ok })
		if !strings.HasPrefix(name, ".") && !slices.Contains(topLevel, name) && !ignored {
			found = append(found, finding(name+": the top level is closed; CONTRIBUTING.md says where new things go"))
		}
	}
	return found
}

func downward(t *tree) (found []finding) {
	for _, p := range t.packages {
		level, known := levels[p.name]
		if !known {
			found = append(found, finding(p.name+": a package that the table of levels does not know"))
			continue
		}
		for _, i := range imports(p) {
			lower, ours := strings.CutPrefix(i.path, module+"/")
			to, known := levels[lower]
			switch {
			case !ours:
			case !known:
				found = append(found, t.at(i.spec, "imports %s, which the table of levels does not know", lower))
			case lower == "state/statetest":
				found = append(found, t.at(i.spec, "imports %s, which is for tests", lower))
			case to >= level:
				found = append(found, t.at(i.spec, "%s (level %d) imports %s (level %d): imports go downward, never along one line", p.name, level, lower, to))
			}
		}
	}
	return found
}

func owned(t *tree) (found []finding) {
	users := map[string][]finding{}
	for _, p := range t.packages {
		for _, i := range imports(p) {
			if first, _, _ := strings.Cut(i.path, "/"); !strings.Contains(first, ".") {
				continue
			}
			name, lib, known := libraryOf(i.path)
			users[name] = append(users[name], t.at(i.spec, "imports %s, which one file alone may import", i.path))
			switch {
			case !known:
				found = append(found, t.at(i.spec, "imports %s, a library that nobody agreed on", i.path))
			case lib.owners != nil && !slices.Contains(lib.owners, p.name):
				found = append(found, t.at(i.spec, "imports %s, which belongs to %s", i.path, strings.Join(lib.owners, ", ")))
			}
		}
	}
	return append(found, onceEach(t, users)...)
}

// onceEach holds the libraries that stand behind a single file.
func onceEach(t *tree, users map[string][]finding) (found []finding) {
	for _, name := range slices.Sorted(maps.Keys(libraries)) {
		lib := libraries[name]
		exists := lib.oneFile && slices.ContainsFunc(t.packages, func(p *pkg) bool { return p.name == lib.owners[0] })
		switch {
		case !exists:
		case len(users[name]) == 0:
			found = append(found, finding(lib.owners[0]+": no file imports "+name))
		default:
			found = append(found, users[name][1:]...)
		}
	}
	return found
}

func libraryOf(importPath string) (string, library, bool) {
	for name, lib := range libraries {
		if strings.HasPrefix(importPath+"/", strings.TrimSuffix(name, "/")+"/") {
			return name, lib, true
		}
	}
	return importPath, library{}, false
}

// reserved looks at what the names mean, so an alias or a dot import hides nothing.
func reserved(t *tree) (found []finding) {
	for _, p := range t.packages {
		for _, i := range imports(p) {
			found = append(found, t.forbid(p, i.spec, i.path+".")...)
		}
		for id, obj := range p.info.Uses {
			name := obj.Name()
			if obj.Pkg() != nil {
				name = obj.Pkg().Path() + "." + name
			}
			_, builtin := obj.(*types.Builtin)
			if builtin || obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope() {
				found = append(found, t.forbid(p, id, name)...)
			}
		}
	}
	return sorted(found)
}

func (t *tree) forbid(p *pkg, n ast.Node, name string) (found []finding) {
	for _, r := range restricted {
		if slices.Contains(r.users, p.name) {
			continue
		}
		for _, forbidden := range strings.Fields(r.names) {
			whole := strings.HasSuffix(forbidden, ".") && strings.HasSuffix(name, ".") &&
				(name == forbidden || strings.HasPrefix(name, strings.TrimSuffix(forbidden, ".")+"/"))
			if name == forbidden || whole {
				found = append(found, t.at(n, "%s uses %s: %s", p.name, strings.TrimSuffix(name, "."), r.reason))
			}
		}
	}
	return found
}

// noFloats asks the type checker, so d.Seconds() and 1.5 are found as well as the word float64.
func noFloats(t *tree) (found []finding) {
	for _, p := range t.packages {
		for expr, tv := range p.info.Types {
			if basic, ok := types.Unalias(tv.Type).Underlying().(*types.Basic); ok && basic.Info()&(types.IsFloat|types.IsComplex) != 0 {
				found = append(found, t.at(expr, "has type %s: money is counted in whole minor units", tv.Type))
			}
		}
	}
	return sorted(found)
}

// values are the types of what is made once and never changes; a function without arguments that
// returns one is such a value that is made at first use.
var values = strings.Fields("*regexp.Regexp *strings.Replacer *time.Location *text/template.Template *html/template.Template " +
	"*github.com/santhosh-tekuri/jsonschema/v5.Schema *refundctl/schema.document")

func noState(t *tree) (found []finding) {
	written := writes(t)
	for _, p := range t.packages {
		for _, f := range p.files {
			for _, d := range f.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Name.Name == "init" && d.Recv == nil {
						found = append(found, t.at(d, "init: say it where it is called"))
					}
				case *ast.GenDecl:
					found = append(found, t.variables(p, d, written)...)
				}
			}
		}
	}
	return sorted(found)
}

func (t *tree) variables(p *pkg, d *ast.GenDecl, written map[string]bool) (found []finding) {
	for _, s := range d.Specs {
		v, ok := s.(*ast.ValueSpec)
		if !ok || d.Tok != token.VAR {
			continue
		}
		for i, id := range v.Names {
			var value ast.Expr
			if i < len(v.Values) {
				value = v.Values[i]
			}
			stamp := p.name == "internal/cli" && id.Name == "build" && value == nil // the linker writes it
			if id.Name != "_" && !stamp && !embedded(d, v) && !constant(p, value) {
				found = append(found, t.at(id, "variable %s of the package is no error, embedded file, compiled schema or table", id.Name))
			}
			if written[p.name+"."+id.Name] {
				found = append(found, t.at(id, "variable %s of the package is written to", id.Name))
			}
		}
	}
	return found
}

func embedded(d *ast.GenDecl, v *ast.ValueSpec) bool {
	for _, doc := range []*ast.CommentGroup{d.Doc, v.Doc} {
		if doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") }) {
			return true
		}
	}
	return false
}

// constant tells whether the value is a table, an error, or one of the values.
func constant(p *pkg, value ast.Expr) bool {
	if value == nil || p.info.TypeOf(value) == nil {
		return false
	}
	made := p.info.TypeOf(value)
	if f, ok := made.(*types.Signature); ok && f.Params().Len() == 0 && f.Results().Len() > 0 {
		made = f.Results().At(0).Type()
	}
	if types.Implements(made, types.Universe.Lookup("error").Type().Underlying().(*types.Interface)) {
		return true
	}
	_, literal := value.(*ast.CompositeLit)
	switch made.Underlying().(type) {
	case *types.Map, *types.Slice, *types.Array:
		return literal
	}
	if to, ok := made.(*types.Pointer); ok {
		made = types.NewPointer(types.Unalias(to.Elem()))
	}
	return slices.Contains(values, made.String())
}

// writes names the package variables that some code assigns to, changes in place, or takes the
// address of. The address of an element is how a table is read without copying.
func writes(t *tree) map[string]bool {
	written := map[string]bool{}
	for _, p := range t.packages {
		mark := func(exprs ...ast.Expr) {
			for _, e := range exprs {
				if obj := p.info.Uses[root(p, e)]; obj != nil && obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope() {
					written[below(obj.Pkg().Path())+"."+obj.Name()] = true
				}
			}
		}
		for _, f := range p.files {
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.AssignStmt:
					mark(n.Lhs...)
				case *ast.IncDecStmt:
					mark(n.X)
				case *ast.UnaryExpr:
					if _, whole := n.X.(*ast.Ident); whole && n.Op == token.AND {
						mark(n.X)
					}
				case *ast.CallExpr:
					if name, ok := n.Fun.(*ast.Ident); ok && slices.Contains([]string{"delete", "clear", "copy"}, name.Name) {
						mark(n.Args[0])
					}
				}
				return true
			})
		}
	}
	return written
}

// root is the name at the bottom of x.f, x[i], *x and (x).
func root(p *pkg, e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok {
				if _, imported := p.info.Uses[id].(*types.PkgName); imported {
					return x.Sel
				}
			}
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

func short(t *tree) (found []finding) {
	for _, p := range t.packages {
		for _, f := range p.files {
			if n := t.fset.File(f.Pos()).LineCount(); n > 300 {
				found = append(found, t.at(f, "%d lines in a file: 300 are enough", n))
			}
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					if n := t.fset.Position(fn.End()).Line - t.fset.Position(fn.Pos()).Line + 1; n > 60 {
						found = append(found, t.at(fn, "%d lines in %s: 60 are enough", n, fn.Name.Name))
					}
				}
			}
		}
	}
	return sorted(found)
}

func documented(t *tree) (found []finding) {
	for _, p := range t.packages {
		own := path.Base(p.name) + ".go"
		if p.name == "" {
			own = "main.go"
		}
		if f := p.files[own]; f == nil || f.Doc == nil {
			found = append(found, finding(fmt.Sprintf("%s: no %s with the comment of the package", p.name, own)))
		}
	}
	return found
}

func sorted(found []finding) []finding {
	slices.Sort(found)
	return slices.Compact(found)
}

// below is an import path without the module's name.
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

// listed is what the checks need of `go list -json`.
type listed struct {
	ImportPath, Dir, Export           string
	GoFiles, CgoFiles, IgnoredGoFiles []string
	Module                            *struct{ Main bool }
}

// loadTree reads the packages of the module, type-checked against the compiler's export data.
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

// goList also lists the standard packages that the examples of this test use.
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
			return nil, fmt.Errorf("%s does not compile or is not imported anywhere", path)
		}
		return os.Open(exports[path])
	})
}

// check parses and type-checks one package; what is wrong with it is kept in errs.
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
	conf.Check(l.ImportPath, t.fset, built, p.info) // keep has every error
	return p
}

// TestHouseRulesCanFail shows each check something bad, which it must name, beside something good,
// which it must not.
func TestHouseRulesCanFail(t *testing.T) {
	all, err := goList(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range badHouses {
		t.Run(c.check+"/"+c.says, func(t *testing.T) {
			tr := &tree{fset: token.NewFileSet(), entries: c.entries}
			tr.build(c.sources, resolver(tr.fset, all))
			found := checks[c.check](tr)
			if len(found) != 1 || !strings.Contains(string(found[0]), c.says) {
				t.Errorf("found %q, want one that says %q", found, c.says)
			}
		})
	}
}

func TestHouseChecksAllHaveABadExample(t *testing.T) {
	for name := range checks {
		if !slices.ContainsFunc(badHouses, func(c badHouse) bool { return c.check == name }) {
			t.Errorf("no example breaks %q", name)
		}
	}
}

// build makes packages of sources by path.
func (t *tree) build(sources map[string]string, resolve types.Importer) {
	packages := map[string]map[string][]byte{}
	for name, text := range sources {
		dir := strings.TrimPrefix(path.Dir(name), ".")
		if packages[dir] == nil {
			packages[dir] = map[string][]byte{}
		}
		packages[dir][path.Base(name)] = []byte(text)
	}
	for _, dir := range slices.Sorted(maps.Keys(packages)) {
		t.packages = append(t.packages, t.check(listed{ImportPath: path.Join(module, dir)}, packages[dir], resolve))
	}
}

type badHouse struct {
	check, says string
	sources     map[string]string
	entries     []string
}

// source makes a package of one file.
func source(name, text string) map[string]string {
	return map[string]string{name: "package p; " + text}
}

var badHouses = []badHouse{
	{check: "packages compile", says: "undefined: nowhere", sources: source("plan/plan.go", "var x = nowhere")},

	{check: "the top level holds what is listed", says: "utils", entries: []string{"plan", ".ci", "bin", "p.test", "utils"}},

	{check: "imports go downward", says: "state (level 2) imports plan (level 3)",
		sources: source("state/state.go", `import _ "refundctl/plan"; import _ "refundctl/internal/refund"`)},
	{check: "imports go downward", says: "never along one line", sources: source("internal/sandbox/sandbox.go", `import _ "refundctl/internal/cashfree"`)},
	{check: "imports go downward", says: "never along one line", sources: source("internal/cashfree/cashfree.go", `import _ "refundctl/internal/sandbox"`)},
	{check: "imports go downward", says: "does not know", sources: source("plan/plan.go", `import _ "refundctl/internal/helpers"`)},
	{check: "imports go downward", says: "does not know", sources: source("internal/helpers/helpers.go", "")},
	{check: "imports go downward", says: "for tests", sources: source("internal/cli/cli.go", `import _ "refundctl/state/statetest"`)},

	{check: "libraries stand behind one package", says: "nobody agreed on", sources: source("apply/apply.go", `import _ "github.com/shopspring/decimal"`)},
	{check: "libraries stand behind one package", says: "belongs to internal/cli", sources: source("apply/apply.go", `import _ "github.com/spf13/cobra"`)},
	{check: "libraries stand behind one package", says: "no file imports github.com/hashicorp/go-retryablehttp", sources: source("internal/cashfree/cashfree.go", "")},
	{check: "libraries stand behind one package", says: "plan/two.go:1: imports github.com/sergi/go-diff", sources: map[string]string{
		"plan/one.go": `package plan; import _ "github.com/sergi/go-diff/diffmatchpatch"`,
		"plan/two.go": `package plan; import _ "github.com/sergi/go-diff/diffmatchpatch"`}},

	{check: "some names belong to some packages", says: "uses net/http: the rules", sources: map[string]string{
		"apply/apply.go":               `package p; import _ "net/http"`,
		"internal/cashfree/orders.go":  `package p; import _ "net/http"`,
		"internal/sandbox/resource.go": `package p; import _ "net/http/httptest"`}},
	{check: "some names belong to some packages", says: "uses net/http/httptest", sources: source("apply/apply.go", `import _ "net/http/httptest"`)},
	{check: "some names belong to some packages", says: "os.Exit", sources: map[string]string{
		"main.go":             `package main; import "os"; func main() { os.Exit(1) }`,
		"internal/cli/cli.go": `package p; import "os"; func F() { os.Exit(1) }`}},
	{check: "some names belong to some packages", says: "os.Exit", sources: source("plan/plan.go", `import . "os"; var F = Exit`)},
	{check: "some names belong to some packages", says: "time.Now", sources: map[string]string{
		"apply/apply.go":      `package p; import clock "time"; type T struct{ now func() clock.Time }; var x = T{clock.Now}`,
		"internal/cli/cli.go": `package p; import "time"; var x = time.Now`}},
	{check: "some names belong to some packages", says: "time.Since", sources: source("plan/plan.go", `import "time"; var x = time.Since`)},
	{check: "some names belong to some packages", says: "os.Stdout", sources: source("schema/schema.go", `import "os"; var x = os.Stdout`)},
	{check: "some names belong to some packages", says: "fmt.Println", sources: map[string]string{
		"internal/cashfree/retry.go": `package p; import "fmt"; func f() { fmt.Println(fmt.Sprintf("x")) }`,
		"internal/view/human.go":     `package p; import "fmt"; func f() { fmt.Println() }`}},
	{check: "some names belong to some packages", says: "println", sources: source("plan/plan.go", `func f() { println("x") }`)},
	{check: "some names belong to some packages", says: "strconv.ParseFloat", sources: source("internal/cli/cli.go", `import "strconv"; var x = strconv.ParseFloat`)},
	{check: "some names belong to some packages", says: "uses testing", sources: source("state/state.go", `import "testing"; func F(*testing.T) {}`)},

	{check: "no floating point", says: "float64", sources: source("plan/plan.go", "func f(x float64) {}")},
	{check: "no floating point", says: "float32", sources: source("plan/plan.go", "type money struct { rupees []float32 }")},
	{check: "no floating point", says: "untyped float", sources: source("plan/plan.go", "const share = 1.5")},
	{check: "no floating point", says: "float64", sources: source("plan/plan.go", `import "time"; func f(d time.Duration) int { return int(d.Seconds()) }`)},

	{check: "no init and no package state", says: "init", sources: source("plan/plan.go", "type T int; func (T) init() {}; func init() {}")},
	{check: "no init and no package state", says: "variable count", sources: source("plan/plan.go", `import ("errors"; "regexp"); var count int
		var ErrX = errors.New("x"); var word = regexp.MustCompile("x"); type words = regexp.Regexp; var late = func() *words { return word }; var table = map[string]int{"x": 1}; var _ error = ErrX
		func f() { table := map[string]int{}; table["y"] = 1 }`)},
	{check: "no init and no package state", says: "variable now", sources: source("internal/cli/cli.go", `import "time"; var now = time.Now`)},
	{check: "no init and no package state", says: "variable mu", sources: source("plan/plan.go", `import "sync"; var mu sync.Mutex`)},
	{check: "no init and no package state", says: "variable cache", sources: source("plan/plan.go", `import "sync"; var cache = sync.Map{}`)},
	{check: "no init and no package state", says: "variable made", sources: source("plan/plan.go", `var made = make(map[string]int)`)},
	{check: "no init and no package state", says: "table of the package is written to", sources: source("plan/plan.go", `var table = map[string]int{}; func f() { table["x"]++ }`)},
	{check: "no init and no package state", says: "list of the package is written to", sources: source("plan/plan.go", `var list = []string{}; func f() { list = append(list, "x") }`)},
	{check: "no init and no package state", says: "table of the package is written to", sources: source("plan/plan.go", `var table = map[string]int{}; func f() { delete(table, "x") }`)},
	{check: "no init and no package state", says: "list of the package is written to", sources: source("plan/plan.go", `var list = [2]int{}; func f() *[2]int { return &list }`)},
	{check: "no init and no package state", says: "variable build", sources: map[string]string{
		"internal/cli/version.go": "package p; var build string",
		"plan/plan.go":            "package p; var build string"}},

	{check: "functions and files stay short", says: "61 lines in f", sources: source("plan/plan.go", "func f() {"+strings.Repeat("\n", 60)+"}; func g() {"+strings.Repeat("\n", 59)+"}")},
	{check: "functions and files stay short", says: "301 lines in a file", sources: source("plan/plan.go", strings.Repeat("\n", 301))},

	{check: "a package says in its file what it is", says: "no plan.go with the comment", sources: map[string]string{
		"plan/change.go": "// Package plan is in the wrong file.\npackage plan", "plan/plan.go": "package plan",
		"state/state.go": "// Package state remembers.\npackage state"}},
}
