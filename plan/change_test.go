package plan_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// The rows that a person must look at, and those that nobody needs.
func TestOnlyConflictsBlockedAndUnsupersededFailuresNeedAPerson(t *testing.T) {
	for _, a := range plan.Actions {
		want := a == plan.Conflict || a == plan.Blocked || a == plan.Failed
		c := plan.Change{Action: a}
		if c.NeedsPerson() != want || (&plan.Plan{Changes: []plan.Change{{Action: plan.InSync}, c}}).NeedsPerson() != want {
			t.Errorf("%s: needs a person: %v", a, c.NeedsPerson())
		}
	}
	if (plan.Change{Action: plan.Failed, Superseded: true}).NeedsPerson() {
		t.Error("a superseded failure needs nobody")
	}
}

func TestEachActionHasItsOwnNameAndSign(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range plan.Actions {
		if a.String() == "" || seen[a.String()] || seen[string(rune(a))] {
			t.Errorf("%c: %q", a, a)
		}
		seen[a.String()], seen[string(rune(a))] = true, true
	}
}

func TestR2_TwoReadsAreEqualOnlyIfAllRefundsAreEqual(t *testing.T) {
	base := []refund.Live{{RefundID: "r1", Amount: inr(t, "10"), Status: refund.Pending}, {RefundID: "", Amount: inr(t, "5"), Status: refund.Success}}
	for name, c := range map[string]struct {
		change func(l []refund.Live) []refund.Live
		want   bool
	}{
		"the same":                   {func(l []refund.Live) []refund.Live { return l }, true},
		"in another order":           {func(l []refund.Live) []refund.Live { slices.Reverse(l); return l }, true},
		"settled since":              {func(l []refund.Live) []refund.Live { l[0].Status = refund.Success; return l }, true},
		"cancelled since":            {func(l []refund.Live) []refund.Live { l[0].Status = refund.Cancelled; return l }, false},
		"another amount":             {func(l []refund.Live) []refund.Live { l[0].Amount.Minor++; return l }, false},
		"one more":                   {func(l []refund.Live) []refund.Live { return append(l, refund.Live{RefundID: "r2"}) }, false},
		"one fewer":                  {func(l []refund.Live) []refund.Live { return l[:1] }, false},
		"a second one without an id": {func(l []refund.Live) []refund.Live { return append(l, l[1]) }, false},
		"one more that is excepted":  {func(l []refund.Live) []refund.Live { return append(l, refund.Live{RefundID: "mine"}) }, true},
	} {
		a, b := plan.ParentRead{Live: base}, plan.ParentRead{Live: c.change(slices.Clone(base))}
		mine := map[string]bool{"mine": true}
		if a.SameFacts(b, mine) != c.want || b.SameFacts(a, mine) != c.want {
			t.Errorf("%s: %v", name, a.SameFacts(b, mine))
		}
	}
}

func TestTheSummaryCountsEachActionWithItsMoneyWithoutSupersededRows(t *testing.T) {
	p := &plan.Plan{Changes: []plan.Change{
		{Action: plan.Create, Amount: inr(t, "10")}, {Action: plan.Create, Amount: inr(t, "20.50")}, {Action: plan.Failed, Amount: inr(t, "7"), Superseded: true},
		{Action: plan.Blocked, Amount: inr(t, "1")},
	}}
	sums := p.Summary()
	if len(sums) != 2 || sums[plan.Create].Count != 2 || sums[plan.Create].Amounts[0] != inr(t, "30.50") || sums[plan.Blocked].Count != 1 {
		t.Errorf("%+v", sums)
	}
	huge := money.Amount{Minor: math.MaxInt64 - 1, Currency: money.INR}
	p.Changes = append(p.Changes, plan.Change{Action: plan.Create, Amount: huge})
	if sum := p.Summary()[plan.Create]; sum.Count != 3 || !sum.Amounts[0].Uncountable() {
		t.Errorf("a sum that does not fit: %v", sum)
	}
}

func TestTheEstimateIsTheWaitForTheRateLimit(t *testing.T) {
	for n, want := range map[int]time.Duration{0: 0, 1: 0, 10: 0, 11: time.Minute, 20: time.Minute, 21: 2 * time.Minute} {
		b := newBench(t)
		b.in.Accounts[0].CreatesPerMinute = 10
		for i := range n {
			b.want("o1", "r"+string(rune('a'+i)), "1", func(s *refund.Spec) { s.Amount.Minor += int64(i) })
		}
		if p := b.plan(); p.Estimate != want {
			t.Errorf("%d creates: %s, want %s", n, p.Estimate, want)
		}
	}
}

// reissue relies on the ledger: a hint that names it first says what records the failure there.
func TestAFailedRefundIsRecordedBeforeItIsReissued(t *testing.T) {
	for want, remember := range map[string]func(*bench){
		"refundctl apply records it; then, if the money is still owed: refundctl reissue r1":  func(*bench) {},
		"refundctl status records it; then, if the money is still owed: refundctl reissue r1": func(b *bench) { b.remember("o1", "r1", "10", state.Accepted, refund.Pending) },
		"if the money is still owed: refundctl reissue r1":                                    func(b *bench) { b.remember("o1", "r1", "10", state.Failed, refund.Failed) },
	} {
		b := newBench(t)
		b.want("o1", "r1", "10")
		b.live("o1", "r1", "10", refund.Failed)
		remember(b)
		if row := b.plan().Changes[0]; row.Action != plan.Failed || row.Reasons[0].Hint != want {
			t.Errorf("%c %+v, want %q", row.Action, row.Reasons, want)
		}
	}
}
