package apply_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

func TestR2_AfterALostLedgerNothingIsSentTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.apply()
		p.backend = newLedger()
		_, o := p.apply()
		p.expect(o)
		p.executed(map[string]int{"r1": 1, "r2": 1})
		if e := p.entry("r1"); e.Phase != state.Accepted || e.Attempt != 0 {
			t.Errorf("not adopted: %+v", e)
		}
	})
}

func TestR2_RefundsFoundLiveAreRecordedBeforeAnythingIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.api.others("o1", refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(10), Status: refund.Success, CfRefundID: "cf_1"})
		s := p.stage()
		defer s.session.Close()
		p.api.onPost = func(int) {
			if e, _ := s.run.State.Entry(identity("o1", "r1")); e.Phase != state.Settled {
				t.Errorf("a refund was sent while the ledger had r1 as %q", e.Phase)
			}
		}
		r, err := s.prepareAndPerform()
		if err != nil || r.Recorded != 1 || r.Sent.Count != 1 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// Two runs follow one plan, as with the same plan file.
func TestR2_ASecondRunOfAPlanSendsNothing(t *testing.T) {
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

func TestR2_ARefundThatTheLedgerForbidsIsNotSentAndTheOthersAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		s := p.stage()
		defer s.session.Close()
		s.run.Ledger = hookedLedger{Ledger: s.session, begin: func(in state.Intent) error {
			if in.ID.RefundID == "r1" {
				return &state.ForbiddenError{ID: in.ID, Reason: "it was sent"}
			}
			return nil
		}}
		r, err := s.prepareAndPerform()
		if err != nil || r.Stopped != nil {
			t.Errorf("%+v, %v", r, err)
		}
		p.expect(s.log, "not_sent r1 forbidden", "sent r2")
	})
}

func TestR3_AnIDThatAnotherParentHasIsAConflictAndIsNotRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2")
		p.api.script["r1"] = slices.Repeat([]reply{{answer: refund.Answer{HTTP: 400, Message: "Duplicate Merchant Refund Id"}}}, 9)
		p.apply()
		time.Sleep(11 * time.Minute) // virtual
		_, o := p.apply()
		p.expect(o, "settled r1 "+plan.IDOnOtherParent, "sent r2")
		p.apply()
		if posts := len(p.api.posts); posts != 2 {
			t.Errorf("sent %q", p.api.posts)
		}
	})
}

// Two copies of a ledger were merged: in one the refund was refused and a second try was lost, in the other it was
// accepted with the first key. A list that does not show it is no reason to send it.
func TestR2_ARefundAcceptedUnderALowerAttemptIsNeverSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = append([]reply{{answer: refund.Answer{HTTP: 400, Code: "refund_post_failed"}}}, slices.Repeat([]reply{lostBefore}, 3)...)
		p.apply()
		p.apply()
		accepted := state.Outcome{AccountName: "default", ID: p.entry("r1").ID, Attempt: 1, Phase: state.Accepted,
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
		_, o := p.apply()
		p.expect(o, "in_doubt r1")
		if e := p.entry("r1"); len(p.api.posts) != posts || e.Phase != state.Intended || e.Attempt != 2 {
			t.Errorf("%d further posts, the ledger says %+v", len(p.api.posts)-posts, e)
		}
		time.Sleep(11 * time.Minute) // virtual
		p.apply()
		if e := p.entry("r1"); len(p.api.posts) != posts || e.Phase != state.Accepted {
			t.Errorf("%d further posts, the ledger says %s", len(p.api.posts)-posts, e.Phase)
		}
	})
}

func TestR2_ARefundThatAReadBackOfItsParentShowsIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2")
		p.api.script["r1"] = []reply{lostAfter}
		p.api.onPost = func(int) {
			p.api.others("o1", refund.Live{RefundID: "r2", ParentID: "o1", Amount: rupees(11), Status: refund.Pending})
		}
		_, o := p.apply()
		p.expect(o, "sent r1", "already_present r2")
		if len(p.api.posts) != 1 {
			t.Errorf("sent %q", p.api.posts)
		}
	})
}

func TestR2_NothingIsSentAfterOthersChangedTheParent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2")
		p.api.script["r1"] = []reply{lostAfter}
		p.api.onPost = func(int) {
			p.api.others("o1", refund.Live{RefundID: "dash", ParentID: "o1", Amount: rupees(5), Status: refund.Pending})
		}
		_, o := p.apply()
		p.expect(o, "sent r1", "not_sent r2 parent_moved")
	})
}

func TestR3_AnIDThatAnotherParentHasIsNotRetriedForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Message: "Duplicate Merchant Refund Id"}}}
		p.apply()
		time.Sleep(11 * time.Minute) // virtual
		_, o := p.apply()
		p.expect(o, "settled r1 refund_id_on_other_parent", "sent r2")
		if len(p.api.posts) != 2 {
			t.Errorf("sent %q", p.api.posts)
		}
	})
}
