package state_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/internal/refund"
	"refundctl/state"
	"refundctl/state/statetest"
)

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

// Three refunds run, the n-th step of the disk fails, then any part of what was not synced is lost. Every
// confirmed event must be there, nothing else except the event being written, and the next session must open.
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
	out.Message = "caf\xe9 \x00\x1b[2J" // bytes that are not text must not lose an answer
	must(t, s.Finish(ctx, out))
	must(t, s.Close())
	load(t, disk)
}
