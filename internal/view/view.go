// Package view prints results: text for people, JSON for machines, Markdown and HTML for reviews.
//
// It makes no decisions about money, reads nothing, and knows no file and no network: it takes values of the
// lower packages and a writer. Text from outside (the API, manifests, the ledger) never reaches a terminal
// raw. The command line calls it.
package view

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"refundctl/internal/refund"
	"refundctl/plan"
)

// FormatVersion is the version of every JSON document. Fields may be added to a version; they never change.
const FormatVersion = plan.FormatVersion

// Format is an output format.
type Format string

// The output formats. A report has no Markdown.
const (
	Text     Format = "text"
	JSON     Format = "json"
	Markdown Format = "markdown"
	HTML     Format = "html"
)

// RenderPlan prints a plan in a format. f is zero for a plan that was not saved; o applies to text, and its Verbose to Markdown. It
// returns the writer's error, money.ErrOverflow if a sum does not fit, or an error for an unknown format.
func RenderPlan(w io.Writer, format Format, p *plan.Plan, f PlanFile, o PlanOptions) error {
	if format == Text {
		return Plan(w, p, f, o)
	}
	if f.Digest == "" || format != JSON { // a plan file is printed as it is
		p = o.copyable(p)
	}
	switch format {
	case JSON:
		return PlanJSON(w, p, f)
	case Markdown:
		return PlanMarkdown(w, p, f, o)
	case HTML:
		return PlanHTML(w, p, f)
	}
	return fmt.Errorf("a plan has no format %q: write text, json, markdown or html", format)
}

// Style describes the reader's screen.
type Style struct {
	Color bool
	Width int // columns; 0 means 80

	// Commands makes the commands in a text of this program ready to be copied, with Glue between the words of
	// each; nil leaves them as they are.
	Commands func(text string) string
}

// Glue is between the words of a command until it is printed, so that no line ends within it: a command that
// was copied up to the end of a line could do more than the whole one. No text from outside contains it.
const Glue = "\x00"

// commands makes the commands in a text ready to be copied. Text from outside must not be part of it.
func (s Style) commands(text string) string {
	if s.Commands == nil {
		return text
	}
	return s.Commands(text)
}

// Unglued returns a text with blanks between the words of its commands.
func Unglued(text string) string { return strings.ReplaceAll(text, Glue, " ") }

// narrowest is the smallest width at which indented text still has room for words.
const narrowest = 40

func (s Style) width() int {
	if s.Width <= 0 {
		return 80
	}
	return max(s.Width, narrowest)
}

// color is the part of an escape sequence between ESC[ and m. These colours can be read on a light and on a
// dark background in the usual palettes; yellow, dim and the bright ones cannot. A colour never stands
// alone: the sign or the word says the same.
type color string

const (
	bold    color = "1"
	red     color = "31" // money that is not where it should be
	green   color = "32" // what goes or went well
	magenta color = "35" // unknown, or worth a look
	cyan    color = "36" // in progress
)

func (s Style) paint(c color, text string) string {
	if !s.Color || c == "" || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// Escape makes foreign text safe to print. Control characters, line ends, direction marks, zero-width and
// other invisible characters and broken UTF-8 become \n, \x1b, \u202e and the like. Characters that a CI
// system would obey as a command are escaped too. All other visible text stays as it is, including
// backslashes.
func Escape(text string) string { return tame(visible(text)) }

// visible is Escape for text that no CI system reads.
func visible(text string) string {
	for i, r := range text {
		if !plan.Visible(r) || r == utf8.RuneError {
			return text[:i] + escape(text[i:])
		}
	}
	return text
}

// tame breaks what CI systems read as a command: GitHub's ::command and ##[command], which work anywhere in
// a line, Azure's ##vso[, TeamCity's ##teamcity[, and GitLab's section_start: and section_end:. Similar
// commands are broken as well: they have no other use in a text.
func tame(text string) string {
	if !strings.Contains(text, "::") && !strings.Contains(text, "##") && !strings.Contains(text, "section_") {
		return text
	}
	return unhashed(commands.Replace(text))
}

func unhashed(text string) string { return hashCommand.ReplaceAllString(text, `#\x23$1`) }

var (
	commands    = strings.NewReplacer("::", `:\x3a`, "section_start:", `section_start\x3a`, "section_end:", `section_end\x3a`)
	hashCommand = regexp.MustCompile(`##([A-Za-z.]*\[)`)
)

func escape(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case plan.Visible(r):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		text = text[size:]
	}
	return b.String()
}

// Time formats a time for people, in the zone of Cashfree's days, and names the zone.
func Time(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(refund.IST).Format("2006-01-02 15:04:05 -07:00")
}

// clockSecond formats t to the second, with the day unless it is the same as now's.
func clockSecond(t, now time.Time) string { return clockTime(t, now) + t.In(refund.IST).Format(":05") }

// clockTime formats t to the minute, with the day unless it is the same as now's.
func clockTime(t, now time.Time) string {
	t, now = t.In(refund.IST), now.In(refund.IST)
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}
