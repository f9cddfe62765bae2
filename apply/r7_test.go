package apply_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/internal/refund"
	"refundctl/state"
)

func TestR4_AllTriesOfAnAttemptHaveOneKeyAndOneBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{lostBefore, lostBefore}
		p.apply()
		if len(p.api.posts) != 3 || p.api.posts[0] != p.api.posts[1] || p.api.posts[1] != p.api.posts[2] {
			t.Errorf("%q", p.api.posts)
		}
	})
}

func TestR7_TheNextRunTriesARefusedRefundWithTheNextKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Code: "refund_unsupported"}}}
		p.apply()
		begun := time.Now()
		_, o := p.apply()
		p.expect(o, "sent r1")
		if e := p.entry("r1"); e.Attempt != 2 || p.api.posts[0] == p.api.posts[1] {
			t.Errorf("attempt %d, posts %q", e.Attempt, p.api.posts)
		}
		if waited := time.Since(begun); waited < 3*time.Second {
			t.Errorf("the second read came after %s: no proof of absence", waited)
		}
	})
}

func TestR7_TheProofOfAbsenceWaitsOnlyForTheRestOfReadDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Code: "refund_unsupported"}}}
		p.apply()
		s := p.stage()
		defer s.session.Close()
		prepared := s.prepare()
		time.Sleep(time.Minute) // virtual: a person reads the plan
		begun := time.Now()
		if r, err := s.run.Perform(s.ctx, prepared); err != nil || r.Sent.Count != 1 {
			t.Errorf("%+v, %v", r, err)
		}
		if took := time.Since(begun); took > time.Second {
			t.Errorf("the second read waited %s after a minute", took)
		}
	})
}

func TestR7_ALaterAttemptWithoutProofIsNotSent(t *testing.T) {
	for name, c := range map[string]struct {
		second func() ([]refund.Live, error)
		want   string
	}{
		"the read fails": {unreachable, "not_sent r1 unread"},
		"the refund is there": {func() ([]refund.Live, error) {
			return []refund.Live{{RefundID: "r1", ParentID: "o1", Amount: rupees(10), Status: refund.Pending}}, nil
		}, "already_present r1"},
		"a different one is there": {func() ([]refund.Live, error) {
			return []refund.Live{{RefundID: "r1", ParentID: "o1", Amount: rupees(11), Status: refund.Pending}}, nil
		}, "not_sent r1 amount_differs"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Code: "refund_unsupported"}}}
				p.apply()
				p.reader = &scriptedReader{api: p.api, answers: []func() ([]refund.Live, error){nil, c.second}} // the plan's read, then the proof's
				_, o := p.apply()
				p.expect(o, c.want)
				if len(p.api.posts) != 1 {
					t.Errorf("sent %q", p.api.posts)
				}
			})
		})
	}
}

// If one of the keys may have moved the money, the refund stays in doubt; if all of them replay refusals, it was
// not sent.
func TestR7_KeysThatReplayAreSkippedTwentyTimes(t *testing.T) {
	for name, c := range map[string]struct {
		stored refund.Answer
		want   string
	}{
		"stored failures": {refund.Answer{HTTP: 500, Replayed: true}, "in_doubt r1"},
		"stored refusals": {refund.Answer{HTTP: 400, Replayed: true}, "not_sent r1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				p.api.script["r1"] = slices.Repeat([]reply{{answer: c.stored}}, 99)
				_, o := p.apply()
				p.expect(o, c.want)
				if len(p.api.posts) != 21 {
					t.Errorf("%d requests", len(p.api.posts))
				}
			})
		})
	}
}

// The stored failure of the first key may have moved the money, which no later refusal can rule out.
func TestR7_ARefusalAfterAStoredFailureResolvesNothing(t *testing.T) {
	executedUnseen := reply{executed: true, answer: refund.Answer{HTTP: 500}}
	stored := reply{answer: refund.Answer{HTTP: 500, Replayed: true}}
	for name, last := range map[string]refund.Answer{
		"404": {HTTP: 404, Code: "order_not_found"}, "400": {HTTP: 400, Code: "refund_post_failed"}, "401": {HTTP: 401}, "429": {HTTP: 429},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				p.api.lag = time.Minute // the list does not show it during the run
				p.api.script["r1"] = append([]reply{executedUnseen, stored}, slices.Repeat([]reply{{answer: last}}, 9)...)
				r, _ := p.apply()
				if r.InDoubt.Count != 1 || p.entry("r1").Phase != state.Intended {
					t.Errorf("%+v, the ledger says %s", r, p.entry("r1").Phase)
				}
				time.Sleep(2 * time.Minute) // virtual
				p.api.script["r1"] = nil
				p.apply()
				p.executed(map[string]int{"r1": 1})
				if p.entry("r1").Phase != state.Accepted {
					t.Errorf("the ledger says %s", p.entry("r1").Phase)
				}
			})
		})
	}
}

func TestR7_ARefusalAfterAStoredRefusalIsFinal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Replayed: true}}, {answer: refund.Answer{HTTP: 400, Code: "refund_unsupported"}}}
		_, o := p.apply()
		p.expect(o, "refused r1 refund_unsupported")
	})
}
