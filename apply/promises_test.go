package apply_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/apply"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// stage is one run whose parts a test can exchange before and between its steps.
type stage struct {
	*project
	session *state.Session
	told    *told
	run     *apply.Run
	input   plan.Input
}

func (p *project) stage() *stage {
	p.t.Helper()
	s, err := state.Open(context.Background(), p.backend, state.Options{Clock: time.Now})
	if err != nil {
		p.t.Fatal(err)
	}
	o := &told{}
	r := p.run(s, o)
	return &stage{p, s, o, r, plan.Input{
		Accounts: []plan.Account{{Name: "default", API: "cashfree", Environment: "sandbox", Fingerprint: merchant, Limits: p.limits}},
		Readers:  map[string]plan.Reader{merchant: p.reads()}, Specs: p.specs, Refresh: plan.Auto,
		SettleAfter: r.Recovery.SettleAfter, Parallelism: 8, Clock: time.Now,
	}}
}

func (s *stage) prepare() apply.Prepared {
	s.t.Helper()
	p, err := s.run.Prepare(s.ctx, s.input)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// through is Prepare and Perform.
func (s *stage) through() (apply.Result, error) {
	s.t.Helper()
	return s.run.Perform(s.ctx, s.prepare())
}

func (s *stage) posts(want int) {
	s.t.Helper()
	if len(s.api.posts) != want {
		s.t.Errorf("sent %q, want %d requests", s.api.posts, want)
	}
}

// hooked is a ledger that a test can fail.
type hooked struct {
	apply.Ledger
	begin  func(state.Intent) error
	finish func(state.Outcome) error
	ended  *[]state.End
}

func (h hooked) Begin(ctx context.Context, in state.Intent) error {
	if h.begin != nil {
		if err := h.begin(in); err != nil {
			return err
		}
	}
	return h.Ledger.Begin(ctx, in)
}

func (h hooked) Finish(ctx context.Context, o state.Outcome) error {
	if h.finish != nil {
		if err := h.finish(o); err != nil {
			return err
		}
	}
	return h.Ledger.Finish(ctx, o)
}

func (h hooked) End(ctx context.Context, e state.End) error {
	if h.ended != nil {
		*h.ended = append(*h.ended, e)
	}
	return h.Ledger.End(ctx, e)
}

// issuer lets a test act while a refund waits for its turn.
type issuer struct {
	*api
	turn func() error
}

func (i issuer) Turn(context.Context) error { return i.turn() }

// issue puts the issuer into the run.
func (s *stage) issue(turn func() error) {
	s.run.Gateways[merchant] = apply.Gateway{Reader: s.reads(), Issuer: issuer{s.api, turn}}
}

// rereads answers reads as ordered, one after another; then as the API does.
type rereads struct {
	*api
	turn    sync.Mutex
	answers []func() ([]refund.Live, error)
	asked   int
	paid    money.Amount
}

func (r *rereads) Refunds(ctx context.Context, p refund.Parent) ([]refund.Live, error) {
	r.turn.Lock()
	r.asked++
	var now func() ([]refund.Live, error)
	if len(r.answers) > 0 {
		now, r.answers = r.answers[0], r.answers[1:]
	}
	r.turn.Unlock()
	if now != nil {
		return now()
	}
	return r.api.Refunds(ctx, p)
}

func (r *rereads) Payments(ctx context.Context, p refund.Parent) ([]refund.Paid, error) {
	paid, err := r.api.Payments(ctx, p)
	if r.paid.Minor > 0 {
		paid[0].Amount = r.paid
	}
	return paid, err
}

func unreachable() ([]refund.Live, error) {
	return nil, &refund.ReadError{Class: refund.Unreachable, HTTP: 502}
}

func TestR12_ARunThatWasStoppedStaysOpenInTheLedger(t *testing.T) {
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
				s.run.Ledger = hooked{Ledger: s.session, ended: &ends}
				if _, err := s.through(); err != nil || len(ends) != c.ends {
					t.Errorf("%v, ends %+v", err, ends)
				}
				if c.ends == 1 && ends[0].Sent != 2 {
					t.Errorf("%+v", ends[0])
				}
			})
		})
	}
}

