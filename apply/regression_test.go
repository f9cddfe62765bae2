package apply_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// What the simulation of apply/sim found, each as the shortest history that shows it.

func TestR2_ARefundThatAReadBackOfItsParentShowsIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2")
		p.api.script["r1"] = []reply{lostAfter}
		p.api.onPost = func(int) {
			p.api.others("o1", refund.Live{RefundID: "r2", ParentID: "o1", Amount: rupees(11), Status: refund.Pending})
		}
		_, o := p.applied()
		p.expect(o, "sent r1", "already_present r2")
		if len(p.api.posts) != 1 {
			t.Errorf("sent %q", p.api.posts)
		}
	})
}

func TestR2_WhatOthersMadeMeanwhileIsNotBuiltUpon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2")
		p.api.script["r1"] = []reply{lostAfter}
		p.api.onPost = func(int) {
			p.api.others("o1", refund.Live{RefundID: "dash", ParentID: "o1", Amount: rupees(5), Status: refund.Pending})
		}
		_, o := p.applied()
		p.expect(o, "sent r1", "not_sent r2 parent_moved")
	})
}

// Each read shows one refund alone: the others of the subscription are not missing from it.
func TestALateRefundOfAKindWithoutAListIsReadForItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "sub_1/r0", "sub_1/r1", "sub_1/r2", "sub_1/r3")
		p.accepted = true // r0 is live, and not in the ledger
		for i := range p.specs {
			p.specs[i].Kind = refund.Subscription
		}
		p.api.others("sub_1", refund.Live{RefundID: "r0", ParentID: "sub_1", Amount: p.specs[0].Amount, Status: refund.Success})
		p.api.onPost = func(n int) {
			time.Sleep(11 * time.Minute) // virtual: a very long answer
			if n == 1 {
				p.api.others("sub_1", refund.Live{RefundID: "r3", ParentID: "sub_1", Amount: p.specs[3].Amount, Status: refund.Pending})
			}
		}
		_, o := p.applied()
		p.expect(o, "already_present r3", "sent r1", "sent r2")
	})
}

// The first attempt asked for another amount and never reached the API.
func TestAnUnsentAttemptOfAnotherAmountDoesNotKeepALiveRefundOutOfTheLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 401, Code: "request_failed"}}}
		p.applied()
		p.specs[0].Amount = rupees(20)
		p.api.others("o1", refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(20), Status: refund.Success, CfRefundID: "cf_9"})
		p.applied()
		if e := p.phase("r1"); e.Phase != state.Settled || e.CfRefundID != "cf_9" {
			t.Errorf("the ledger holds it as %s (%s)", e.Phase, e.CfRefundID)
		}
	})
}

func TestTheStatusOfASentRefundIsRecordedAlsoWhereItsRowWasEdited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.applied()
		p.specs[0].Amount = rupees(20)
		p.api.live["o1"][0].Status = refund.Success
		p.applied()
		if e := p.phase("r1"); e.Phase != state.Settled || e.Amount != rupees(10) {
			t.Errorf("the ledger holds it as %s, %s", e.Phase, e.Amount)
		}
	})
}

func TestR3_AnIdThatAnotherParentHasIsNotTriedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2")
		p.api.script["r1"] = []reply{{answer: refund.Answer{HTTP: 400, Message: "Duplicate Merchant Refund Id"}}}
		p.applied()
		time.Sleep(11 * time.Minute) // virtual
		_, o := p.applied()
		p.expect(o, "settled r1 refund_id_on_other_parent", "sent r2")
		if len(p.api.posts) != 2 {
			t.Errorf("sent %q", p.api.posts)
		}
	})
}

// The refund in doubt would go again, but something else speaks against it: it stays in doubt.
func TestR11_ADoubtThatAGuardKeepsFromGoingAgainHoldsBackItsParent(t *testing.T) {
	for name, guard := range map[string]func(*project){
		"a twin":  func(p *project) { p.specs[1].RefundID, p.specs[1].Amount = "r3", p.specs[0].Amount },
		"a limit": func(p *project) { p.limits.MaxRefundAmount = money.BudgetOf(rupees(11)) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1", "o1/r2", "o1/r4")
				p.specs[0].Amount, p.specs[1].Amount, p.specs[2].Amount = rupees(12), rupees(11), rupees(10)
				p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
				p.applied()
				guard(p)
				_, o := p.applied()
				p.expect(o, "in_doubt r1")
				if len(p.api.posts) != 3 {
					t.Errorf("sent %q", p.api.posts[3:])
				}
			})
		})
	}
}

// others adds what somebody else made.
func (a *api) others(order string, l refund.Live) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.live[order] = append(a.live[order], l)
}
