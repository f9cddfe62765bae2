package apply_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/state"
)

func TestR12_StopRules(t *testing.T) {
	t.Run("a signal starts nothing new and records requests in flight", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1", "o1/r2", "o1/r3")
			ctx, cancel := context.WithCancelCause(context.Background())
			p.ctx = ctx
			signal := errors.New("interrupted")
			p.api.onPost = func(n int) { cancel(signal) }
			r, o := p.apply()
			p.expect(o, "sent r1", "not_sent r2 stopped", "not_sent r3 stopped")
			if !errors.Is(r.Stopped, signal) || p.entry("r1").Phase != state.Accepted {
				t.Errorf("stopped by %v, r1 is %s", r.Stopped, p.entry("r1").Phase)
			}
		})
	})
	t.Run("refused credentials", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1", "o1/r2")
			p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 401, Code: "request_failed"}}}
			r, o := p.apply()
			p.expect(o, "stopping", "not_sent r1 request_failed", "not_sent r2 stopped")
			if !errors.Is(r.Stopped, apply.ErrCredentials) {
				t.Errorf("stopped by %v", r.Stopped)
			}
		})
	})
	t.Run("a redirect", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1", "o1/r2")
			p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 307}}}
			r, o := p.apply()
			p.expect(o, "stopping", "in_doubt r1", "not_sent r2 parent_in_doubt")
			if !errors.Is(r.Stopped, apply.ErrRedirected) {
				t.Errorf("stopped by %v", r.Stopped)
			}
		})
	})
	t.Run("five unknown outcomes in a row", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var names []string
			for i := range 20 {
				names = append(names, fmt.Sprintf("o%02d/r%02d", i, i))
			}
			p := newProject(t, names...)
			for _, s := range p.specs {
				p.api.script[s.RefundID] = slices.Repeat([]reply{lostBefore}, 9)
			}
			r, _ := p.apply()
			if !errors.Is(r.Stopped, apply.ErrUnknownStreak) || r.InDoubt.Count > 13 || r.NotSent.Count+r.InDoubt.Count != 20 {
				t.Errorf("stopped by %v with %d in doubt, %d not sent", r.Stopped, r.InDoubt.Count, r.NotSent.Count)
			}
		})
	})
	t.Run("the first refusal, with --on-error stop", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1", "o1/r2")
			p.stopOnRefusal = true
			p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Code: "refund_unsupported"}}}
			_, o := p.apply()
			p.expect(o, "stopping", "refused r1 refund_unsupported", "not_sent r2 stopped")
		})
	})
}

func TestR12_AStoppedRunStaysOpenInTheLedger(t *testing.T) {
	for name, c := range map[string]struct {
		script reply
		ends   int
	}{
		"stopped": {reply{answer: refund.Answer{HTTP: 401}}, 0},
		"whole":   {reply{executed: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1", "o2/r2")
				p.api.script["r1"] = []reply{c.script}
				s := p.stage()
				defer s.session.Close()
				var ends []state.End
				s.run.Ledger = hookedLedger{Ledger: s.session, ended: &ends}
				if _, err := s.prepareAndPerform(); err != nil || len(ends) != c.ends {
					t.Errorf("%v, ends %+v", err, ends)
				}
				if c.ends == 1 && ends[0].Sent != 2 {
					t.Errorf("%+v", ends[0])
				}
			})
		})
	}
}

func TestR12_ARefundThatWaitsForItsTurnWhenTheRunStopsIsNotSent(t *testing.T) {
	for name, turn := range map[string]func(stop func()) error{
		"the wait ends":             func(stop func()) error { stop(); return context.Canceled },
		"its turn came just before": func(stop func()) error { stop(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				s := p.stage()
				defer s.session.Close()
				prepared := s.prepare()
				ctx, stop := context.WithCancel(context.Background())
				s.issue(func() error { return turn(stop) })
				r, err := s.run.Perform(ctx, prepared)
				if err != nil || r.NotSent.Count != 1 || !errors.Is(r.Stopped, context.Canceled) {
					t.Errorf("%+v, %v", r, err)
				}
				if len(s.run.State.Entries()) != 0 {
					t.Errorf("the ledger has %+v", s.run.State.Entries())
				}
				s.posts(0)
			})
		})
	}
}