func TestR2_WhatThePlanSawLiveIsRecordedBeforeAnythingIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.api.others("o1", refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(10), Status: refund.Success, CfRefundID: "cf_1"})
		s := p.stage()
		defer s.session.Close()
		p.api.onPost = func(int) {
			if e, _ := s.run.State.Entry(s.identity("o1", "r1")); e.Phase != state.Settled {
				t.Errorf("a refund left while the ledger held r1 as %q", e.Phase)
			}
		}
		r, err := s.through()
		if err != nil || r.Recorded != 1 || r.Sent.Count != 1 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func (p *project) identity(order, id string) refund.Identity {
	return refund.Identity{Parent: refund.Parent{Account: merchant, Kind: refund.Order, ID: order}, RefundID: id}
}

func TestR8_WhatIsInDoubtDoesNotGoAgainOnAPlanWithoutItsProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		p.applied()
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

// Two runs follow one plan, as two that were given the same file do.
func TestR2_APlanThatWasCarriedOutSendsNothingASecondTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		s := p.stage()
		defer s.session.Close()
		prepared := s.prepare()
		for i := range 2 {
			if r, err := s.run.Perform(s.ctx, prepared); err != nil || r.Sent.Count != 1-i || r.AlreadyPresent.Count != i {
				t.Errorf("run %d: %+v, %v", i, r, err)
			}
		}
		s.posts(1)
	})
}

func TestWhatAPlanFileLeavesOutIsToldWithItsReasonAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2", "o3/r3")
		s := p.stage()
		defer s.session.Close()
		prepared := s.prepare()
		prepared.Plan.Digest = "d"
		c := &prepared.Plan.Changes[1]
		c.Action, c.Reasons = plan.Blocked, []plan.Reason{{Code: "row_changed", Message: "edited since"}}
		if u := s.run.Unsent(prepared.Plan); u.NotSent.Count != 3 || u.NotSent.Amounts[0] != rupees(33) || u.Sent.Count != 0 {
			t.Errorf("unsent: %+v", u)
		}
		r, err := s.run.Perform(s.ctx, prepared)
		if err != nil || r.Sent.Count != 2 || r.NotSent.Count != 1 || r.NotSent.Amounts[0] != rupees(11) {
			t.Errorf("%+v, %v", r, err)
		}
		p.expect(s.told, "sent r1", "not_sent r2 row_changed", "sent r3")
	})
}

func TestARunThatSentNothingStillTellsWhatIsInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		p.applied()
		p.specs = append(p.specs, newProject(t, "o3/r3").specs...)
		s := p.stage()
		defer s.session.Close()
		if u := s.run.Unsent(nil); u.Earlier.Count != 1 || u.InDoubt.Count+u.NotSent.Count != 0 {
			t.Errorf("without a plan: %+v", u)
		}
		if u := s.run.Unsent(s.prepare().Plan); u.InDoubt.Count != 1 || u.NotSent.Count != 1 || u.Earlier.Count != 0 {
			t.Errorf("with a plan that sends it again: %+v", u)
		}
	})
}

func TestR11_WhatGoesAgainGoesBeforeWhatIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r_new", "o1/r_again")
		both := p.specs
		p.specs = both[1:]
		p.api.script["r_again"] = slices.Repeat([]reply{lostBefore}, 3)
		p.applied()
		p.specs = both
		p.applied()
		if len(p.api.posts) != 5 || !strings.HasPrefix(p.api.posts[3], "r_again ") || !strings.HasPrefix(p.api.posts[4], "r_new ") {
			t.Errorf("%q", p.api.posts)
		}
	})
}

func TestARefundThatIsDeadOnArrivalIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{{executed: true, edit: func(l *refund.Live) { l.Status = refund.Cancelled }}}
		if r, _ := p.applied(); r.Dead != 1 || r.Sent.Count != 1 {
			t.Errorf("%+v", r)
		}
	})
}

func TestR16_ASumThatDoesNotFitBlocksItsRowsAndEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		huge := money.Amount{Minor: math.MaxInt64 - 1, Currency: money.INR}
		p.specs[0].Amount, p.specs[1].Amount = huge, huge
		p.reader = &rereads{api: p.api, paid: huge}
		s := p.stage()
		defer s.session.Close()
		r, err := s.through()
		if err != nil || r.Sent.Count+r.NotSent.Count != 0 || len(p.api.posts) != 0 {
			t.Errorf("%+v, %v", r.Sent, err)
		}
	})
}

