package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// followFlags are the flags of follow.
type followFlags struct {
	settings
	sessionFlags
	recheckFlag
	asJSON   bool
	arn      bool
	timeout  time.Duration
	interval time.Duration
}

func (a *app) followCommand() *cobra.Command {
	var f followFlags
	c := &cobra.Command{
		Use:   "follow",
		Short: "Wait until every sent refund is settled",
		Long: `Reads every sent refund that is not settled, again and again, until each one is
paid, cancelled or failed. It prints and records every change.
Each round reads the refunds that were read least often, the oldest and largest
first, and uses at most half of the read quota. What the round leaves of that
half is used to check settled refunds again, those first that were not checked
for longest: the API may reverse a paid refund. The ledger is locked only while
a change is recorded, so that other runs can work in the meantime; the refunds
that they send are followed too.

It exits with 0 when all refunds are settled, with 6 if only refunds in doubt
are left, and with 12 if --timeout has passed. It exits with 4 if a person must
decide about a refund that a manifest asks for: it failed, was cancelled or
reversed, now or earlier, and no other row supersedes it, or the API no longer
lists it. It does not wait for refunds that the API no longer lists.`,
		Example: `  refundctl follow
  refundctl follow --timeout 2h --interval 1m
  refundctl follow --arn --json`,
		Args: argsBetween(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return a.follow(c, f) },
	}
	f.settings.flags(c)
	f.sessionFlags.flags(c)
	f.recheckFlag.flags(c)
	jsonFlag(c, &f.asJSON)
	c.Flags().BoolVar(&f.arn, "arn", false, "also wait for the bank references (refund_arn, UTR); refunds of subscriptions have none")
	c.Flags().DurationVar(&f.timeout, "timeout", 0, "stop after this long, with exit code 12 (default: never)")
	c.Flags().DurationVar(&f.interval, "interval", 10*time.Second, "the pause between two rounds of reads")
	return c
}

func (f followFlags) check() error {
	switch {
	case f.interval <= 0:
		return fail(ExitInvalid, "use a duration such as 30s", "--interval %s is not positive", f.interval)
	case f.timeout < 0:
		return fail(ExitInvalid, "use a duration such as 2h", "--timeout %s is negative", f.timeout)
	}
	return nil
}

// follower is a running follow command.
type follower struct {
	*apply.Follow
	app      *app
	c        *cobra.Command
	w        *work
	flags    followFlags
	watch    view.FollowWatch
	until    time.Time    // zero: no deadline
	ledger   *state.State // as of the latest look
	again    *apply.Recheck
	rechecks int // rounds of it
	reported struct{ locked, others, unreferenced, notices bool }
}

func (a *app) follow(c *cobra.Command, f followFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	w, err := a.followWork(c.Context(), f)
	if err != nil {
		return err
	}
	defer w.close()
	watch := a.followWatch(f.asJSON)
	one := &follower{app: a, c: c, w: w, flags: f, watch: watch, Follow: &apply.Follow{
		Gateways: w.gates.all(), Quota: w.gates.quota(f.interval), ARN: f.arn, SettleAfter: w.project.Recovery.SettleAfter,
		ReadDelay: w.project.Recovery.ReadDelay, Parallelism: w.project.Parallelism, Clock: a.Clock, Observer: watch, Progress: a.line.Read,
	}}
	one.again = w.recheck(f.picks(a.Clock()), one.Quota)
	if f.timeout > 0 {
		one.until = a.Clock().Add(f.timeout)
	}
	return one.end(one.rounds(c.Context()))
}

func (a *app) followWatch(asJSON bool) view.FollowWatch {
	if asJSON {
		return view.FollowJSON(a.Out)
	}
	return view.FollowText(a.Out, a.outStyle(), a.line)
}

// quota returns half of what an account may read in one interval. The other half is for commands that run in
// the meantime.
func (g *gateways) quota(interval time.Duration) func(string) int {
	return func(fingerprint string) int {
		perMinute := g.clients[fingerprint].Allowed().Refund
		if perMinute == 0 {
			return 0
		}
		return max(1, int(time.Duration(perMinute)*min(interval, time.Hour)/time.Minute/2))
	}
}

