package refund

import "time"

// Period is a span of time: From counts, Until does not. A zero end is open.
type Period struct{ From, Until time.Time }

// Open tells whether every date is in it, and a refund without a date too.
func (p Period) Open() bool { return p.From.IsZero() && p.Until.IsZero() }

// Holds tells whether t is in it. No date, the zero time, is in an open period alone.
func (p Period) Holds(t time.Time) bool {
	return p.Open() || !t.IsZero() && !t.Before(p.From) && (p.Until.IsZero() || t.Before(p.Until))
}
