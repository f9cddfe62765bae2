package schema

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"refundctl/internal/diag"
)

// truthCase is a text, the schema that it is to keep to, and the rule beyond that schema that refuses it here.
type truthCase struct {
	Schema string `json:"schema"`
	Text   string `json:"text"`

	rule     string // - where both must judge alike
	accounts map[string]Account
}

// truths reads testdata/truth.txt.
func truths(t *testing.T) (cases []truthCase) {
	t.Helper()
	text, err := os.ReadFile("testdata/truth.txt")
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

func caseOf(part, rule, body string) truthCase {
	// Within quotes \n is YAML's own; elsewhere it stands for a line end.
	quoted := strings.Split(body, `"`)
	for i := range quoted {
		if i%2 == 0 {
			quoted[i] = strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(quoted[i])
		}
	}
	body = strings.Join(quoted, `"`) + "\n"
	c := truthCase{Schema: "manifest", rule: rule, Text: body}
	switch part {
	case "row":
		c.Text = "version: 1\nrefunds:\n  - " + body
	case "of the account":
		c.Text = "version: 1\nrefunds:\n  - " + body
		c.accounts = map[string]Account{"default": {API: "cashfree", Environment: "production", APIVersion: "2023-08-01"}}
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
func (c truthCase) refusedHere(t *testing.T) (bool, []diag.Diagnostic) {
	t.Helper()
	var found []diag.Diagnostic
	switch c.Schema {
	case "manifest":
		found = load(t, Options{Accounts: c.accounts}, map[string]string{"a.yaml": c.Text}).Diagnostics
	case "config":
		_, found = config(t, c.Text)
	case "world":
		_, found = ParseWorld("w.yaml", []byte(c.Text))
	}
	return diag.HasError(found), found
}

// ajv judges texts as an editor does. It is installed for the test, with the YAML reader of editors, in fixed
// versions; without npm, or without a way to where it gets them, a run of CI fails and any other says so.
func ajv(t *testing.T, cases []truthCase) (verdicts []string) {
	t.Helper()
	script, err := os.ReadFile("testdata/judge.mjs")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "judge.mjs"), script, 0o600); err != nil {
		t.Fatal(err)
	}
	install := exec.Command("npm", "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error",
		"ajv@8.17.1", "yaml@2.8.1")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("ajv cannot be installed: %v\n%s", err, out)
		}
		t.Skipf("NOT RUN: the program was not held against ajv, which npm did not install: %v", err)
	}
	schemas := map[string]json.RawMessage{}
	for _, name := range []string{"manifest", "config", "world"} {
		if schemas[name], err = JSON(name); err != nil {
			t.Fatal(err)
		}
	}
	in, err := json.Marshal(map[string]any{"schemas": schemas, "cases": cases})
	if err != nil {
		t.Fatal(err)
	}
	judge := exec.Command("node", "--no-warnings", "judge.mjs")
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

// TestTheProgramAndAjvAgree but for the rules that no schema can state, each of which some text shows.
func TestTheProgramAndAjvAgree(t *testing.T) {
	cases := truths(t)
	for _, c := range badCases(t) {
		cases = append(cases, truthCase{Schema: "manifest", Text: c.in})
	}
	shown := map[string]bool{}
	for i, verdict := range ajv(t, cases) {
		c := cases[i]
		refused, found := c.refusedHere(t)
		switch theirs := verdict != "valid"; {
		case theirs && !refused:
			t.Errorf("ajv refuses (%s) and the program does not:\n%s", verdict, c.Text)
		case !theirs && refused && c.rule == "" && beyondAll(found):
		case !theirs && refused && (c.rule == "-" || c.rule == ""):
			t.Errorf("ajv accepts and the program does not:\n%s%s", c.Text, brief(found))
		case theirs == refused && c.rule != "-" && c.rule != "" && verdict != "unreadable":
			t.Errorf("both say %s; the rule %s is not needed:\n%s", verdict, c.rule, c.Text)
		}
		shown[c.rule] = true
	}
	for _, rule := range Beyond() {
		if !shown[rule.Name] {
			t.Errorf("no text shows the rule %s", rule.Name)
		}
		delete(shown, rule.Name)
	}
	delete(shown, "-")
	delete(shown, "")
	if len(shown) > 0 {
		t.Errorf("texts with rules that the table does not have: %v", shown)
	}
}

func TestThereAreTextsEnoughToJudge(t *testing.T) {
	count := map[string]int{}
	texts := map[string]bool{}
	for _, c := range truths(t) {
		if texts[c.Schema+c.Text] && c.accounts == nil {
			t.Errorf("stands twice:\n%s", c.Text)
		}
		texts[c.Schema+c.Text] = true
		count[c.Schema]++
	}
	if count["manifest"] < 200 || count["config"] < 60 || count["world"] < 20 {
		t.Errorf("%v", count)
	}
}

func TestTheRulesBeyondTheSchemaAreSorted(t *testing.T) {
	if !slices.IsSortedFunc(Beyond(), func(a, b Rule) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("they are not")
	}
}

// codesBeyond are the codes of the rules that no schema can state, for texts that name none.
var codesBeyond = []string{codeAmount, codeDuplicateID, codeDuplicateItem, codeSelfReference, codePersonalData, codeSplitSum, codeTag, codeControl,
	codeMergeKey, codeKey, codeVersion, codeSyntax, codeTab, codeEncoding, codeAliasBomb, codeTooDeep, codeCharacters}

func beyondAll(found []diag.Diagnostic) bool {
	return !slices.ContainsFunc(found, func(d diag.Diagnostic) bool {
		return d.Severity == diag.Error && !slices.Contains(codesBeyond, d.Code)
	})
}
