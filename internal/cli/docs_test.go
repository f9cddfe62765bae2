package cli_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"refundctl/schema"
)

const docs = "../../docs"

// pages returns the paths of all pages, relative to docs.
func pages(t *testing.T) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(os.DirFS(docs), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			found = append(found, path)
		}
		return err
	})
	if err != nil || len(found) < 9 {
		t.Fatalf("%d pages, %v", len(found), err)
	}
	return found
}

func TestDocs_everyCommandPrintsWhatItsPageShows(t *testing.T) {
	for _, page := range pages(t) {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			runPage(t, filepath.Join(docs, page), 0)
		})
	}
}

// A shell block that no test runs may be wrong.
func TestDocs_everyCommandIsInABlockThatIsRun(t *testing.T) {
	fence := regexp.MustCompile("(?m)^ *```(.+)$")
	typed := regexp.MustCompile(`(?m)^\s*(\$ )?(refundctl|git|make) `)
	for _, page := range pages(t) {
		for _, block := range fence.FindAllStringSubmatchIndex(read(t, page), -1) {
			text := read(t, page)
			language := text[block[2]:block[3]]
			body, _, _ := strings.Cut(text[block[1]:], "```")
			if language != "console" && !strings.HasPrefix(page, "reference/") && typed.MatchString(body) {
				t.Errorf("%s: a block of %s contains a command, and no test runs it:\n%s", page, language, body)
			}
		}
	}
}

func read(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(docs, page))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

