package cashfree

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

const longestWait = time.Minute

// advisedWait is how long a 429 asks us to wait, at most a minute. An answer without advice means
// the whole minute of the API's window.
func advisedWait(h http.Header, now time.Time) time.Duration {
	if wait := advice(h, now); wait > 0 {
		return wait
	}
	return longestWait
}

// advice reads x-ratelimit-retry, Retry-After and x-ratelimit-reset, in this order; 0 is none.
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

// number is a header that holds a whole number from 0 up.
func number(h http.Header, name string) (int, bool) {
	text := h.Get(name)
	if text == "" { // mostly: an error would be made for each
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	return n, err == nil && n >= 0
}

func isTrue(text string) bool { return strings.EqualFold(strings.TrimSpace(text), "true") }
