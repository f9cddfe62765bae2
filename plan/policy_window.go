package plan

import (
	"fmt"
	"time"

	"refundctl/internal/refund"
)

// Refunds are taken for six months after the successful payment; a fortnight before the end the
// plan says so.
const (
	windowMonths = 6
	warnDays     = 14
)

// guardWindow stops what comes too late, and warns of what soon will.
func guardWindow(s scope) verdict {
	paid := s.read.Facts.CompletedAt
	if paid.IsZero() {
		return nil
	}
	end := paid.AddDate(0, windowMonths, 0)
	if s.now.After(end) {
		return s.all(Reason{"window_closed", fmt.Sprintf("paid on %s; refunds were possible until %s", date(paid), date(end)),
			"pay the customer back outside the API"})
	}
	if s.now.After(end.AddDate(0, 0, -warnDays)) {
		for i := range s.rows {
			if c := &s.rows[i]; c.Action == Create || c.Action == Held {
				c.Attention = append(c.Attention, Reason{Code: "window_closing",
					Message: fmt.Sprintf("paid on %s; refunds are possible until %s", date(paid), date(end))})
			}
		}
	}
	return nil
}

func date(t time.Time) string { return t.In(refund.IST).Format("2006-01-02") }

func clock(t time.Time) string { return t.In(refund.IST).Format("2006-01-02 15:04:05 -07:00") }

// IST is refund.IST.
var IST = refund.IST
