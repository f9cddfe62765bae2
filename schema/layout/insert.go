package layout

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"refundctl/internal/refund"
	"refundctl/schema/yamltree"
)

// The reasons why Insert leaves a manifest as it is.
var (
	ErrSeveralDocuments = errors.New("it contains several YAML documents")
	ErrFlowStyle        = errors.New("its refunds are written in brackets")
	ErrNoList           = errors.New("it has no list of refunds")
	ErrNoPlace          = errors.New("its layout has no safe place for a row")
)

// Inserted is the text of a manifest with one more refund, which begins on Line.
type Inserted struct {
	Text []byte
	Line int
}

// Insert writes a refund into the text of a manifest: below the row that it supersedes if that is there, and otherwise
// below the last row. The rest stays byte for byte, except the [] of an empty list. The row follows the indentation,
// the blank lines and the line ends around it. A text without a document gets a head for the refund's account. The
// result is the same manifest with one more row; Insert does not check that it is valid. If there is no place for a
// row, the error is one of this package's, or says that the text is not YAML.
func Insert(text []byte, s refund.Spec) (Inserted, error) {
	root, err := onlyDocument(text)
	if err != nil {
		return Inserted{}, err
	}
	got, at, err := newPage(text).put(root, s)
	if err != nil {
		return Inserted{}, err
	}
	if after, err := onlyDocument(got.Text); err != nil || !oneMore(root, after, at) {
		return Inserted{}, ErrNoPlace
	}
	return got, nil
}

// put inserts the row by looking at the lines only, and returns its index in the list. An unforeseen layout can
// mislead it: Insert checks the result.
func (p page) put(root *yamltree.Node, s refund.Spec) (Inserted, int, error) {
	if root == nil {
		return p.insert(p.last(), WriteHead("", s.Account)+WriteRefund(s)), 0, nil
	}
	_, list := yamltree.Child(root, "refunds")
	switch {
	case list == nil || list.Kind != yamltree.SequenceNode:
		return Inserted{}, 0, ErrNoList
	case len(list.Content) == 0 && !yamltree.IsFlow(root):
		got, err := p.fill(list, s)
		return got, 0, err
	case yamltree.IsFlow(root) || yamltree.IsFlow(list):
		return Inserted{}, 0, ErrFlowStyle
	}
	i := slices.IndexFunc(list.Content, func(n *yamltree.Node) bool {
		return s.Supersedes != "" && yamltree.Text(yamltree.Resolve(n), "refund_id", "") == s.Supersedes
	})
	if i < 0 {
		i = len(list.Content) - 1
	}
	return p.below(root, list, i, s), i + 1, nil
}

// oneMore reports whether after is before with one more row in its list, at index at.
func oneMore(before, after *yamltree.Node, at int) bool {
	if after == nil {
		return false
	}
	_, list := yamltree.Child(after, "refunds")
	if list == nil || len(list.Content) <= at {
		return false
	}
	list.Content = slices.Delete(list.Content, at, at+1)
	if before == nil {
		return len(list.Content) == 0
	}
	if _, old := yamltree.Child(before, "refunds"); len(list.Content) == 0 {
		list.Style = old.Style
	}
	return sameTree(before, after)
}

// sameTree reports whether two trees say the same in the same style, wherever in the text they are.
func sameTree(a, b *yamltree.Node) bool {
	return a.Kind == b.Kind && a.Style == b.Style && a.Tag == b.Tag && a.Value == b.Value && a.Anchor == b.Anchor &&
		slices.EqualFunc(a.Content, b.Content, sameTree)
}

// onlyDocument returns the root of the text's only document; nil if there is none.
func onlyDocument(text []byte) (*yamltree.Node, error) {
	var roots []*yamltree.Node
	if err := yamltree.Documents(bytes.TrimPrefix(text, []byte(yamltree.ByteOrderMark)), func(n *yamltree.Node) { roots = append(roots, n) }); err != nil {
		return nil, fmt.Errorf("reading the manifest: %w", err)
	}
	switch {
	case len(roots) > 1:
		return nil, ErrSeveralDocuments
	case len(roots) == 0 || yamltree.IsNull(roots[0]):
		return nil, nil
	}
	return roots[0], nil
}

// page is a text as lines, each with its line end.
type page struct {
	mark  []byte
	lines [][]byte
}

func newPage(text []byte) page {
	body := bytes.TrimPrefix(text, []byte(yamltree.ByteOrderMark))
	return page{mark: text[:len(text)-len(body)], lines: bytes.SplitAfter(body, []byte("\n"))}
}

