package layout

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/schema"
)

// reporter is what testing.T, testing.F and rapid.T have in common.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Error(args ...any)
	Fatalf(format string, args ...any)
}

// write writes files below a folder.
func write(t testing.TB, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// brief is one line:column code a line, with a w before the code of a warning.
func brief(found []diag.Diagnostic) string {
	var b strings.Builder
	for _, d := range found {
		mark := ""
		if d.Severity == diag.Warning {
			mark = "w "
		}
		_, _ = fmt.Fprintf(&b, "%d:%d %s%s\n", d.Line, d.Column, mark, d.Code)
	}
	return b.String()
}

// checkDiagnostics fails for a code that is not in the table, a place outside of the text, and an empty message or
// hint.
func checkDiagnostics(t reporter, found []diag.Diagnostic, text []byte) {
	t.Helper()
	lines := bytes.Split(text, []byte("\n"))
	for _, d := range found {
		if !slices.ContainsFunc(schema.Codes(), func(c schema.Code) bool { return c.Name == d.Code }) {
			t.Errorf("code %s is not in the table", d.Code)
		}
		if (d.Line < 1 || d.Column < 1) && d.Code != schema.CodeTooLarge || d.Line > len(lines) || d.Line > 0 && d.Column > len(lines[d.Line-1])+1 {
			t.Errorf("%s: %v is not a place in the text", d.Code, d.Place)
		}
		if strings.TrimSpace(d.Message) == "" || strings.TrimSpace(d.Hint) == "" {
			t.Errorf("%v %s: message %q, hint %q", d.Place, d.Code, d.Message, d.Hint)
		}
	}
}

// example is a text and what is expected of it.
type example struct{ name, in, want string }

// examples reads pairs of parts, each below a line -- name --: a text, and what is expected of it.
func examples(t testing.TB, file string) (all []example) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parts := regexp.MustCompile(`(?m)^-- (\S+)\.(yaml|want) --\n`).Split(string(text), -1)[1:]
	names := regexp.MustCompile(`(?m)^-- (\S+)\.yaml --\n`).FindAllStringSubmatch(string(text), -1)
	if len(parts) != 2*len(names) {
		t.Fatalf("%d parts for %d names", len(parts), len(names))
	}
	for i, name := range names {
		all = append(all, example{name[1], parts[2*i], parts[2*i+1]})
	}
	return all
}

// specs returns what a manifest asks for, without places.
func specs(text []byte) []refund.Spec {
	found := schema.Parse("a.yaml", text, schema.Options{}).Specs
	for i := range found {
		found[i].Source = diag.Place{}
	}
	return found
}
