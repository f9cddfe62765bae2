package view_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"refundctl/internal/diag"
	"refundctl/internal/view"
)

// command is one workflow command as a runner takes it apart: after blanks in front, "::name
// key=value,key=value::data", with its escapes.
type command struct {
	name, data string
	properties map[string]string
}

func commandOf(t *testing.T, line string) command {
	t.Helper()
	line = strings.TrimLeft(line, " \t")
	end := strings.Index(line[min(2, len(line)):], "::")
	if !strings.HasPrefix(line, "::") || end < 0 {
		t.Fatalf("%q is no workflow command", line)
	}
	head, data := line[2:2+end], line[4+end:]
	name, rest, _ := strings.Cut(head, " ")
	c := command{name: name, data: unescaped(data, "%0D", "\r", "%0A", "\n", "%25", "%"), properties: map[string]string{}}
	for pair := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(pair, "=")
		c.properties[strings.TrimSpace(key)] = unescaped(value, "%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	}
	return c
}

// unescaped replaces one after the other, the percent sign last.
func unescaped(text string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

func TestAnnotationsCarryEveryTextAsItIsAndNothingElse(t *testing.T) {
	hostile := []string{
		"plain", "100% sure, 50%25 not: maybe", "a,b:c=d", "::error file=x::y", "line\nsecond ::set-output name=a::b\r::stop-commands::x",
		"title=other,line=1", "%0A::warning::x", "%3A%2C", "₹1,20,450.00", " ", "::", "a::b::c",
	}
	for _, text := range hostile {
		for _, place := range []diag.Place{{}, {File: "refunds/" + text + ".yaml"}, {File: text, Line: 4, Column: 61}} {
			d := diag.Diagnostic{Severity: diag.Warning, Code: "amount", Message: text, Hint: text, Place: place}
			var out bytes.Buffer
			if err := view.Annotations(&out, []diag.Diagnostic{d, {Severity: diag.Error, Code: "next", Message: "m"}}); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			if len(lines) != 2 || strings.Contains(out.String(), "\r") {
				t.Fatalf("%q is %d lines", out.String(), len(lines))
			}
			c := commandOf(t, lines[0])
			want := map[string]string{"title": "refundctl: amount"}
			if place.File != "" {
				want["file"] = shownFile(place.File)
			}
			if place.Line > 0 {
				want["line"], want["col"] = strconv.Itoa(place.Line), strconv.Itoa(place.Column)
			}
			message := strings.TrimRight(strings.ReplaceAll(text, "\r", `\r`)+"\nhint: "+strings.ReplaceAll(text, "\r", `\r`), " ")
			if c.name != "warning" || c.data != message {
				t.Errorf("%s %q, not %q", c.name, c.data, message)
			}
			if len(c.properties) != len(want) {
				t.Errorf("%q has other properties than %v", c.properties, want)
			}
			for name, value := range want {
				if c.properties[name] != value {
					t.Errorf("%s is %q, not %q", name, c.properties[name], value)
				}
			}
			if next := commandOf(t, lines[1]); next.name != "error" || next.data != "m" {
				t.Errorf("the next one is %+v", next)
			}
		}
	}
}

// shownFile is a name whose ends of lines are shown.
func shownFile(name string) string { return strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(name) }
