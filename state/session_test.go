package state_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/refund"
	"refundctl/state"
	"refundctl/state/statetest"
)

var ctx = context.Background()

var errDisk = errors.New("input/output error")

// failing makes the n-th of these steps fail, counted from 1.
func failing(n int, steps ...string) func(string) error {
	seen := 0
	return func(step string) error {
		if !slices.Contains(steps, step) {
			return nil
		}
		if seen++; seen != n {
			return nil
		}
		return errDisk
	}
}

func load(t *testing.T, d *statetest.Disk) *state.State {
	t.Helper()
	s, _, err := state.Load(ctx, d.Backend())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// should is must for goroutines.
func should(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func TestR1_BeginReturnsWithTheIntentOnTheDisk(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	in := statetest.Intent("order_1", "refund_1")
	must(t, s.Begin(ctx, in))
	disk.Crash(0)
	e, known := load(t, disk).Entry(in.ID)
	if !known || e.Phase != state.Intended || !bytes.Equal(e.Request.Body, in.Request.Body) || e.Request.Path != in.Request.Path || e.Key != in.Key {
		t.Errorf("after the crash the ledger knows %+v, %v", e, known)
	}
}

func TestTheStateOfASessionIsWhatTheNextRunLoads(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	in := statetest.Intent("order_1", "refund_1")
	must(t, s.Bind(ctx, state.Binding{Account: "default", Environment: "sandbox", Fingerprint: in.ID.Account}))
	must(t, s.Begin(ctx, in))
	out := statetest.Accepted(in)
	out.CfRefundID = "refund_77"
	must(t, s.Finish(ctx, out))
	must(t, s.End(ctx, state.End{Sent: 1}))
	must(t, s.Close())
	live, next := s.State(), load(t, disk)
	for what, pair := range map[string][2]string{
		"entries":  {fmt.Sprintf("%+v", live.Entries()), fmt.Sprintf("%+v", next.Entries())},
		"runs":     {cmp.Diff(live.Runs(), next.Runs())},
		"heads":    {fmt.Sprint(live.Heads()), fmt.Sprint(next.Heads())},
		"bindings": {fmt.Sprint(live.Bindings()), fmt.Sprint(next.Bindings())},
		"last":     {live.LastAt().String(), next.LastAt().String()},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: the session has\n%s\nthe next run\n%s", what, pair[0], pair[1])
		}
	}
	if e := next.Entries(); len(e) != 1 || e[0].Phase != state.Accepted || e[0].CfRefundID != "77" || next.Runs()[0].Events != 5 || next.Runs()[0].End == nil {
		t.Errorf("the next run has %+v, %+v", e, next.Runs())
	}
}

func TestARunThatRecordsNothingLeavesTheLedgerAlone(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	must(t, s.End(ctx, state.End{}))
	must(t, s.Close())
	if got := disk.Bytes(); len(got) != 0 || disk.Syncs() != 0 {
		t.Errorf("the ledger holds %q after %d syncs", got, disk.Syncs())
	}
}

func TestR13_ARunCitesTheHeadsThatItSaw(t *testing.T) {
	disk := &statetest.Disk{}
	var before []string
	for i := range 3 {
		s := statetest.Open(t, disk.Backend())
		must(t, s.Begin(ctx, statetest.Intent("order_1", fmt.Sprint("refund_", i))))
		must(t, s.Close())
		runs := s.State().Runs()
		if newest := runs[len(runs)-1]; fmt.Sprint(newest.Header.Heads) != fmt.Sprint(before) || newest.Header.Lineage != runs[0].Header.Lineage {
			t.Errorf("run %d has the header %+v, want the heads %v", i, newest.Header, before)
		}
		before = s.State().Heads()
		if len(before) != 1 {
			t.Errorf("after run %d the heads are %v", i, before)
		}
	}
}

func TestTimesRiseEvenIfTheClockDoesNot(t *testing.T) {
	disk := &statetest.Disk{}
	s, err := state.Open(ctx, disk.Backend(), state.Options{Clock: func() time.Time { return time.Unix(1e9, 0) }})
	must(t, err)
	defer s.Close()
	in := statetest.Intent("order_1", "refund_1")
	must(t, s.Begin(ctx, in))
	for _, status := range []refund.Status{"PENDING", "ONHOLD", "PENDING", "ONHOLD", "PENDING"} {
		out := statetest.Accepted(in)
		out.Status = status
		must(t, s.Finish(ctx, out))
		if e, _ := s.State().Entry(in.ID); e.Status != status {
			t.Fatalf("the status is %s, read later: %s", e.Status, status)
		}
	}
}

func TestR13_OnlyTheHolderOfTheLockDropsAnUnfinishedLine(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	must(t, s.Begin(ctx, statetest.Intent("order_1", "refund_1")))
	must(t, s.Close())
	whole := disk.Bytes()
	torn := append(slices.Clone(whole), `{"v":1,"run"`...)
	disk.Set(torn)
	want := []state.Notice{{Kind: state.TornTail, Bytes: 12}}
	if _, notices, err := state.Load(ctx, disk.Backend()); err != nil || !slices.Equal(notices, want) || !bytes.Equal(disk.Bytes(), torn) {
		t.Errorf("a reader got %v, %v and left %q", notices, err, disk.Bytes())
	}
	s = statetest.Open(t, disk.Backend())
	if !slices.Equal(s.Notices(), want) || !bytes.Equal(disk.Bytes(), whole) {
		t.Errorf("the session got %v and left %q", s.Notices(), disk.Bytes())
	}
	must(t, s.Begin(ctx, statetest.Intent("order_2", "refund_2")))
	must(t, s.Close())
	if n := len(load(t, disk).Entries()); n != 2 {
		t.Errorf("%d entries, want 2", n)
	}
}

func TestAMissingLastLineEndIsAdded(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	must(t, s.Begin(ctx, statetest.Intent("order_1", "refund_1")))
	must(t, s.Close())
	disk.Set(bytes.TrimSuffix(disk.Bytes(), []byte("\n")))
	s = statetest.Open(t, disk.Backend())
	must(t, s.Begin(ctx, statetest.Intent("order_2", "refund_2")))
	must(t, s.Close())
	if n := len(load(t, disk).Entries()); n != 2 || len(s.Notices()) != 1 || s.Notices()[0].Kind != state.OpenEnd {
		t.Errorf("%d entries, %v", n, s.Notices())
	}
}

func TestR13_ZerosAfterAWholeEventAreDropped(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	must(t, s.Begin(ctx, statetest.Intent("order_1", "refund_1")))
	must(t, s.Close())
	whole := disk.Bytes()
	disk.Set(append(bytes.TrimSuffix(slices.Clone(whole), []byte("\n")), 0, 0))
	s = statetest.Open(t, disk.Backend())
	if want := []state.Notice{{Kind: state.OpenEnd}, {Kind: state.TornTail, Bytes: 2}}; !slices.Equal(s.Notices(), want) || !bytes.Equal(disk.Bytes(), whole) {
		t.Errorf("the session gave %v and left %q", s.Notices(), disk.Bytes())
	}
}

func TestR13_NothingIsWrittenToADamagedLedger(t *testing.T) {
	disk := &statetest.Disk{}
	disk.Set([]byte("garbage\ntorn"))
	_, err := state.Open(ctx, disk.Backend(), state.Options{Clock: statetest.Clock()})
	var damage *state.DamageError
	if !errors.As(err, &damage) || damage.Line != 1 || string(disk.Bytes()) != "garbage\ntorn" {
		t.Errorf("the session gave %v and left %q", err, disk.Bytes())
	}
	disk.Set([]byte(`{"v":9,"run":"a newer one"`))
	if _, err := state.Open(ctx, disk.Backend(), state.Options{Clock: statetest.Clock()}); !errors.As(err, &damage) || damage.Kind != state.Newer || len(disk.Bytes()) != 26 {
		t.Errorf("what a newer program wrote gave %v and left %q", err, disk.Bytes())
	}
	statetest.Open(t, func() state.Backend { disk.Set(nil); return disk.Backend() }()) // the lock was released
}

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
			t.Errorf("who waits is told %q, not %q", told, want)
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

func TestASessionWhoseDiskFailedIsBroken(t *testing.T) {
	for _, step := range []string{"write", "sync"} {
		disk := &statetest.Disk{}
		s := statetest.Open(t, disk.Backend())
		a, b := statetest.Intent("order_1", "refund_1"), statetest.Intent("order_2", "refund_2")
		must(t, s.Begin(ctx, a))
		disk.Fault = failing(1, step)
		if err := s.Begin(ctx, b); !errors.Is(err, state.ErrBroken) || !errors.Is(err, errDisk) {
			t.Errorf("a failing %s gave %v", step, err)
		}
		written, syncs := disk.Bytes(), disk.Syncs()
		for _, err := range []error{s.Finish(ctx, statetest.Accepted(a)), s.Begin(ctx, b), s.End(ctx, state.End{})} {
			if !errors.Is(err, state.ErrBroken) || !errors.Is(err, errDisk) {
				t.Errorf("after a failed %s: %v", step, err)
			}
		}
		if !bytes.Equal(disk.Bytes(), written) || disk.Syncs() != syncs {
			t.Errorf("after a failed %s the session wrote on", step)
		}
		if _, known := s.State().Entry(b.ID); known {
			t.Errorf("after a failed %s the state holds what may not be durable", step)
		}
		must(t, s.Close())
	}
}

// TestACrashAtAnyStep runs three refunds and fails the n-th step of the disk, then loses any part
// of what was not synced: every event that was confirmed is there, nothing else but the event at
// hand is, and the next session opens.
func TestR1_ACrashAtAnyStepLosesNothingThatWasConfirmed(t *testing.T) {
	steps := []string{"lock", "read", "write", "sync", "truncate"}
	for n := 1; n <= 16; n++ {
		for _, keep := range []int{0, 1, 100, 1 << 20} {
			disk := &statetest.Disk{Fault: failing(n, steps...)}
			confirmed, tried := threeRefunds(disk)
			disk.Fault = nil
			disk.Crash(keep)
			s := statetest.Open(t, disk.Backend())
			for id, phase := range confirmed {
				if e, known := s.State().Entry(id); !known || e.Phase != phase && e.Phase != tried[id] {
					t.Errorf("step %d, %d bytes kept: %s is %q, confirmed was %q", n, keep, id.RefundID, e.Phase, phase)
				}
			}
			for _, e := range s.State().Entries() {
				if tried[e.ID] == "" {
					t.Errorf("step %d: %s was never written", n, e.ID.RefundID)
				}
			}
			must(t, s.Begin(ctx, statetest.Intent("order_9", "refund_9")))
			must(t, s.Close())
			load(t, disk)
		}
	}
}

func threeRefunds(disk *statetest.Disk) (confirmed, tried map[refund.Identity]state.Phase) {
	confirmed, tried = map[refund.Identity]state.Phase{}, map[refund.Identity]state.Phase{}
	s, err := state.Open(ctx, disk.Backend(), state.Options{Clock: statetest.Clock()})
	if err != nil {
		return nil, nil
	}
	for i := range 3 {
		in := statetest.Intent("order_1", fmt.Sprint("refund_", i))
		tried[in.ID] = state.Intended
		if s.Begin(ctx, in) != nil {
			return confirmed, tried
		}
		confirmed[in.ID], tried[in.ID] = state.Intended, state.Accepted
		if s.Finish(ctx, statetest.Accepted(in)) != nil {
			return confirmed, tried
		}
		confirmed[in.ID] = state.Accepted
	}
	return confirmed, tried
}

func TestADoneContextStopsAnIntentButNotAnOutcome(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	defer s.Close()
	a, b := statetest.Intent("order_1", "refund_1"), statetest.Intent("order_2", "refund_2")
	must(t, s.Begin(ctx, a))
	done, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Begin(done, b); !errors.Is(err, context.Canceled) {
		t.Errorf("an intent under a done context gave %v", err)
	}
	must(t, s.Finish(done, statetest.Accepted(a)))
	if e := load(t, disk).Entries(); len(e) != 1 || e[0].Phase != state.Accepted {
		t.Errorf("the ledger holds %+v", e)
	}
}

// slow is a backend whose appends wait for a word.
type slow struct {
	state.Backend
	begun, go_ chan struct{}
}

func (s slow) Append(size int64, p []byte) error {
	s.begun <- struct{}{}
	<-s.go_
	return s.Backend.Append(size, p)
}

func TestR1_ACancelledContextDoesNotLoseAnEventBeingWritten(t *testing.T) {
	disk := &statetest.Disk{}
	backend := slow{disk.Backend(), make(chan struct{}), make(chan struct{})}
	s := statetest.Open(t, backend)
	defer s.Close()
	cancelled, cancel := context.WithCancel(ctx)
	result := make(chan error)
	go func() { result <- s.Begin(cancelled, statetest.Intent("order_1", "refund_1")) }()
	<-backend.begun
	cancel()
	select {
	case err := <-result:
		t.Fatalf("Begin returned %v before the disk did", err)
	default:
	}
	backend.go_ <- struct{}{}
	must(t, <-result)
}

func TestConcurrentAppendsShareASync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &statetest.Disk{}
		backend := slow{disk.Backend(), make(chan struct{}), make(chan struct{})}
		s := statetest.Open(t, backend)
		defer s.Close()
		const n = 64
		finished := 0
		for i := range n {
			go func() {
				should(t, s.Begin(ctx, statetest.Intent(fmt.Sprint("order_", i), fmt.Sprint("refund_", i))))
			}()
		}
		for len(s.State().Entries()) < n {
			synctest.Wait() // all others wait for the disk
			<-backend.begun
			backend.go_ <- struct{}{}
			synctest.Wait()
			finished++
		}
		if finished > 2 || finished != disk.Syncs() {
			t.Errorf("%d intents took %d writes and %d syncs, want 2: the first, and all that gathered behind it", n, finished, disk.Syncs())
		}
	})
}

