package refund

import (
	"errors"
	"fmt"
	"time"
)

// Answer is the result of one try (one POST), before it is classified.
type Answer struct {
	HTTP      int    // the status; 0 if no complete answer arrived
	Replayed  bool   // x-idempotency-replayed: true
	Code      string // from the API's error body
	Type      string
	Message   string // from the API's error body: trimmed, bounded, without secrets
	Ambiguous bool   // the body contradicts itself: its text does not count
	Live      *Live  // the refund in a readable 200; nil otherwise
	NotSent   bool   // the request certainly did not leave: connection refused, unknown host, TLS failure
	Cause     string // what failed below HTTP or while reading the body; without secrets
	Wait      time.Duration
	EndedAt   time.Time // when the answer arrived or failed, with the monotonic clock
}

// ReadClass says why a read failed.
type ReadClass string

// NotFound is the API's 404, or a 400 whose code says not found. NoParent is a not-found about the
// refund's parent. Refusal is any other 4xx. Throttled and Unreachable are returned after the last retry;
// Unreachable includes an answer that is not the API's, such as a proxy's page. Unreadable is an answer of the
// API without the expected content.
const (
	NotFound    ReadClass = "not_found"
	NoParent    ReadClass = "no_parent"
	Credentials ReadClass = "credentials"
	Refusal     ReadClass = "refusal"
	Throttled   ReadClass = "throttled"
	Unreachable ReadClass = "unreachable"
	Unreadable  ReadClass = "unreadable"
)

// ReadError is the error of every read that did not get a good answer from the API. Its texts are bounded
// and contain no secrets.
type ReadError struct {
	Class   ReadClass
	HTTP    int
	Code    string
	Message string
}

// Error returns the class and, if known, the status and the message.
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

// ParentUnknown reports whether the error of a read says that the API knows no such order, subscription or
// payment. That is a fact that was read: reading again does not help.
func ParentUnknown(err error) bool {
	class := ReadClassOf(err)
	return class == NotFound || class == NoParent
}

// ReadClassOf returns the class of a read's error. It is empty for other errors, such as a cancelled context.
func ReadClassOf(err error) ReadClass {
	var e *ReadError
	if errors.As(err, &e) {
		return e.Class
	}
	return ""
}
