package refund

import "time"

// Answer is what came of one try (one POST), before anybody judged it.
type Answer struct {
	HTTP     int    // the status; 0 where no complete answer came
	Replayed bool   // x-idempotency-replayed: true
	Code     string // of the API's error body
	Type     string
	Message  string // of the API's error body, trimmed, bounded, without secrets
	Live     *Live  // the refund of a 200 that could be read; nil otherwise
	NotSent  bool   // the request certainly did not leave: refused connection, unknown name, TLS failure
	Cause    string // what went wrong below HTTP or in reading the body, without secrets
	Wait     time.Duration
	EndedAt  time.Time // when the answer, or its absence, was known; with the monotonic clock
}
