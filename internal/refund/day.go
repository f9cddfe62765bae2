package refund

import "time"

// IST is the zone of Cashfree's days, +05:30.
var IST = time.FixedZone("IST", 5*3600+1800)

// Day is the beginning of the day, in India, that t is of.
func Day(t time.Time) time.Time {
	y, m, d := t.In(IST).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, IST)
}
