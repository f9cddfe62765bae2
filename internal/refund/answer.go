package refund

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Answer is the result of one try (one POST), before it is classified.
type Answer struct {
	HTTP      int    // the status; 0 if no complete answer arrived
	Replayed  bool   // x-idempotency-replayed: true
	RequestID string // x-request-id of the answer: printable, bounded, without secrets; empty if none came
	Code      string // from the API's error body
	Type      string
	Message   string // from the API's error body: trimmed, bounded, without secrets
	Ambiguous bool   // the body contradicts itself, or is not the API's: it refuses nothing
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
// and contain no secrets. RequestID is the x-request-id of the answer, or if none came, of the request; empty
// if no request left this machine.
type ReadError struct {
	Class     ReadClass
	HTTP      int
	Code      string
	Message   string
	RequestID string
}

// Error returns the class and, if known, the status, the message and the x-request-id.
func (e *ReadError) Error() string { return e.Reason() + Quoted(e.RequestID) }

// Reason is Error without the x-request-id, which differs from read to read.
func (e *ReadError) Reason() string {
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
	if e := readError(err); e != nil {
		return e.Class
	}
	return ""
}

// readError returns the *ReadError in err; nil if there is none.
func readError(err error) *ReadError {
	var e *ReadError
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// Reason is the text of a read's error without its x-request-id, and the text of any other error.
func Reason(err error) string {
	if e := readError(err); e != nil {
		return strings.Replace(err.Error(), e.Error(), e.Reason(), 1)
	}
	return err.Error()
}

// RequestID is the x-request-id of a read's error; empty if it has none.
func RequestID(err error) string {
	if e := readError(err); e != nil {
		return e.RequestID
	}
	return ""
}

// Quoted is what messages add to quote an x-request-id; empty if there is none.
func Quoted(requestID string) string {
	if requestID == "" {
		return ""
	}
	return " (x-request-id " + requestID + ")"
}

// AddressRefused reports whether a 401 or 403 says that the API does not accept requests from this machine's
// address. The API documents neither a code nor a message for it.
func AddressRefused(http int, code, message string) bool {
	if http != 401 && http != 403 {
		return false
	}
	text := strings.Map(separated, strings.ToLower(code+" "+message))
	for _, words := range []string{"whitelist", "white list", "allowlist", "allow list", "safelist"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	about := slices.ContainsFunc(strings.Fields(text), func(word string) bool { return word == "ip" || word == "ips" })
	return about && slices.ContainsFunc([]string{"not allowed", "not permitted", "blocked", "denied", "restricted", "unauthori", "forbidden", "invalid", "not registered"},
		func(words string) bool { return strings.Contains(text, words) })
}

// ReadOfRefusedAddress reports whether a read failed because of this machine's address.
func ReadOfRefusedAddress(err error) bool {
	e := readError(err)
	return e != nil && AddressRefused(e.HTTP, e.Code, e.Message)
}

// separated replaces the signs between words with spaces.
func separated(r rune) rune {
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		return r
	}
	return ' '
}
