package apply_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"refundctl/internal/money"
)

func TestR10_RefundsOfOneOrderAreSentOneAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2", "o1/r3", "o2/r4", "o3/r5")
		p.apply()
		p.executed(map[string]int{"r1": 1, "r2": 1, "r3": 1, "r4": 1, "r5": 1})
		if !p.api.inOrder {
			t.Error("two refunds of one order were in flight together")
		}
	})
}

func TestR11_ARefundInDoubtBlocksItsParent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o1/r2", "o2/r3")
		p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
		_, o := p.apply()
		p.expect(o, "in_doubt r1", "not_sent r2 parent_in_doubt", "sent r3")
	})
}

func TestR11_RetriesAreSentBeforeNewRefunds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r_new", "o1/r_again")
		both := p.specs
		p.specs = both[1:]
		p.api.script["r_again"] = slices.Repeat([]reply{lostBefore}, 3)
		p.apply()
		p.specs = both
		p.apply()
		if len(p.api.posts) != 5 || !strings.HasPrefix(p.api.posts[3], "r_again ") || !strings.HasPrefix(p.api.posts[4], "r_new ") {
			t.Errorf("%q", p.api.posts)
		}
	})
}

// The refund in doubt would go again, but something else speaks against it: it stays in doubt.
func TestR11_ABlockedRefundInDoubtBlocksItsParent(t *testing.T) {
	for name, guard := range map[string]func(*project){
		"a twin":  func(p *project) { p.specs[1].RefundID, p.specs[1].Amount = "r3", p.specs[0].Amount },
		"a limit": func(p *project) { p.limits.MaxRefundAmount = money.BudgetOf(rupees(11)) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1", "o1/r2", "o1/r4")
				p.specs[0].Amount, p.specs[1].Amount, p.specs[2].Amount = rupees(12), rupees(11), rupees(10)
				p.api.script["r1"] = slices.Repeat([]reply{lostBefore}, 3)
				p.apply()
				guard(p)
				_, o := p.apply()
				p.expect(o, "in_doubt r1")
				if len(p.api.posts) != 3 {
					t.Errorf("sent %q", p.api.posts[3:])
				}
			})
		})
	}
}
