package apply_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/state"
)

func TestResolveRecordsAPersonsFinding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		p.apply()
		s, err := state.Open(context.Background(), p.backend, state.Options{Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		r := p.run(s, &eventLog{})
		if _, _, err := r.Resolve(context.Background(), s.State().InDoubt()[0], apply.Resolution{Finding: apply.FoundNotSent, Reason: "ticket 7"}); err != nil {
			t.Fatal(err)
		}
		settled := s.State().Entries()[0]
		settled.ByPerson = false
		if _, _, err := r.Resolve(context.Background(), settled, apply.Resolution{Finding: apply.FoundSent, Reason: "again"}); err == nil {
			t.Error("a refund that is not in doubt was resolved")
		}
		_ = s.Close()
		if e := p.entry("r1"); e.Phase != state.NotSent {
			t.Errorf("%+v", e)
		}
		_, o := p.apply()
		p.expect(o, "sent r1")
	})
}

func TestARefundThatAPersonFoundSentIsNotSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		p.apply()
		s := p.stage()
		doubt := s.run.State.InDoubt()[0]
		x := apply.Resolution{Finding: apply.FoundSent, Reason: "seen in the dashboard"}
		var absent *apply.AbsentError
		if _, _, err := s.run.Resolve(s.ctx, doubt, x); !errors.As(err, &absent) || absent.At.IsZero() || p.entry("r1").Phase != state.Intended {
			t.Errorf("it was recorded, although a read showed the opposite: %v", err)
		}
		x.AgainstAPI = true
		e, _, err := s.run.Resolve(s.ctx, doubt, x)
		if err != nil || e.Kind != apply.Resolved || !strings.Contains(e.Message, "seen in the dashboard") {
			t.Errorf("%+v, %v", e, err)
		}
		_ = s.session.Close()
		if e := p.entry("r1"); e.Phase != state.Accepted || e.Status != refund.Pending {
			t.Errorf("%+v", e)
		}
		_, o := p.apply()
		p.expect(o)
		s.posts(3)
	})
}

func TestAFindingCountsAloneIfNothingCanBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		p.apply()
		s := p.stage()
		s.run.Gateways = nil
		_, unread, err := s.run.Resolve(s.ctx, s.run.State.InDoubt()[0], apply.Resolution{Finding: apply.FoundNotSent, Reason: "ticket 7"})
		if err != nil || unread == nil {
			t.Errorf("unread: %v, error: %v", unread, err)
		}
		_ = s.session.Close()
		if e := p.entry("r1"); e.Phase != state.NotSent {
			t.Errorf("%+v", e)
		}
	})
}
