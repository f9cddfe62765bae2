package apply_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

func TestR1_NothingIsSentWithoutADurableIntent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		s, err := state.Open(context.Background(), p.backend, state.Options{Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		o := &eventLog{}
		r := p.run(s, o)
		r.Ledger = brokenLedger{}
		made, err := plan.Make(context.Background(), plan.Input{
			Accounts: []plan.Account{{Name: "default", Fingerprint: merchant}}, Readers: map[string]plan.Reader{merchant: p.api},
			Specs: p.specs, State: s.State(), Refresh: plan.Auto, Parallelism: 1, Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Perform(context.Background(), apply.Prepared{Plan: made}); !errors.Is(err, errDisk) {
			t.Errorf("got %v", err)
		}
		if len(p.api.posts) != 0 {
			t.Errorf("sent %q", p.api.posts)
		}
		_ = s.Close()
	})
}

// The run ends, nothing more is sent, and for everyone who reads the ledger the refund is in doubt.
func TestR1_AnAnswerThatCannotBeRecordedEndsTheRun(t *testing.T) {
	for name, c := range map[string]struct {
		first reply
		told  string
	}{
		"accepted": {reply{executed: true}, "sent r1"},
		"unknown":  {lostAfter, "in_doubt r1"}, // it is live, but after a failed write nothing is read back
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1", "o1/r2")
				p.api.script["r1"] = []reply{c.first}
				s := p.stage()
				defer s.session.Close()
				s.run.Ledger = hookedLedger{Ledger: s.session, finish: func(state.Outcome) error { return errDisk }}
				r, err := s.prepareAndPerform()
				if !errors.Is(err, errDisk) || r.NotSent.Count != 1 {
					t.Errorf("%+v, %v", r, err)
				}
				s.posts(1)
				if !strings.Contains(s.log.ends(), c.told) {
					t.Errorf("events\n%s", s.log.ends())
				}
				_ = s.session.Close()
				if e := p.entry("r1"); e.Phase != state.Intended {
					t.Errorf("the ledger has it as %s", e.Phase)
				}
			})
		})
	}
}

func TestR1_NothingIsSentIfTheLedgerFailsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.api.others("o1", refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(10), Status: refund.Success})
		s := p.stage()
		defer s.session.Close()
		s.run.Ledger = hookedLedger{Ledger: s.session, finish: func(state.Outcome) error { return errDisk }}
		r, err := s.prepareAndPerform()
		if !errors.Is(err, errDisk) || r.NotSent.Count != 1 || r.Sent.Count != 0 {
			t.Errorf("%+v, %v", r, err)
		}
		s.posts(0)
	})
}