func TestQueriesAndAppendsDoNotRace(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 20 {
				in := statetest.Intent(fmt.Sprint("order_", i), fmt.Sprintf("refund_%d_%d", i, j))
				should(t, s.Begin(ctx, in))
				if e, _ := s.State().Entry(in.ID); e.Phase != state.Intended {
					t.Errorf("%s is %s", in.ID.RefundID, e.Phase)
				}
				should(t, s.Finish(ctx, statetest.Accepted(in)))
			}
		})
		all.Go(func() {
			for range 20 {
				st := s.State()
				st.Entries()
				st.InDoubt()
				st.Heads()
				st.Runs()
				st.Lineage()
				st.LastAt()
				st.Bindings()
				st.SentOn("x", time.Time{})
				st.Facts(refund.Parent{})
				st.MovedSince(refund.Parent{}, st.SnapshotAt(nil), "")
				st.RunsAhead(time.Time{})
			}
		})
	}
	all.Wait()
	must(t, s.Close())
	if n := len(load(t, disk).Entries()); n != 160 {
		t.Errorf("%d entries, want 160", n)
	}
	if err := s.Begin(ctx, statetest.Intent("order_9", "refund_9")); !errors.Is(err, state.ErrClosed) {
		t.Errorf("a closed session gave %v", err)
	}
	must(t, s.Close())
}