func TestDocs_linksLeadToFiles(t *testing.T) {
	linked := map[string]bool{"README.md": true}
	for _, page := range append(pages(t), "../README.md") {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			to := filepath.Join(filepath.Dir(page), m[1])
			linked[to] = true
			if _, err := os.Stat(filepath.Join(docs, to)); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
	for _, page := range pages(t) {
		if !linked[page] {
			t.Errorf("no page links to %s", page)
		}
	}
}

// The reference is generated from the program: UPDATE_GOLDEN=1 writes it.
func TestDocs_referenceIsWhatTheProgramSays(t *testing.T) {
	made := map[string]string{
		"commands.md":      commandsPage(t),
		"exit-codes.md":    "# Exit codes\n\n```text\n" + output(t, "help", "exit-codes") + "```\n",
		"environment.md":   "# Environment variables\n\n```text\n" + output(t, "help", "environment") + "```\n",
		"manifest.md":      schemaPage(t, "manifest", "The manifest") + extraRulesTable(),
		"configuration.md": schemaPage(t, "config", "The configuration, refundctl.yaml"),
		"emulator.md":      schemaPage(t, "world", "What the emulator knows, sandbox.yaml"),
		"plan.md":          schemaPage(t, "plan", "The plan, as JSON and as a file"),
	}
	for _, name := range slices.Sorted(maps.Keys(made)) {
		comparePage(t, name, made[name])
	}
}

func comparePage(t *testing.T, name, made string) {
	t.Helper()
	path := filepath.Join(docs, "reference", name)
	if os.Getenv("UPDATE_GOLDEN") != "" && !t.Failed() {
		if err := os.WriteFile(path, []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != made {
		t.Errorf("%s differs from what the program prints (%v): run UPDATE_GOLDEN=1 go test -run TestDocs ./internal/cli", path, err)
	}
}

func output(t *testing.T, args ...string) string {
	t.Helper()
	program := exec.Command("refundctl", args...)
	program.Env = unhurried()
	out, err := program.Output()
	if err != nil {
		t.Fatalf("refundctl %v: %v", args, err)
	}
	return string(out)
}

// commandsPage returns the help of every command. It finds the commands as a user does: in the help of
// their parent.
func commandsPage(t *testing.T) string {
	var b strings.Builder
	b.WriteString("# Commands\n\nThe `--help` of every command.\n")
	var add func(path ...string)
	below := regexp.MustCompile(`(?m)^  ([a-z-]+) +[A-Z]`)
	add = func(path ...string) {
		text := output(t, append(slices.Clone(path), "--help")...)
		fmt.Fprintf(&b, "\n## %s\n\n```text\n%s```\n", strings.Join(append([]string{"refundctl"}, path...), " "), text)
		_, list, _ := strings.Cut(text, "\nExamples:\n")
		list, _, _ = strings.Cut(list, "\nFlags:\n")
		var names []string
		for _, m := range below.FindAllStringSubmatch(list, -1) {
			names = append(names, m[1])
		}
		for _, name := range slices.Sorted(slices.Values(names)) { // help lists them by task
			if name != "help" {
				add(append(slices.Clone(path), name)...)
			}
		}
	}
	add()
	return b.String()
}

// schemaNode has the parts of a JSON Schema that its page shows.
type schemaNode struct {
	Ref                  string                `json:"$ref"`
	Title                string                `json:"title"`
	Description          string                `json:"description"`
	Default              any                   `json:"default"`
	Enum                 []any                 `json:"enum"`
	Const                any                   `json:"const"`
	Examples             []any                 `json:"examples"`
	Required             []string              `json:"required"`
	Properties           map[string]schemaNode `json:"properties"`
	AdditionalProperties json.RawMessage       `json:"additionalProperties"`
	Items                *schemaNode           `json:"items"`
	AllOf                []schemaNode          `json:"allOf"`
	Definitions          map[string]schemaNode `json:"definitions"`
}

// fieldTable builds the page of a schema.
type fieldTable struct {
	definitions map[string]schemaNode
	b           strings.Builder
}

func schemaPage(t *testing.T, name, title string) string {
	var root schemaNode
	if err := json.Unmarshal([]byte(output(t, "schema", name)), &root); err != nil {
		t.Fatal(err)
	}
	f := &fieldTable{definitions: root.Definitions}
	fmt.Fprintf(&f.b, "# %s\n\n%s `refundctl schema %s` prints the JSON Schema.\n\n", title, root.Description, name)
	f.b.WriteString("| field | what | default |\n|---|---|---|\n")
	f.fields("", root)
	return f.b.String()
}

// extraRulesTable lists the rules that no JSON Schema can state.
func extraRulesTable() string {
	var b strings.Builder
	b.WriteString("\n## What only the program checks\n\nThe JSON Schema decides what a manifest, a configuration and an emulator's file may contain, so an editor marks what " +
		"`validate` refuses. The program checks only the following rules beyond it, because draft-07 cannot state them. Both read YAML 1.2.\n\n| rule | what |\n|---|---|\n")
	for _, r := range schema.ExtraRules() {
		fmt.Fprintf(&b, "| %s | %s |\n", r.Name, r.Meaning)
	}
	return b.String()
}

// whole resolves the reference of a node. If a node has several parts, the first one describes it.
func (f *fieldTable) whole(n schemaNode) schemaNode {
	if len(n.AllOf) > 0 && n.Properties == nil {
		n = n.AllOf[0]
	}
	if n.Ref == "" {
		return n
	}
	path := strings.Split(strings.TrimPrefix(n.Ref, "#/definitions/"), "/")
	to := f.definitions[path[0]]
	for i := 2; i < len(path); i += 2 { // NAME/properties/FIELD
		to = to.Properties[path[i]]
	}
	return f.whole(to)
}

func (f *fieldTable) fields(prefix string, n schemaNode) {
	for _, name := range slices.Sorted(maps.Keys(n.Properties)) {
		field := f.whole(n.Properties[name])
		what := field.Description
		if slices.Contains(n.Required, name) {
			what = "**Required.** " + what
		}
		const most = 20 // currencies are too many to list
		if 0 < len(field.Enum) && len(field.Enum) <= most {
			what += " One of " + values(field.Enum) + "."
		} else if len(field.Examples) > 0 && field.Properties == nil && field.Items == nil {
			what += " For example " + values(field.Examples[:1]) + "."
		}
		fmt.Fprintf(&f.b, "| `%s%s` | %s | %s |\n", prefix, name, strings.ReplaceAll(what, "|", `\|`), values(defaults(field)))
		f.below(prefix+name, field)
	}
}

func (f *fieldTable) below(path string, n schemaNode) {
	if n.Items != nil {
		n, path = f.whole(*n.Items), path+"[]"
	}
	var each schemaNode
	if json.Unmarshal(n.AdditionalProperties, &each) == nil {
		if each = f.whole(each); each.Properties != nil {
			f.fields(path+".NAME.", each)
		}
	}
	f.fields(path+".", n)
}

func defaults(n schemaNode) []any {
	if n.Default == nil {
		return nil
	}
	return []any{n.Default}
}

func values(list []any) string {
	written := make([]string, len(list))
	for i, v := range list {
		text, _ := json.Marshal(v)
		written[i] = "`" + strings.ReplaceAll(string(text), "|", `\|`) + "`"
	}
	return strings.Join(written, ", ")
}
