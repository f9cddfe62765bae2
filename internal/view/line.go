package view

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"refundctl/internal/refund"
)

// WatchOptions says how people are told of what goes on. Terminal: the progress stands in lines that
// are rewritten in place; otherwise lines are written at most once an Interval, ten seconds if that
// is 0.
type WatchOptions struct {
	Style
	Terminal bool
	Clock    func() time.Time
	Interval time.Duration
}

// redraw is how often the lines on a terminal change at most.
const redraw = 100 * time.Millisecond

// Line is the progress of a command, below all else on the terminal. It shows how far reads are until
// a run has more to say, and falls silent when its writer fails. It is safe for concurrent use.
type Line struct {
	WatchOptions

	mu     sync.Mutex
	err    io.Writer
	failed error
	drawn  int       // lines that stand on the terminal
	next   time.Time // nothing is shown before
	text   func(now time.Time) []string
	shown  bool             // something was shown
	reads  map[string]reads // by account
	waits  map[string]time.Time
}

type reads struct{ done, all int }

// NewLine is the progress on err.
func NewLine(err io.Writer, o WatchOptions) *Line {
	o.Interval = cmp.Or(o.Interval, 10*time.Second)
	l := &Line{WatchOptions: o, err: err, waits: map[string]time.Time{}}
	l.text = l.reading
	return l
}

// Over is w for all that is written beside the line, which makes way for it.
func (l *Line) Over(w io.Writer) io.Writer { return over{w, l} }

type over struct {
	io.Writer
	line *Line
}

// Write takes the line away first.
func (o over) Write(p []byte) (int, error) {
	o.line.Clear()
	return o.Writer.Write(p)
}

// Clear takes the line off the terminal until something is shown again.
func (l *Line) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clear()
}

// Read shows how many of an account's reads are done; it is a plan.Progress.
func (l *Line) Read(account string, done, all int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reads == nil {
		l.reads = map[string]reads{}
		l.begin(l.Clock())
	}
	l.reads[account] = reads{done, all}
	l.due(l.Clock())
}

// Wait shows that an account has to wait for the rate limit. A long wait is told at once, also where
// lines are few.
func (l *Line) Wait(account string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Clock()
	long := until.After(l.waits[account].Add(time.Second)) && until.After(now.Add(l.Interval))
	l.waits[account] = until
	if l.Terminal || long {
		l.draw(now)
	}
}

// show lets the line say this, and how far reads are meanwhile.
func (l *Line) show(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = func(now time.Time) []string {
		if all := l.reading(now); len(all) > 0 && l.under() {
			return []string{text + " · " + all[0]}
		}
		return []string{text}
	}
	if l.Terminal || !l.shown {
		l.next = l.Clock()
	}
	l.shown = true
	l.due(l.Clock())
}

// under tells whether reads are under way.
func (l *Line) under() bool {
	for _, r := range l.reads {
		if r.done < r.all {
			return true
		}
	}
	return false
}

// begin starts the interval after which a line is due for the first time.
func (l *Line) begin(now time.Time) {
	if l.next = now; !l.Terminal {
		l.next = now.Add(l.Interval)
	}
}

func (l *Line) due(now time.Time) {
	if !now.Before(l.next) {
		l.draw(now)
	}
}

func (l *Line) draw(now time.Time) {
	lines := l.text(now)
	switch {
	case len(lines) == 0:
	case l.Terminal:
		l.rise()
		for i := range lines {
			lines[i] = cut(lines[i], l.width()-room)
		}
		l.print(eraseLine + strings.Join(lines, "\n"))
		l.drawn, l.next = len(lines), now.Add(redraw)
	default:
		l.print(strings.Join(lines, "\n") + "\n")
		l.next = now.Add(l.Interval)
	}
}

// room is left at the end of a line for what a terminal echoes of Ctrl-C: it must not run over.
const room = len("^C") + 1

// The ways about a terminal: to the beginning of the line and empty it, and one line up.
const (
	eraseLine = "\r\x1b[K"
	lineUp    = "\x1b[A"
)

// clear takes the lines off the terminal, so that whole lines can be written.
func (l *Line) clear() {
	l.rise()
	if l.drawn == 1 {
		l.print(eraseLine)
		l.drawn = 0
	}
}

// rise goes to the first of the lines and empties the others.
func (l *Line) rise() {
	for ; l.drawn > 1; l.drawn-- {
		l.print(eraseLine + lineUp)
	}
}

// print writes until writing fails. The ledger holds everything all the same.
func (l *Line) print(text string) {
	if l.failed == nil {
		_, l.failed = io.WriteString(l.err, text)
	}
}

// reading says how far the reads are, of each account where there are several.
func (l *Line) reading(now time.Time) []string {
	var all reads
	names := slices.Sorted(maps.Keys(l.reads))
	var each []string
	for _, name := range names {
		one := l.reads[name]
		all.done, all.all = all.done+one.done, all.all+one.all
		each = append(each, l.fitting(fmt.Sprintf("  %s %s", Escape(name), one), name, now)...)
	}
	switch text := "reading " + all.String(); {
	case all.all == 0:
		return nil
	case len(names) == 1:
		return l.fitting(text, names[0], now)
	default:
		return append([]string{text}, few(each)...)
	}
}

// String is done/all.
func (r reads) String() string { return grouped(r.done) + "/" + grouped(r.all) }

// fitting is an account's line with the time until which it waits for the rate limit, where it does,
// behind it or, where the screen is too narrow, below.
func (l *Line) fitting(text, account string, now time.Time) []string {
	until := l.waits[account]
	if !until.After(now) {
		return []string{text}
	}
	waiting := "waiting for the rate limit until " + until.In(refund.IST).Format(time.TimeOnly)
	if one := text + " · " + waiting; widthOf(one) <= l.width()-room {
		return []string{one}
	}
	return []string{text, "    " + waiting}
}

// few are as many lines as leave room on a screen for what stands above.
func few(lines []string) []string {
	const most = 8
	if len(lines) <= most {
		return lines
	}
	return append(lines[:most-1:most-1], fmt.Sprintf("  and %d more accounts", len(lines)-most+1))
}
