package state_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/state"
	"refundctl/state/statetest"
)

func TestR14_AClockThatIsBehindStopsTheRun(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	must(t, s.Begin(ctx, statetest.Intent("order_1", "refund_1")))
	must(t, s.Close())
	last := s.State().LastAt()
	for behind, fine := range map[time.Duration]bool{5 * time.Minute: true, 5*time.Minute + 1: false} {
		s, err := state.Open(ctx, disk.Backend(), state.Options{Clock: func() time.Time { return last.Add(-behind) }})
		var clock *state.ClockBehindError
		switch {
		case fine:
			must(t, err)
			must(t, s.Close())
		case !errors.As(err, &clock), clock.Last != last, clock.Now != last.Add(-behind):
			t.Errorf("%v behind: %v", behind, err)
		}
	}
}

func TestR14_OpenWaitsForTheLockUpToItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &statetest.Disk{}
		s := statetest.Open(t, disk.Backend())
		begun := time.Now()
		var told []string
		waiting := func(e *state.LockedError, until time.Time) {
			told = append(told, fmt.Sprint(e.Holder.Host, " ", until.Sub(begun)))
		}
		open := func(timeout time.Duration) error {
			s, err := state.Open(ctx, disk.Backend(), state.Options{Clock: time.Now, LockTimeout: timeout, Waiting: waiting})
			if err == nil {
				err = s.Close()
			}
			return err
		}
		var locked *state.LockedError
		if err := open(0); !errors.As(err, &locked) || time.Since(begun) != 0 {
			t.Errorf("without a timeout: %v after %v", err, time.Since(begun))
		}
		if err := open(time.Minute); !errors.As(err, &locked) || time.Since(begun) != time.Minute || locked.Holder.Host != "till-7" {
			t.Errorf("with a timeout of a minute: %v after %v", err, time.Since(begun))
		}
		time.AfterFunc(10*time.Second, func() { s.Close() })
		if err := open(time.Minute); err != nil || time.Since(begun) > 71*time.Second {
			t.Errorf("a lock that is released: %v after %v", err, time.Since(begun))
		}
		if want := []string{"till-7 1m0s", "till-7 2m0s"}; !slices.Equal(told, want) {
			t.Errorf("the reports of the wait are %q, want %q", told, want)
		}
	})
}

func TestR20_ARunReadsItsInputsUnderTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &statetest.Disk{}
		s := statetest.Open(t, disk.Backend())
		begun := time.Now()
		time.AfterFunc(10*time.Second, func() { s.Close() })
		decide := func(context.Context) (state.Header, error) {
			if waited := time.Since(begun); waited < 10*time.Second {
				t.Errorf("it was read after %v, before the lock was free", waited)
			}
			return state.Header{Actor: "asha"}, nil
		}
		s, err := state.Open(ctx, disk.Backend(), state.Options{Clock: time.Now, LockTimeout: time.Minute, Decide: decide})
		must(t, err)
		must(t, s.Begin(ctx, statetest.Intent("order_1", "refund_1")))
		must(t, s.Close())
		if runs := s.State().Runs(); len(runs) != 1 || runs[0].Header.Actor != "asha" {
			t.Errorf("the header is not what was decided: %+v", runs)
		}
	})
}

func TestR20_AFailedDecisionLeavesTheLedgerUnchanged(t *testing.T) {
	disk := &statetest.Disk{}
	disk.Set([]byte(`{`))
	refused := errors.New("a manifest is invalid")
	_, err := state.Open(ctx, disk.Backend(), state.Options{Clock: statetest.Clock(), Decide: func(context.Context) (state.Header, error) {
		return state.Header{}, refused
	}})
	if !errors.Is(err, refused) || string(disk.Bytes()) != `{` {
		t.Errorf("the session gave %v and left %q", err, disk.Bytes())
	}
	must(t, statetest.Open(t, disk.Backend()).Close()) // the lock was released
}

func TestR14_WaitingForTheLockEndsWithTheContext(t *testing.T) {
	disk := &statetest.Disk{}
	defer statetest.Open(t, disk.Backend()).Close()
	done, cancel := context.WithCancel(ctx)
	cancel()
	_, err := state.Open(done, disk.Backend(), state.Options{Clock: statetest.Clock(), LockTimeout: time.Hour})
	var locked *state.LockedError
	if !errors.Is(err, context.Canceled) || !errors.As(err, &locked) {
		t.Errorf("a cancelled wait gave %v", err)
	}
}

// A run from 2036 stops every other. The run that accepts its times goes on, with its own clock, and so do all
// after it.
func TestR14_ALedgerFromTheFutureOpensForTheRunThatAcceptsIt(t *testing.T) {
	disk := &statetest.Disk{}
	at := func(clock time.Time, accepting bool) (*state.Session, error) {
		return state.Open(ctx, disk.Backend(), state.Options{Clock: func() time.Time { return clock }, Accepting: accepting})
	}
	now := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	var wrong []string
	for i, clock := range []time.Time{now, now.AddDate(10, 0, 0), now.AddDate(11, 0, 0)} {
		s, err := at(clock, false)
		must(t, err)
		must(t, s.Begin(ctx, statetest.Intent("order_1", fmt.Sprint("refund_", i))))
		must(t, s.Close())
		if i > 0 {
			wrong = append(wrong, s.Run())
		}
	}
	now = now.Add(time.Hour)
	for _, run := range wrong {
		var behind *state.ClockBehindError
		if _, err := at(now, false); !errors.As(err, &behind) {
			t.Fatalf("with a run that was not accepted: %v", err)
		}
		s, err := at(now, true)
		must(t, err)
		must(t, s.AcceptTime(ctx, state.Acceptance{Run: run, Reason: "a wrong clock"}))
		must(t, s.End(ctx, state.End{}))
		must(t, s.Close())
	}
	s, err := at(now, false)
	must(t, err)
	must(t, s.Begin(ctx, statetest.Intent("order_1", "refund_9")))
	must(t, s.Close())
	e, _ := load(t, disk).Entry(statetest.Intent("order_1", "refund_9").ID)
	if late := e.TriedAt.Sub(now); late < 0 || late > time.Second {
		t.Errorf("the next run is of %v, its clock says %v", e.TriedAt, now)
	}
	if ahead := s.State().RunsAhead(now); len(ahead) > 0 && ahead[0].Kind == state.FromTheFuture {
		t.Errorf("still from the future: %+v", ahead)
	}
}
