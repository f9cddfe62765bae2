// Package view prints what the program has to say: text for people, JSON for machines.
//
// It decides nothing, reads nothing, and knows no file and no network: it takes values of the lower
// packages and a writer. Text that comes from outside (the API, manifests, the ledger) never reaches
// a terminal raw. The command line calls it.
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

// FormatVersion is the version of every JSON document: fields are added to it, never changed.
const FormatVersion = plan.FormatVersion

// Format is a form in which a plan is printed.
type Format string

// The formats of a plan.
const (
	Text     Format = "text"
	JSON     Format = "json"
	Markdown Format = "markdown"
	HTML     Format = "html"
)

// RenderPlan prints a plan in a format; f is the zero value for one that was not saved, and o counts
// for text alone. The error is the writer's, money.ErrOverflow where the sums do not fit, or that
// there is no such format.
func RenderPlan(w io.Writer, format Format, p *plan.Plan, f PlanFile, o PlanOptions) error {
	switch format {
	case Text:
		return Plan(w, p, f, o)
	case JSON:
		return PlanJSON(w, p, f)
	case Markdown:
		return PlanMarkdown(w, p, f)
	case HTML:
		return PlanHTML(w, p, f)
	}
	return fmt.Errorf("a plan has no format %q: write text, json, markdown or html", format)
}

// Style says what the reader's screen can do.
type Style struct {
	Color bool
	Width int // columns; 0 stands for 80
}

// narrowest is where indented text still has room for words.
const narrowest = 40

func (s Style) width() int {
	if s.Width <= 0 {
		return 80
	}
	return max(s.Width, narrowest)
}

// color is what stands between ESC[ and m. These are the ones that can be read on a light and on a dark
// background in the usual palettes; yellow, dim and the bright ones cannot. None is ever alone: the
// sign or the word says the same.
type color string

const (
	bold    color = "1"
	red     color = "31" // money that is not as it was meant
	green   color = "32" // what goes, or went, well
	magenta color = "35" // what nobody knows yet, or should look at
	cyan    color = "36" // what is under way
)

func (s Style) paint(c color, text string) string {
	if !s.Color || c == "" || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// Escape makes foreign text safe to print and visible as what it is: control characters, line ends,
// direction marks, zero-width and other invisible characters and broken UTF-8 come out as \n, \x1b,
// \u202e and the like. So do the characters that make a CI system obey a line of its log. All other
// text that can be seen stays as it is, a backslash too.
func Escape(text string) string { return tame(visible(text)) }

// visible is Escape without regard to CI systems.
func visible(text string) string {
	for i, r := range text {
		if !plan.Visible(r) || r == utf8.RuneError {
			return text[:i] + escape(text[i:])
		}
	}
	return text
}

// tame breaks what CI systems take for a command: GitHub's ::command and ##[command], which it obeys
// anywhere in a line, Azure's and TeamCity's ##vso[ and ##teamcity[, GitLab's section_start: and
// section_end:. Further ones of the kind are broken as well: they have no other use in a text.
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

// Time is a moment for people, in the zone of Cashfree's days, which it names.
func Time(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(refund.IST).Format("2006-01-02 15:04:05 -07:00")
}

// exactly is the second of t, with the day where that is not now's.
func exactly(t, now time.Time) string { return clockTime(t, now) + t.In(refund.IST).Format(":05") }

// clockTime is the minute of t, with the day where that is not now's.
func clockTime(t, now time.Time) string {
	t, now = t.In(refund.IST), now.In(refund.IST)
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}
