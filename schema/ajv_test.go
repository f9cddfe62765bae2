package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"refundctl/internal/diag"
	"refundctl/internal/sandbox"
	"refundctl/schema"
)

// verdictCase is a text, its schema, and the extra rule for which the program refuses it.
type verdictCase struct {
	Schema string `json:"schema"`
	Text   string `json:"text"`

	rule     string // - if both must give the same verdict
	accounts map[string]schema.Account
}

// verdictCases reads testdata/verdicts.txt.
func verdictCases(t *testing.T) (cases []verdictCase) {
	t.Helper()
	text, err := os.ReadFile("testdata/verdicts.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ = bytes.Cut(text, []byte("\n\n"))
	part := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if heading, is := strings.CutPrefix(line, "== "); is {
			part = heading
			continue
		}
		if rule, body, is := strings.Cut(line, "\t"); is {
			cases = append(cases, caseOf(part, rule, body))
		}
	}
	return cases
}

func caseOf(part, rule, body string) verdictCase {
	// Within quotes, \n is YAML's own; elsewhere it is a line end.
	quoted := strings.Split(body, `"`)
	for i := range quoted {
		if i%2 == 0 {
			quoted[i] = strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(quoted[i])
		}
	}
	body = strings.Join(quoted, `"`) + "\n"
	c := verdictCase{Schema: "manifest", rule: rule, Text: body}
	switch part {
	case "row":
		c.Text = "version: 1\nrefunds:\n  - " + body
	case "of the account":
		c.Text = "version: 1\nrefunds:\n  - " + body
		c.accounts = map[string]schema.Account{"default": {API: "cashfree", Environment: "production", APIVersion: "2023-08-01"}}
	case "config":
		c.Schema, c.Text = "config", "version: 1\naccounts: {default: {environment: sandbox}}\n"+body
	case "account":
		c.Schema, c.Text = "config", "version: 1\naccounts:\n  default: {environment: sandbox, "+strings.TrimSpace(body)+"}\n"
		if strings.HasPrefix(body, "environment:") {
			c.Text = strings.Replace(c.Text, "environment: sandbox, ", "", 1)
		}
	case "world":
		c.Schema, c.Text = "world", "version: 1\n"+body
	}
	return c
}

// refusedHere reports whether the program refuses the text.
func (c verdictCase) refusedHere(t *testing.T) (bool, []diag.Diagnostic) {
	t.Helper()
	var found []diag.Diagnostic
	switch c.Schema {
	case "manifest":
		found = schema.Parse("a.yaml", []byte(c.Text), schema.Options{Accounts: c.accounts}).Diagnostics
	case "config":
		_, found = schema.ParseConfig(filepath.Join(t.TempDir(), "refundctl.yaml"), []byte(c.Text))
	case "world":
		_, found = sandbox.ParseWorld("w.yaml", []byte(c.Text))
	}
	return diag.HasError(found), found
}

// ajv judges texts as an editor does. The test installs fixed versions of it and of the YAML reader of editors. If npm
// cannot install them, a run in CI fails, and any other run says that the test did not run.
func ajv(t *testing.T, cases []verdictCase) (verdicts []string) {
	t.Helper()
	script, err := os.ReadFile("testdata/ajv.mjs")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ajv.mjs"), script, 0o600); err != nil {
		t.Fatal(err)
	}
	install := exec.Command("npm", "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error",
		"ajv@8.17.1", "yaml@2.8.1")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("ajv cannot be installed: %v\n%s", err, out)
		}
		t.Skipf("NOT RUN: the program was not compared with ajv, which npm could not install: %v", err)
	}
	schemas := map[string]json.RawMessage{}
	schemas["world"] = sandbox.WorldSchema()
	for _, name := range []string{"manifest", "config"} {
		if schemas[name], err = schema.JSON(name); err != nil {
			t.Fatal(err)
		}
	}
	in, err := json.Marshal(map[string]any{"schemas": schemas, "cases": cases})
	if err != nil {
		t.Fatal(err)
	}
	judge := exec.Command("node", "--no-warnings", "ajv.mjs")
	judge.Dir, judge.Stdin, judge.Stderr = dir, bytes.NewReader(in), os.Stderr
	out, err := judge.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &verdicts); err != nil || len(verdicts) != len(cases) {
		t.Fatalf("%d verdicts for %d cases: %v", len(verdicts), len(cases), err)
	}
	return verdicts
}

// The program and ajv agree, except for the extra rules, each of which some text shows.
func TestTheProgramAndAjvAgree(t *testing.T) {
	cases := verdictCases(t)
	for _, text := range schema.BadManifests(t) {
		cases = append(cases, verdictCase{Schema: "manifest", Text: text})
	}
	shown := map[string]bool{}
	for i, verdict := range ajv(t, cases) {
		c := cases[i]
		refused, found := c.refusedHere(t)
		switch theirs := verdict != "valid"; {
		case theirs && !refused:
			t.Errorf("ajv refuses (%s) and the program does not:\n%s", verdict, c.Text)
		case !theirs && refused && c.rule == "" && onlyExtraRules(found):
		case !theirs && refused && (c.rule == "-" || c.rule == ""):
			t.Errorf("ajv accepts and the program does not:\n%s%s", c.Text, fmt.Sprint(found))
		case theirs == refused && c.rule != "-" && c.rule != "" && verdict != "unreadable":
			t.Errorf("both say %s, so the rule %s is not needed:\n%s", verdict, c.rule, c.Text)
		}
		shown[c.rule] = true
	}
	for _, rule := range schema.ExtraRules() {
		if !shown[rule.Name] {
			t.Errorf("no text shows the rule %s", rule.Name)
		}
		delete(shown, rule.Name)
	}
	delete(shown, "-")
	delete(shown, "")
	if len(shown) > 0 {
		t.Errorf("texts with rules that are not in the table: %v", shown)
	}
}

func TestEnoughTextsAreCompared(t *testing.T) {
	count := map[string]int{}
	texts := map[string]bool{}
	for _, c := range verdictCases(t) {
		if texts[c.Schema+c.Text] && c.accounts == nil {
			t.Errorf("this text is there twice:\n%s", c.Text)
		}
		texts[c.Schema+c.Text] = true
		count[c.Schema]++
	}
	if count["manifest"] < 200 || count["config"] < 60 || count["world"] < 20 {
		t.Errorf("%v", count)
	}
}

func TestTheExtraRulesAreSorted(t *testing.T) {
	if !slices.IsSortedFunc(schema.ExtraRules(), func(a, b schema.Rule) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("they are not")
	}
}

// codesOfExtraRules are the codes of the extra rules, for texts that name no rule.
var codesOfExtraRules = []string{schema.CodeAmount, schema.CodeDuplicateID, schema.CodeDuplicateItem, schema.CodeSelfReference, schema.CodePersonalData, schema.CodeSplitSum, schema.CodeTag, schema.CodeControl,
	schema.CodeMergeKey, schema.CodeKey, schema.CodeVersion, schema.CodeSyntax, schema.CodeTab, schema.CodeEncoding, schema.CodeAliasBomb, schema.CodeTooDeep, schema.CodeCharacters}

func onlyExtraRules(found []diag.Diagnostic) bool {
	return !slices.ContainsFunc(found, func(d diag.Diagnostic) bool {
		return d.Severity == diag.Error && !slices.Contains(codesOfExtraRules, d.Code)
	})
}
