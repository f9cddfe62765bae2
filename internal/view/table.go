package view

import (
	"cmp"
	"slices"
	"strings"
)

// table lays out rows in columns. measure takes every row; the first print then fixes one layout for all
// of them, in terminal cells. The caller may print other lines between two rows.
//
// Text is never cut, because an id must stay whole to be copied: what does not fit in a row continues
// below it.
type table struct {
	indent   int // of the first column
	deeper   int // of what continues below a row
	columns  []column
	together bool // fold all columns that can fold, or none

	fixed  bool // the layout is fixed
	labels int  // width of the labels below a row
}

// column is one column of a table.
type column struct {
	head  string
	right bool   // align to the right, so that amounts end in one place
	tight bool   // one blank separates it from the next column, not two
	hang  bool   // wrap the text: the last column only
	least int    // minimum width
	most  int    // a wider text sticks out instead of widening the column; 0: no limit
	loose bool   // a text that would push other columns off the screen sticks out
	none  string // replaces an empty text
	fold  fold
	label string // names the text where it is printed below the row

	width  int
	folded bool
	seen   map[int]bool // widths of a loose column
}

// fold says what happens to a column when the screen is too narrow.
type fold int

const (
	stay  fold = iota // keep its place
	omit              // leave it out
	below             // print its texts on lines below the row
)

// cell is one escaped text of a row. The lines of more are printed below it, in the same column.
type cell struct {
	text string
	more []string
	hue  color
}

// stacked is a cell with one line for each text.
func stacked(texts []string) cell {
	if len(texts) == 0 {
		return cell{}
	}
	return cell{text: texts[0], more: texts[1:]}
}

func (c *cell) line(n int) string {
	switch {
	case n == 0:
		return c.text
	case n <= len(c.more):
		return c.more[n-1]
	}
	return ""
}

// gap separates two columns.
const gap = "  "

func (c *column) gap() int {
	if c.tight {
		return 1
	}
	return len(gap)
}

// measure makes room for a row.
func (t *table) measure(row ...cell) {
	for i := range row {
		c := &t.columns[i]
		c.take(cmp.Or(row[i].text, c.none))
		for _, text := range row[i].more {
			c.take(text)
		}
	}
}

func (c *column) take(text string) {
	n := widthOf(text)
	switch {
	case c.most > 0 && n > c.most, c.hang:
	case !c.loose:
		c.width = max(c.width, n)
	case c.seen == nil:
		c.seen = map[int]bool{n: true}
	default:
		c.seen[n] = true
	}
}

// fix chooses the columns that have room on a screen of this width.
func (t *table) fix(screen int) {
	if t.fixed {
		return
	}
	t.fixed = true
	for i := range t.columns {
		c := &t.columns[i]
		c.width = max(c.width, c.least, widthOf(c.head))
		t.labels = max(t.labels, widthOf(c.label))
	}
	for i := range t.columns {
		c := &t.columns[i]
		room := screen - t.width() + c.width
		for n := range c.seen {
			if n <= room {
				c.width = max(c.width, n)
			}
		}
	}
	for i := len(t.columns) - 1; i >= 0 && t.width() > screen; i-- {
		for j := range t.columns {
			if t.columns[j].fold != stay && (j == i || t.together) {
				t.columns[j].folded = true
			}
		}
	}
}

// width is how wide the row of columns that are not folded is.
func (t *table) width() int {
	n, last := t.indent, 0
	for i := range t.columns {
		if c := &t.columns[i]; !c.folded {
			last = c.gap()
			n += c.width + last
		}
	}
	return n - last
}

// heads prints the headings. A column with a label needs none below the row.
func (p *printer) heads(t *table) {
	t.fix(p.width())
	row := make([]cell, len(t.columns))
	for i, c := range t.columns {
		if !c.folded || c.label == "" {
			row[i].text = c.head
		}
	}
	p.row(t, row...)
}

// row prints one row.
func (p *printer) row(t *table, row ...cell) {
	t.fix(p.width())
	lines := 1
	for i := range row {
		if !t.columns[i].folded {
			lines = max(lines, 1+len(row[i].more))
		}
	}
	for n := range lines {
		p.across(t, row, n)
	}
	for i := range row {
		if c := &t.columns[i]; c.folded && c.fold == below && (row[i].text != "" || len(row[i].more) > 0) {
			p.below(t, c.label, &row[i])
		}
	}
}

// across prints line n of the row.
func (p *printer) across(t *table, row []cell, n int) {
	var line strings.Builder
	line.WriteString(spaces(t.indent))
	used, before := t.indent, 0 // before: the blanks that are due before the next text
	for i := range row {
		c := &t.columns[i]
		if c.folded {
			continue
		}
		text := row[i].line(n)
		if n == 0 {
			text = cmp.Or(text, c.none)
		}
		size := widthOf(text)
		fill := max(0, c.width-size)
		if c.right {
			before += fill
			fill = 0
		}
		switch painted := p.paint(row[i].hue, text); {
		case c.hang && text != "":
			p.hang(line.String()+spaces(before), t.deeper, painted)
			return
		case i > 0 && text != "" && used+before+size > p.width():
			p.line("%s", line.String())
			p.hang(spaces(t.deeper), t.deeper, p.rest(t, row[i:], i, n))
			return
		case text != "":
			line.WriteString(spaces(before))
			line.WriteString(painted)
			used += before + size
			before = 0
		}
		before += fill + c.gap()
	}
	p.line("%s", line.String())
}

// rest is what does not fit in the row, from column first on.
func (p *printer) rest(t *table, row []cell, first, n int) string {
	var texts []string
	for i := range row {
		if text := row[i].line(n); text != "" && !t.columns[first+i].folded {
			texts = append(texts, p.paint(row[i].hue, text))
		}
	}
	return strings.Join(texts, gap)
}

// below prints a folded cell, each of its texts on its own line.
func (p *printer) below(t *table, label string, c *cell) {
	head := strings.Repeat(" ", t.deeper)
	if label != "" {
		head += pad(label, t.labels) + gap
	}
	for n := range 1 + len(c.more) {
		p.hang(head, widthOf(head), p.paint(c.hue, c.line(n)))
		head = blanks("", widthOf(head))
	}
}

// table prints all rows, with the headings if there are any.
func (p *printer) table(t table, rows [][]cell) {
	for _, row := range rows {
		t.measure(row...)
	}
	if slices.ContainsFunc(t.columns, func(c column) bool { return c.head != "" }) {
		p.heads(&t)
	}
	for _, row := range rows {
		p.row(&t, row...)
	}
}
