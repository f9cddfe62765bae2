package arch

import (
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// TestHouseRulesCanFail gives each check bad code beside good code: the check must report the bad
// code and nothing else.
func TestHouseRulesCanFail(t *testing.T) {
	all, err := goList(moduleRoot(t))
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

func TestEachHouseRuleHasABadExample(t *testing.T) {
	for name := range checks {
		if !slices.ContainsFunc(badHouses, func(c badHouse) bool { return c.check == name }) {
			t.Errorf("no example breaks %q", name)
		}
	}
}

// build type-checks sources, given by path, as packages of the tree.
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

// source returns a package of one file.
func source(name, text string) map[string]string {
	return map[string]string{name: "package p; " + text}
}

var badHouses = []badHouse{
	{check: "commands repeat the flags", says: "line prints a command", sources: source("internal/view/view.go",
		`func line(string, ...any) {}; func wrapped(string) {}; func commands(t string) string { return t }; func f() { line("%s", "Next: " + "refundctl plan"); wrapped(commands("refundctl plan")); wrapped("refundctl that wrote") }`)},
	{check: "commands repeat the flags", says: "fail prints a command", sources: source("internal/cli/cli.go",
		`func fail(code int, hint, message string) {}; func f() { fail(1, "refundctl plan", "see refundctl plan") }`)},
	{check: "packages compile", says: "undefined: nowhere", sources: source("plan/plan.go", "var x = nowhere")},

	{check: "the root contains only what is listed", says: "utils: not allowed", entries: []string{"plan", ".ci", "bin", "p.test", "utils"}},

	{check: "imports go downward", says: "state (level 2) imports plan (level 3)",
		sources: source("state/state.go", `import _ "refundctl/plan"; import _ "refundctl/internal/refund"`)},
	{check: "imports go downward", says: "never sideways", sources: source("internal/sandbox/sandbox.go", `import _ "refundctl/internal/cashfree"`)},
	{check: "imports go downward", says: "never sideways", sources: source("internal/cashfree/cashfree.go", `import _ "refundctl/internal/sandbox"`)},
	{check: "imports go downward", says: "not in the table of levels", sources: source("plan/plan.go", `import _ "refundctl/internal/helpers"`)},
	{check: "imports go downward", says: "not in the table of levels", sources: source("internal/helpers/helpers.go", "")},
	{check: "imports go downward", says: "for tests", sources: source("internal/cli/cli.go", `import _ "refundctl/state/statetest"`)},

	{check: "each library has one home", says: "not in the table of libraries", sources: source("apply/apply.go", `import _ "github.com/shopspring/decimal"`)},
	{check: "each library has one home", says: "only internal/cli may import", sources: source("apply/apply.go", `import _ "github.com/spf13/cobra"`)},
	{check: "each library has one home", says: "no file imports github.com/hashicorp/go-retryablehttp", sources: source("internal/cashfree/cashfree.go", "")},
	{check: "each library has one home", says: "plan/two.go:1: imports github.com/sergi/go-diff", sources: map[string]string{
		"plan/one.go": `package plan; import _ "github.com/sergi/go-diff/diffmatchpatch"`,
		"plan/two.go": `package plan; import _ "github.com/sergi/go-diff/diffmatchpatch"`}},

	{check: "reserved names stay in their packages", says: "uses net/http: the rules", sources: map[string]string{
		"apply/apply.go":               `package p; import _ "net/http"`,
		"internal/cashfree/orders.go":  `package p; import _ "net/http"`,
		"internal/sandbox/resource.go": `package p; import _ "net/http/httptest"`}},
	{check: "reserved names stay in their packages", says: "uses net/http/httptest", sources: source("apply/apply.go", `import _ "net/http/httptest"`)},
	{check: "reserved names stay in their packages", says: "os.Exit", sources: map[string]string{
		"main.go":             `package main; import "os"; func main() { os.Exit(1) }`,
		"internal/cli/cli.go": `package p; import "os"; func F() { os.Exit(1) }`}},
	{check: "reserved names stay in their packages", says: "os.Exit", sources: source("plan/plan.go", `import . "os"; var F = Exit`)},
	{check: "reserved names stay in their packages", says: "time.Now", sources: map[string]string{
		"apply/apply.go":      `package p; import clock "time"; type T struct{ now func() clock.Time }; var x = T{clock.Now}`,
		"internal/cli/cli.go": `package p; import "time"; var x = time.Now`}},
	{check: "reserved names stay in their packages", says: "time.Since", sources: source("plan/plan.go", `import "time"; var x = time.Since`)},
	{check: "reserved names stay in their packages", says: "os.Stdout", sources: source("schema/schema.go", `import "os"; var x = os.Stdout`)},
	{check: "reserved names stay in their packages", says: "fmt.Println", sources: map[string]string{
		"internal/cashfree/retry.go": `package p; import "fmt"; func f() { fmt.Println(fmt.Sprintf("x")) }`,
		"internal/view/human.go":     `package p; import "fmt"; func f() { fmt.Println() }`}},
	{check: "reserved names stay in their packages", says: "println", sources: source("plan/plan.go", `func f() { println("x") }`)},
	{check: "reserved names stay in their packages", says: "strconv.ParseFloat", sources: source("internal/cli/cli.go", `import "strconv"; var x = strconv.ParseFloat`)},
	{check: "reserved names stay in their packages", says: "uses testing", sources: source("state/state.go", `import "testing"; func F(*testing.T) {}`)},

	{check: "goroutines start in one package", says: "apply/apply.go:1: a go statement", sources: map[string]string{
		"internal/task/task.go": "package p; func f() { go f() }",
		"apply/apply.go":        "package p; func f() { go f() }"}},
	{check: "goroutines start in one package", says: "sync.WaitGroup.Go", sources: source("plan/plan.go", `import "sync"; func f() { var wg sync.WaitGroup; wg.Go(f) }`)},
	{check: "reserved names stay in their packages", says: "context.AfterFunc", sources: source("plan/plan.go", `import "context"; var x = context.AfterFunc`)},

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
	{check: "no init and no package state", says: "variable table is written to", sources: source("plan/plan.go", `var table = map[string]int{}; func f() { table["x"]++ }`)},
	{check: "no init and no package state", says: "variable list is written to", sources: source("plan/plan.go", `var list = []string{}; func f() { list = append(list, "x") }`)},
	{check: "no init and no package state", says: "variable table is written to", sources: source("plan/plan.go", `var table = map[string]int{}; func f() { delete(table, "x") }`)},
	{check: "no init and no package state", says: "variable list is written to", sources: source("plan/plan.go", `var list = [2]int{}; func f() *[2]int { return &list }`)},
	{check: "no init and no package state", says: "variable build", sources: map[string]string{
		"internal/cli/version.go": "package p; var build string",
		"plan/plan.go":            "package p; var build string"}},

	{check: "each package has its comment", says: "no plan.go with the package comment", sources: map[string]string{
		"plan/change.go": "// Package plan is in the wrong file.\npackage plan", "plan/plan.go": "package plan",
		"state/state.go": "// Package state remembers.\npackage state"}},
}
