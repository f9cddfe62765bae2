package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestHintsAreSafeToFollow runs testdata/hints/*.txtar, the table of the hints with a command: each line "next" is a
// row. It takes a command from what the last one printed and runs it as it stands there; what it leads to is in the
// lines after it, and money is counted at the emulator. In addition to the commands of TestScripts, scripts have
//
//	next CODE COMMAND [NAME=VALUE...]   the output has COMMAND, a pattern: run it with each NAME replaced; it exits with CODE
//
// Every hint of the source must be in the table, or in unfollowed.
func TestHintsAreSafeToFollow(t *testing.T) {
	followed := &followedHints{}
	commands := scriptCommands()
	commands["next"] = followed.next
	t.Run("table", func(t *testing.T) {
		testscript.Run(t, testscript.Params{Dir: filepath.Join("testdata", "hints"), Setup: setUp, Cmds: commands, RequireUniqueNames: true, ContinueOnError: os.Getenv("KEEP_ON") != ""})
	})
	if t.Failed() {
		return
	}
	for _, hint := range hintsOfSource(t) {
		_, exempt := unfollowed[hint.text]
		switch is := followed.has(hint.text); {
		case !is && !exempt:
			t.Errorf("%s: no row of testdata/hints follows %q", hint.place, hint.text)
		case is && exempt:
			t.Errorf("%s: %q is followed: delete it from unfollowed", hint.place, hint.text)
		}
	}
}

// followedHints are the outputs whose commands were run.
type followedHints struct {
	mu    sync.Mutex
	texts []string
}

func (f *followedHints) next(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: next CODE COMMAND [NAME=VALUE...]")
	}
	output := oneLine(ts.ReadFile("stdout")) + "\n" + oneLine(ts.ReadFile("stderr"))
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	command := pattern.FindString(output)
	if command == "" {
		ts.Fatalf("the output has no %q", args[1])
	}
	f.mu.Lock()
	f.texts = append(f.texts, projectFlag.ReplaceAllString(output, ""))
	f.mu.Unlock()
	for _, replacement := range args[2:] {
		name, value, _ := strings.Cut(replacement, "=")
		command = strings.Replace(command, name, value, 1)
	}
	cmdExits(ts, false, append([]string{args[0], "sh", "-c"}, command))
}

// has reports whether a followed output has the fixed parts of a text, in their order.
func (f *followedHints) has(text string) bool {
	var parts []string
	for _, part := range verb.Split(text, -1) {
		parts = append(parts, regexp.QuoteMeta(part))
	}
	whole := regexp.MustCompile(strings.Join(parts, ".*"))
	return slices.ContainsFunc(f.texts, whole.MatchString)
}

// projectFlag matches a flag that copyable repeats.
var projectFlag = regexp.MustCompile(` --(state|account|chdir|config) \S+`)

var verb = regexp.MustCompile(`%[+#]?[0-9]*[a-z]`)

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// sourceHint is a text with a command in the source.
type sourceHint struct{ place, text string }

var hintedCommand = regexp.MustCompile(`\brefundctl (state |import |export )?[a-z][a-z-]*`)

// hintsOfSource returns the texts of the program, other than help, that name one of its commands.
func hintsOfSource(t *testing.T) (all []sourceHint) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "examples" || strings.HasPrefix(d.Name(), ".") && path != root):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if pair, is := n.(*ast.KeyValueExpr); is {
				if key, is := pair.Key.(*ast.Ident); is && slices.Contains([]string{"Use", "Short", "Long", "Example"}, key.Name) {
					return false
				}
			}
			if text, is := n.(*ast.BasicLit); is && text.Kind == token.STRING {
				value, _ := strconv.Unquote(text.Value)
				for _, line := range strings.Split(value, "\n") {
					if command := hintedCommand.FindString(line); command != "" && ours(command) && !documentation(line) {
						all = append(all, sourceHint{strings.TrimPrefix(path, root+"/"), strings.TrimSpace(line)})
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// documentation reports whether a line is part of a page or a file, not of a message.
func documentation(line string) bool {
	return strings.Contains(line, "refundctl completion") || strings.HasPrefix(line, "Exit code 2 with") || strings.HasPrefix(line, " [] #") || strings.HasPrefix(line, "<meta ")
}

// ours reports whether a text names a command of the program, and not only the program.
func ours(text string) bool {
	a := &app{Streams: Streams{Env: func(string) string { return "" }}}
	return subcommand(a.root(), strings.Fields(text)[1]) != nil
}

// unfollowed are the hints that no row can follow, each with the reason.
var unfollowed = map[string]string{
	"run refundctl recover, which reads back what was in flight; nothing is sent twice; then please report this message and refundctl version": "a defect of the program",
	"run refundctl schema to see what is allowed here":               "every rule of the schemas has a sentence",
	"see refundctl state list":                                       "unknownID is printed instead",
	"at least one outcome is unknown; refundctl recover resolves it": "the table of exit codes",
	"nothing was sent; get both versions from Git and merge them: refundctl state merge OURS THEIRS --output FILE": "TestScripts/state_conflict_markers",
	"; then run refundctl recover, which reads back what could not be recorded":                                    "TestScripts/apply_ledger_full",
	"find out what writes it (a checkout, a sync client) and restore what is missing; see refundctl state verify":  "another program must write the ledger meanwhile",
	"the disk or its connection fails: repair it; see refundctl state verify":                                      "a broken disk",
	". refundctl plan shows them.":                                     "the API must answer with a refund that failed already",
	". refundctl recover reads it back; do not send it any other way.": "TestScripts/apply_ledger_full",
}
