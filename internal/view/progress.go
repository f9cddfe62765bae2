package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/plan"
)

// WatchOptions says how people are told of a run. Terminal: the progress stands in one line that is
// rewritten in place; otherwise a line is written at most once an Interval, ten seconds if that is 0.
type WatchOptions struct {
	Style
	Terminal bool
	Clock    func() time.Time
	Interval time.Duration
}

// redraw is how often the line on a terminal changes at most.
const redraw = 100 * time.Millisecond

// Progress is the Watch for people.
type Progress struct {
	WatchOptions
	out io.Writer // of the sums

	mu     sync.Mutex
	err    io.Writer // of everything else
	failed error
	drawn  bool      // the line stands on the terminal
	next   time.Time // no progress is shown before
	pace   pace
	total  *plan.Tally // nil before Begin and after End
	ended  int
	money  plan.Tally // what the API holds by now
	doubts map[refund.Identity]apply.Event
}

// WatchText tells people of a run: progress and what needs a look on err, the sums on out.
func WatchText(out, err io.Writer, o WatchOptions) *Progress {
	o.Interval = cmp.Or(o.Interval, 10*time.Second)
	return &Progress{WatchOptions: o, out: out, err: err, doubts: map[refund.Identity]apply.Event{}}
}

// Begin starts the count anew: what recovery left in doubt is not of this run's refunds.
func (v *Progress) Begin(p *plan.Plan) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var total plan.Tally
	for _, c := range p.Rows(plan.Create) {
		_ = total.Add(c.Amount) // where the sum does not fit the line shows too little, and no more
	}
	if total.Count == 0 {
		return
	}
	now := v.Clock()
	v.total, v.pace, v.ended, v.money = &total, pace{start: now}, 0, plan.Tally{}
	if v.Terminal {
		v.draw(now)
	} else {
		v.next = now.Add(v.Interval)
	}
}

// Observe counts, and shows what is worth a look.
func (v *Progress) Observe(e apply.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.Clock()
	v.count(e, now)
	if note := v.note(e); note != "" {
		v.clear()
		v.print(v.broken(note))
		if v.Terminal {
			v.next = now // the line comes back at once
		}
	}
	if v.total != nil && !now.Before(v.next) {
		v.draw(now)
	}
}

func (v *Progress) count(e apply.Event, now time.Time) {
	delete(v.doubts, e.ID)
	if e.Kind == apply.InDoubt {
		v.doubts[e.ID] = e
	}
	switch e.Kind {
	case apply.Sending:
		v.pace.add(now)
	case apply.Sent, apply.AlreadyPresent:
		_ = v.money.Add(e.Amount) // at most the total, which fitted
		v.ended++
	case apply.Refused, apply.InDoubt, apply.NotSent:
		v.ended++
	}
}

func (v *Progress) draw(now time.Time) {
	line := v.line(now)
	if !v.Terminal {
		v.print(line + "\n")
		v.next = now.Add(v.Interval)
		return
	}
	v.print(eraseLine + cut(line, v.width()-1))
	v.drawn, v.next = true, now.Add(redraw)
}

// eraseLine goes to the beginning of a terminal's line and empties it.
const eraseLine = "\r\x1b[K"

// clear takes the line off the terminal, so that whole lines can be written.
func (v *Progress) clear() {
	if v.drawn {
		v.print(eraseLine)
		v.drawn = false
	}
}

// broken is a line that ends between words where the screen does.
func (v *Progress) broken(line string) string {
	var b strings.Builder
	p := newPrinter(&b, v.Style)
	p.wrapped(0, line)
	_ = p.Flush() // a Builder takes everything
	return b.String()
}

// print writes until writing fails. The ledger holds everything all the same.
func (v *Progress) print(text string) {
	if v.failed == nil {
		_, v.failed = io.WriteString(v.err, text)
	}
}

// line is what stands on the terminal: refunds that came to an end, money that the API holds,
// requests a minute, time to go.
func (v *Progress) line(now time.Time) string {
	money := v.money
	if money.Count == 0 {
		money = none(*v.total)
	}
	text := fmt.Sprintf("%d/%d · %s of %s", v.ended, v.total.Count, sums(money), sums(*v.total))
	rate, left := v.pace.perMinute(now), v.total.Count-v.ended
	if rate > 0 {
		text += fmt.Sprintf(" · %d req/min", rate)
	}
	if rate > 0 && left > 0 {
		text += " · eta " + wait(time.Duration(left)*time.Minute/time.Duration(rate))
	}
	return text
}

// none is no money in the currencies of t.
func none(t plan.Tally) plan.Tally {
	var zero plan.Tally
	for _, a := range t.Amounts {
		a.Minor = 0
		_ = zero.Add(a)
	}
	return zero
}

// cut keeps a line from running over into the next one.
func cut(line string, width int) string {
	if columnsOf(line) <= width {
		return line
	}
	return string([]rune(line)[:width-1]) + "…"
}

// pace counts requests over the last minute.
type pace struct {
	start time.Time
	sent  []time.Time // in order
}

func (p *pace) add(now time.Time) { p.sent = append(p.sent, now) }

// perMinute is the number of the last minute's requests. Before the first minute is over it is
// scaled up, from ten seconds at least.
func (p *pace) perMinute(now time.Time) int {
	i, _ := slices.BinarySearchFunc(p.sent, now.Add(-time.Minute), func(t, since time.Time) int { return t.Compare(since) })
	p.sent = p.sent[i:]
	span := min(time.Minute, max(10*time.Second, now.Sub(p.start)))
	return int(time.Duration(len(p.sent)) * time.Minute / span)
}