func TestR7_TheProofOfAbsenceWaitsOnlyForWhatIsLeftOfReadDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Code: "refund_unsupported"}}}
		p.applied()
		s := p.stage()
		defer s.session.Close()
		prepared := s.prepare()
		time.Sleep(time.Minute) // virtual: a person read the plan
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
		"it is there": {func() ([]refund.Live, error) {
			return []refund.Live{{RefundID: "r1", ParentID: "o1", Amount: rupees(10), Status: refund.Pending}}, nil
		}, "already_present r1"},
		"another is there": {func() ([]refund.Live, error) {
			return []refund.Live{{RefundID: "r1", ParentID: "o1", Amount: rupees(11), Status: refund.Pending}}, nil
		}, "not_sent r1 amount_differs"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Code: "refund_unsupported"}}}
				p.applied()
				p.reader = &rereads{api: p.api, answers: []func() ([]refund.Live, error){nil, c.second}} // the plan's, then the proof's
				_, o := p.applied()
				p.expect(o, c.want)
				if len(p.api.posts) != 1 {
					t.Errorf("sent %q", p.api.posts)
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
					t.Errorf("the ledger holds %+v", s.run.State.Entries())
				}
				s.posts(0)
			})
		})
	}
}

// A run is stopped between two tries. What was sent stays in doubt; what was throttled away is closed.
func TestR12_StoppedBetweenTwoTries(t *testing.T) {
	for name, c := range map[string]struct {
		first reply
		want  string
		phase state.Phase
	}{
		"after a lost answer": {lostBefore, "in_doubt r1 stopped", state.Intended},
		"after a 429":         {reply{answer: refund.Answer{HTTP: 429}}, "not_sent r1 stopped", state.NotSent},
		"after a burnt key":   {reply{answer: refund.Answer{HTTP: 400, Replayed: true}}, "in_doubt r1 stopped", state.Intended},
		"while busy":          {reply{answer: refund.Answer{HTTP: 409, Message: "already being processed"}}, "not_sent r1 stopped", state.NotSent},
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
				p.expect(s.told, c.want)
				_ = s.session.Close()
				if e := p.phase("r1"); e.Phase != c.phase {
					t.Errorf("the ledger holds it as %s", e.Phase)
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
		r, _ := p.applied()
		if took := time.Since(begun); r.NotSent.Count != 1 || took > 2*time.Second {
			t.Errorf("%+v after %s", r, took)
		}
		if e := p.phase("r1"); e.Phase != state.NotSent {
			t.Errorf("the ledger holds it as %s", e.Phase)
		}
	})
}

func TestR2_WhatTheLedgerForbidsIsLeftOutAndTheOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		s := p.stage()
		defer s.session.Close()
		s.run.Ledger = hooked{Ledger: s.session, begin: func(in state.Intent) error {
			if in.ID.RefundID == "r1" {
				return &state.ForbiddenError{ID: in.ID, Reason: "it was sent"}
			}
			return nil
		}}
		r, err := s.through()
		if err != nil || r.Stopped != nil {
			t.Errorf("%+v, %v", r, err)
		}
		p.expect(s.told, "not_sent r1 forbidden", "sent r2")
	})
}

func TestAnOldListIsReadAgainAndWhereNothingMovedTheRefundGoes(t *testing.T) {
	for name, c := range map[string]struct {
		fresh func() ([]refund.Live, error)
		want  string
	}{
		"nothing moved": {nil, "sent r1"},
		"unread":        {unreachable, "not_sent r1 unread"},
		"it is there": {func() ([]refund.Live, error) {
			return []refund.Live{{RefundID: "r1", ParentID: "o1", Amount: rupees(10), Status: refund.Pending}}, nil
		}, "already_present r1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				reads := &rereads{api: p.api, answers: []func() ([]refund.Live, error){nil, c.fresh}}
				p.reader = reads
				s := p.stage()
				defer s.session.Close()
				prepared := s.prepare()
				time.Sleep(11 * time.Minute) // virtual: a person read the plan
				if _, err := s.run.Perform(s.ctx, prepared); err != nil || reads.asked != 2 {
					t.Errorf("%v after %d reads", err, reads.asked)
				}
				p.expect(s.told, c.want)
			})
		})
	}
}

