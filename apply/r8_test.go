package apply_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Each case is a bad answer, and how the refund ends in this run.
func TestR8_UnknownOutcomesAreReadBack(t *testing.T) {
	stored := refund.Answer{HTTP: 500, Replayed: true}
	cases := []struct {
		name     string
		script   []reply
		lag      time.Duration
		want     string
		executed int
		attempt  int
		posts    int
	}{
		{"lost after the money moved", []reply{lostAfter}, 0, "sent r1", 1, 1, 1},
		{"lost after, and reads lag", []reply{lostAfter}, 2 * time.Second, "sent r1", 1, 1, 1},
		{"lost before the money moved", []reply{lostBefore}, 0, "sent r1", 1, 1, 2},
		{"lost twice", []reply{lostBefore, lostBefore}, 0, "sent r1", 1, 1, 3},
		{"lost three times, the most of one run", []reply{lostBefore, lostBefore, lostBefore}, 0, "in_doubt r1", 0, 1, 3},
		{"a 500 that did nothing", []reply{{answer: refund.Answer{HTTP: 500}}}, 0, "sent r1", 1, 1, 2},
		{"a 500 after the money moved", []reply{{executed: true, answer: refund.Answer{HTTP: 500}}}, 0, "sent r1", 1, 1, 1},
		{"a stored 500 that did nothing", []reply{{answer: refund.Answer{HTTP: 500}}, {answer: stored}}, 0, "sent r1", 1, 2, 3},
		{"R7: keys that replay are skipped", []reply{{answer: stored}, {answer: stored}, {answer: stored}}, 0, "sent r1", 1, 4, 4},
		{"R7: one fresh answer after a key that replays", []reply{{answer: stored}, lostBefore}, 0, "in_doubt r1", 0, 2, 2},
		{"garbage after the money moved", []reply{{executed: true, answer: refund.Answer{HTTP: 200, Cause: "not JSON"}}}, 0, "sent r1", 1, 1, 1},
		{"a 409 without a message", []reply{{answer: refund.Answer{HTTP: 409}}}, 0, "sent r1", 1, 1, 2},
		{"a 400 after a lost try", []reply{lostAfter, {answer: refund.Answer{HTTP: 400}}}, 4 * time.Second, "sent r1", 1, 1, 2},
		{"a duplicate after a lost try", []reply{lostAfter, {answer: refund.Answer{HTTP: 400, Message: "Duplicate"}}}, 4 * time.Second, "sent r1", 1, 1, 2},
		{"a 429", []reply{{answer: refund.Answer{HTTP: 429}}}, 0, "sent r1", 1, 1, 2},
		{"a 422 for another body", []reply{{answer: refund.Answer{HTTP: 422}}}, 0, "in_doubt r1", 0, 1, 1},
		{"a duplicate that no read shows", []reply{{answer: refund.Answer{HTTP: 400, Message: "Duplicate"}}}, 0, "in_doubt r1 exists_not_visible", 0, 1, 1},
		{"a plain refusal", []reply{{answer: refund.Answer{HTTP: 400, Code: "refund_unsupported"}}}, 0, "refused r1 refund_unsupported", 0, 1, 1},
		{"throttled every time", slices.Repeat([]reply{{answer: refund.Answer{HTTP: 429, Code: "request_failed"}}}, 5), 0, "not_sent r1 request_failed", 0, 1, 5},
		{"busy with the try that was lost", []reply{lostBefore, {executed: true, answer: refund.Answer{HTTP: 409, Message: "already being processed"}}}, 2 * time.Second, "sent r1", 1, 1, 2},
		{"busy every time", slices.Repeat([]reply{{answer: refund.Answer{HTTP: 409, Message: "already being processed"}}}, 3), 0, "not_sent r1", 0, 1, 3},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				p.api.script["r1"], p.api.lag = c.script, c.lag
				_, o := p.apply()
				p.expect(o, c.want)
				p.executed(map[string]int{"r1": c.executed})
				if e := p.entry("r1"); e.Attempt != c.attempt || len(p.api.posts) != c.posts {
					t.Errorf("attempt %d after %d posts, want %d and %d", e.Attempt, len(p.api.posts), c.attempt, c.posts)
				}
			})
		})
	}
}

