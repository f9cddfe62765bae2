package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// span is the value of a flag for a length of time: a Go duration, or whole days such as 30d.
type span time.Duration

const dayLong = 24 * time.Hour

// String returns the value as Set accepts it.
func (s *span) String() string {
	d := time.Duration(*s)
	if d > 0 && d%dayLong == 0 {
		return strconv.FormatInt(int64(d/dayLong), 10) + "d"
	}
	return d.String()
}

// Type returns the name of such a value in help.
func (s *span) Type() string { return "duration" }

// Set reads the value.
func (s *span) Set(text string) error {
	const mostDays = 36500
	days, isDays := strings.CutSuffix(text, "d")
	if n, err := strconv.Atoi(days); isDays && err == nil && n >= 0 && n <= mostDays {
		*s = span(time.Duration(n) * dayLong)
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return fmt.Errorf("%q is not a duration such as 30d or 12h", text)
	}
	*s = span(d)
	return nil
}

// recheckFlag sets how far back settled refunds are read again.
type recheckFlag struct{ back span }

func (f *recheckFlag) flags(c *cobra.Command) {
	f.back = span(30 * dayLong)
	c.Flags().Var(&f.back, "recheck", "recheck refunds that settled within this time, with what is left of the read quota; 0 for none")
}

// picks chooses the settled refunds that are read again.
func (f recheckFlag) picks(now time.Time) func(state.Entry) bool {
	return apply.SettledWithin(time.Duration(f.back), now)
}

// openAlso connects the accounts of the refunds that needs picks, and of those that are only checked again. If
// credentials for these are missing, they are left to a later command.
func (w *work) openAlso(st *state.State, needs, checks func(state.Entry) bool) error {
	err := w.open(st, func(e state.Entry) bool { return needs(e) || checks(e) })
	if err == nil || explain(err).code != ExitCredentials {
		return err
	}
	if needed := w.open(st, needs); needed != nil {
		return needed
	}
	_ = w.app.warn("some settled refunds are not rechecked: "+err.Error(), explain(err).hint)
	return nil
}

// recheck returns what reads the picked refunds again, at most as many of an account as most returns.
func (w *work) recheck(picks func(state.Entry) bool, most func(fingerprint string) int) *apply.Recheck {
	last := w.project.recall().Rechecked
	return &apply.Recheck{
		Readers: w.gates.spare(), Most: most, Picks: picks, SettleAfter: w.project.Recovery.SettleAfter,
		ReadDelay: w.project.Recovery.ReadDelay, Parallelism: w.project.Parallelism, Clock: w.app.Clock, Progress: w.app.line.Read,
		Last: func(id refund.Identity) time.Time {
			if at := last[checkedKey(id, "")]; at != 0 {
				return time.Unix(at, 0)
			}
			return time.Time{}
		},
	}
}

// spare returns readers that never wait for a rate limit.
func (g *gateways) spare() map[string]plan.Reader {
	m := make(map[string]plan.Reader, len(g.clients))
	for f, c := range g.clients {
		m[f] = c.Spare()
	}
	return m
}

// rememberRechecks remembers when settled refunds were checked, so that the next command checks others, and warns
// if they could not be read.
func (w *work) rememberRechecks(c *apply.Recheck) {
	if c.Err != nil {
		_ = w.app.warn("some settled refunds could not be rechecked: "+c.Err.Error(), "the next status or follow tries again")
		c.Err = nil
	}
	if len(c.Checked) > 0 {
		w.app.remember(w.project, func(m *clone) { m.addRechecks(c.Checked) })
	}
}
