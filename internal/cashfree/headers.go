package cashfree

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

const longestWait = time.Minute

// advisedWait returns how long a 429 asks the client to wait, at most a minute. Without such a header
// it is a minute, the window of the API's limits.
func advisedWait(h http.Header, now time.Time) time.Duration {
	if wait := advice(h, now); wait > 0 {
		return wait
	}
	return longestWait
}

// advice returns the wait in the first usable header of x-ratelimit-retry, Retry-After and
// x-ratelimit-reset, at most a minute; 0 if there is none.
func advice(h http.Header, now time.Time) time.Duration {
	for _, name := range []string{"X-Ratelimit-Retry", "Retry-After", "X-Ratelimit-Reset"} {
		if seconds, ok := number(h, name); ok && seconds > 0 {
			return time.Duration(min(seconds, 60)) * time.Second
		}
		if at, err := http.ParseTime(h.Get(name)); err == nil && at.After(now) {
			return min(at.Sub(now), longestWait)
		}
	}
	return 0
}

// number reads a header with a whole number that is not negative.
func number(h http.Header, name string) (int, bool) {
	text := h.Get(name)
	if text == "" { // the usual case, without the cost of an error
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	return n, err == nil && n >= 0
}

func isTrue(text string) bool { return strings.EqualFold(strings.TrimSpace(text), "true") }
