package view

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/plan"
)

// Progress is the Watch for people.
type Progress struct {
	*Line
	out    io.Writer         // of the sums
	total  share             // none before Begin and after End
	shares map[string]*share // by account
	doubts map[refund.Identity]apply.Event
}

// share is how far the sending is, of all refunds or of one account's.
type share struct {
	total plan.Tally
	money plan.Tally // what the API holds by now
	ended int
	pace  pace
}

// WatchText tells people of a run: progress and what needs a look on the line, the sums on out.
func WatchText(out io.Writer, l *Line) *Progress {
	return &Progress{Line: l, out: out, doubts: map[refund.Identity]apply.Event{}}
}

// Begin starts the count anew: what recovery left in doubt is not of this run's refunds.
func (v *Progress) Begin(p *plan.Plan) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.Clock()
	v.total, v.shares = share{pace: pace{start: now}}, map[string]*share{}
	for _, c := range p.Rows(plan.Create) {
		if v.shares[c.AccountName] == nil {
			v.shares[c.AccountName] = &share{pace: pace{start: now}}
		}
		v.total.total.Add(c.Amount)
		v.shares[c.AccountName].total.Add(c.Amount)
	}
	if v.total.total.Count == 0 {
		return
	}
	v.text = v.sending
	v.begin(now)
	if v.Terminal {
		v.draw(now)
	}
}

// Observe counts, and shows what is worth a look.
func (v *Progress) Observe(e apply.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.Clock()
	delete(v.doubts, e.ID)
	if e.Kind == apply.InDoubt {
		v.doubts[e.ID] = e
	}
	v.total.count(e, now)
	if own := v.shares[e.AccountName]; own != nil {
		own.count(e, now)
	}
	if note := v.note(e); note != "" {
		v.clear()
		v.print(v.broken(note))
		if v.Terminal {
			v.next = now // the line comes back at once
		}
	}
	if v.total.total.Count > 0 {
		v.due(now)
	}
}

func (s *share) count(e apply.Event, now time.Time) {
	switch e.Kind {
	case apply.Sending:
		s.pace.add(now)
	case apply.Sent, apply.AlreadyPresent:
		s.money.Add(e.Amount)
		s.ended++
	case apply.Refused, apply.InDoubt, apply.NotSent:
		s.ended++
	}
}

// broken is a line that ends between words where the screen does.
func (l *Line) broken(line string) string {
	var b strings.Builder
	p := newPrinter(&b, l.Style)
	p.wrapped(0, line)
	_ = p.Flush() // a Builder takes everything
	return b.String()
}

// sending is what stands on the terminal: of all, and of each account where there are several. All
// are done when the slowest account is.
func (v *Progress) sending(now time.Time) []string {
	names := slices.Sorted(maps.Keys(v.shares))
	if len(names) == 1 {
		return v.fitting(v.total.line(now, v.left(names[0], now)), names[0], now)
	}
	var longest time.Duration
	var each []string
	for _, name := range names {
		left := v.left(name, now)
		longest = max(longest, left)
		each = append(each, v.fitting("  "+Escape(name)+" "+v.shares[name].line(now, left), name, now)...)
	}
	return append([]string{v.total.line(now, longest)}, few(each)...)
}

// line has the refunds that came to an end, money that the API holds, requests a minute, time to go.
func (s *share) line(now time.Time, left time.Duration) string {
	money := s.money
	if money.Count == 0 {
		money = none(s.total)
	}
	text := fmt.Sprintf("%s/%s · %s of %s", grouped(s.ended), grouped(s.total.Count), sums(money), sums(s.total))
	if rate := s.pace.perMinute(now); rate > 0 {
		text += fmt.Sprintf(" · %s req/min", grouped(rate))
	}
	if left > 0 {
		text += " · eta " + wait(left)
	}
	return text
}

// left is how long the rest of an account takes at the pace of the last minute, and as long as it has
// to wait at least; 0 where nobody can say.
func (v *Progress) left(account string, now time.Time) time.Duration {
	s := v.shares[account]
	rate, rest := s.pace.perMinute(now), s.total.Count-s.ended
	if rate == 0 || rest <= 0 {
		return 0
	}
	return max(time.Duration(rest)*time.Minute/time.Duration(rate), v.waits[account].Sub(now))
}

// none is no money in the currencies of t.
func none(t plan.Tally) plan.Tally {
	var zero plan.Tally
	for _, a := range t.Amounts {
		a.Minor = 0
		zero.Add(a)
	}
	return zero
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