// rounds makes rounds until nothing is left to wait for. The last round starts at the deadline.
func (f *follower) rounds(ctx context.Context) error {
	for {
		done, err := f.round(ctx)
		if done || err != nil {
			return err
		}
		f.watch.Round(f.Summary())
		if f.app.reader.gone.Load() {
			return quit(ExitError) // nobody reads the output any more
		}
		pause := f.flags.interval
		if !f.until.IsZero() {
			pause = min(pause, f.until.Sub(f.app.Clock()))
		}
		if pause <= 0 {
			left := f.Summary()
			return fail(ExitDeadline, "run refundctl follow again, or see refundctl status", "not settled within %s: %s", f.flags.timeout, refundCount(left.Waiting.Count+left.InDoubt.Count))
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// grace is how long a round may take after the deadline.
const grace = 10 * time.Second

func (f *follower) round(ctx context.Context) (done bool, err error) {
	if err := f.look(ctx); err != nil || f.settled() && f.rechecks > 0 {
		return err == nil, err
	}
	reading, stop := ctx, context.CancelFunc(func() {})
	if !f.until.IsZero() {
		reading, stop = context.WithTimeout(ctx, max(0, f.until.Sub(f.app.Clock()))+grace)
	}
	err = f.Read(reading)
	if err == nil {
		err = f.recheck(reading)
	}
	stop()
	switch {
	case ctx.Err() != nil: // what was read before the signal is still recorded
		f.c.SetContext(context.WithoutCancel(ctx))
		f.flags.lockTimeout = 0
		return false, errors.Join(context.Cause(ctx), f.note())
	case err != nil && !errors.Is(err, context.DeadlineExceeded):
		return false, errors.Join(err, f.note())
	}
	err = f.note()
	return err == nil && f.settled(), err
}

// look reads the ledger, without its lock.
func (f *follower) look(ctx context.Context) error {
	ledger, err := openLedger(f.w.project.statePath())
	if err != nil {
		return err
	}
	st, notices, err := state.Load(ctx, ledger)
	if err != nil {
		return err
	}
	if notices = append(notices, f.app.fromTheFuture(st)...); !f.reported.notices && len(notices) > 0 {
		f.reported.notices = true
		_ = f.app.notices(notices)
	}
	if err := f.w.checkBindings(st); err != nil {
		return err
	}
	if err := f.w.locate(ctx, st, ledger); err != nil {
		return err
	}
	f.Look(st)
	f.ledger = st
	if n := f.countOthers(st); n > 0 && !f.reported.others {
		f.reported.others = true
		_ = f.app.note("Not followed: %s of accounts or environments that are not available here.", refundCount(n))
	}
	if f.flags.arn && !f.reported.unreferenced && slices.ContainsFunc(st.Entries(), f.unreferenced) {
		f.reported.unreferenced = true
		_ = f.app.note("Refunds of subscriptions are followed only until they are paid: the API has no bank reference for them.")
	}
	return nil
}

// unreferenced reports whether a refund is followed that will never have a bank reference.
func (f *follower) unreferenced(e state.Entry) bool {
	_, ours := f.Gateways[e.ID.Account]
	return ours && e.Open() && e.ID.Kind == refund.Subscription
}

// countOthers counts what is not settled and cannot be read.
func (f *follower) countOthers(st *state.State) (n int) {
	for _, e := range st.Entries() {
		if _, ours := f.Gateways[e.ID.Account]; !ours && e.Open() {
			n++
		}
	}
	return n
}

// recheck reads settled refunds again, with what this round left of its quota.
func (f *follower) recheck(ctx context.Context) error {
	entries := f.ledger.Entries()
	err := f.again.Read(ctx, entries, f.Used, nil)
	f.rechecks++
	f.Take(f.again, entries)
	f.w.rememberRechecks(f.again)
	return err
}

// settled reports whether there is nothing to wait for, and everything that was read is recorded.
func (f *follower) settled() bool {
	s := f.Summary()
	return s.Waiting.Count+s.InDoubt.Count+len(f.News)+len(f.Missing) == 0
}

// note records what was read. While another run holds the ledger, that waits for a later round: an intent of a
// running run is not a doubt.
func (f *follower) note() error {
	doubts := f.Summary().InDoubt.Count > 0 && f.Summary().Waiting.Count == 0
	if len(f.News)+len(f.Missing) == 0 && !doubts {
		return nil
	}
	err := f.app.withLedger(f.c, f.flags.settings, f.flags.sessionFlags, f.same, f.record)
	var locked *state.LockedError
	if !errors.As(err, &locked) {
		return err
	}
	if !f.reported.locked {
		f.reported.locked = true
		_ = f.app.note("The changes will be recorded later: %s.", view.Escape(locked.Error()))
	}
	return nil
}

// record is note under the lock.
func (f *follower) record(_ *work, s *state.Session) error {
	if err := f.w.newRun(s, view.Silent{}).RecordReads(f.c.Context(), f.News, f.Missing); err != nil {
		return err
	}
	clear(f.News)
	clear(f.Missing)
	f.Look(s.State())
	f.ledger = s.State()
	if left := f.Summary(); left.Waiting.Count == 0 && left.InDoubt.Count > 0 {
		return fail(ExitInDoubt, "refundctl recover resolves it", "in doubt: %s; it is unknown whether the money was sent", refundCount(left.InDoubt.Count))
	}
	return nil
}

// end prints the summary, which ends every path.
func (f *follower) end(err error) error {
	var failed *failure
	if err != nil {
		failed = explain(err)
	}
	var alarms []plan.Alarm
	if f.ledger != nil {
		alarms = f.w.alarms(f.c.Context(), f.ledger)
	}
	if failed = withAlarms(failed, alarms); failed == nil {
		return f.watch.End(f.Summary(), alarms, f.Reads, int(ExitOK))
	}
	_ = f.watch.End(f.Summary(), alarms, f.Reads, int(failed.code)) // the failure matters more than a broken pipe
	return failed
}

// sleep waits for d, or until the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
