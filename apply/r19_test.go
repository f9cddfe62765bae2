package apply_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/state"
)

func TestR19_AnOldReadIsRepeatedBeforeAPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2")
		p.api.onPost = func(n int) {
			if n == 1 {
				time.Sleep(11 * time.Minute) // virtual: a very slow answer
				p.api.mu.Lock()
				defer p.api.mu.Unlock()
				p.api.live["o1"] = append(p.api.live["o1"], refund.Live{RefundID: "dash", ParentID: "o1", Amount: rupees(5), Status: refund.Pending})
			}
		}
		_, o := p.apply()
		p.expect(o, "sent r1", "not_sent r2 parent_moved")
	})
}

func TestR19_AfterANewReadTheRefundIsSentIfNothingChanged(t *testing.T) {
	for name, c := range map[string]struct {
		fresh func() ([]refund.Live, error)
		want  string
	}{
		"nothing changed": {nil, "sent r1"},
		"unread":          {unreachable, "not_sent r1 unread"},
		"the refund is there": {func() ([]refund.Live, error) {
			return []refund.Live{{RefundID: "r1", ParentID: "o1", Amount: rupees(10), Status: refund.Pending}}, nil
		}, "already_present r1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				reads := &scriptedReader{api: p.api, answers: []func() ([]refund.Live, error){nil, c.fresh}}
				p.reader = reads
				s := p.stage()
				defer s.session.Close()
				prepared := s.prepare()
				time.Sleep(11 * time.Minute) // virtual: a person reads the plan
				if _, err := s.run.Perform(s.ctx, prepared); err != nil || reads.asked != 2 {
					t.Errorf("%v after %d reads", err, reads.asked)
				}
				p.expect(s.log, c.want)
			})
		})
	}
}

// stallBegin makes the next intents take a quarter of an hour each.
func stallBegin(s *stage, times int) {
	s.run.Ledger = hookedLedger{Ledger: s.session, begin: func(state.Intent) error {
		if times--; times >= 0 {
			time.Sleep(15 * time.Minute) // virtual: the disk hangs, or the process is suspended
		}
		return nil
	}}
}

func TestR19_AReadThatGrowsTooOldWhileTheIntentIsWrittenIsRepeated(t *testing.T) {
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
		"nothing changed":      {1, nil, "sent r1", 1, state.Accepted},
		"twice":                {2, nil, "sent r1", 1, state.Accepted},
		"others made a refund": {1, dash, "not_sent r1 parent_moved", 0, state.NotSent},
		"unread":               {1, unreachable, "not_sent r1 unread", 0, state.NotSent},
		"every time":           {99, nil, "not_sent r1 list_too_old", 0, state.NotSent},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				p.reader = &scriptedReader{api: p.api, answers: []func() ([]refund.Live, error){nil, c.second}}
				s := p.stage()
				stallBegin(s, c.stalls)
				if _, err := s.prepareAndPerform(); err != nil {
					t.Fatal(err)
				}
				p.expect(s.log, c.want)
				s.posts(c.posts)
				s.session.Close()
				if e := p.entry("r1"); e.Phase != c.phase {
					t.Errorf("the ledger says %s", e.Phase)
				}
			})
		})
	}
}

func TestR19_ARetryWhoseReadIsTooOldStaysInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{lostBefore, lostBefore, lostBefore}
		p.apply()
		before := len(p.api.posts)
		s := p.stage()
		stallBegin(s, 99)
		if _, err := s.prepareAndPerform(); err != nil {
			t.Fatal(err)
		}
		p.expect(s.log, "in_doubt r1", "in_doubt r1 list_too_old")
		s.posts(before)
		s.session.Close()
		if e := p.entry("r1"); e.Phase != state.Intended {
			t.Errorf("the ledger says %s", e.Phase)
		}
	})
}

func TestR19_ACancelIsNotSentOnAReadThatGrewTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.apply()
		api := &canceller{api: p.api}
		end, err := cancelR1(t, p, api, func(c *apply.Cancellation) { c.Ledger = slowCancelLedger{c.Ledger} })
		if err != nil || end.Kind != apply.CancelNotSent || end.Code != "list_too_old" || len(api.puts) != 0 {
			t.Errorf("%+v, %v, sent %q", end, err, api.puts)
		}
		if _, err := cancelR1(t, p, api, nil); err != nil || len(api.puts) != 1 {
			t.Errorf("the next one: %v, sent %q", err, api.puts)
		}
	})
}

type slowCancelLedger struct{ apply.CancelLedger }

func (l slowCancelLedger) BeginCancel(ctx context.Context, a state.Cancel) error {
	time.Sleep(15 * time.Minute) // virtual
	return l.CancelLedger.BeginCancel(ctx, a)
}
