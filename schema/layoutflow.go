package schema

import (
	"slices"
	"strings"
)

// flowToken is a word or sign within brackets. An opening bracket holds what follows, up to its closing
// one.
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

// flow takes what stands in brackets. On one line it gets the usual blanks, and a mapping its order.
// Lines stay lines, a step deeper than indent for each bracket that is open, and never left of floor.
func (l *layout) flow(indent, floor int, s shape) string {
	var b strings.Builder
	token := l.flowToken(indent, floor)
	if token.inside == nil {
		l.unknown()
		return ""
	}
	token.write(&b, flowPlace{indent, floor}, s, l.asIs)
	return b.String()
}

// flowToken takes the next token, and with a bracket all that it holds.
func (l *layout) flowToken(indent, floor int) flowToken {
	rest := l.rest()
	if rest == "" {
		l.unknown()
		return flowToken{}
	}
	switch c := rest[0]; c {
	case '{', '[':
		l.off++
		return l.brackets(c, indent, floor)
	case ',', ':', ']', '}':
		l.off++
		return flowToken{kind: c, text: rest[:1]}
	case '#':
		l.off += len(rest)
		return flowToken{kind: flowComment, text: strings.TrimRight(rest, " \t")}
	case '"', '\'':
		text := l.quoted(max(indent, floor))
		return flowToken{kind: flowWord, text: text, lines: strings.Contains(text, "\n")}
	case '*', '&', '!':
		return l.flowMark()
	}
	text := flowText(rest)
	if text == "" {
		l.unknown()
	}
	l.off += len(text)
	return flowToken{kind: flowWord, text: text}
}

func (l *layout) brackets(kind byte, indent, floor int) flowToken {
	t := flowToken{kind: kind, text: string(kind)}
	for l.left == nil {
		from, breaks := l.off, l.lineEnds()
		inner := l.flowToken(indent+step, floor)
		if inner.breaks = breaks; inner.kind == flowComment {
			l.comments = append(l.comments, inner.text)
			if breaks == 0 {
				inner.text = gapOf(l.lines[l.at][from:l.off]) + inner.text
			}
		}
		t.lines = t.lines || breaks > 0 || inner.lines
		t.inside = append(t.inside, inner)
		if len(t.inside) > 0 && (inner.kind == ']' || inner.kind == '}') {
			return t
		}
		if indent > 2*step*maxDepth {
			l.tooDeep()
		}
	}
	return t
}

// lineEnds passes over the ends of lines before the next token, and counts them.
func (l *layout) lineEnds() int {
	n := 0
	for l.at < len(l.lines) && l.lineDone() && l.rest() == "" {
		l.at, l.off = l.at+1, 0
		n++
	}
	return n
}

// gapOf is the blanks before a comment, of which there is one at least.
func gapOf(text string) string {
	gap := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
	if gap == "" || strings.Contains(gap, "\t") {
		return " "
	}
	return gap
}

func (l *layout) flowMark() flowToken {
	rest := l.rest()
	end := 1
	for end < len(rest) && (isIDCharacter(rune(rest[end])) || rest[end] == '!') {
		end++
	}
	l.off += end
	switch {
	case rest[0] == '*':
		return flowToken{kind: flowAlias, text: rest[:end]}
	case end < len(rest) && !isBlank(rest[end]):
		l.unknown()
	}
	return flowToken{kind: flowMark, text: rest[:end]}
}

// flowText is a text without quotes, as far as it stands on this line.
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

// flowPlace says where the lines within brackets stand.
type flowPlace struct{ indent, floor int }

func (p flowPlace) column(kind byte) int {
	if kind == ']' || kind == '}' {
		return max(p.indent, p.floor)
	}
	return max(p.indent+step, p.floor)
}

func (t *flowToken) write(b *strings.Builder, p flowPlace, s shape, asIs bool) {
	b.WriteString(t.text)
	if t.kind == '{' && !t.lines && !asIs {
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
		inner.write(b, flowPlace{p.indent + step, p.floor}, within, asIs)
		if before = inner.kind; inner.kind == ',' {
			key = ""
		} else if key == "" && inner.kind == flowWord {
			key = unquoted(inner.text)
		}
	}
}

// linesBefore is how many ends of lines stay before a token. Within a text each counts; of blank lines
// elsewhere one stays, and none at a bracket.
func linesBefore(before byte, t *flowToken) int {
	switch {
	case before == flowWord && t.kind == flowWord:
		return t.breaks
	case before == '{', before == '[', t.kind == ']', t.kind == '}':
		return 1
	}
	return min(t.breaks, 2)
}

// apart tells whether a blank stands between two tokens of a line. A comment brings its own.
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

// sort puts the fields of a mapping in their order, where it knows all of them.
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
