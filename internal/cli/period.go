package cli

import (
	"time"

	"github.com/spf13/cobra"

	"refundctl/internal/refund"
)

// periodFlags select the days that a command covers.
type periodFlags struct{ month, from, to string }

func (f *periodFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.month, "month", "", "only refunds of this `month`, such as 2026-10")
	c.Flags().StringVar(&f.from, "from", "", "only refunds of this `day` or later, such as 2026-10-01")
	c.Flags().StringVar(&f.to, "to", "", "only refunds of this `day` or earlier")
}

// period returns the days of the flags as times in the API's zone.
func (f *periodFlags) period(c *cobra.Command) (p refund.Period, err error) {
	if err := refuseEmptyFlags(c, "month", "from", "to"); err != nil {
		return p, err
	}
	if f.month != "" && f.from+f.to != "" {
		return p, fail(ExitInvalid, "omit --month, or --from and --to", "--month cannot be combined with --from or --to")
	}
	if f.month != "" {
		first, err := time.ParseInLocation("2006-01", f.month, refund.IST)
		if err != nil {
			return p, fail(ExitInvalid, "use year and month, such as --month 2026-10", "--month %q is not a month", f.month)
		}
		return refund.Period{From: first, Until: first.AddDate(0, 1, 0)}, nil
	}
	if p.From, err = dayOf("--from", f.from); err != nil {
		return p, err
	}
	last, err := dayOf("--to", f.to)
	if err != nil || last.IsZero() {
		return p, err
	}
	if last.Before(p.From) {
		return p, fail(ExitInvalid, "use the earlier day as --from", "--to %s is before --from %s", f.to, f.from)
	}
	p.Until = last.AddDate(0, 0, 1)
	return p, nil
}

// dayOf returns the beginning of a day, or zero for an empty text.
func dayOf(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, refund.IST)
	if err != nil {
		return t, fail(ExitInvalid, "use year, month and day, such as 2026-10-01", "%s %q is not a day", flag, text)
	}
	return t, nil
}
