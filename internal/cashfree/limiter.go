package cashfree

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// class is a group of calls that the API counts together.
type class int

const (
	create class = iota
	refunds
	order
	payments
	classes
)

// window is the server's minute, and a second more for the differences in how long requests
// travel: a request may arrive late and the one a window later early.
const window = 61 * time.Second

// limiter keeps each class below the API's limit with a sliding window of what was sent, which is
// how the API counts. A bucket of tokens would let a burst pass that the API refuses.
type limiter struct{ lanes [classes]*lane }

// lane is the window of one class. Whoever holds the baton is the next to go; the others queue
// for it in the order in which they came.
type lane struct {
	clock    func() time.Time
	tell     func(until time.Time) // that requests have to wait
	jitter   func(time.Duration) time.Duration
	ceiling  int // the user's bound, 0: none
	headroom int
	baton    chan struct{}
	changed  chan struct{} // an answer changed what follows

	mu      sync.Mutex
	limit   int         // documented, later as told by the headers; 0: none known
	waiting int         // who found no place at once
	sent    []time.Time // within the window, oldest first
	others  int         // requests in the server's window that are not ours, as of counted
	counted time.Time
	closed  time.Time // a 429 closed the class until then
}

func newLimiter(o Options) *limiter {
	l := &limiter{}
	documented, ceilings := o.Documented.byClass(), o.RequestsPerMinute.byClass()
	for i := range l.lanes {
		l.lanes[i] = &lane{
			clock: o.Clock, tell: o.Waiting, jitter: o.Jitter, limit: documented[i], ceiling: ceilings[i],
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
		n[i] = lane.most()
		lane.mu.Unlock()
	}
	return Rates{Create: n[create], Refund: n[refunds], Order: n[order], Payments: n[payments]}
}

func (l *limiter) turn(ctx context.Context, c class) error { return l.lanes[c].turn(ctx) }

func (l *lane) turn(ctx context.Context) error {
	err := ctx.Err()
	if err == nil && !l.free() {
		err = l.queue(ctx)
	}
	if err != nil {
		return fmt.Errorf("waiting for the rate limit: %w", err)
	}
	return nil
}

// free books a place where there is one and nobody waits for it. Without it every request would
// pass the baton on, which costs a change of goroutines each.
func (l *lane) free() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting == 0 && l.book() <= 0 {
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
	var told time.Time
	for {
		wait := l.next()
		if wait <= 0 {
			return nil
		}
		if until := l.clock().Add(wait); !until.Equal(told) {
			told = until
			l.tell(until)
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
	return l.book()
}

// book books a place for now and returns 0, or returns how long to wait before asking again.
func (l *lane) book() time.Duration {
	now := l.clock()
	for len(l.sent) > 0 && now.Sub(l.sent[0]) >= window {
		l.sent = l.sent[1:]
	}
	if wait := max(l.closed.Sub(now), l.full(now)); wait > 0 {
		return wait
	}
	l.sent = append(l.sent, now)
	return 0
}

// full is how long until our requests in the window are fewer than may be there. What others
// were seen to send is taken to go on for a window: each of our answers counts them anew.
func (l *lane) full(now time.Time) time.Duration {
	most := l.most()
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

// most is how many requests we may have in the window; 0 is no known limit.
func (l *lane) most() int {
	if l.limit == 0 {
		return l.ceiling
	}
	most := max(1, l.limit*(100-l.headroom)/100)
	if l.ceiling > 0 {
		most = min(most, l.ceiling)
	}
	return most
}

// learn takes from an answer what the server says of the class. What it does not say stays as it was.
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
	const most = 1_000_000 // beyond this a header is nonsense
	if limit, ok := number(h, "X-Ratelimit-Limit"); ok && 0 < limit && limit <= most {
		l.limit = limit
	}
	if status == http.StatusTooManyRequests {
		wait := advisedWait(h, now)
		if until := now.Add(wait + l.jitter(time.Second+wait/10)); until.After(l.closed) {
			l.closed = until
		}
		return // that nothing remains goes without saying, and how long to wait was said
	}
	if left, ok := number(h, "X-Ratelimit-Remaining"); ok && l.limit > 0 {
		// At least so many: some of what we sent is still on its way, or has left the server's window.
		if others := max(0, l.limit-left-len(l.sent)); others >= l.others || now.Sub(l.counted) >= window {
			l.others, l.counted = others, now
		}
	}
}
