package view

import (
	"cmp"
	"fmt"
	"io"
	"sync"
	"time"
)

// Reading tells people how far many reads have come, as WatchOptions say. It is safe for concurrent
// use, and falls silent when its writer fails.
type Reading struct {
	WatchOptions
	mu          sync.Mutex
	out         io.Writer
	total, done int
	start, next time.Time
	drawn       bool
	failed      error
}

// patience is how long nothing is told on a terminal: most reads are over by then.
const patience = time.Second

// ReadingText begins with a line where the API's limits make the reads take a minute at least.
func ReadingText(out io.Writer, total int, least time.Duration, o WatchOptions) *Reading {
	o.Interval = cmp.Or(o.Interval, 10*time.Second)
	now := o.Clock()
	v := &Reading{WatchOptions: o, out: out, total: total, start: now, next: now.Add(o.Interval)}
	if o.Terminal {
		v.next = now.Add(patience)
	}
	if least >= time.Minute {
		p := newPrinter(out, o.Style)
		p.wrapped(0, "Reading "+count(total, "parent")+", oldest first: the API's limits make that "+wait(least)+" at least.")
		v.failed = p.Flush()
	}
	return v
}

// Step counts one read more.
func (v *Reading) Step() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.done++
	now := v.Clock()
	if now.Before(v.next) || v.done == v.total {
		return
	}
	line := fmt.Sprintf("%d/%d read", v.done, v.total)
	if took := now.Sub(v.start); took > patience {
		line += " · eta " + wait(took/time.Duration(v.done)*time.Duration(v.total-v.done))
	}
	if v.Terminal {
		v.print(eraseLine + cut(line, v.width()-1))
		v.drawn, v.next = true, now.Add(redraw)
		return
	}
	v.print(line + "\n")
	v.next = now.Add(v.Interval)
}

// End takes the line off the terminal.
func (v *Reading) End() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.drawn {
		v.print(eraseLine)
		v.drawn = false
	}
}

func (v *Reading) print(text string) {
	if v.failed == nil {
		_, v.failed = io.WriteString(v.out, text)
	}
}
