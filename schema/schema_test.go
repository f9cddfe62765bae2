package schema

import (
	"encoding/json"
	"math/big"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"refundctl/internal/diag"
	"refundctl/schema/yamltree"
)

func TestTheSchemasDescribeEveryField(t *testing.T) {
	for _, name := range []string{"manifest", "config", "plan"} {
		text, err := JSON(name)
		if err != nil {
			t.Fatal(err)
		}
		var s map[string]any
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		if s["$schema"] != "http://json-schema.org/draft-07/schema#" {
			t.Errorf("%s is %v", name, s["$schema"])
		}
		described(t, name, s, name != "plan")
	}
	if _, err := JSON("ledger"); err == nil {
		t.Error("there is a schema named ledger")
	}
}

// described checks the fields that a schema defines, not those of its conditions. The schema of what people write is
// closed, so that a typo is found; that of what the program writes is open, so that it can grow.
func described(t *testing.T, path string, s map[string]any, closed bool) {
	switch more, said := s["additionalProperties"]; {
	case closed && s["type"] == "object" && !said:
		t.Errorf("%s accepts unknown fields", path)
	case !closed && more == false:
		t.Errorf("%s does not accept new fields", path)
	}
	fields, _ := s["properties"].(map[string]any)
	for name, f := range fields {
		field := f.(map[string]any)
		if field["$ref"] != nil {
			continue
		}
		for _, word := range []string{"title", "description", "type"} {
			if field[word] == nil {
				t.Errorf("%s.%s has no %s", path, name, word)
			}
		}
		if field["examples"] == nil && field["type"] != "array" {
			t.Errorf("%s.%s has no examples", path, name)
		}
		described(t, path+"."+name, field, closed)
	}
	for _, word := range []string{"items", "additionalProperties"} {
		if item, ok := s[word].(map[string]any); ok {
			described(t, path+"."+word, item, closed)
		}
	}
	defs, _ := s["definitions"].(map[string]any)
	for name, d := range defs {
		if def := d.(map[string]any); def["type"] != nil {
			described(t, name, def, closed)
		}
	}
}

func TestTheExamplesOfTheSchemasAndTheHintsWithThemAreValid(t *testing.T) {
	world, err := os.ReadFile("../internal/sandbox/world.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*JSONSchema{manifestSchema(), configSchema(), CompileJSON("world", world)} {
		exemplary(t, d.root, map[*subschema]bool{}, func(s *subschema, example any) {
			if f := check(s, readBack(t, s, exampleYAML(example))); len(f) > 0 {
				t.Errorf("%s: the hint %s: %v", s.Location, exampleYAML(example), f)
			}
		})
	}
	exemplary(t, embedded("plan")().root, map[*subschema]bool{}, func(*subschema, any) {}) // nobody writes plans by hand
}

// exemplary checks that each example is valid, and calls hint with it.
func exemplary(t *testing.T, s *subschema, seen map[*subschema]bool, hint func(s *subschema, example any)) {
	s = resolved(s)
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	for _, e := range s.Examples {
		if f := check(s, e); len(f) > 0 {
			t.Errorf("%s: example %v: %v", s.Location, e, f)
		}
		hint(s, e)
	}
	for name := range s.Properties {
		exemplary(t, fieldSchema(s, name), seen, hint)
	}
	exemplary(t, itemSchema(s), seen, hint)
	exemplary(t, fieldSchema(s, "any"), seen, hint)
}

// readBack returns the value of a file with this text.
func readBack(t *testing.T, s *subschema, text string) (value any) {
	t.Helper()
	out := &yamltree.Diagnostics{}
	c := newConverter(out, 0)
	if err := yamltree.Documents([]byte(text), func(n *node) { value = c.value(n, s) }); err != nil || out.Errors() > 0 {
		t.Errorf("%s cannot be written: %v %v", text, err, out.All())
	}
	return value
}