// The answer came, and the ledger cannot take it: the run ends, nothing more leaves, and the refund is
// in doubt for everybody who reads the ledger.
func TestR1_AnAnswerThatCannotBeRecordedEndsTheRun(t *testing.T) {
	for name, c := range map[string]struct {
		first reply
		told  string
	}{
		"accepted": {reply{executed: true}, "sent r1"},
		"unknown":  {lostAfter, "in_doubt r1"}, // it is live, but what cannot be recorded is not looked for
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1", "o1/r2")
				p.api.script["r1"] = []reply{c.first}
				s := p.stage()
				defer s.session.Close()
				s.run.Ledger = hooked{Ledger: s.session, finish: func(state.Outcome) error { return errDisk }}
				r, err := s.through()
				if !errors.Is(err, errDisk) || r.NotSent.Count != 1 {
					t.Errorf("%+v, %v", r, err)
				}
				s.posts(1)
				if !strings.Contains(s.told.finals(), c.told) {
					t.Errorf("told\n%s", s.told.finals())
				}
				_ = s.session.Close()
				if e := p.phase("r1"); e.Phase != state.Intended {
					t.Errorf("the ledger holds it as %s", e.Phase)
				}
			})
		})
	}
}

func TestR1_ALedgerThatFailsBeforeAnythingWasSentSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.api.others("o1", refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(10), Status: refund.Success})
		s := p.stage()
		defer s.session.Close()
		s.run.Ledger = hooked{Ledger: s.session, finish: func(state.Outcome) error { return errDisk }}
		r, err := s.through()
		if !errors.Is(err, errDisk) || r.NotSent.Count != 1 || r.Sent.Count != 0 {
			t.Errorf("%+v, %v", r, err)
		}
		s.posts(0)
	})
}

func TestR8_ADoubtThatCannotBeRecordedAsSettledMakesNoPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.lag = time.Minute
		p.api.script["r1"] = []reply{lostAfter, lostBefore, lostBefore}
		p.applied()
		time.Sleep(2 * time.Minute) // virtual
		s := p.stage()
		defer s.session.Close()
		s.run.Ledger = hooked{Ledger: s.session, finish: func(state.Outcome) error { return errDisk }}
		if prepared, err := s.run.Prepare(s.ctx, s.input); !errors.Is(err, errDisk) || prepared.Plan != nil {
			t.Errorf("%+v, %v", prepared, err)
		}
	})
}

// Twenty burnt keys are passed over, and no more. Where one of them may have moved the money, it stays
// in doubt; where all of them said no, it was not sent.
func TestR7_BurntKeysArePassedOverTwentyTimes(t *testing.T) {
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
				_, o := p.applied()
				p.expect(o, c.want)
				if len(p.api.posts) != 21 {
					t.Errorf("%d requests", len(p.api.posts))
				}
			})
		})
	}
}

func TestR9_OurOwnTriesThatMadeSomethingElseStopTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2")
		p.api.script["r1"] = []reply{lostBefore}
		p.api.onPost = func(int) {
			p.api.others("o1", refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(99), Status: refund.Pending})
		}
		r, o := p.applied()
		p.expect(o, "stopping", "in_doubt r1 amount_differs", "not_sent r2 parent_in_doubt")
		if !errors.Is(r.Stopped, apply.ErrConflict) {
			t.Errorf("stopped by %v", r.Stopped)
		}
	})
}

func TestR8_RecoverLeavesOpenWhatItCannotSettle(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*project, *stage)
		code   string
		class  apply.Class
		reads  int
	}{
		"another account's": {func(_ *project, s *stage) { delete(s.run.Gateways, merchant) }, "other_account", apply.Unknown, 0},
		"unread":            {func(p *project, _ *stage) { p.reader.(*rereads).answers = []func() ([]refund.Live, error){unreachable} }, "unread", apply.Unknown, 1},
		"another refund": {func(p *project, _ *stage) {
			p.api.others("o1", refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(99), Status: refund.Success})
		}, "amount_differs", apply.Conflicting, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
				p.applied()
				reads := &rereads{api: p.api}
				p.reader = reads
				s := p.stage()
				defer s.session.Close()
				c.change(p, s)
				found, err := s.run.Recover(s.ctx, nil)
				if err != nil || len(found.Settled) != 0 || len(found.Open) != 1 || len(found.Proofs) != 0 || reads.asked != c.reads {
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

// sleepy answers the reads of some orders late.
type sleepy struct {
	*api
	late map[string]time.Duration
}

func (r sleepy) Refunds(ctx context.Context, p refund.Parent) ([]refund.Live, error) {
	time.Sleep(r.late[p.ID]) // virtual
	return r.api.Refunds(ctx, p)
}

func TestR8_RecoverTellsInTheOrderOfTheRefunds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o3/r3", "o1/r1", "o2/r2", "o4/r4")
		for _, id := range []string{"r1", "r2", "r3", "r4"} {
			p.api.script[id] = []reply{lostAfter, lostBefore, lostBefore}
		}
		p.api.lag = time.Minute
		p.applied()
		time.Sleep(2 * time.Minute) // virtual
		p.api.live["o2"], p.api.live["o4"] = nil, nil
		p.reader = sleepy{p.api, map[string]time.Duration{"o1": 4 * time.Second, "o2": 3 * time.Second, "o3": 2 * time.Second}}
		s := p.stage()
		defer s.session.Close()
		found, err := s.run.Recover(s.ctx, nil)
		if err != nil || len(found.Settled) != 2 || found.Settled[0].ID.RefundID != "r1" || found.Settled[1].ID.RefundID != "r3" ||
			len(found.Open) != 2 || found.Open[0].ID.RefundID != "r2" || found.Open[1].ID.RefundID != "r4" {
			t.Errorf("%+v, %v", found, err)
		}
	})
}

