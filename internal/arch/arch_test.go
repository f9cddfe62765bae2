package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "refundctl"

// levels is the import order: a package may import only packages with a smaller number. A package
// missing from the table fails the test; an entry without a package does not, because some are
// planned.
var levels = map[string]int{
	"": 7, "internal/arch": 7, "internal/contract": 7, "internal/pipelines": 7,

	"internal/cli": 6,

	"internal/cashfree": 5, "internal/sandbox": 5, "internal/view": 5,
	"state/local": 5, "state/segments": 5, "state/postgres": 5, "state/s3": 5,
	"state/statetest": 5, "apply/sim": 5,

	"apply": 4, "internal/edit": 4,
	"plan": 3, "internal/report": 3, "internal/reconcile": 3, "schema/layout": 3,

	"schema": 2, "state": 2, "internal/sheet": 2,
	"internal/refund": 1, "schema/yamltree": 1,
	"internal/task": 0, "internal/money": 0, "internal/diag": 0, "internal/durable": 0, "schema/sensitive": 0,
}

// library names the packages that may import a module from outside the standard library.
type library struct {
	owners  []string // nil: any package
	oneFile bool     // exactly one file imports it once the first owner exists
}

var libraries = map[string]library{
	"gopkg.in/yaml.v3":                       {[]string{"schema/yamltree"}, true},
	"github.com/santhosh-tekuri/jsonschema/": {[]string{"schema"}, true},
	"github.com/hashicorp/go-retryablehttp":  {[]string{"internal/cashfree"}, true},
	"github.com/sergi/go-diff/":              {[]string{"plan"}, true},
	"github.com/rogpeppe/go-internal/diff":   {[]string{"internal/view"}, false},
	"github.com/mattn/go-runewidth":          {[]string{"internal/view"}, false},
	"github.com/spf13/":                      {[]string{"internal/cli"}, false},
	"github.com/gofrs/flock":                 {[]string{"state/local", "internal/sandbox"}, false},
	"golang.org/x/term":                      {[]string{"internal/cli", "internal/view"}, false},
	"golang.org/x/sync/":                     {[]string{"internal/task"}, false},
	"golang.org/x/sys/":                      {nil, false},
}

// reservations lists names that only some packages may use. A name that ends in a dot covers
// everything the package exports, and the packages below it.
var reservations = []struct {
	names  string
	users  []string
	reason string
}{
	{"net/http.", []string{"internal/cashfree", "internal/sandbox", "internal/cli"}, "the rules of the trade know no HTTP"},
	{"testing.", []string{"state/statetest"}, "test code stays out of the program"},
	{"os.Exit syscall.Exit log.Fatal log.Fatalf log.Fatalln", []string{""}, "only main ends the program"},
	{"context.AfterFunc time.AfterFunc", []string{"internal/task"}, "a panic in a goroutine must not end the process"},
	{"time.Now time.Since time.Until", []string{"", "internal/cli"}, "callers pass the clock in"},
	{"os.Stdin os.Stdout os.Stderr fmt.Print fmt.Printf fmt.Println log.Print log.Printf log.Println log.Default log/slog.Default " +
		"log/slog.Debug log/slog.Info log/slog.Warn log/slog.Error print println",
		[]string{"", "internal/cli", "internal/view"}, "only cli and view talk to a person"},
	{"strconv.ParseFloat strconv.FormatFloat strconv.AppendFloat math/big.Float math/big.NewFloat math/big.ParseFloat", nil, "no floating point"},
}

// topLevel lists what the module's root may contain. Dot files are allowed too.
var topLevel = strings.Fields("go.mod go.sum main.go plan apply schema state examples Makefile README.md " +
	"internal docs LICENSE CHANGELOG.md CONTRIBUTING.md")

// ignored matches what .gitignore excludes.
var ignored = strings.Fields("bin dist refundctl *.prof *.test")

// finding is one broken rule, with its position.
type finding string

func (t *tree) at(n ast.Node, format string, args ...any) finding {
	p := t.fset.Position(n.Pos())
	return finding(fmt.Sprintf("%s:%d: ", p.Filename, p.Line) + fmt.Sprintf(format, args...))
}

var checks = map[string]func(*tree) []finding{
	"packages compile":                      compile,
	"the root contains only what is listed": closedRoot,
	"imports go downward":                   downward,
	"each library has one home":             owned,
	"reserved names stay in their packages": reserved,
	"goroutines start in one package":       oneStart,
	"no floating point":                     noFloats,
	"no init and no package state":          noState,
	"each package has its comment":          documented,
	"commands repeat the flags":             copied,
}

