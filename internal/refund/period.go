package refund

import "time"

// Period is a span of time, from From until before Until. A zero time leaves that end open.
type Period struct{ From, Until time.Time }

// Open reports whether both ends are open: it contains every date, and refunds without a date.
func (p Period) Open() bool { return p.From.IsZero() && p.Until.IsZero() }

// Holds reports whether the period contains t. Only an open period contains the zero time, which is no date.
func (p Period) Holds(t time.Time) bool {
	return p.Open() || !t.IsZero() && !t.Before(p.From) && (p.Until.IsZero() || t.Before(p.Until))
}
