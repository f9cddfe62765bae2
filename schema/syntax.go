package schema

import (
	"bytes"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

var (
	yamlLine   = regexp.MustCompile(`^yaml: line (\d+): `)
	yamlAnchor = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
)

// illSyntax reports where text stops being YAML.
func illSyntax(out *sink, data []byte, err error) {
	problem := err.Error()
	if m := yamlAnchor.FindStringSubmatch(problem); m != nil {
		line, column := endOf(data[:max(0, bytes.Index(data, []byte("*"+m[1])))])
		out.addAt(line, column, codeSyntax, "an alias (*) names an anchor (&) that is not there", "write the value out")
		return
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	line := worstLine(data, lines, problem)
	for i := max(line-2, 0); i < min(line+1, len(lines)); i++ {
		indent := lines[i][:len(lines[i])-len(bytes.TrimLeft(lines[i], " \t"))]
		if tab := bytes.IndexByte(indent, '\t'); tab >= 0 {
			out.addAt(i+1, tab+1, codeTab, "a tab stands in the indentation", "indent with spaces")
			return
		}
	}
	problem = strings.TrimPrefix(problem, yamlLine.FindString(problem))
	column := len(lines[line-1]) - len(bytes.TrimLeft(lines[line-1], " ")) + 1
	if strings.Contains(problem, "exceeded max depth") {
		out.addAt(line, column, codeTooDeep, "values are nested too deep", "write it flatter")
		return
	}
	out.addAt(line, column, codeSyntax, "the text is not YAML: "+strings.TrimPrefix(problem, "yaml: "), syntaxHint(problem))
}

// worstLine is the first line with which the reader finds the same problem. The reader itself
// names the line where the list or mapping with the problem began, which may be far above, or
// none. In a large file that must do, since the search reads the text again and again.
func worstLine(data []byte, lines [][]byte, problem string) int {
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
		err := documentsOf(data[:ends[named-1+i]], func(*node) {})
		return err != nil && err.Error() == problem
	})
	return named + extra
}

func syntaxHint(problem string) string {
	switch {
	case strings.Contains(problem, "mapping values are not allowed"):
		return "look at the indentation; a value that holds a colon and a blank needs quotes"
	case strings.Contains(problem, "cannot start any token"):
		return "put a value that begins with @, ` or % in quotes"
	case strings.Contains(problem, "did not find expected"):
		return "look at the indentation and for a bracket or quote that is not closed"
	}
	return "what follows in this file is not checked until this is mended"
}
