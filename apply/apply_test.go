package apply_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"refundctl/internal/refund"
	"refundctl/plan"
)

func TestASecondApplyDoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2", "o2/r3")
		r, o := p.apply()
		p.expect(o, "sent r1", "sent r2", "sent r3")
		if r.Sent.Count != 3 || r.Sent.Amounts[0] != rupees(33) || r.Stopped != nil {
			t.Errorf("%+v", r)
		}
		r, o = p.apply()
		p.expect(o)
		if r.Sent.Count != 0 || len(p.api.posts) != 3 {
			t.Errorf("%+v %q", r, p.api.posts)
		}
	})
}

func TestCreatesLeftOutOfAPlanFileAreReportedAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2", "o3/r3")
		s := p.stage()
		defer s.session.Close()
		prepared := s.prepare()
		prepared.Plan.Digest = "d"
		c := &prepared.Plan.Changes[1]
		c.Approved, c.Action, c.Reasons = true, plan.Blocked, []plan.Reason{{Code: "row_changed", Message: "edited since"}}
		if u := s.run.Unsent(prepared.Plan); u.NotSent.Count != 2 || u.NotSent.Amounts[0] != rupees(22) || u.Blocked.Count != 1 || u.Sent.Count != 0 {
			t.Errorf("unsent: %+v", u)
		}
		r, err := s.run.Perform(s.ctx, prepared)
		if err != nil || r.Sent.Count != 2 || r.NotSent.Count != 0 || r.Blocked.Amounts[0] != rupees(11) {
			t.Errorf("%+v, %v", r, err)
		}
		p.expect(s.log, "sent r1", "not_sent r2 row_changed", "sent r3")
	})
}

func TestARunThatSentNothingStillCountsItsDoubts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		p.apply()
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

func TestARefundThatIsDeadOnArrivalIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{{executed: true, edit: func(l *refund.Live) { l.Status = refund.Cancelled }}}
		if r, _ := p.apply(); r.Dead != 1 || r.Sent.Count != 1 {
			t.Errorf("%+v", r)
		}
	})
}