func TestHouseRulesHold(t *testing.T) {
	tr, err := loadTree(moduleRoot(t))
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

// compile reports code that does not type-check, because the other checks cannot see it.
func compile(t *tree) (found []finding) {
	for _, p := range t.packages {
		for _, err := range p.errs {
			found = append(found, finding(err.Error()))
		}
	}
	return found
}

func closedRoot(t *tree) (found []finding) {
	for _, name := range t.entries {
		built := slices.ContainsFunc(ignored, func(pattern string) bool { ok, _ := path.Match(pattern, name); return ok })
		if !strings.HasPrefix(name, ".") && !slices.Contains(topLevel, name) && !built {
			found = append(found, finding(name+": not allowed in the root; CONTRIBUTING.md says where new code goes"))
		}
	}
	return found
}

func downward(t *tree) (found []finding) {
	for _, p := range t.packages {
		level, known := levels[p.name]
		if !known {
			found = append(found, finding(p.name+": not in the table of levels"))
			continue
		}
		for _, i := range imports(p) {
			lower, ours := strings.CutPrefix(i.path, module+"/")
			to, known := levels[lower]
			switch {
			case !ours:
			case !known:
				found = append(found, t.at(i.spec, "imports %s, which is not in the table of levels", lower))
			case lower == "state/statetest":
				found = append(found, t.at(i.spec, "imports %s, which is for tests only", lower))
			case to >= level:
				found = append(found, t.at(i.spec, "%s (level %d) imports %s (level %d): imports go to a lower level, never sideways", p.name, level, lower, to))
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
			users[name] = append(users[name], t.at(i.spec, "imports %s; only one file may import it", i.path))
			switch {
			case !known:
				found = append(found, t.at(i.spec, "imports %s, which is not in the table of libraries", i.path))
			case lib.owners != nil && !slices.Contains(lib.owners, p.name):
				found = append(found, t.at(i.spec, "imports %s, which only %s may import", i.path, strings.Join(lib.owners, ", ")))
			}
		}
	}
	return append(found, onceEach(t, users)...)
}

// onceEach reports the libraries with oneFile set that no file or several files import.
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

// reserved resolves each name, so it sees through an alias or a dot import.
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
	for _, r := range reservations {
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

// oneStart reports goroutines that package task does not start: a panic in one of them would end the process in the
// middle of a payment.
func oneStart(t *tree) (found []finding) {
	for _, p := range t.packages {
		if p.name == "internal/task" {
			continue
		}
		for _, f := range p.files {
			ast.Inspect(f, func(n ast.Node) bool {
				if start, ok := n.(*ast.GoStmt); ok {
					found = append(found, t.at(start, "a go statement: use package task"))
				}
				return true
			})
		}
		for id, obj := range p.info.Uses {
			if f, ok := obj.(*types.Func); ok && f.FullName() == "(*sync.WaitGroup).Go" {
				found = append(found, t.at(id, "sync.WaitGroup.Go: use package task"))
			}
		}
	}
	return sorted(found)
}

// noFloats asks the type checker, so it finds d.Seconds() and 1.5 as well as the word float64.
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

// values lists the types that package variables may have because they never change once made. A
// function without parameters that returns one of them, as sync.OnceValue does, is allowed too.
var values = strings.Fields("*regexp.Regexp *strings.Replacer *time.Location *text/template.Template *html/template.Template " +
	"*github.com/santhosh-tekuri/jsonschema/v5.Schema *refundctl/schema.JSONSchema")

func noState(t *tree) (found []finding) {
	written := writes(t)
	for _, p := range t.packages {
		for _, f := range p.files {
			for _, d := range f.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Name.Name == "init" && d.Recv == nil {
						found = append(found, t.at(d, "init: do this where it is needed"))
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
			stamp := p.name == "internal/cli" && id.Name == "build" && value == nil // set by the linker
			if id.Name != "_" && !stamp && !embedded(d, v) && !constant(p, value) {
				found = append(found, t.at(id, "package variable %s is not an error, an embedded file, a compiled value or a table", id.Name))
			}
			if written[p.name+"."+id.Name] {
				found = append(found, t.at(id, "package variable %s is written to", id.Name))
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

// constant reports whether the value is a table, an error, or one of the values above.
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

// writes returns the package variables that code assigns to, changes in place, or takes the address
// of. Taking the address of an element is allowed: that reads a table without copying it.
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

// root returns the identifier x in x.f, x[i], *x and (x).
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

func documented(t *tree) (found []finding) {
	for _, p := range t.packages {
		own := path.Base(p.name) + ".go"
		if p.name == "" {
			own = "main.go"
		}
		if f := p.files[own]; f == nil || f.Doc == nil {
			found = append(found, finding(fmt.Sprintf("%s: no %s with the package comment", p.name, own)))
		}
	}
	return found
}

func sorted(found []finding) []finding {
	slices.Sort(found)
	return slices.Compact(found)
}
