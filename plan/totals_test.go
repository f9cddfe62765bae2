package plan_test

import (
	"testing"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

func rupees(n int64) money.Amount { return money.Amount{Minor: 100 * n, Currency: money.INR} }

func TestATotalCountsEachRefundOnce(t *testing.T) {
	p := &plan.Plan{Changes: []plan.Change{
		{Action: plan.Failed, Superseded: true, Amount: rupees(5)}, {Action: plan.Create, Amount: rupees(5)}, {Action: plan.InSync, Amount: rupees(2)}}}
	all, superseded := p.Total()
	if all.Count != 2 || all.Amounts[0] != rupees(7) || superseded != 1 {
		t.Errorf("%v, %d superseded", all, superseded)
	}
}

func TestCreatesAreSummedByAccount(t *testing.T) {
	row := func(a plan.Action, account string, n int64) plan.Change {
		return plan.Change{Action: a, ID: refund.Identity{Parent: refund.Parent{Account: account}}, Amount: rupees(n)}
	}
	p := &plan.Plan{Changes: []plan.Change{row(plan.Create, "a", 1), row(plan.Create, "b", 2), row(plan.Create, "a", 3), row(plan.Blocked, "a", 9)}}
	sums := p.CreatesByAccount()
	if len(sums) != 2 || sums["a"].Count != 2 || sums["a"].Amounts[0] != rupees(4) || sums["b"].Amounts[0] != rupees(2) {
		t.Errorf("%v", sums)
	}
}

func TestAnAccountPaysOnlyIfSomethingIsSentFromIt(t *testing.T) {
	row := func(a plan.Action, account string) plan.Change {
		return plan.Change{Action: a, ID: refund.Identity{Parent: refund.Parent{Account: account}}, Amount: rupees(1)}
	}
	p := &plan.Plan{
		Accounts: []plan.Account{{Name: "first", Fingerprint: "1"}, {Name: "blocked", Fingerprint: "2"}, {Name: "quiet", Fingerprint: "3"}, {Name: "last", Fingerprint: "4"}},
		Changes:  []plan.Change{row(plan.Create, "4"), row(plan.Blocked, "2"), row(plan.InSync, "1"), row(plan.Create, "1"), row(plan.Create, "4")},
	}
	if got := p.Payers(); len(got) != 2 || got[0].Name != "first" || got[1].Name != "last" {
		t.Errorf("%+v", got)
	}
}

func TestARowThatWaitsIsCountedOnce(t *testing.T) {
	doubtful := &state.Entry{Phase: state.Intended}
	p := &plan.Plan{Changes: []plan.Change{{Action: plan.InDoubt, Entry: doubtful}, {Action: plan.Conflict, Entry: doubtful}, {Action: plan.Blocked},
		{Action: plan.Failed}, {Action: plan.Failed, Superseded: true}, {Action: plan.Create}}}
	if persons, doubts := p.Open(); persons != 2 || doubts != 2 {
		t.Errorf("%d for a person, %d in doubt", persons, doubts)
	}
}

func TestLiveMoneyIsWhatMovedOrMay(t *testing.T) {
	read := plan.ParentRead{Live: []refund.Live{{Amount: rupees(1), Status: refund.Success}, {Amount: rupees(2), Status: refund.Pending},
		{Amount: rupees(4), Status: refund.Cancelled}, {Amount: rupees(8), Status: refund.Failed}, {Amount: rupees(16), Status: "NEW_WORD"}}}
	if got := read.LiveMoney(); got.Count != 3 || got.Amounts[0] != rupees(19) {
		t.Errorf("%v", got)
	}
}