// The API says that the id is taken: a further try could bring nothing, and no second read is made for it.
func TestR8_AnIdThatIsTakenDoesNotGoAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Message: "Duplicate Merchant Refund Id"}}}
		p.applied()
		reads := &rereads{api: p.api}
		p.reader = reads
		_, o := p.applied()
		p.expect(o, "in_doubt r1")
		if len(p.api.posts) != 1 || reads.asked != 2 {
			t.Errorf("%q, %d reads", p.api.posts, reads.asked)
		}
	})
}

func TestAPersonsFindingThatItWasSentKeepsItFromGoingAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		p.applied()
		s := p.stage()
		doubt := s.run.State.InDoubt()[0]
		x := apply.Resolution{Finding: apply.FoundSent, Reason: "seen in the dashboard"}
		var absent *apply.AbsentError
		if _, _, err := s.run.Resolve(s.ctx, doubt, x); !errors.As(err, &absent) || absent.At.IsZero() || p.phase("r1").Phase != state.Intended {
			t.Errorf("it was recorded against what a read showed: %v", err)
		}
		x.AgainstAPI = true
		e, _, err := s.run.Resolve(s.ctx, doubt, x)
		if err != nil || e.Kind != apply.Settled || !strings.Contains(e.Message, "seen in the dashboard") {
			t.Errorf("%+v, %v", e, err)
		}
		_ = s.session.Close()
		if e := p.phase("r1"); e.Phase != state.Accepted || e.Status != refund.Pending {
			t.Errorf("%+v", e)
		}
		_, o := p.applied()
		p.expect(o)
		s.posts(3)
	})
}

// Which live facts are news for the ledger, and which are not.
func TestOnlyNewsAreRecorded(t *testing.T) {
	live := func(rupee int64, status refund.Status, cf string) refund.Live {
		return refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(rupee), Status: status, CfRefundID: cf}
	}
	sent := func(p *project) { p.applied(); p.api.live["o1"] = nil }
	settled := func(p *project) {
		p.api.script["r1"] = []reply{{executed: true, edit: func(l *refund.Live) { l.Status = refund.Success }}}
		sent(p)
	}
	for name, c := range map[string]struct {
		before func(*project)
		live   refund.Live
		want   int
		phase  state.Phase
	}{
		"found and unknown":                       {func(*project) {}, live(10, refund.Success, "cf_9"), 1, state.Settled},
		"another refund under the id":             {func(*project) {}, live(99, refund.Success, "cf_9"), 0, ""},
		"another refund under an id that we sent": {sent, live(99, refund.Success, "cf_9"), 0, state.Accepted},
		"our refund with another amount":          {sent, live(99, refund.Success, "cf_r1"), 0, state.Accepted},
		"another refund, and the row was edited":  {func(p *project) { sent(p); p.specs[0].Amount = rupees(20) }, live(10, refund.Success, "cf_9"), 0, state.Accepted},
		"our refund, and the row was edited":      {func(p *project) { sent(p); p.specs[0].Amount = rupees(20) }, live(10, refund.Success, "cf_r1"), 1, state.Settled},
		"it settled":                              {sent, live(10, refund.Success, "cf_r1"), 1, state.Settled},
		"it failed":                               {sent, live(10, refund.Failed, "cf_r1"), 1, state.Failed},
		"as it was":                               {sent, live(10, refund.Pending, "cf_r1"), 0, state.Accepted},
		"the bank's reference came":               {sent, refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(10), Status: refund.Pending, CfRefundID: "cf_r1", ARN: "7433"}, 1, state.Accepted},
		"a read that lags behind what settled":    {settled, live(10, refund.Pending, "cf_r1"), 0, state.Settled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				c.before(p)
				p.api.others("o1", c.live)
				s := p.stage()
				defer s.session.Close()
				s.input.Refresh = plan.All
				n, err := s.run.Record(s.ctx, s.prepare().Plan)
				if err != nil || n != c.want {
					t.Errorf("%d events, %v", n, err)
				}
				if e, _ := s.run.State.Entry(p.identity("o1", "r1")); e.Phase != c.phase {
					t.Errorf("the ledger holds it as %q", e.Phase)
				}
			})
		})
	}
}

