package main

import (
	"fmt"
	"go/scanner"
	"go/token"
	"strings"
)

// A lexeme is one token of Go, or $name in a marker.
type lexeme struct {
	start, end int // bytes
	text       string
	name       bool // an identifier
	variable   bool // $name
	local      bool // an identifier declared inside the declaration that is searched
}

// lex splits Go text into lexemes. It leaves out comments and the semicolons that line ends imply.
func lex(text string) []lexeme {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(text))
	s.Init(file, []byte(text), func(token.Position, string) {}, 0)
	var all []lexeme
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return all
		}
		if tok == token.SEMICOLON && lit != ";" {
			continue
		}
		if lit == "" || tok.IsOperator() {
			lit = tok.String()
		}
		start := file.Offset(pos)
		l := lexeme{start: start, end: start + len(lit), text: lit, name: tok == token.IDENT}
		if tok == token.STRING && lit[0] == '`' {
			l.end = start + 2 + strings.IndexByte(text[start+1:], '`') // the scanner drops \r
		}
		if n := len(all) - 1; l.name && n >= 0 && all[n].text == "$" && all[n].end == start {
			l.start, l.variable = start-1, true
			all = all[:n]
		}
		all = append(all, l)
	}
}

// A match is where a marker was found, and what its variables stand for.
type match struct {
	from, to int // lexemes
	bound    map[string]string
}

// matches returns every place where the marker occurs in code. A variable matches a local
// identifier, the same one each time; different variables match different identifiers.
func matches(marker, code []lexeme) []match {
	var all []match
	for i := 0; i+len(marker) <= len(code); i++ {
		if bound, ok := matchAt(marker, code[i:]); ok {
			all = append(all, match{i, i + len(marker), bound})
		}
	}
	return all
}

func matchAt(marker, code []lexeme) (map[string]string, bool) {
	bound, taken := map[string]string{}, map[string]string{}
	for i, m := range marker {
		c := code[i]
		if !m.variable {
			if m.text != c.text {
				return nil, false
			}
			continue
		}
		name, again := bound[m.text]
		by, other := taken[c.text]
		if !c.local || again && name != c.text || other && by != m.text {
			return nil, false
		}
		bound[m.text], taken[c.text] = c.text, m.text
	}
	return bound, len(marker) > 0
}

// substitute replaces the variables of text by what they stand for.
func substitute(text string, bound map[string]string) (string, error) {
	var out strings.Builder
	done := 0
	for _, l := range lex(text) {
		if !l.variable {
			continue
		}
		name, ok := bound[l.text]
		if !ok {
			return "", fmt.Errorf("the replacement uses $%s, which the marker does not", l.text)
		}
		out.WriteString(text[done:l.start] + name)
		done = l.end
	}
	return out.String() + text[done:], nil
}
