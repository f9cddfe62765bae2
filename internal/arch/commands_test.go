package arch

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// unrepeated are the functions that print a text as it is: a command in it would lack the flags of the run.
// Of fail and failure only the hint has them.
var unrepeated = strings.Fields("line raw wrapped hang row segments Question Fprint Fprintf Fprintln WriteString fail failure")

var inlineCommand = regexp.MustCompile(`\brefundctl (--|(init|import|new|validate|fmt|plan|show|diff-plans|apply|status|follow|explain|recover|reissue|cancel|report|export|reconcile|state)\b)`)

// copied reports commands that are printed without the flags that name the run's project.
func copied(t *tree) (found []finding) {
	for _, p := range t.packages {
		if p.name != "internal/cli" && p.name != "internal/view" {
			continue
		}
		for _, f := range p.files {
			ast.Inspect(f, func(n ast.Node) bool {
				call, is := n.(*ast.CallExpr)
				if !is {
					return true
				}
				for i, argument := range call.Args {
					name := calleeName(call)
					if name == "fail" && i < 2 || name == "failure" && i > 0 || !slices.Contains(unrepeated, name) {
						continue
					}
					for _, text := range textsOf(argument) {
						if inlineCommand.MatchString(text.Value) {
							found = append(found, t.at(text, "%s prints a command as it is: use hint, advice or copied, which repeat the flags of the run", name))
						}
					}
				}
				return true
			})
		}
	}
	return sorted(found)
}

// calleeName is the last part of what is called.
func calleeName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// textsOf are the texts that an argument is made of: concatenated or formatted, but not passed to a function that
// repeats the flags.
func textsOf(e ast.Expr) (texts []*ast.BasicLit) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return []*ast.BasicLit{e}
		}
	case *ast.ParenExpr:
		return textsOf(e.X)
	case *ast.BinaryExpr:
		return append(textsOf(e.X), textsOf(e.Y)...)
	case *ast.CallExpr:
		if !slices.Contains([]string{"commands", "copied", "copyable"}, calleeName(e)) {
			for _, argument := range e.Args {
				texts = append(texts, textsOf(argument)...)
			}
		}
	}
	return texts
}