func TestR2_TheLedgerForbidsWhatItRulesOut(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	defer s.Close()
	attempt := func(in state.Intent, n, try int) state.Intent {
		in.Attempt, in.Try, in.Key = n, try, refund.Key(in.ID, n)
		return in
	}
	sent, doubtful, refused := statetest.Intent("order_1", "r_sent"), statetest.Intent("order_1", "r_doubt"), statetest.Intent("order_1", "r_refused")
	no := statetest.Accepted(attempt(refused, 2, 1))
	no.Phase, no.CfRefundID, no.Status = state.Refused, "", ""
	must(t, s.Begin(ctx, sent))
	must(t, s.Finish(ctx, statetest.Accepted(sent)))
	must(t, s.Begin(ctx, doubtful))
	must(t, s.Begin(ctx, attempt(refused, 2, 1)))
	must(t, s.Finish(ctx, no))
	for name, in := range map[string]state.Intent{
		"a refund that was sent":               attempt(sent, 2, 1),
		"an earlier attempt":                   attempt(refused, 1, 1),
		"an attempt that is over":              attempt(refused, 2, 2),
		"a refund_id in doubt at another":      statetest.Intent("order_2", "r_doubt"),
		"a refund_id that was sent at another": statetest.Intent("order_2", "r_sent"),
	} {
		var forbidden *state.ForbiddenError
		if err := s.Begin(ctx, in); !errors.As(err, &forbidden) || forbidden.ID != in.ID {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, in := range map[string]state.Intent{
		"another try of an attempt in doubt": attempt(doubtful, 1, 2),
		"the next attempt":                   attempt(refused, 3, 1),
		"a refused refund_id at another":     statetest.Intent("order_2", "r_refused"),
	} {
		if err := s.State().Forbids(in); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestR15_AnAccountCannotBecomeAnotherMerchant(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	defer s.Close()
	bind := func(account, environment, fingerprint, reason string) error {
		return s.Bind(ctx, state.Binding{Account: account, API: "cashfree", Environment: environment, Fingerprint: fingerprint, Reason: reason})
	}
	must(t, bind("default", "sandbox", "f1", ""))
	must(t, bind("default", "production", "f2", ""))
	size := len(disk.Bytes())
	must(t, bind("default", "sandbox", "f1", ""))
	if len(disk.Bytes()) != size {
		t.Error("what is known was recorded again")
	}
	var wrong *state.BindingError
	if err := bind("default", "sandbox", "f3", ""); !errors.As(err, &wrong) || wrong.Have.Fingerprint != "f1" {
		t.Errorf("another merchant under the name gave %v", err)
	}
	if err := bind("other", "sandbox", "f1", ""); !errors.As(err, &wrong) || wrong.Have.Account != "default" {
		t.Errorf("another name of the merchant gave %v", err)
	}
	must(t, bind("default", "sandbox", "f3", "new keys"))
	if got := s.State().Bindings(); len(got) != 2 || got[0].Fingerprint != "f2" || got[1].Fingerprint != "f3" {
		t.Errorf("the bindings are %+v", got)
	}
	must(t, bind("default", "sandbox", "f3", ""))
}

func TestAnEventThatCannotBeReadBackIsNotWritten(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	good := statetest.Intent("order_1", "refund_1")
	for name, spoil := range map[string]func(in *state.Intent){
		"no key":                   func(in *state.Intent) { in.Key = "" },
		"no try":                   func(in *state.Intent) { in.Try = 0 },
		"no amount":                func(in *state.Intent) { in.Amount.Minor = 0 },
		"a negative amount":        func(in *state.Intent) { in.Amount.Minor = -5 },
		"no body":                  func(in *state.Intent) { in.Request.Body = nil },
		"a body that is no text":   func(in *state.Intent) { in.Request.Body = []byte("\xff") },
		"an id that is no text":    func(in *state.Intent) { in.ID.RefundID = "refund\xff" },
		"a body that is very long": func(in *state.Intent) { in.Request.Body = bytes.Repeat([]byte("x"), 1<<20) },
		"an unknown kind":          func(in *state.Intent) { in.ID.Kind = "parcel" },
	} {
		in := good
		spoil(&in)
		if err := s.Begin(ctx, in); err == nil || errors.Is(err, state.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(disk.Bytes()) != 0 {
		t.Errorf("the ledger holds %s", disk.Bytes())
	}
	must(t, s.Begin(ctx, good))
	out := statetest.Accepted(good)
	out.Message = "caf\xe9 \x00\x1b[2J" // an answer is never lost for its bytes
	must(t, s.Finish(ctx, out))
	must(t, s.Close())
	load(t, disk)
}

func TestHistoryShowsWhoDidWhatToARefund(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	in := statetest.Intent("order_1", "refund_1")
	must(t, s.Begin(ctx, in))
	must(t, s.Begin(ctx, statetest.Intent("order_2", "refund_2")))
	must(t, s.Finish(ctx, statetest.Accepted(in)))
	must(t, s.Close())
	got, err := state.History(ctx, bytes.NewReader(disk.Bytes()), "refund_1")
	must(t, err)
	if len(got) != 2 || got[0].Intent == nil || got[0].Outcome != nil || got[1].Outcome.Phase != state.Accepted || got[1].Seq != 4 ||
		got[1].Header.Actor != "asha" || got[1].Header.Command != "apply" || got[0].Run != s.State().Runs()[0].ID {
		t.Errorf("the history is %+v", got)
	}
	if _, err := state.History(ctx, strings.NewReader("x\n"), "refund_1"); err == nil {
		t.Error("the history of a damaged ledger was told")
	}
}

type failingReader struct{ io.Reader }

func (failingReader) Read([]byte) (int, error) { return 0, errDisk }

func TestAFailedReadIsNotAnEmptyLedger(t *testing.T) {
	if _, err := state.Verify(ctx, failingReader{}, time.Time{}); !errors.Is(err, errDisk) {
		t.Errorf("a failing reader gave %v", err)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	must(t, s.Begin(ctx, statetest.Intent("order_1", "refund_1")))
	must(t, s.Close())
	if _, _, err := state.Load(done, disk.Backend()); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled load gave %v", err)
	}
}

// A run of 2036 stops every other; the one that accepts its times goes, at the time of its own clock, and so do
// all that follow.
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

// What a person accepted stands in the ledger also where the run did nothing else.
func TestR22_AnAcceptanceIsRecordedWithItsReason(t *testing.T) {
	disk := &statetest.Disk{}
	s, err := state.Open(ctx, disk.Backend(), state.Options{Clock: time.Now, Header: state.Header{Accepts: state.OlderLedger, Reason: `disk "lost"`}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.End(ctx, state.End{}), s.Close()); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(disk.Bytes(), []byte(`{"v":3,`)) || !s.State().HasRun(s.Run()) {
		t.Errorf("%s", disk.Bytes())
	}
	runs := load(t, disk).Runs()
	if len(runs) != 1 || runs[0].Header.Accepts != state.OlderLedger || runs[0].Header.Reason != `disk "lost"` {
		t.Errorf("%+v", runs)
	}
}
