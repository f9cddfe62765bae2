package layout

import (
	"slices"
	"strings"

	"refundctl/schema/yamltree"
)

// flowToken is a word or sign in brackets. An opening bracket contains what follows, up to its closing one.
type flowToken struct {
	kind   byte // a sign of YAML, or one of those below
	text   string
	breaks int // line ends before it
	lines  bool
	inside []flowToken
}

// The kinds of tokens beside the signs , : { } [ and ].
const (
	flowWord    = 'w'
	flowMark    = '&' // an anchor or a tag
	flowAlias   = '*'
	flowComment = '#'
)

// flow formats what is in brackets. On one line it gets the usual spaces, and a mapping its order. Several lines stay
// lines, a step deeper than indent for each open bracket, and never left of floor.
func (f *formatter) flow(indent, floor int, s shape) string {
	var b strings.Builder
	token := f.flowToken(indent, floor)
	if token.inside == nil {
		f.unknown()
		return ""
	}
	token.write(&b, flowPlace{indent, floor}, s, f.keepOrder)
	return b.String()
}

// flowToken reads the next token, a bracket with everything in it.
func (f *formatter) flowToken(indent, floor int) flowToken {
	rest := f.rest()
	if rest == "" {
		f.unknown()
		return flowToken{}
	}
	switch c := rest[0]; c {
	case '{', '[':
		f.off++
		return f.brackets(c, indent, floor)
	case ',', ':', ']', '}':
		f.off++
		return flowToken{kind: c, text: rest[:1]}
	case '#':
		f.off += len(rest)
		return flowToken{kind: flowComment, text: strings.TrimRight(rest, " \t")}
	case '"', '\'':
		text := f.quoted(max(indent, floor))
		return flowToken{kind: flowWord, text: text, lines: strings.Contains(text, "\n")}
	case '*', '&', '!':
		return f.flowMark()
	}
	text := flowText(rest)
	if text == "" {
		f.unknown()
	}
	f.off += len(text)
	return flowToken{kind: flowWord, text: text}
}

func (f *formatter) brackets(kind byte, indent, floor int) flowToken {
	t := flowToken{kind: kind, text: string(kind)}
	for f.unsupported == nil {
		from, breaks := f.off, f.lineEnds()
		inner := f.flowToken(indent+step, floor)
		if inner.breaks = breaks; inner.kind == flowComment {
			f.comments = append(f.comments, inner.text)
			if breaks == 0 {
				inner.text = gapOf(f.lines[f.at][from:f.off]) + inner.text
			}
		}
		t.lines = t.lines || breaks > 0 || inner.lines
		t.inside = append(t.inside, inner)
		if len(t.inside) > 0 && (inner.kind == ']' || inner.kind == '}') {
			return t
		}
		if indent > 2*step*yamltree.MaxDepth {
			f.tooDeep()
		}
	}
	return t
}

// lineEnds skips the line ends before the next token, and counts them.
func (f *formatter) lineEnds() int {
	n := 0
	for f.at < len(f.lines) && f.lineDone() && f.rest() == "" {
		f.at, f.off = f.at+1, 0
		n++
	}
	return n
}

// gapOf returns the spaces before a comment, at least one.
func gapOf(text string) string {
	gap := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
	if gap == "" || strings.Contains(gap, "\t") {
		return " "
	}
	return gap
}

func (f *formatter) flowMark() flowToken {
	rest := f.rest()
	end := 1
	for end < len(rest) && (isAnchorCharacter(rest[end]) || rest[end] == '!') {
		end++
	}
	f.off += end
	switch {
	case rest[0] == '*':
		return flowToken{kind: flowAlias, text: rest[:end]}
	case end < len(rest) && !isBlank(rest[end]):
		f.unknown()
	}
	return flowToken{kind: flowMark, text: rest[:end]}
}

func isAnchorCharacter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// flowText returns a text without quotes, as far as it is on this line.
func flowText(rest string) string {
	end := 0
	for ; end < len(rest); end++ {
		c := rest[end]
		if strings.IndexByte(",?[]{}", c) >= 0 || c == ':' && (end+1 == len(rest) || isBlank(rest[end+1])) || c == '#' && end > 0 && isBlank(rest[end-1]) {
			break
		}
	}
	return strings.TrimRight(rest[:end], " \t")
}

// flowPlace says where lines in brackets begin.
type flowPlace struct{ indent, floor int }

func (p flowPlace) column(kind byte) int {
	if kind == ']' || kind == '}' {
		return max(p.indent, p.floor)
	}
	return max(p.indent+step, p.floor)
}

func (t *flowToken) write(b *strings.Builder, p flowPlace, s shape, keepOrder bool) {
	b.WriteString(t.text)
	if t.kind == '{' && !t.lines && !keepOrder {
		t.sort(s)
	}
	before, key := t.kind, ""
	for i := range t.inside {
		inner := &t.inside[i]
		switch {
		case inner.breaks > 0:
			b.WriteString(strings.Repeat("\n", linesBefore(before, inner)))
			writeIndent(b, p.column(inner.kind))
		case apart(before, inner.kind):
			b.WriteByte(' ')
		}
		within := s
		if t.kind == '{' {
			within = s.within(key)
		}
		inner.write(b, flowPlace{p.indent + step, p.floor}, within, keepOrder)
		if before = inner.kind; inner.kind == ',' {
			key = ""
		} else if key == "" && inner.kind == flowWord {
			key = unquoted(inner.text)
		}
	}
}

// linesBefore returns how many line ends stay before a token: all of them within a text, at most one blank line
// elsewhere, and none next to a bracket.
func linesBefore(before byte, t *flowToken) int {
	switch {
	case before == flowWord && t.kind == flowWord:
		return t.breaks
	case before == '{', before == '[', t.kind == ']', t.kind == '}':
		return 1
	}
	return min(t.breaks, 2)
}

// apart reports whether a space separates two tokens on a line. A comment brings its own.
func apart(before, next byte) bool {
	switch {
	case next == flowComment, before == '{', before == '[':
		return false
	case before == ':', before == flowMark, before == flowAlias && next == ':':
		return true
	}
	return strings.IndexByte(",:]}", next) < 0
}

func unquoted(text string) string { return strings.Trim(text, `"'`) }

// sort puts the fields of a mapping in order, if it knows all of them.
func (t *flowToken) sort(s shape) {
	var fields [][]flowToken
	from, last := 0, len(t.inside)-1
	for i := 0; i < last; i++ {
		if t.inside[i].kind == ',' {
			fields, from = append(fields, t.inside[from:i]), i+1
		}
	}
	if from < last {
		fields = append(fields, t.inside[from:last])
	}
	for _, f := range fields {
		if fieldRank(f, s) < 0 {
			return
		}
	}
	slices.SortStableFunc(fields, func(a, b []flowToken) int { return fieldRank(a, s) - fieldRank(b, s) })
	sorted := make([]flowToken, 0, len(t.inside))
	for i, f := range fields {
		if sorted = append(sorted, f...); i < len(fields)-1 || from == last {
			sorted = append(sorted, flowToken{kind: ',', text: ","})
		}
	}
	t.inside = append(sorted, t.inside[last])
}

func fieldRank(field []flowToken, s shape) int {
	if len(field) == 0 || field[0].kind != flowWord {
		return -1
	}
	return s.rank(unquoted(field[0].text))
}
