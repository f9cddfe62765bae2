package apply_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/state"
)

// slow is a ledger that takes a quarter of an hour for an intent, a number of times.
func slow(s *stage, times int) {
	s.run.Ledger = hooked{Ledger: s.session, begin: func(state.Intent) error {
		if times--; times >= 0 {
			time.Sleep(15 * time.Minute) // virtual: the disk hangs, or the process was stopped
		}
		return nil
	}}
}

func TestR19_WhatGrewTooOldWhileItsIntentWasWrittenIsReadAgain(t *testing.T) {
	dash := func() ([]refund.Live, error) {
		return []refund.Live{{RefundID: "dash", ParentID: "o1", Amount: rupees(5), Status: refund.Pending}}, nil
	}
	for name, c := range map[string]struct {
		stalls int
		second func() ([]refund.Live, error)
		want   string
		posts  int
		phase  state.Phase
	}{
		"nothing moved":     {1, nil, "sent r1", 1, state.Accepted},
		"twice":             {2, nil, "sent r1", 1, state.Accepted},
		"others were there": {1, dash, "not_sent r1 parent_moved", 0, state.NotSent},
		"unread":            {1, unreachable, "not_sent r1 unread", 0, state.NotSent},
		"for ever":          {99, nil, "not_sent r1 list_too_old", 0, state.NotSent},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				p.reader = &rereads{api: p.api, answers: []func() ([]refund.Live, error){nil, c.second}}
				s := p.stage()
				slow(s, c.stalls)
				if _, err := s.through(); err != nil {
					t.Fatal(err)
				}
				p.expect(s.told, c.want)
				s.posts(c.posts)
				s.session.Close()
				if e := p.phase("r1"); e.Phase != c.phase {
					t.Errorf("the ledger says %s", e.Phase)
				}
			})
		})
	}
}

// What an earlier run may have moved stays in doubt.
func TestR19_WhatIsTooOldToGoAgainStaysInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{lostBefore, lostBefore, lostBefore}
		p.applied()
		before := len(p.api.posts)
		s := p.stage()
		slow(s, 99)
		if _, err := s.through(); err != nil {
			t.Fatal(err)
		}
		p.expect(s.told, "in_doubt r1", "in_doubt r1 list_too_old")
		s.posts(before)
		s.session.Close()
		if e := p.phase("r1"); e.Phase != state.Intended {
			t.Errorf("the ledger says %s", e.Phase)
		}
	})
}

func TestR12_WhatHasToStopWhileItsIntentIsWrittenIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		s := p.stage()
		ctx, stop := context.WithCancelCause(s.ctx)
		s.run.Ledger = stopping{Ledger: s.session, stop: func() { stop(errors.New("a signal")) }}
		prepared := s.prepare()
		if _, err := s.run.Perform(ctx, prepared); err != nil {
			t.Fatal(err)
		}
		p.expect(s.told, "not_sent r1 stopped")
		s.posts(0)
		s.session.Close()
		if e := p.phase("r1"); e.Phase != state.NotSent {
			t.Errorf("the ledger says %s", e.Phase)
		}
	})
}

// stopping is a ledger after whose first intent the run has to stop.
type stopping struct {
	apply.Ledger
	stop func()
}

func (l stopping) Begin(ctx context.Context, in state.Intent) error {
	defer l.stop()
	return l.Ledger.Begin(ctx, in)
}

func TestR19_ACancelDoesNotLeaveOnAReadThatGrewOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.applied()
		api := &canceller{api: p.api}
		end, err := cancelled(t, p, api, func(c *apply.Cancellation) { c.Ledger = slowCancels{c.Ledger} })
		if err != nil || end.Kind != apply.CancelNotSent || end.Code != "list_too_old" || len(api.puts) != 0 {
			t.Errorf("%+v, %v, sent %q", end, err, api.puts)
		}
		if _, err := cancelled(t, p, api, nil); err != nil || len(api.puts) != 1 {
			t.Errorf("the next one: %v, sent %q", err, api.puts)
		}
	})
}

type slowCancels struct{ apply.CancelLedger }

func (l slowCancels) BeginCancel(ctx context.Context, a state.Cancel) error {
	time.Sleep(15 * time.Minute) // virtual
	return l.CancelLedger.BeginCancel(ctx, a)
}
