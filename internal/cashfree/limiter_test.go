package cashfree

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// model is a server that counts like the API: the requests of the last 60 seconds, with a 429 for each
// beyond the limit. Requests and answers take up to 400 ms.
type model struct {
	mu      sync.Mutex
	random  *rand.Rand
	limit   int
	seen    []time.Time // accepted requests, ours and those of others
	ours    []time.Time
	refused int
}

func newModel(limit int) *model { return &model{random: rand.New(rand.NewPCG(1, 2)), limit: limit} }

func (m *model) travel() <-chan time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.After(time.Duration(m.random.Int64N(int64(400 * time.Millisecond))))
}

// accept counts a request that arrives now.
func (m *model) accept() (ok bool, left int, retry int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for len(m.seen) > 0 && now.Sub(m.seen[0]) >= time.Minute {
		m.seen = m.seen[1:]
	}
	if len(m.seen) >= m.limit {
		return false, 0, int(m.seen[0].Add(time.Minute).Sub(now)/time.Second) + 1
	}
	m.seen = append(m.seen, now)
	return true, m.limit - len(m.seen), 0
}

func (m *model) RoundTrip(r *http.Request) (*http.Response, error) {
	<-m.travel()
	ok, left, retry := m.accept()
	m.mu.Lock()
	status := 200
	if ok {
		m.ours = append(m.ours, time.Now())
	} else {
		m.refused++
		status = 429
	}
	m.mu.Unlock()
	<-m.travel()
	h := http.Header{}
	h.Set("X-Ratelimit-Limit", strconv.Itoa(m.limit))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(left))
	h.Set("X-Ratelimit-Retry", strconv.Itoa(retry))
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader("[]")), ContentLength: -1}, nil
}

// busiest returns the largest number of our requests in any minute.
func (m *model) busiest() int {
	most := 0
	for i := range m.ours {
		j := i
		for j < len(m.ours) && m.ours[j].Sub(m.ours[i]) < time.Minute {
			j++
		}
		most = max(most, j-i)
	}
	return most
}

// drive lists refunds with eight workers for this long.
func drive(t *testing.T, o Options, m *model, length time.Duration) {
	t.Helper()
	o.BaseURL, o.Transport = "https://h/pg", m
	c := newClient(t, o)
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for ctx.Err() == nil {
				c.Refunds(ctx, orderNine)
			}
		})
	}
	workers.Wait()
}

func TestLimiter_UsesTheWholeLimitAndIsNeverThrottled(t *testing.T) {
	for name, tc := range map[string]struct {
		limit, documented, ceiling, headroom, may int
	}{
		"from headers":          {30, 0, 0, -1, 30},
		"documented":            {100, 100, 0, -1, 100},
		"documented too high":   {30, 100, 0, 20, 24},
		"documented too low":    {100, 30, 0, 0, 80},
		"the user's bound":      {400, 30, 50, 20, 50},
		"a bound above the API": {30, 30, 1000, 20, 24},
		"one a minute":          {1, 1, 0, 50, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, m := options(""), newModel(tc.limit)
				o.Documented.Refund, o.RequestsPerMinute.Refund, o.Headroom = tc.documented, tc.ceiling, tc.headroom
				const minutes = 20
				drive(t, o, m, minutes*time.Minute)
				t.Logf("%d requests in %d minutes of %d a minute, %d refused, busiest minute %d", len(m.ours), minutes, tc.may, m.refused, m.busiest())
				if tc.documented <= tc.limit && m.refused != 0 {
					t.Errorf("%d were refused", m.refused)
				}
				if len(m.ours)*100 < 90*minutes*tc.may {
					t.Errorf("%d requests use less than nine tenths of %d", len(m.ours), minutes*tc.may)
				}
				// The first burst leaves before any header has arrived.
				if m.busiest() > max(tc.may, 8) && tc.documented <= tc.limit {
					t.Errorf("%d in a minute, but only %d are allowed", m.busiest(), tc.may)
				}
			})
		})
	}
}

