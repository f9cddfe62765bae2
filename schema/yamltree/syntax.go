package yamltree

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	yamlLine      = regexp.MustCompile(`^yaml: line (\d+): `)
	yamlAnchor    = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
	documentStart = regexp.MustCompile(`(?m)^---`)
)

// ReportSyntax reports where data stops being YAML; err is the error of Documents.
func ReportSyntax(out *Diagnostics, data []byte, err error) {
	problem := err.Error()
	if m := yamlAnchor.FindStringSubmatch(problem); m != nil {
		line, column := endOf(data[:max(0, bytes.Index(data, []byte("*"+m[1])))])
		out.ErrorAt(line, column, CodeSyntax, "an alias (*) refers to an anchor (&) that does not exist", "write the value out")
		return
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	line := problemLine(data, lines, problem)
	for i := max(line-2, 0); i < min(line+1, len(lines)); i++ {
		indent := lines[i][:len(lines[i])-len(bytes.TrimLeft(lines[i], " \t-"))]
		if tab := bytes.IndexByte(indent, '\t'); tab >= 0 {
			out.ErrorAt(i+1, tab+1, CodeTab, "the indentation contains a tab", "indent with spaces")
			return
		}
		if reportMisplaced(out, i+1, lines[i]) {
			return
		}
	}
	hint := ""
	for i := max(line-2, 0); i < min(line+1, len(lines)); i++ {
		at, bracket := hiddenBy(string(lines[i]))
		if bracket {
			out.ErrorAt(i+1, utf8.RuneCount(lines[i][:at])+1, CodeSyntax, "the text is not YAML: the # begins a comment, which hides the closing bracket", CutHint)
			return
		}
		if at >= 0 {
			hint = fmt.Sprintf("the # on line %d begins a comment and hides the rest of the line: put the text in quotes", i+1)
		}
	}
	problem = strings.TrimPrefix(problem, yamlLine.FindString(problem))
	column := len(lines[line-1]) - len(bytes.TrimLeft(lines[line-1], " ")) + 1
	if strings.Contains(problem, "exceeded max depth") {
		out.ErrorAt(line, column, CodeTooDeep, "values are nested too deep", "use fewer levels")
		return
	}
	out.ErrorAt(line, column, CodeSyntax, "the text is not YAML: "+strings.TrimPrefix(problem, "yaml: "), cmp.Or(hint, syntaxHint(data, problem)))
}

// problemLine returns the first line up to which the reader finds the same problem. The reader itself names
// the line on which the list or mapping with the problem begins, which may be far above, or no line at all.
// A large file must do with that, since the search reads the text again and again.
func problemLine(data []byte, lines [][]byte, problem string) int {
	const largest = 1 << 20
	named := 1
	if m := yamlLine.FindStringSubmatch(problem); m != nil {
		named, _ = strconv.Atoi(m[1])
	}
	named = min(max(named, 1), len(lines))
	if len(data) > largest {
		return named
	}
	ends := make([]int, len(lines))
	end := 0
	for i, l := range lines {
		end += len(l)
		ends[i] = end
	}
	extra := sort.Search(len(lines)-named, func(i int) bool {
		err := Documents(data[:ends[named-1+i]], func(*Node) {})
		return err != nil && err.Error() == problem
	})
	return named + extra
}

func syntaxHint(data []byte, problem string) string {
	switch {
	case strings.Contains(problem, "directive"), directive.Match(data) && !documentStart.Match(data):
		return "write the directive %YAML 1.2 once and --- below it, or remove every line that begins with %"
	case strings.Contains(problem, "mapping values are not allowed"):
		return "check the indentation; a value that contains a colon and a space needs quotes"
	case strings.Contains(problem, "cannot start any token"):
		return "put quotes around a value that begins with @, ` or %"
	case strings.Contains(problem, "did not find expected"):
		return "check the indentation, and look for a bracket or quote that is not closed"
	}
	return "the rest of this file is checked once this is fixed"
}
