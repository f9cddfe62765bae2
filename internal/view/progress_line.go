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

// WatchOptions controls progress for people. On a Terminal the progress is in lines that are rewritten in
// place; elsewhere a line is printed once per Interval, which is ten seconds if it is 0.
type WatchOptions struct {
	Style
	Terminal bool
	Clock    func() time.Time
	Interval time.Duration
}

// redraw is the shortest time between two changes of the lines on a terminal.
const redraw = 100 * time.Millisecond

// Line is the progress of a command, below everything else on the terminal. It shows how many reads are done
// until a run has more to show. It stops writing when its writer fails, and is safe for concurrent use.
type Line struct {
	WatchOptions

	mu     sync.Mutex
	err    io.Writer
	failed error
	drawn  int       // lines on the terminal now
	next   time.Time // show nothing before this time
	text   func(now time.Time) []string
	shown  bool             // something was shown
	reads  map[string]reads // by account
	waits  map[string]time.Time
}

type reads struct{ done, all int }

// NewLine shows progress on err.
func NewLine(err io.Writer, o WatchOptions) *Line {
	o.Interval = cmp.Or(o.Interval, 10*time.Second)
	l := &Line{WatchOptions: o, err: err, waits: map[string]time.Time{}}
	l.text = l.reading
	return l
}

// Over returns a writer to w that removes the line before each write.
func (l *Line) Over(w io.Writer) io.Writer { return over{w, l} }

type over struct {
	io.Writer
	line *Line
}

// Write removes the line first.
func (o over) Write(p []byte) (int, error) {
	o.line.Clear()
	return o.Writer.Write(p)
}

// Clear removes the line from the terminal until something is shown again.
func (l *Line) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clear()
}

// Read shows how many reads of an account are done. It is a plan.Progress.
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

// Wait shows that an account waits for the rate limit. It prints a long wait at once, even where lines are
// rare.
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

// show sets the text of the line; how many reads are done follows it.
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

// under reports whether reads are in progress.
func (l *Line) under() bool {
	for _, r := range l.reads {
		if r.done < r.all {
			return true
		}
	}
	return false
}

// begin starts the interval before the first line.
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
		l.toFirst()
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

// room is left at the end of a line for the ^C that a terminal echoes, so that the line does not wrap.
const room = len("^C") + 1

// Cursor movements: to the start of the line and erase it, and one line up.
const (
	eraseLine = "\r\x1b[K"
	lineUp    = "\x1b[A"
)

// clear removes the lines from the terminal, so that whole lines can be printed.
func (l *Line) clear() {
	l.toFirst()
	if l.drawn == 1 {
		l.print(eraseLine)
		l.drawn = 0
	}
}

// toFirst moves to the first of the lines and erases the others.
func (l *Line) toFirst() {
	for ; l.drawn > 1; l.drawn-- {
		l.print(eraseLine + lineUp)
	}
}

// print writes until a write fails. The ledger has everything anyway.
func (l *Line) print(text string) {
	if l.failed == nil {
		_, l.failed = io.WriteString(l.err, text)
	}
}

// reading says how many reads are done, for each account if there are several.
func (l *Line) reading(now time.Time) []string {
	var all reads
	names := slices.Sorted(maps.Keys(l.reads))
	var each []string
	for _, name := range names {
		one := l.reads[name]
		all.done, all.all = all.done+one.done, all.all+one.all
		each = append(each, l.withWait(fmt.Sprintf("  %s %s", Escape(name), one), name, now)...)
	}
	switch text := "reading " + all.String(); {
	case all.all == 0:
		return nil
	case len(names) == 1:
		return l.withWait(text, names[0], now)
	default:
		return append([]string{text}, firstLines(each)...)
	}
}

// String is done/all.
func (r reads) String() string { return grouped(r.done) + "/" + grouped(r.all) }

// withWait is an account's line with the time until which it waits for the rate limit. On a narrow screen
// the time is on the next line.
func (l *Line) withWait(text, account string, now time.Time) []string {
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

// firstLines keeps as many lines as leave room on a screen for what is above.
func firstLines(lines []string) []string {
	const most = 8
	if len(lines) <= most {
		return lines
	}
	return append(lines[:most-1:most-1], fmt.Sprintf("  and %d more accounts", len(lines)-most+1))
}
