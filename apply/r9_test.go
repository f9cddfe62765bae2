package apply_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"refundctl/apply"
	"refundctl/internal/refund"
)

func TestR9_AMismatchStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2", "o1/r3")
		p.api.script["r1"] = []reply{{executed: true, edit: func(l *refund.Live) { l.Amount.Minor *= 10 }}}
		r, o := p.apply()
		// Reading back shows that the refund itself is right.
		p.expect(o, "stopping", "sent r1", "not_sent r2 stopped", "not_sent r3 stopped")
		if !errors.Is(r.Stopped, apply.ErrMismatch) {
			t.Errorf("stopped by %v", r.Stopped)
		}
	})
}

func TestR9_ADifferentRefundUnderOurIDIsAConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Message: "Duplicate"}}}
		p.api.onPost = func(int) {
			p.api.mu.Lock()
			defer p.api.mu.Unlock()
			p.api.live["o1"] = []refund.Live{{RefundID: "r1", ParentID: "o1", Amount: rupees(999), Status: refund.Success}}
		}
		_, o := p.apply()
		p.expect(o, "refused r1 amount_differs", "sent r2")
	})
}

func TestR9_ADifferentRefundThatOurTryMayHaveCreatedStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2")
		p.api.script["r1"] = []reply{lostBefore}
		p.api.onPost = func(int) {
			p.api.others("o1", refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(99), Status: refund.Pending})
		}
		r, o := p.apply()
		p.expect(o, "stopping", "in_doubt r1 amount_differs", "not_sent r2 parent_in_doubt")
		if !errors.Is(r.Stopped, apply.ErrConflict) {
			t.Errorf("stopped by %v", r.Stopped)
		}
	})
}