var (
	wholeNumber = regexp.MustCompile(`^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$`)
	pointNumber = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?$`)
)

// asEditorsSee returns the value according to the core schema of YAML 1.2, which editors use.
func asEditorsSee(n *node) any {
	n = yamltree.Resolve(n)
	switch n.Kind {
	case yamltree.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = asEditorsSee(n.Content[i+1])
		}
		return m
	case yamltree.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, asEditorsSee(item))
		}
		return list
	}
	switch text := n.Value; {
	case !yamltree.IsPlain(n):
		return text
	case slices.Contains([]string{"", "~", "null", "Null", "NULL"}, text):
		return nil
	case slices.Contains([]string{"true", "True", "TRUE", "false", "False", "FALSE"}, text):
		return strings.EqualFold(text, "true")
	case wholeNumber.MatchString(text) && strings.HasPrefix(text, "0x"), strings.HasPrefix(text, "0o") && wholeNumber.MatchString(text):
		i, _ := new(big.Int).SetString(text, 0)
		return json.Number(i.String())
	case wholeNumber.MatchString(text), pointNumber.MatchString(text):
		r, _ := new(big.Rat).SetString(text)
		return json.Number(r.FloatString(10))
	}
	return n.Value
}

func editorRefuses(t *testing.T, text string) bool {
	t.Helper()
	refused := false
	if err := yamltree.Documents([]byte(text), func(n *node) {
		if !yamltree.IsNull(n) {
			refused = refused || len(check(manifestSchema().root, asEditorsSee(n))) > 0
		}
	}); err != nil {
		t.Fatal(err)
	}
	return refused
}

func TestEditorsAcceptWhatTheLoaderAccepts(t *testing.T) {
	for _, text := range []string{
		full, nothing, one(), one("refund_note: 4411"), one("labels: {ticket: 4411, when: 2026-01-15, a: yes}"), one("hold: True"),
		strings.Replace(one(), "refund_1", "012345", 1), strings.Replace(one(), "order_1", "1e3", 1), strings.Replace(one(), "order_1", "0x1FF", 1),
		strings.Replace(one(), "10", `"10.50"`, 1), strings.Replace(one(), "10", "0.05", 1), strings.Replace(one(), "version: 1", "version: 1\naccount: 2026", 1),
		one("not_duplicate_of: [0123, '0456']", "supersedes: 789"),
	} {
		clean(t, loadOne(t, text))
		if editorRefuses(t, text) {
			t.Errorf("an editor would refuse\n%s", text)
		}
	}
}

// For every code that a JSON Schema can express, editors also refuse what the loader refuses. Amounts and versions are
// not among these: editors do not see how a number is spelled.
func TestTheLoaderRefusesWhatEditorsRefuse(t *testing.T) {
	words := []string{CodeRequired, CodeUnknownField, CodeType, CodeLength, CodeValue, CodeTwoParents, CodeFieldKind, CodeNoParent, CodeRange, CodeEmptyValue, CodeCharacters, CodeLookAlike, CodeNewerVersion}
	for _, c := range badCases(t) {
		found := loadOne(t, c.in).Diagnostics
		if hides := strings.HasPrefix(c.name, "alias_") || strings.HasPrefix(c.name, "syntax_") || strings.HasPrefix(c.name, "tab_") || strings.HasSuffix(c.name, "_line") || c.name == "line_separator"; hides {
			continue
		}
		refused := editorRefuses(t, c.in)
		if refused && !diag.HasError(found) {
			t.Errorf("%s: only an editor would refuse it", c.name)
		}
		reported := slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return slices.Contains(words, d.Code) })
		if reported && !refused && c.name != "refund_id_float" { // an editor sees 12.50 as a number and does not ask for its characters
			t.Errorf("%s: an editor would accept it: %s", c.name, brief(found))
		}
	}
}

func TestEveryCodeIsInTheTableOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Codes() {
		if seen[c.Name] || c.Meaning == "" || !regexp.MustCompile(`^[a-z][a-z_]*$`).MatchString(c.Name) {
			t.Errorf("%+v", c)
		}
		seen[c.Name] = true
	}
	if !slices.IsSortedFunc(codeTable, func(a, b Code) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the table is not sorted")
	}
}

func FuzzManifest(f *testing.F) {
	f.Add(full)
	f.Add("version: 1\nrefunds:\n  - &a {order_id: *a}\n")
	f.Add("refunds:\n  - order_id: a\n    labels: {\" 0\": b}\n")
	f.Add("version: 1\n---") // the library places the second document on line 3
	for _, c := range badCases(f) {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := newManifest("a.yaml", map[string]Account{"default": {API: "cashfree", Environment: "production", APIVersion: "2023-08-01"}})
		m.read([]byte(text))
		m.reportDuplicates(map[usedID]diag.Place{})
		found := m.out.All()
		checkDiagnostics(t, found, []byte(text))
		if diag.HasError(found) {
			return
		}
		for _, s := range m.specs {
			request, err := s.Request()
			if err != nil || !json.Valid(request.Body) || s.Amount.Minor <= 0 || !strings.Contains(text, s.RefundID) {
				t.Errorf("%+v gives %s: %v", s, request.Body, err)
			}
		}
	})
}

func FuzzConfig(f *testing.F) {
	f.Add("version: 1\naccounts: {default: {environment: sandbox, base_url: 'https://a'}}\nrecovery: {read_delay: 1s}\n")
	f.Fuzz(func(t *testing.T, text string) {
		out := &yamltree.Diagnostics{File: "refundctl.yaml"}
		c := parseConfig(out, []byte(text))
		checkDiagnostics(t, out.All(), []byte(text))
		if out.Errors() == 0 && (len(c.Accounts) == 0 || c.RequestTimeout <= 0 || c.Recovery.SettleAfter < c.Recovery.ReadDelay) {
			t.Errorf("%+v", c)
		}
	})
}