func TestLimiter_LeavesHeadroomToOtherSystems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModel(100)
		others := crowd(t, m, 4*time.Second) // 15 a minute
		o := options("")
		o.Documented.Refund, o.Headroom = 100, 20
		drive(t, o, m, 20*time.Minute)
		if m.refused != 0 || others() != 0 {
			t.Errorf("%d of ours and %d of theirs were refused", m.refused, others())
		}
		if len(m.ours)*100 < 90*20*80 {
			t.Errorf("%d requests use less than nine tenths of the 80 a minute that are ours", len(m.ours))
		}
	})
}

func TestLimiter_UsesOnlyWhatBusySystemsLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModel(100)
		others := crowd(t, m, 750*time.Millisecond) // 80 a minute, before we start
		<-time.After(time.Minute)
		o := options("")
		o.Documented.Refund, o.Headroom = 100, 20
		drive(t, o, m, 20*time.Minute)
		t.Logf("ours %d, refused %d; %d of theirs refused", len(m.ours), m.refused, others())
		if len(m.ours)*100 < 90*20*20 {
			t.Errorf("%d requests use less than nine tenths of the 20 a minute that were left", len(m.ours))
		}
		if m.refused*20 > len(m.ours) {
			t.Errorf("%d of %d requests were refused", m.refused, m.refused+len(m.ours))
		}
	})
}

// crowd sends the requests of other systems until the test ends. It returns a function that counts the refused.
func crowd(t *testing.T, m *model, every time.Duration) func() int {
	t.Helper()
	refused := 0
	ticker := time.NewTicker(every)
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	go func() {
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
			}
			if ok, _, _ := m.accept(); !ok {
				m.mu.Lock()
				refused++
				m.mu.Unlock()
			}
		}
	}()
	return func() int { m.mu.Lock(); defer m.mu.Unlock(); return refused }
}

func newLane(o Options) (*limiter, *lane) {
	l := newLimiter(withDefaults(o))
	return l, l.lanes[create]
}

func TestLimiter_FirstRequestsDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options("")
		o.Documented.Create = 30
		l, _ := newLane(o)
		start := time.Now()
		for range 30 {
			if err := l.turn(t.Context(), create); err != nil {
				t.Fatal(err)
			}
		}
		if time.Since(start) != 0 {
			t.Errorf("30 turns took %s", time.Since(start))
		}
		if err := l.turn(t.Context(), create); err != nil || time.Since(start) != window {
			t.Errorf("the 31st came after %s (%v)", time.Since(start), err)
		}
	})
}

func TestLimiter_FirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options("")
		o.RequestsPerMinute.Create = 1
		l, _ := newLane(o)
		var mu sync.Mutex
		var order []int
		for i := range 6 {
			go func() {
				if l.turn(t.Context(), create) == nil {
					mu.Lock()
					order = append(order, i)
					mu.Unlock()
				}
			}()
			synctest.Wait()
		}
		<-time.After(6 * window)
		mu.Lock()
		defer mu.Unlock()
		if diff := cmp.Diff([]int{0, 1, 2, 3, 4, 5}, order); diff != "" {
			t.Error(diff)
		}
	})
}

// A place that becomes free belongs to the waiter, even before it has woken up.
func TestLimiter_NewcomersDoNotOvertake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Int64
		o := options("")
		o.RequestsPerMinute.Create = 1
		o.Clock = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		l, _ := newLane(o)
		turns := make(chan string, 3)
		for _, name := range []string{"first", "waiting", "newcomer"} {
			go func() {
				if l.turn(t.Context(), create) == nil {
					turns <- name
				}
			}()
			synctest.Wait()
			if name == "waiting" {
				ahead.Store(int64(window))
			}
		}
		for _, want := range []string{"first", "waiting", "newcomer"} {
			if got := <-turns; got != want {
				t.Errorf("%s went before %s", got, want)
			}
		}
	})
}

func TestLimiter_CancelledWaitersLeaveTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options("")
		o.RequestsPerMinute.Create = 1
		l, lane := newLane(o)
		if err := l.turn(t.Context(), create); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error, 2)
		for range 2 { // the first waits for the window, the second behind it
			go func() { left <- l.turn(ctx, create) }()
			synctest.Wait()
		}
		start := time.Now()
		stays := make(chan error, 1)
		go func() { stays <- l.turn(t.Context(), create) }()
		synctest.Wait()
		cancel()
		for range 2 {
			if err := <-left; !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		}
		if time.Since(start) != 0 {
			t.Errorf("leaving took %s", time.Since(start))
		}
		if err := <-stays; err != nil || time.Since(start) != window || len(lane.sent) != 1 {
			t.Errorf("the one that stayed: %v after %s, %d in the window", err, time.Since(start), len(lane.sent))
		}
		if err := l.turn(ctx, create); !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled context: %v", err)
		}
	})
}

func TestLimiter_A429ClosesOnlyItsClass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options("")
		o.Jitter = func(most time.Duration) time.Duration { return most }
		l, _ := newLane(o)
		h := http.Header{}
		h.Set("X-Ratelimit-Retry", "20")
		start := time.Now()
		l.learn(create, 429, h)
		h.Set("X-Ratelimit-Retry", "5") // a later, shorter wait does not open it earlier
		l.learn(create, 429, h)
		if err := l.turn(t.Context(), refunds); err != nil || time.Since(start) != 0 {
			t.Errorf("reads waited %s (%v)", time.Since(start), err)
		}
		if err := l.turn(t.Context(), create); err != nil || time.Since(start) != 23*time.Second {
			t.Errorf("creates waited %s (%v), not 20s and the jitter of 3s", time.Since(start), err)
		}
	})
}

func TestLimiter_AHigherLimitWakesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options("")
		o.Documented.Create = 1
		l, _ := newLane(o)
		l.turn(t.Context(), create)
		start := time.Now()
		done := make(chan error, 1)
		go func() { done <- l.turn(t.Context(), create) }()
		<-time.After(time.Second)
		h := http.Header{}
		h.Set("X-Ratelimit-Limit", "100")
		l.learn(create, 200, h)
		if err := <-done; err != nil || time.Since(start) != time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}

func TestAllowed_CombinesDocumentedHeaderAndUserLimits(t *testing.T) {
	for name, tc := range map[string]struct {
		documented, ceiling, headroom int
		limit                         string
		want                          int
	}{
		"nothing known":       {0, 0, 0, "", 0},
		"documented":          {100, 0, 0, "", 80},
		"header lower":        {100, 0, 0, "50", 40},
		"header higher":       {30, 0, 0, "100", 80},
		"bound":               {100, 10, 0, "400", 10},
		"bound alone":         {0, 10, 0, "", 10},
		"bound above":         {100, 1000, 0, "", 80},
		"no headroom":         {100, 0, -1, "", 100},
		"never nothing":       {1, 0, 90, "", 1},
		"nonsense":            {100, 0, 0, "0", 80},
		"nonsense, too large": {100, 0, 0, "99999999999", 80},
		"headroom of all":     {100, 0, 100, "", 1},
	} {
		o := options("https://h/pg")
		o.Documented.Payments, o.RequestsPerMinute.Payments, o.Headroom = tc.documented, tc.ceiling, tc.headroom
		c := newClient(t, o)
		h := http.Header{}
		h.Set("X-Ratelimit-Limit", tc.limit)
		c.limits.learn(payments, 200, h)
		if got := c.Allowed(); got != (Rates{Payments: tc.want}) {
			t.Errorf("%s: %+v, want %d", name, got, tc.want)
		}
	}
}

func TestLimiter_ReportsHowLongRequestsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, m := options(""), newModel(100)
		var waits []time.Time
		o.RequestsPerMinute.Refund, o.BaseURL, o.Transport = 2, "https://h/pg", m
		o.Waiting = func(until time.Time) { waits = append(waits, until) }
		c, first := newClient(t, o), time.Now()
		for range 3 {
			c.Refunds(t.Context(), orderNine)
		}
		if len(waits) != 1 || !waits[0].Equal(first.Add(window)) {
			t.Errorf("reported %v, but the third may go at %v", waits, first.Add(window))
		}
	})
}
