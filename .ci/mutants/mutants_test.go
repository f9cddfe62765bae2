package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// program is a small module with the shapes that the table names.
var program = map[string]string{
	"shop/shop.go": `package shop

import "errors"

var guards = []string{"balance", "window"}

type Till[K any] struct{ open bool }

func (t *Till[K]) Pay(amount int) error {
	// refuses what is too much
	if amount > 10 && t.open {
		return errors.New("too much")
	}
	amount++
	return nil
}

func (t Till[K]) Name() string { return "till" }
`,
	"shop/other.go":                  "package shop\n\nfunc other(open bool) bool { return open && Till[int]{open: open}.open }\n",
	"shop/shop_test.go":              "package shop\n\nfunc TestR1_Pay(t *T) {}\nfunc TestScripts(t *T) {}\n",
	"shop/testdata/script/pay.txtar": "",
	"rules.json":                     `{"most": 10}`,
}

func writeProgram(t *testing.T) *tree {
	t.Helper()
	root := t.TempDir()
	for name, text := range program {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return newTree(root)
}

func TestAnEntryChangesItsDeclaration(t *testing.T) {
	for name, c := range map[string]struct {
		where, old, new string
		want            string // what the changed file contains
	}{
		"locals by any name":            {"shop (*Till).Pay", "$a > 10 && $b.open", "$a > 99 || !$b.open", "if amount > 99 || !t.open {"},
		"spaces and comments":           {"shop (*Till).Pay", "{ if $a\n>10", "{ if $a > 0", "error {"},
		"a receiver without its star":   {"shop Till.Pay", "$a++", "$a--", "amount--"},
		"no replacement deletes":        {"shop (*Till).Pay", "$a++", "", "\t}\n\t\n\treturn nil"},
		"a method of a value":           {"shop Till.Name", `return "till"`, `return ""`, `{ return "" }`},
		"a table":                       {"shop guards", `, "window"`, "", `{"balance"}`},
		"a type":                        {"shop Till", "open bool", "open, shut bool", "struct{ open, shut bool }"},
		"a text file":                   {"file rules.json", `"most": 10`, `"most": 99`, `{"most": 99}`},
		"a field is no local of a name": {"shop other", "$o && Till[int]{open: $o}", "Till[int]{open: !$o}", "return Till[int]{open: !open}.open"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := writeProgram(t).apply(entry{where: c.where, old: c.old, new: c.new})
			if err != nil || !strings.Contains(got.text, c.want) {
				t.Errorf("got %v\n%s\nwant %q", err, got.text, c.want)
			}
		})
	}
}

func TestAnEntryThatDoesNotFitIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ where, old, new, want string }{
		"no such package":        {"pay Till", "x", "", "no package in pay"},
		"no such declaration":    {"shop (*Till).Refund", "$a++", "", "0 declarations of (*Till).Refund"},
		"moved":                  {"shop Close", "$a > 10 && $t.open", "", "found in shop (*Till[K]).Pay"},
		"no such marker":         {"shop (*Till).Pay", "$a--", "", "the marker 0 times"},
		"twice":                  {"shop (*Till).Pay", "return", "", "the marker 2 times"},
		"a field is not a local": {"shop (*Till).Pay", "t.$open", "", "the marker 0 times"},
		"two names for one":      {"shop other", "$a && Till[int]{open: $b}", "", "the marker 0 times"},
		"an unbound name":        {"shop (*Till).Pay", "$a++", "$b++", "the replacement uses $b"},
		"no marker":              {"shop (*Till).Pay", "", "x", "no line begins with -"},
		"a text twice":           {"file rules.json", `"`, "", "the text 2 times"},
	} {
		t.Run(name, func(t *testing.T) {
			want := strings.ReplaceAll(c.want, "[K]", "")
			if _, err := writeProgram(t).apply(entry{where: c.where, old: c.old, new: c.new}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
}

func TestTheTestThatNoticesMustExist(t *testing.T) {
	tree := writeProgram(t)
	for by, ok := range map[string]bool{
		"sim":                     true,
		"./shop TestR1_":          true,
		"./shop TestR1_Pay":       true,
		"./shop TestR2_":          false,
		"./shop TestScripts/pay$": true,
		"./shop TestScripts/ay":   true,
		"./shop TestScripts/none": false,
		"./none TestR1_":          false,
	} {
		if err := tree.noticed(entry{by: by}); (err == nil) != ok {
			t.Errorf("%s: %v", by, err)
		}
	}
}

func TestAChangeMustCompile(t *testing.T) {
	tree := writeProgram(t)
	exports, err := exportData("../..")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"amount--":      "",
		"amount = true": "cannot use true",
		"unused := 1":   "declared and not used: unused",
		"amount = )":    "expected operand",
	} {
		ch, err := tree.apply(entry{where: "shop (*Till).Pay", old: "$amount++", new: text})
		if err != nil {
			t.Fatal(err)
		}
		err = checker{tree: tree, imports: importsFrom(exports)}.compiles(ch)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestTheTableIsReadStrictly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table")
	for text, want := range map[string]string{
		"# a comment\n\n@ R1|what|shop f|sim\n-a\n-\tb\n+c\n": "",
		"@ R1|what|shop f\n":      "2", // fields
		"-a\n":                    "want a line",
		"@ R1|what|shop f|sim\n*": "want a line",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readTable(path)
		if (err == nil) != (want == "") {
			t.Errorf("%q: %v", text, err)
		}
		if err == nil && !slices.Equal(got, []entry{{line: 3, rule: "R1", name: "what", where: "shop f", by: "sim", old: "a\n\tb", new: "c"}}) {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestASeedRepeatsItsChoice(t *testing.T) {
	all := make([]entry, 21)
	for i := range all {
		all[i].line = i
	}
	first, second := choose(slices.Clone(all), 7), choose(slices.Clone(all), 7)
	if len(first) != 3 || !slices.Equal(first, second) || slices.Equal(first, choose(slices.Clone(all), 8)) {
		t.Errorf("chose %v and %v", first, second)
	}
}

func TestTheVerdictOfATestRun(t *testing.T) {
	for out, want := range map[string]string{
		"--- FAIL: TestR1_Pay (0.1s)\n    --- FAIL: TestR1_Pay/x\n":       "TestR1_Pay",
		"--- FAIL: TestSimulation\n seed 12 breaks one POST: and so on\n": "simulation, seed 12 breaks one POST",
		"FAIL shop [build failed]\n":                                      "does not compile",
		"panic: test timed out\n--- FAIL: TestR1_Pay\n":                   "does not finish",
		"signal: killed\n": "does not finish",
	} {
		got, err := verdict(entry{by: "./shop TestR1_"}, []byte(out), os.ErrInvalid)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", out, got, want)
		}
	}
	for out, want := range map[string]string{"ok shop 0.1s\n": "passes", "ok shop 0.1s [no tests to run]\n": "no test matches"} {
		if got, err := verdict(entry{by: "./shop TestR1_"}, []byte(out), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %q, %v; want %q", out, got, err, want)
		}
	}
}