// Recovery could not read, the plan could: what it found is recorded.
func TestADoubtThatOnlyThePlansReadShowsIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.lag = time.Minute
		p.api.script["r1"] = []reply{lostAfter, lostBefore, lostBefore}
		p.applied()
		time.Sleep(2 * time.Minute) // virtual
		p.reader = &rereads{api: p.api, answers: []func() ([]refund.Live, error){unreachable}}
		p.applied()
		if e := p.phase("r1"); e.Phase != state.Accepted {
			t.Errorf("the ledger holds it as %s", e.Phase)
		}
	})
}

// Whoever was wrong takes it back, and reads decide again; what the API holds by then decides before that.
func TestR8_AFindingIsTakenBackByAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		p.applied()
		s := p.stage()
		say := func(f apply.Finding) error {
			entry, _ := s.run.State.Entry(p.identity("o1", "r1"))
			_, _, err := s.run.Resolve(s.ctx, entry, apply.Resolution{Finding: f, Reason: "so it seems", AgainstAPI: true})
			return err
		}
		for _, f := range []apply.Finding{apply.FoundSent, apply.FoundNotSent, apply.FoundSent, apply.FoundNotSent} {
			if err := say(f); err != nil {
				t.Fatal(err)
			}
		}
		_ = s.session.Close()
		_, o := p.applied()
		p.expect(o, "sent r1")
		s = p.stage()
		var live *apply.LiveError
		if err := say(apply.FoundNotSent); err == nil || errors.As(err, &live) {
			t.Errorf("what the API said is not open to findings: %v", err)
		}
		_ = s.session.Close()
	})
}

func TestR8_NobodyCanSayThatARefundWasNotSentWhichTheAPIHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		p.applied()
		p.api.live["o1"] = []refund.Live{{RefundID: "r1", ParentID: "o1", Amount: rupees(10), Status: refund.Success, CfRefundID: "7"}}
		s := p.stage()
		doubt := s.run.State.InDoubt()[0]
		var live *apply.LiveError
		if _, _, err := s.run.Resolve(s.ctx, doubt, apply.Resolution{Finding: apply.FoundNotSent, Reason: "so it seems"}); !errors.As(err, &live) {
			t.Errorf("it was recorded: %v", err)
		}
		if e := p.phase("r1"); e.Phase != state.Intended {
			t.Errorf("%+v", e)
		}
		if _, unread, err := s.run.Resolve(s.ctx, doubt, apply.Resolution{Finding: apply.FoundSent, Reason: "seen"}); err != nil || unread != nil {
			t.Error(unread, err)
		}
		_ = s.session.Close()
		if e := p.phase("r1"); e.Phase != state.Settled || e.CfRefundID != "7" {
			t.Errorf("what was read is not what is recorded: %+v", e)
		}
	})
}

func TestAPersonsWordStandsAloneWhereNothingCanBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		p.applied()
		s := p.stage()
		s.run.Gateways = nil
		_, unread, err := s.run.Resolve(s.ctx, s.run.State.InDoubt()[0], apply.Resolution{Finding: apply.FoundNotSent, Reason: "ticket 7"})
		if err != nil || unread == nil {
			t.Errorf("unread: %v, error: %v", unread, err)
		}
		_ = s.session.Close()
		if e := p.phase("r1"); e.Phase != state.NotSent {
			t.Errorf("%+v", e)
		}
	})
}
