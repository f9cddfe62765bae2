package apply_test

import (
	"testing"
	"testing/synctest"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

func TestOnlyNewFactsAreRecorded(t *testing.T) {
	live := func(rupee int64, status refund.Status, cf string) refund.Live {
		return refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(rupee), Status: status, CfRefundID: cf}
	}
	sent := func(p *project) { p.apply(); p.api.live["o1"] = nil }
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
		"live, and not in the ledger":                 {func(*project) {}, live(10, refund.Success, "cf_9"), 1, state.Settled},
		"a different refund under the id":             {func(*project) {}, live(99, refund.Success, "cf_9"), 0, ""},
		"a different refund under an id that we sent": {sent, live(99, refund.Success, "cf_9"), 0, state.Accepted},
		"our refund with another amount":              {sent, live(99, refund.Success, "cf_r1"), 0, state.Accepted},
		"a different refund, and the row was edited":  {func(p *project) { sent(p); p.specs[0].Amount = rupees(20) }, live(10, refund.Success, "cf_9"), 0, state.Accepted},
		"our refund, and the row was edited":          {func(p *project) { sent(p); p.specs[0].Amount = rupees(20) }, live(10, refund.Success, "cf_r1"), 1, state.Settled},
		"it was paid":                                 {sent, live(10, refund.Success, "cf_r1"), 1, state.Settled},
		"it failed":                                   {sent, live(10, refund.Failed, "cf_r1"), 1, state.Failed},
		"unchanged":                                   {sent, live(10, refund.Pending, "cf_r1"), 0, state.Accepted},
		"the bank reference arrived":                  {sent, refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(10), Status: refund.Pending, CfRefundID: "cf_r1", ARN: "7433"}, 1, state.Accepted},
		"a read that lags behind a paid refund":       {settled, live(10, refund.Pending, "cf_r1"), 0, state.Settled},
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
				if e, _ := s.run.State.Entry(identity("o1", "r1")); e.Phase != c.phase {
					t.Errorf("the ledger has it as %q", e.Phase)
				}
			})
		})
	}
}

// Recovery could not read the refund, but the plan could.
func TestARefundInDoubtThatOnlyThePlanFindsIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.lag = time.Minute
		p.api.script["r1"] = []reply{lostAfter, lostBefore, lostBefore}
		p.apply()
		time.Sleep(2 * time.Minute) // virtual
		p.reader = &scriptedReader{api: p.api, answers: []func() ([]refund.Live, error){unreachable}}
		p.apply()
		if e := p.entry("r1"); e.Phase != state.Accepted {
			t.Errorf("the ledger has it as %s", e.Phase)
		}
	})
}

// Each read shows one refund alone: the others of the subscription are not missing from it.
func TestALateRefundOfAKindWithoutAListIsReadByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "sub_1/r0", "sub_1/r1", "sub_1/r2", "sub_1/r3")
		p.accepted = true // r0 is live, and not in the ledger
		for i := range p.specs {
			p.specs[i].Kind = refund.Subscription
		}
		p.api.others("sub_1", refund.Live{RefundID: "r0", ParentID: "sub_1", Amount: p.specs[0].Amount, Status: refund.Success})
		p.api.onPost = func(n int) {
			time.Sleep(11 * time.Minute) // virtual: a very slow answer
			if n == 1 {
				p.api.others("sub_1", refund.Live{RefundID: "r3", ParentID: "sub_1", Amount: p.specs[3].Amount, Status: refund.Pending})
			}
		}
		_, o := p.apply()
		p.expect(o, "already_present r3", "sent r1", "sent r2")
	})
}

// The first attempt asked for another amount and never reached the API.
func TestAnUnsentAttemptOfAnotherAmountDoesNotKeepALiveRefundOutOfTheLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 401, Code: "request_failed"}}}
		p.apply()
		p.specs[0].Amount = rupees(20)
		p.api.others("o1", refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(20), Status: refund.Success, CfRefundID: "cf_9"})
		p.apply()
		if e := p.entry("r1"); e.Phase != state.Settled || e.CfRefundID != "cf_9" {
			t.Errorf("the ledger has it as %s (%s)", e.Phase, e.CfRefundID)
		}
	})
}

func TestTheStatusOfASentRefundIsRecordedEvenIfItsRowWasEdited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.apply()
		p.specs[0].Amount = rupees(20)
		p.api.live["o1"][0].Status = refund.Success
		p.apply()
		if e := p.entry("r1"); e.Phase != state.Settled || e.Amount != rupees(10) {
			t.Errorf("the ledger has it as %s, %s", e.Phase, e.Amount)
		}
	})
}
