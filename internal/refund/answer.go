package refund

import (
	"errors"
	"fmt"
	"time"
)

// Answer is what came of one try (one POST), before anybody judged it.
type Answer struct {
	HTTP      int    // the status; 0 where no complete answer came
	Replayed  bool   // x-idempotency-replayed: true
	Code      string // of the API's error body
	Type      string
	Message   string // of the API's error body, trimmed, bounded, without secrets
	Ambiguous bool   // the body says two things, so that its words count for nothing
	Live      *Live  // the refund of a 200 that could be read; nil otherwise
	NotSent   bool   // the request certainly did not leave: refused connection, unknown name, TLS failure
	Cause     string // what went wrong below HTTP or in reading the body, without secrets
	Wait      time.Duration
	EndedAt   time.Time // when the answer, or its absence, was known; with the monotonic clock
}

// ReadClass says why a read gave nothing.
type ReadClass string

// NotFound is the API's 404 (or a 400 whose code says not found): what was asked for is not known.
// NoParent is one about the parent of the refund that was asked for. Refusal is any other 4xx. Throttled and Unreachable were retried until the bound.
// Unreadable is a 200 that does not hold what it should.
const (
	NotFound    ReadClass = "not_found"
	NoParent    ReadClass = "no_parent"
	Credentials ReadClass = "credentials"
	Refusal     ReadClass = "refusal"
	Throttled   ReadClass = "throttled"
	Unreachable ReadClass = "unreachable"
	Unreadable  ReadClass = "unreadable"
)

// ReadError is the error of every read of the API that did not end in a good answer. Its texts
// are bounded and hold no secret.
type ReadError struct {
	Class   ReadClass
	HTTP    int
	Code    string
	Message string
}

// Error is the class, the status and the message, as far as they are known.
func (e *ReadError) Error() string {
	text := string(e.Class)
	if e.HTTP != 0 {
		text = fmt.Sprintf("%s (HTTP %d)", text, e.HTTP)
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// ReadClassOf is the class of a read's error, or empty where it is none (a cancelled context, say).
func ReadClassOf(err error) ReadClass {
	var e *ReadError
	if errors.As(err, &e) {
		return e.Class
	}
	return ""
}
