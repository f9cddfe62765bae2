package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// answer is a response, without its headers.
type answer struct {
	status   int
	body     []byte
	html     bool
	location string
	retry    int  // seconds of x-ratelimit-retry
	replayed bool // from the store
	lost     bool // the connection is closed instead
	cut      int  // the connection is closed after this many bytes; 0 for never
}

// ok returns a 200 with value as JSON. It ends with a newline, as live answers may.
func ok(value any) answer {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return answer{status: http.StatusInternalServerError}
	}
	return answer{status: http.StatusOK, body: b.Bytes()}
}

// headers returns the headers of an answer.
func (c *call) headers(a answer) http.Header {
	h := http.Header{"Content-Type": {"application/json"}}
	if !c.flowwise {
		c.addCashfreeHeaders(h, a)
	}
	if a.html {
		h.Set("Content-Type", "text/html")
	}
	if a.location != "" {
		h.Set("Location", a.location)
	}
	return h
}

// addCashfreeHeaders adds the headers that only Cashfree sends. Flowwise documents none.
func (c *call) addCashfreeHeaders(h http.Header, a answer) {
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
