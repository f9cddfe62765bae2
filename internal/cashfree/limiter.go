package cashfree

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// class is a group of calls that share one of the API's rate limits.
type class int

const (
	create class = iota
	refunds
	order
	payments
	classes
)

// window is the server's minute plus a second, because requests take different times to arrive: one
// may arrive late, and the one a window later early.
const window = 61 * time.Second

// limiter keeps each class below its limit with a sliding window over the requests sent, as the API
// counts them. A token bucket would allow bursts that the API refuses.
type limiter struct{ lanes [classes]*lane }

// lane is the window of one class. The holder of the baton sends next; the others queue for it in the
// order in which they came.
type lane struct {
	clock    func() time.Time
	notify   func(until time.Time) // Options.Waiting
	jitter   func(time.Duration) time.Duration
	ceiling  int // the user's limit; 0 means none
	headroom int // percent
	baton    chan struct{}
	changed  chan struct{} // receives after each answer, which may have changed the wait

	mu      sync.Mutex
	limit   int         // the API's: documented, then from the headers; 0 means unknown
	waiting int         // callers in the queue
	sent    []time.Time // within the window, oldest first
	others  int         // requests of other systems in the server's window, as of counted
	counted time.Time
	closed  time.Time // after a 429, no request before this time
}

func newLimiter(o Options) *limiter {
	l := &limiter{}
	documented, ceilings := o.Documented.byClass(), o.RequestsPerMinute.byClass()
	for i := range l.lanes {
		l.lanes[i] = &lane{
			clock: o.Clock, notify: o.Waiting, jitter: o.Jitter, limit: documented[i], ceiling: ceilings[i],
			headroom: min(max(o.Headroom, 0), 99),
			baton:    make(chan struct{}, 1), changed: make(chan struct{}, 1),
		}
	}
	return l
}

func (r Rates) byClass() [classes]int {
	return [classes]int{create: r.Create, refunds: r.Refund, order: r.Order, payments: r.Payments}
}

func (l *limiter) allowed() Rates {
	var n [classes]int
	for i, lane := range l.lanes {
		lane.mu.Lock()
		n[i] = lane.allowed()
		lane.mu.Unlock()
	}
	return Rates{Create: n[create], Refund: n[refunds], Order: n[order], Payments: n[payments]}
}

func (l *limiter) turn(ctx context.Context, c class) error { return l.lanes[c].turn(ctx) }

func (l *lane) turn(ctx context.Context) error {
	err := ctx.Err()
	if err == nil && !l.reserveNow() {
		err = l.queue(ctx)
	}
	if err != nil {
		return fmt.Errorf("waiting for the rate limit: %w", err)
	}
	return nil
}

// reserveNow reserves a place if one is free and nobody waits for it. Otherwise it counts the caller as
// waiting. It saves most requests the baton, which costs a goroutine switch each.
func (l *lane) reserveNow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting == 0 && l.reserve() <= 0 {
		return true
	}
	l.waiting++
	return false
}

func (l *lane) queue(ctx context.Context) error {
	defer l.leave()
	select {
	case l.baton <- struct{}{}:
		defer func() { <-l.baton }()
	case <-ctx.Done():
		return ctx.Err()
	}
	var notified time.Time
	for {
		wait := l.next()
		if wait <= 0 {
			return nil
		}
		if until := l.clock().Add(wait); !until.Equal(notified) {
			notified = until
			l.notify(until)
		}
		select {
		case <-time.After(wait):
		case <-l.changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (l *lane) leave() {
	l.mu.Lock()
	l.waiting--
	l.mu.Unlock()
}

func (l *lane) next() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reserve()
}

// reserve takes a place in the window and returns 0, or returns how long to wait before asking again.
func (l *lane) reserve() time.Duration {
	now := l.clock()
	for len(l.sent) > 0 && now.Sub(l.sent[0]) >= window {
		l.sent = l.sent[1:]
	}
	if wait := max(l.closed.Sub(now), l.untilFree(now)); wait > 0 {
		return wait
	}
	l.sent = append(l.sent, now)
	return 0
}

// untilFree returns how long the window stays full. Other systems are assumed to go on as last seen
// for one window; each answer counts their requests anew.
func (l *lane) untilFree(now time.Time) time.Duration {
	most := l.allowed()
	seen := l.counted.Add(window).Sub(now)
	if room := l.limit - l.others - 1; l.others > 0 && seen > 0 && room < most {
		most = room
		if room <= 0 {
			return seen
		}
	}
	if most == 0 || len(l.sent) < most {
		return 0
	}
	return l.sent[len(l.sent)-most].Add(window).Sub(now)
}

// allowed returns how many requests of ours the window may contain; 0 means no known limit.
func (l *lane) allowed() int {
	if l.limit == 0 {
		return l.ceiling
	}
	most := max(1, l.limit*(100-l.headroom)/100)
	if l.ceiling > 0 {
		most = min(most, l.ceiling)
	}
	return most
}

// learn updates the lane of a class from the headers of an answer. Without a header nothing changes.
func (l *limiter) learn(c class, status int, h http.Header) {
	lane := l.lanes[c]
	lane.mu.Lock()
	lane.read(status, h, lane.clock())
	lane.mu.Unlock()
	select {
	case lane.changed <- struct{}{}:
	default:
	}
}

func (l *lane) read(status int, h http.Header, now time.Time) {
	const most = 1_000_000 // a header beyond this is nonsense
	if limit, ok := number(h, "X-Ratelimit-Limit"); ok && 0 < limit && limit <= most {
		l.limit = limit
	}
	if status == http.StatusTooManyRequests {
		wait := advisedWait(h, now)
		if until := now.Add(wait + l.jitter(time.Second+wait/10)); until.After(l.closed) {
			l.closed = until
		}
		return // its remaining is 0, which says nothing about other systems
	}
	if left, ok := number(h, "X-Ratelimit-Remaining"); ok && l.limit > 0 {
		// A lower bound: some of our requests have not arrived yet, or have left the server's window.
		if others := max(0, l.limit-left-len(l.sent)); others >= l.others || now.Sub(l.counted) >= window {
			l.others, l.counted = others, now
		}
	}
}
