package view

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"

	"refundctl/internal/money"
	"refundctl/plan"
)

// printer writes lines. Flush returns the first error of its writer.
type printer struct {
	*bufio.Writer
	Style
	lines int
}

func newPrinter(w io.Writer, s Style) *printer { return &printer{bufio.NewWriter(w), s, 0} }

// line writes one line without trailing blanks. Pieces that are harmless alone can form a command of a CI
// system together, so the whole line is tamed. The writer keeps the error.
func (p *printer) line(format string, args ...any) {
	p.raw(tame(Unglued(strings.TrimRight(fmt.Sprintf(format, args...), " "))))
}

// raw writes one line as it is.
func (p *printer) raw(line string) {
	_, _ = p.WriteString(line)
	_ = p.WriteByte('\n')
	p.lines++
}

// wrapped writes text at indent, and continues it two columns deeper.
func (p *printer) wrapped(indent int, text string) {
	p.hang(strings.Repeat(" ", indent), indent+2, text)
}

// advice is wrapped for a text with commands.
func (p *printer) advice(indent int, text string) { p.wrapped(indent, p.commands(text)) }

// hang writes text after head, and continues it at column deeper. It never cuts a word: an id must stay
// whole to be copied.
func (p *printer) hang(head string, deeper int, text string) {
	line, used, first := head, widthOf(head), true
	for word := range strings.SplitSeq(text, " ") {
		n := widthOf(word)
		switch {
		case first && (used+n <= p.width() || deeper+n > p.width() || deeper >= used):
			first = false
		case first:
			p.line("%s", line)
			line, used, first = strings.Repeat(" ", deeper), deeper, false
		case used+1+n > p.width():
			p.line("%s", line)
			line, used = strings.Repeat(" ", deeper), deeper
		default:
			line, used = line+" ", used+1
		}
		line, used = line+word, used+n
	}
	p.line("%s", line)
}

// pad fills text up to width cells, on its right.
func pad(text string, width int) string { return text + blanks(text, width) }

func blanks(text string, width int) string { return spaces(max(0, width-widthOf(text))) }

// spaces is n blanks, without an allocation for as many as a screen usually has.
func spaces(n int) string {
	const some = "                                                                                "
	if n <= len(some) {
		return some[:n]
	}
	return strings.Repeat(" ", n)
}

// terminal measures text as terminals do: a wide character takes two cells, a combining mark none, and
// a character of ambiguous width one, whatever the locale is.
func terminal() *runewidth.Condition { return &runewidth.Condition{StrictEmojiNeutral: true} }

// widthOf is how many terminal cells text takes. Colours take none; foreign escapes cannot be in text,
// because Escape shows them.
func widthOf(text string) int {
	n := 0
	for {
		before, rest, colored := strings.Cut(text, "\x1b[")
		n += terminal().StringWidth(Unglued(before))
		if !colored {
			return n
		}
		_, text, _ = strings.Cut(rest, "m")
	}
}

// cut shortens text to width cells, between two characters, and ends it in "…". It keeps text that fits.
func cut(text string, width int) string { return terminal().Truncate(text, width, "…") }

// sums prints a tally's money, all currencies on one line.
func sums(t plan.Tally) string { return strings.Join(humans(t), ", ") }

// humans prints a tally's money, one text for each currency.
func humans(t plan.Tally) []string {
	texts := make([]string, 0, len(t.Amounts))
	for _, a := range t.Amounts {
		texts = append(texts, Escape(a.Human()))
	}
	return texts
}

// count prints a number of things: "1 refund", "2 refunds".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return grouped(n) + " " + thing + "s"
}

// grouped prints a count for people, with separators.
func grouped(n int) string { return money.Grouped(n) }
