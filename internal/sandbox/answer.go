package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// answer is what goes back, before headers.
type answer struct {
	status   int
	body     []byte
	html     bool
	location string
	retry    int  // seconds of x-ratelimit-retry
	replayed bool // from the store
	lost     bool // the connection closes instead
	cut      int  // the connection closes after so many bytes; 0: it does not
}

// ok is a 200 with this value as JSON. Answers end with a newline, as the live ones may.
func ok(value any) answer {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return answer{status: http.StatusInternalServerError}
	}
	return answer{status: http.StatusOK, body: b.Bytes()}
}

// headers are on every answer.
func (c *call) headers(a answer) http.Header {
	h := http.Header{"Content-Type": {"application/json"}}
	if !c.router {
		c.addTold(h, a)
	}
	if a.html {
		h.Set("Content-Type", "text/html")
	}
	if a.location != "" {
		h.Set("Location", a.location)
	}
	return h
}

// addTold adds what only Cashfree tells in headers; Flowwise documents none.
func (c *call) addTold(h http.Header, a answer) {
	h.Set("X-Api-Version", c.version)
	h.Set("X-Request-Id", c.header.Get("X-Request-Id"))
	h.Set("X-Ratelimit-Limit", strconv.Itoa(c.quota.limit))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(c.quota.remaining))
	h.Set("X-Ratelimit-Retry", strconv.Itoa(max(c.quota.retry, a.retry)))
	h.Set("X-Ratelimit-Type", "app_id")
	if c.method == http.MethodPost {
		h.Set("X-Idempotency-Key", c.header.Get("X-Idempotency-Key"))
		h.Set("X-Idempotency-Replayed", strconv.FormatBool(a.replayed))
	}
}