func TestR8_ALaterRunResolvesARefundInDoubt(t *testing.T) {
	always := slices.Repeat([]reply{lostBefore}, 3)
	t.Run("and sends it again if it is still desired", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1")
			p.api.script["r1"] = always
			p.apply()
			_, o := p.apply()
			p.expect(o, "in_doubt r1", "sent r1")
			p.executed(map[string]int{"r1": 1})
			if e := p.entry("r1"); e.Attempt != 1 || e.Try != 4 {
				t.Errorf("%+v", e)
			}
		})
	})
	t.Run("and leaves it alone if it was edited", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1", "o1/r2")
			p.api.script["r1"] = always
			p.apply()
			p.specs[0].Note = "edited since"
			_, o := p.apply()
			p.expect(o, "in_doubt r1")
			p.executed(map[string]int{})
		})
	})
	t.Run("and closes it if it is absent for good", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1")
			p.api.script["r1"] = always
			p.apply()
			p.specs = nil
			time.Sleep(11 * time.Minute) // virtual
			_, o := p.apply()
			p.expect(o, "settled r1")
			if e := p.entry("r1"); e.Phase != state.NotSent {
				t.Errorf("%+v", e)
			}
		})
	})
	t.Run("and finds a refund that arrived late", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1")
			p.api.script["r1"] = []reply{lostAfter, {answer: refund.Answer{HTTP: 500}}, {answer: refund.Answer{HTTP: 500}}}
			p.api.lag = time.Minute
			p.apply()
			if e := p.entry("r1"); e.Phase != state.Intended {
				t.Fatalf("%+v", e)
			}
			time.Sleep(2 * time.Minute) // virtual
			_, o := p.apply()
			p.expect(o, "settled r1")
			p.executed(map[string]int{"r1": 1})
		})
	})
	t.Run("and refuses an id that another order has", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProject(t, "o1/r1")
			p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Message: "Duplicate Merchant Refund Id"}}}
			p.apply()
			p.specs = nil
			time.Sleep(11 * time.Minute) // virtual
			_, o := p.apply()
			p.expect(o, "settled r1 refund_id_on_other_parent")
			if e := p.entry("r1"); e.Phase != state.Refused {
				t.Errorf("%+v", e)
			}
		})
	})
}

func TestR8_FailedReadsProveNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{lostBefore}
		p.api.onPost = func(int) {
			p.api.mu.Lock()
			defer p.api.mu.Unlock()
			p.api.readFail = &refund.ReadError{Class: refund.Throttled, HTTP: 429}
		}
		_, o := p.apply()
		p.expect(o, "in_doubt r1")
		if len(p.api.posts) != 1 {
			t.Errorf("%q", p.api.posts)
		}
	})
}

func TestR8_ARefundInDoubtIsNotSentAgainWithoutAProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		p.apply()
		s := p.stage()
		defer s.session.Close()
		prepared := s.prepare()
		if len(prepared.Plan.Rows(plan.Create)) != 1 || len(prepared.Recovered.Proofs) != 1 {
			t.Fatalf("%+v", prepared.Recovered)
		}
		prepared.Recovered.Proofs = nil
		r, err := s.run.Perform(s.ctx, prepared)
		if err != nil || r.InDoubt.Count != 1 {
			t.Errorf("%+v, %v", r, err)
		}
		s.posts(3)
	})
}

func TestR8_NoPlanIsMadeIfAResolvedDoubtCannotBeRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.lag = time.Minute
		p.api.script["r1"] = []reply{lostAfter, lostBefore, lostBefore}
		p.apply()
		time.Sleep(2 * time.Minute) // virtual
		s := p.stage()
		defer s.session.Close()
		s.run.Ledger = hookedLedger{Ledger: s.session, finish: func(state.Outcome) error { return errDisk }}
		if prepared, err := s.run.Prepare(s.ctx, s.input); !errors.Is(err, errDisk) || prepared.Plan != nil {
			t.Errorf("%+v, %v", prepared, err)
		}
	})
}

func TestR8_RecoverKeepsDoubtsThatItCannotResolve(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*project, *stage)
		code   string
		class  apply.Class
		reads  int
	}{
		"another account's": {func(_ *project, s *stage) { delete(s.run.Gateways, merchant) }, "other_account", apply.Unknown, 0},
		"unread": {func(p *project, _ *stage) {
			p.reader.(*scriptedReader).answers = []func() ([]refund.Live, error){unreachable}
		}, "unread", apply.Unknown, 1},
		"another refund": {func(p *project, _ *stage) {
			p.api.others("o1", refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(99), Status: refund.Success})
		}, "amount_differs", apply.Conflicting, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
				p.apply()
				reads := &scriptedReader{api: p.api}
				p.reader = reads
				s := p.stage()
				defer s.session.Close()
				c.change(p, s)
				found, err := s.run.Recover(s.ctx, nil)
				if err != nil || len(found.Resolved) != 0 || len(found.Open) != 1 || len(found.Proofs) != 0 || reads.asked != c.reads {
					t.Fatalf("%+v, %v after %d reads", found, err, reads.asked)
				}
				e := found.Open[0]
				if e.Code != c.code || e.Class != c.class || e.Kind != apply.InDoubt || !e.ResolvesAt.Equal(e.Since.Add(10*time.Minute)) {
					t.Errorf("%+v", e)
				}
				doubts := s.run.Doubts()
				if len(doubts) != 1 || doubts[0].ID != e.ID || doubts[0].Key != e.Key || doubts[0].Try != 3 {
					t.Errorf("doubts %+v", doubts)
				}
			})
		})
	}
}