// below inserts a row under row i of the list.
func (p page) below(root, list *yamltree.Node, i int, s refund.Spec) Inserted {
	first, indent := p.dash(list.Content[i])
	limit := p.limit(root, list, i)
	row := indented(WriteRefund(s), indent)
	neighbour := first
	if i == 0 {
		neighbour = limit
	}
	if len(list.Content) > 1 && p.blank(p.over(neighbour, indent)) {
		row = "\n" + row
	}
	return p.insert(p.end(first+1, indent, limit), row)
}

// dash returns the line, counted from 0, and the indentation at which a row begins. Its first value may be further down
// than its dash.
func (p page) dash(n *yamltree.Node) (line, indent int) {
	for line = n.Line - 1; line > 0; line-- {
		trimmed := bytes.TrimLeft(p.lines[line], " ")
		indent = len(p.lines[line]) - len(trimmed)
		if trimmed[0] == '-' && indent < n.Column-1 && !bytes.HasPrefix(trimmed, []byte("---")) {
			break
		}
	}
	return line, indent
}

// limit returns the line before which row i and everything that belongs to it ends.
func (p page) limit(root, list *yamltree.Node, i int) int {
	if i+1 < len(list.Content) {
		line, _ := p.dash(list.Content[i+1])
		return line
	}
	limit := len(p.lines)
	for k := 0; k+1 < len(root.Content); k += 2 {
		if line := root.Content[k].Line - 1; line >= list.Content[i].Line {
			limit = min(limit, line)
		}
	}
	return limit
}

// end returns the line after the last one with content, from first to before limit. A comment indented no more than
// indent belongs to what follows, a deeper one to the row or to a text in it.
func (p page) end(first, indent, limit int) int {
	for limit > first && p.aside(limit-1, indent) {
		limit--
	}
	return limit
}

func (p page) aside(line, indent int) bool {
	trimmed := bytes.TrimLeft(p.lines[line], " \t")
	deep := len(p.lines[line])-len(trimmed) > indent
	return p.blank(line) || trimmed[0] == '#' && !deep || bytes.HasPrefix(p.lines[line], []byte("..."))
}

// over returns the line above a row and its comments.
func (p page) over(line, indent int) int {
	for line--; line > 0 && p.aside(line, indent) && !p.blank(line); line-- {
	}
	return line
}

// last returns the line after the text, without the blank lines at its end.
func (p page) last() int {
	n := len(p.lines)
	for n > 0 && p.blank(n-1) {
		n--
	}
	return n
}

func (p page) blank(line int) bool { return len(bytes.TrimSpace(p.lines[line])) == 0 }

// fill puts the first row in place of [].
func (p page) fill(list *yamltree.Node, s refund.Spec) (Inserted, error) {
	line := list.Line - 1
	at := []rune(string(p.lines[line]))
	head, rest := string(at[:list.Column-1]), string(at[list.Column-1:])
	inner, found := strings.CutPrefix(rest, "[")
	after, closed := strings.CutPrefix(strings.TrimLeft(inner, " "), "]")
	head = strings.TrimRight(head, " ")
	if !found || !closed || !strings.HasSuffix(head, ":") {
		return Inserted{}, ErrFlowStyle
	}
	p.lines = slices.Clone(p.lines)
	p.lines[line] = []byte(head + after)
	return p.insert(line+1, WriteRefund(s)), nil
}

// insert inserts rows before a line.
func (p page) insert(at int, rows string) Inserted {
	line := at + 1 + strings.Count(rows[:strings.Index(rows, "- ")], "\n")
	if at > 0 && !bytes.HasSuffix(p.lines[at-1], []byte("\n")) {
		rows = "\n" + rows
	}
	rows = strings.ReplaceAll(rows, "\n", p.lineEnd(at))
	return Inserted{slices.Concat(p.mark, bytes.Join(p.lines[:at], nil), []byte(rows), bytes.Join(p.lines[at:], nil)), line}
}

// lineEnd returns the line end of the lines above.
func (p page) lineEnd(at int) string {
	for at--; at >= 0; at-- {
		switch {
		case bytes.HasSuffix(p.lines[at], []byte("\r\n")):
			return "\r\n"
		case bytes.HasSuffix(p.lines[at], []byte("\n")):
			return "\n"
		}
	}
	return "\n"
}

// indented returns a row of the canonical layout at another indentation.
func indented(row string, indent int) string {
	const canonical = 2
	var b strings.Builder
	for line := range strings.Lines(row) {
		b.WriteString(strings.Repeat(" ", indent) + line[canonical:])
	}
	return b.String()
}
