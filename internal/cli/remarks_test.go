package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Whatever a command says on stderr goes through remarks.go, which knows whether it must be JSON. What is printed for
// people alone goes through view.
func TestOnlyRemarksPrintTextOnStderr(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	prints := regexp.MustCompile(`(?:Fprint\w*|WriteString|WarningText)\((?:\w+\.)*Err\b.*`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "remarks.go" {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range prints.FindAllString(string(source), -1) {
			if file != "gateway.go" { // the requests of --verbose
				t.Errorf("%s: %s: use note, say or warn", file, line)
			}
		}
	}
}

func TestUnderJSONProgressIsJSON(t *testing.T) {
	var out, below strings.Builder
	a := &app{Streams: Streams{Out: &out, Err: &below, Clock: time.Now, Env: os.Getenv}, jsonLines: true}
	a.streams(a.root())
	a.line.Read("shop", 1, 2)
	a.line.Wait("shop", time.Now().Add(time.Hour))
	_ = a.note("between")
	want := regexp.MustCompile(`^\{"progress":\{"message":"reading 1/2 · waiting for the rate limit until [0-9:]{8}"\}\}\n\{"notice":\{"message":"between"\}\}\n$`)
	if !want.MatchString(below.String()) {
		t.Errorf("stderr is %q", below.String())
	}
}
