package apply_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// A stored failure may have moved the money under the first key: no later no settles that.
func TestR7_AfterAStoredFailureANoSettlesNothing(t *testing.T) {
	executedUnseen := reply{executed: true, answer: refund.Answer{HTTP: 500}}
	stored := reply{answer: refund.Answer{HTTP: 500, Replayed: true}}
	for name, last := range map[string]refund.Answer{
		"404": {HTTP: 404, Code: "order_not_found"}, "400": {HTTP: 400, Code: "refund_post_failed"}, "401": {HTTP: 401}, "429": {HTTP: 429},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				p.api.lag = time.Minute // the list shows nothing of it while the run goes on
				p.api.script["r1"] = append([]reply{executedUnseen, stored}, slices.Repeat([]reply{{answer: last}}, 9)...)
				r, _ := p.applied()
				if r.InDoubt.Count != 1 || p.phase("r1").Phase != state.Intended {
					t.Errorf("%+v, the ledger says %s", r, p.phase("r1").Phase)
				}
				time.Sleep(2 * time.Minute) // virtual
				p.api.script["r1"] = nil
				p.applied()
				p.executed(map[string]int{"r1": 1})
				if p.phase("r1").Phase != state.Accepted {
					t.Errorf("the ledger says %s", p.phase("r1").Phase)
				}
			})
		})
	}
}

func TestR7_AfterAStoredNoAFreshNoIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Replayed: true}}, {answer: refund.Answer{HTTP: 400, Code: "refund_unsupported"}}}
		_, o := p.applied()
		p.expect(o, "refused r1 refund_unsupported")
	})
}

// slowReader answers the first reads late, as a list does that was throttled and tried again.
type slowReader struct {
	*api
	delays []time.Duration
	begun  []time.Time
}

func (s *slowReader) Refunds(ctx context.Context, p refund.Parent) ([]refund.Live, error) {
	if n := len(s.begun); n < len(s.delays) {
		time.Sleep(s.delays[n]) // virtual
	}
	s.begun = append(s.begun, time.Now())
	return s.api.Refunds(ctx, p)
}

func TestR8_TheTwoReadsThatProveAbsenceAreReadDelayApartHoweverLateTheFirstIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{lostBefore}
		slow := &slowReader{api: p.api, delays: []time.Duration{0, 10 * time.Second}} // the plan's, then the first read back
		p.reader = slow
		p.applied()
		if len(slow.begun) != 3 || slow.begun[2].Sub(slow.begun[1]) < 3*time.Second {
			t.Errorf("good reads at %v", slow.begun)
		}
	})
}

func TestAnIDThatAnotherParentHasIsAConflictAndIsNotTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2")
		p.api.script["r1"] = slices.Repeat([]reply{{answer: refund.Answer{HTTP: 400, Message: "Duplicate Merchant Refund Id"}}}, 9)
		p.applied()
		time.Sleep(11 * time.Minute) // virtual
		_, o := p.applied()
		p.expect(o, "settled r1 "+plan.IDOnOtherParent, "sent r2")
		p.applied()
		if posts := len(p.api.posts); posts != 2 {
			t.Errorf("sent %q", p.api.posts)
		}
	})
}

// As two merged copies of a ledger tell: one was refused and then lost a second try, the other was
// accepted under the first key. A list that does not show the refund is no reason to send it.
func TestR2_WhatTheAPIAcceptedUnderALowerAttemptNeverGoesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = append([]reply{{answer: refund.Answer{HTTP: 400, Code: "refund_post_failed"}}}, slices.Repeat([]reply{lostBefore}, 3)...)
		p.applied()
		p.applied()
		accepted := state.Outcome{AccountName: "default", ID: p.phase("r1").ID, Attempt: 1, Phase: state.Accepted,
			Amount: rupees(10), Status: refund.Pending, CfRefundID: "cf_1", How: "answered"}
		s, err := state.Open(p.ctx, p.backend, state.Options{Clock: time.Now})
		if err == nil {
			err = s.Finish(p.ctx, accepted)
		}
		if err == nil {
			in := state.Intent{ID: accepted.ID, Attempt: 2}
			var forbidden *state.ForbiddenError
			if no := s.State().Forbids(in); !errors.As(no, &forbidden) {
				t.Errorf("the ledger says %v", no)
			}
			err = s.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		posts := len(p.api.posts)
		_, o := p.applied()
		p.expect(o, "in_doubt r1")
		if e := p.phase("r1"); len(p.api.posts) != posts || e.Phase != state.Intended || e.Attempt != 2 {
			t.Errorf("%d further posts, the ledger says %+v", len(p.api.posts)-posts, e)
		}
		time.Sleep(11 * time.Minute) // virtual
		p.applied()
		if e := p.phase("r1"); len(p.api.posts) != posts || e.Phase != state.Accepted {
			t.Errorf("%d further posts, the ledger says %s", len(p.api.posts)-posts, e.Phase)
		}
	})
}
