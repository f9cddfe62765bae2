package cli

import (
	"time"

	"github.com/spf13/cobra"

	"refundctl/internal/refund"
	"refundctl/plan"
)

// periodFlags are the days that a command is about.
type periodFlags struct{ month, from, to string }

func (f *periodFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.month, "month", "", "only refunds of this `month`, as 2026-10")
	c.Flags().StringVar(&f.from, "from", "", "only refunds of this `day` or later, as 2026-10-01")
	c.Flags().StringVar(&f.to, "to", "", "only refunds of this `day` or earlier")
}

// period is the flags' days as moments, in the API's zone.
func (f *periodFlags) period(c *cobra.Command) (p refund.Period, err error) {
	if err := filled(c, "month", "from", "to"); err != nil {
		return p, err
	}
	if f.month != "" && f.from+f.to != "" {
		return p, fail(ExitInvalid, "leave --month or the two others away", "--month and --from or --to contradict each other")
	}
	if f.month != "" {
		first, err := time.ParseInLocation("2006-01", f.month, plan.IST)
		if err != nil {
			return p, fail(ExitInvalid, "write year and month, as --month 2026-10", "--month %q is not a month", f.month)
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
		return p, fail(ExitInvalid, "give the earlier day with --from", "--to %s is before --from %s", f.to, f.from)
	}
	p.Until = last.AddDate(0, 0, 1)
	return p, nil
}

// dayOf is the beginning of a day; zero for none.
func dayOf(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, plan.IST)
	if err != nil {
		return t, fail(ExitInvalid, "write year, month and day, as 2026-10-01", "%s %q is not a day", flag, text)
	}
	return t, nil
}