func TestR8_RecoverReportsInTheOrderOfTheRefunds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o3/r3", "o1/r1", "o2/r2", "o4/r4")
		for _, id := range []string{"r1", "r2", "r3", "r4"} {
			p.api.script[id] = []reply{lostAfter, lostBefore, lostBefore}
		}
		p.api.lag = time.Minute
		p.apply()
		time.Sleep(2 * time.Minute) // virtual
		p.api.live["o2"], p.api.live["o4"] = nil, nil
		p.reader = delayedReader{p.api, map[string]time.Duration{"o1": 4 * time.Second, "o2": 3 * time.Second, "o3": 2 * time.Second}}
		s := p.stage()
		defer s.session.Close()
		found, err := s.run.Recover(s.ctx, nil)
		if err != nil || len(found.Resolved) != 2 || found.Resolved[0].ID.RefundID != "r1" || found.Resolved[1].ID.RefundID != "r3" ||
			len(found.Open) != 2 || found.Open[0].ID.RefundID != "r2" || found.Open[1].ID.RefundID != "r4" {
			t.Errorf("%+v, %v", found, err)
		}
	})
}

// Another try could not help, so there is no second read for it.
func TestR8_ARefundWhoseIDIsTakenIsNotSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Message: "Duplicate Merchant Refund Id"}}}
		p.apply()
		reads := &scriptedReader{api: p.api}
		p.reader = reads
		_, o := p.apply()
		p.expect(o, "in_doubt r1")
		if len(p.api.posts) != 1 || reads.asked != 2 {
			t.Errorf("%q, %d reads", p.api.posts, reads.asked)
		}
	})
}

// After a mistake is corrected, reads decide again. What the API says by then takes precedence.
func TestR8_AFindingCanBeReplacedByAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		p.apply()
		s := p.stage()
		say := func(f apply.Finding) error {
			entry, _ := s.run.State.Entry(identity("o1", "r1"))
			_, _, err := s.run.Resolve(s.ctx, entry, apply.Resolution{Finding: f, Reason: "it looked so", AgainstAPI: true})
			return err
		}
		for _, f := range []apply.Finding{apply.FoundSent, apply.FoundNotSent, apply.FoundSent, apply.FoundNotSent} {
			if err := say(f); err != nil {
				t.Fatal(err)
			}
		}
		_ = s.session.Close()
		_, o := p.apply()
		p.expect(o, "sent r1")
		s = p.stage()
		var live *apply.LiveError
		if err := say(apply.FoundNotSent); err == nil || errors.As(err, &live) {
			t.Errorf("what the API said cannot be replaced by a finding: %v", err)
		}
		_ = s.session.Close()
	})
}

func TestR8_ALiveRefundCannotBeResolvedAsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		p.apply()
		p.api.live["o1"] = []refund.Live{{RefundID: "r1", ParentID: "o1", Amount: rupees(10), Status: refund.Success, CfRefundID: "7"}}
		s := p.stage()
		doubt := s.run.State.InDoubt()[0]
		var live *apply.LiveError
		if _, _, err := s.run.Resolve(s.ctx, doubt, apply.Resolution{Finding: apply.FoundNotSent, Reason: "it looked so"}); !errors.As(err, &live) {
			t.Errorf("it was recorded: %v", err)
		}
		if e := p.entry("r1"); e.Phase != state.Intended {
			t.Errorf("%+v", e)
		}
		if _, unread, err := s.run.Resolve(s.ctx, doubt, apply.Resolution{Finding: apply.FoundSent, Reason: "seen"}); err != nil || unread != nil {
			t.Error(unread, err)
		}
		_ = s.session.Close()
		if e := p.entry("r1"); e.Phase != state.Settled || e.CfRefundID != "7" {
			t.Errorf("the ledger does not have what was read: %+v", e)
		}
	})
}

func TestR8_TheTwoReadsOfAProofAreReadDelayApartEvenIfTheFirstIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{lostBefore}
		slow := &slowReader{api: p.api, delays: []time.Duration{0, 10 * time.Second}} // the plan's read, then the first one after the try
		p.reader = slow
		p.apply()
		if len(slow.begun) != 3 || slow.begun[2].Sub(slow.begun[1]) < 3*time.Second {
			t.Errorf("good reads at %v", slow.begun)
		}
	})
}