// A refund that was sent stays in doubt; one that was throttled is closed.
func TestR12_ARunThatStopsBetweenTwoTriesClosesOnlyWhatWasNotSent(t *testing.T) {
	for name, c := range map[string]struct {
		first reply
		want  string
		phase state.Phase
	}{
		"after a lost answer":     {lostBefore, "in_doubt r1 stopped", state.Intended},
		"after a 429":             {reply{answer: refund.Answer{HTTP: 429}}, "not_sent r1 stopped", state.NotSent},
		"after a replayed answer": {reply{answer: refund.Answer{HTTP: 400, Replayed: true}}, "in_doubt r1 stopped", state.Intended},
		"while busy":              {reply{answer: refund.Answer{HTTP: 409, Message: "already being processed"}}, "not_sent r1 stopped", state.NotSent},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				p.api.script["r1"] = []reply{c.first}
				s := p.stage()
				defer s.session.Close()
				prepared := s.prepare()
				ctx, stop := context.WithCancel(context.Background())
				turns := 0
				s.issue(func() error {
					if turns++; turns == 2 {
						stop()
						return context.Canceled
					}
					return nil
				})
				if _, err := s.run.Perform(ctx, prepared); err != nil {
					t.Error(err)
				}
				p.expect(s.log, c.want)
				_ = s.session.Close()
				if e := p.entry("r1"); e.Phase != c.phase {
					t.Errorf("the ledger has it as %s", e.Phase)
				}
				s.posts(1)
			})
		})
	}
}

func TestR12_ASignalEndsTheWaitForABusyRefund(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 409, Message: "already being processed"}}}
		ctx, stop := context.WithCancel(context.Background())
		p.ctx = ctx
		p.api.onPost = func(int) { time.AfterFunc(time.Second, stop) }
		begun := time.Now()
		r, _ := p.apply()
		if took := time.Since(begun); r.NotSent.Count != 1 || took > 2*time.Second {
			t.Errorf("%+v after %s", r, took)
		}
		if e := p.entry("r1"); e.Phase != state.NotSent {
			t.Errorf("the ledger has it as %s", e.Phase)
		}
	})
}

func TestR12_AnIntentIsClosedIfTheRunStopsWhileItIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		s := p.stage()
		ctx, stop := context.WithCancelCause(s.ctx)
		s.run.Ledger = stoppingLedger{Ledger: s.session, stop: func() { stop(errors.New("a signal")) }}
		prepared := s.prepare()
		if _, err := s.run.Perform(ctx, prepared); err != nil {
			t.Fatal(err)
		}
		p.expect(s.log, "not_sent r1 stopped")
		s.posts(0)
		s.session.Close()
		if e := p.entry("r1"); e.Phase != state.NotSent {
			t.Errorf("the ledger says %s", e.Phase)
		}
	})
}

// stoppingLedger stops the run after an intent.
type stoppingLedger struct {
	apply.Ledger
	stop func()
}

func (l stoppingLedger) Begin(ctx context.Context, in state.Intent) error {
	defer l.stop()
	return l.Ledger.Begin(ctx, in)
}

// An x-request-id that never left this machine means nothing to the API's support.
func TestATryThatNeverLeftQuotesNoRequestID(t *testing.T) {
	refused := reply{answer: refund.Answer{NotSent: true, Cause: "connection refused"}}
	for name, first := range map[string]reply{"never": refused, "after a lost answer": lostBefore} {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1")
			p.api.script["r1"] = append([]reply{first}, slices.Repeat([]reply{refused}, 9)...)
			_, log := p.apply()
			for _, e := range log.events {
				if e.Kind != apply.Sending && e.RequestID != "" {
					t.Errorf("%s: %s quotes %q", name, e.Kind, e.RequestID)
				}
			}
			if e := p.entry("r1"); e.RequestID != "" {
				t.Errorf("%s: the ledger quotes %q while %s", name, e.RequestID, e.Phase)
			}
		})
	}
}
