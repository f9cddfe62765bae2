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
	total  share             // empty before Begin and after End
	shares map[string]*share // by account
	doubts map[refund.Identity]apply.Event
	shown  map[refund.Identity]plan.Change // rows that are not sent, as the plan showed them
}

// share is how far the sending has come, for all refunds or for one account.
type share struct {
	total plan.Tally
	money plan.Tally // accepted by the API so far
	ended int
	pace  pace
}

// WatchText reports a run to people: progress and trouble on the line, the sums on out.
func WatchText(out io.Writer, l *Line) *Progress {
	return &Progress{Line: l, out: out, doubts: map[refund.Identity]apply.Event{}}
}

// Begin starts the count again: what recovery left in doubt does not belong to this run's refunds.
func (v *Progress) Begin(p *plan.Plan) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.Clock()
	v.total, v.shares, v.shown = share{pace: pace{start: now}}, map[string]*share{}, map[refund.Identity]plan.Change{}
	for _, c := range p.Changes {
		if c.Action != plan.Create {
			v.shown[c.ID] = c
		}
	}
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

// Observe counts, and prints what a person must see.
func (v *Progress) Observe(e apply.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.Clock()
	delete(v.doubts, e.ID)
	if e.Kind == apply.InDoubt {
		v.doubts[e.ID] = e
	}
	if _, shown := v.shown[e.ID]; !shown {
		v.total.count(e, now)
		if own := v.shares[e.AccountName]; own != nil {
			own.count(e, now)
		}
	}
	if note := v.note(e); note != "" {
		v.clear()
		v.print(v.wrapLine(note))
		if v.Terminal {
			v.next = now // show the line again at once
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

// wrapLine breaks a line between words to fit the screen.
func (l *Line) wrapLine(line string) string {
	var b strings.Builder
	p := newPrinter(&b, l.Style)
	p.wrapped(0, line)
	_ = p.Flush() // a Builder never fails
	return b.String()
}

// sending is what the terminal shows: the sum, and each account if there are several. The run takes as long
// as its slowest account.
func (v *Progress) sending(now time.Time) []string {
	names := slices.Sorted(maps.Keys(v.shares))
	if len(names) == 1 {
		return v.withWait(v.total.line(now, v.left(names[0], now)), names[0], now)
	}
	var longest time.Duration
	var each []string
	for _, name := range names {
		left := v.left(name, now)
		longest = max(longest, left)
		each = append(each, v.withWait("  "+Escape(name)+" "+v.shares[name].line(now, left), name, now)...)
	}
	return append([]string{v.total.line(now, longest)}, firstLines(each)...)
}

// line has the finished refunds, the money at the API, requests per minute, and the remaining time.
func (s *share) line(now time.Time, left time.Duration) string {
	money := s.money
	if money.Count == 0 {
		money = zeroOf(s.total)
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

// left is how long the rest of an account takes at the pace of the last minute, and at least until its wait
// is over; 0 if that is not known.
func (v *Progress) left(account string, now time.Time) time.Duration {
	s := v.shares[account]
	rate, rest := s.pace.perMinute(now), s.total.Count-s.ended
	if rate == 0 || rest <= 0 {
		return 0
	}
	return max(time.Duration(rest)*time.Minute/time.Duration(rate), v.waits[account].Sub(now))
}

// zeroOf is no money in the currencies of t.
func zeroOf(t plan.Tally) plan.Tally {
	var zero plan.Tally
	for _, a := range t.Amounts {
		a.Minor = 0
		zero.Add(a)
	}
	return zero
}

// pace counts the requests of the last minute.
type pace struct {
	start time.Time
	sent  []time.Time // in order
}

func (p *pace) add(now time.Time) { p.sent = append(p.sent, now) }

// perMinute is the number of requests in the last minute. During the first minute it is projected from the
// time so far, at least ten seconds.
func (p *pace) perMinute(now time.Time) int {
	i, _ := slices.BinarySearchFunc(p.sent, now.Add(-time.Minute), func(t, since time.Time) int { return t.Compare(since) })
	p.sent = p.sent[i:]
	span := min(time.Minute, max(10*time.Second, now.Sub(p.start)))
	return int(time.Duration(len(p.sent)) * time.Minute / span)
}
