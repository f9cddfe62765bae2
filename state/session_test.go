package state_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
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

// should is must for other goroutines.
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

func TestTheNextRunLoadsTheStateOfTheSession(t *testing.T) {
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

// slow is a backend whose appends wait for a signal.
type slow struct {
	state.Backend
	begun, go_ chan struct{}
}

func (s slow) Append(size int64, p []byte) error {
	s.begun <- struct{}{}
	<-s.go_
	return s.Backend.Append(size, p)
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

// An acceptance is in the ledger even if the run did nothing else.
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
