package refund

import "time"

// IST is Indian Standard Time, +05:30. Cashfree's days, and the budgets' days, begin at midnight IST.
var IST = time.FixedZone("IST", 5*3600+1800)

// Day returns the start of the Indian day that contains t.
func Day(t time.Time) time.Time {
	y, m, d := t.In(IST).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, IST)
}
