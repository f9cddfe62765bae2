package plan

import (
	"fmt"
	"time"

	"refundctl/internal/refund"
)

// The API takes refunds for six months after the successful payment. Plans warn during the last two
// weeks.
const (
	windowMonths = 6
	warnDays     = 14
)

// guardWindow stops refunds of a payment that is too old.
func guardWindow(s scope) verdict {
	paid := s.read.Facts.CompletedAt
	if paid.IsZero() || !s.now.After(windowEnd(paid)) {
		return nil
	}
	return s.all(Reason{"window_closed", fmt.Sprintf("paid on %s; refunds were possible until %s", date(paid), date(windowEnd(paid))),
		"pay the customer back outside the API"})
}

func windowEnd(paid time.Time) time.Time { return paid.AddDate(0, windowMonths, 0) }

// warnOfWindow notes on rows that may be sent, now or later, that their window closes soon.
func warnOfWindow(rows []Change, read ParentRead, now time.Time) {
	paid := read.Facts.CompletedAt
	end := windowEnd(paid)
	if paid.IsZero() || now.After(end) || !now.After(end.AddDate(0, 0, -warnDays)) {
		return
	}
	for i := range rows {
		if c := &rows[i]; c.Action == Create || c.Action == Held {
			c.Attention = append(c.Attention, Reason{Code: "window_closing",
				Message: fmt.Sprintf("paid on %s; refunds are possible until %s", date(paid), date(end))})
		}
	}
}

func date(t time.Time) string { return t.In(refund.IST).Format("2006-01-02") }

func clock(t time.Time) string { return t.In(refund.IST).Format("2006-01-02 15:04:05 -07:00") }
