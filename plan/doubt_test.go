package plan_test

import (
	"strings"
	"testing"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// R11: what was POSTed and is not seen is doubtful; what was seen or goes again is not.
func TestR11_ARefundThatMayHaveMovedMoneyUnseenIsInDoubt(t *testing.T) {
	intended, accepted := &state.Entry{Phase: state.Intended}, &state.Entry{Phase: state.Accepted}
	for name, c := range map[string]struct {
		change plan.Change
		want   bool
	}{
		"in doubt":                {plan.Change{Action: plan.InDoubt, Entry: intended}, true},
		"blocked, and was tried":  {plan.Change{Action: plan.Blocked, Entry: intended}, true},
		"conflict, and was tried": {plan.Change{Action: plan.Conflict, Entry: intended}, true},
		"goes again":              {plan.Change{Action: plan.Create, Entry: intended}, false},
		"is live":                 {plan.Change{Action: plan.Conflict, Entry: intended, Live: &refund.Live{}}, false},
		"was accepted":            {plan.Change{Action: plan.Pending, Entry: accepted}, false},
		"was never tried":         {plan.Change{Action: plan.Blocked}, false},
	} {
		if c.change.Doubtful() != c.want {
			t.Errorf("%s: %v", name, c.change.Doubtful())
		}
	}
}

func TestDoubtAndEarlierAttemptMessagesQuoteTheAPI(t *testing.T) {
	b := newBench(t)
	b.want("o1", "r1", "10")
	b.want("o1", "r2", "20")
	b.intend("o1", "r1", "10")
	b.finish(state.Outcome{ID: identity("o1", "r1"), Attempt: 1, Phase: state.Intended, Amount: inr(t, "10"), How: "answered", Class: "unknown", Message: "EOF"})
	b.intend("o1", "r2", "20")
	b.finish(state.Outcome{ID: identity("o1", "r2"), Attempt: 1, Phase: state.Refused, Amount: inr(t, "20"), How: "answered", Code: "refund_unsupported", Message: "no"})
	p := b.plan()
	if text := p.Changes[0].Reasons[0].Message; !strings.Contains(text, "outcome unknown since 2026-06-14 17:30:00 +05:30 (EOF)") || !strings.Contains(text, "17:40:00") {
		t.Error(text)
	}
	for said, want := range map[[2]string]string{
		{"c", "m"}: "attempt 1 was refused (c: m)", {"", "m"}: "attempt 1 was refused (m)", {}: "attempt 1 was refused",
	} {
		b := newBench(t)
		b.want("o1", "r1", "10")
		b.intend("o1", "r1", "10")
		b.finish(state.Outcome{ID: identity("o1", "r1"), Attempt: 1, Phase: state.Refused, Amount: inr(t, "10"), How: "answered", Code: said[0], Message: said[1]})
		if text := b.expect("+ r1 (earlier_attempt)").Changes[0].Attention[0].Message; text != want {
			t.Errorf("%q, want %q", text, want)
		}
	}
}

// R8: only the very bytes of the intent may go again, and only where somebody still asks for them.
func TestR8_ARowMatchesADoubtOnlyIfItsBytesAreEqualAndItIsSelectedAndNotHeld(t *testing.T) {
	for name, c := range map[string]struct {
		setup func(*bench)
		want  bool
	}{
		"unchanged":           {func(*bench) {}, true},
		"edited":              {func(b *bench) { b.in.Specs[0].Note = "another note" }, false},
		"held":                {func(b *bench) { b.in.Specs[0].Hold = true }, false},
		"removed":             {func(b *bench) { b.in.Specs = nil }, false},
		"not selected":        {func(b *bench) { b.in.Selected = func(refund.Spec) bool { return false } }, false},
		"of another account":  {func(b *bench) { b.in.Specs[0].Account = "south" }, false},
		"of another parent":   {func(b *bench) { b.in.Specs[0].ParentID = "o2" }, false},
		"with another amount": {func(b *bench) { b.in.Specs[0].Amount = inr(t, "11") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Intended, "")
			c.setup(b)
			if got := b.in.Asks(b.sess.State().InDoubt()[0]); got != c.want {
				t.Errorf("asks: %v", got)
			}
		})
	}
}

func TestR11_AParentInDoubtIsPlannedEvenIfNotSelected(t *testing.T) {
	b := newBench(t)
	b.paid("o2", "50", noon)
	b.remember("o1", "r1", "10", state.Intended, "")
	b.want("o1", "r1", "10")
	b.want("o2", "r2", "20")
	b.want("o2", "r3", "30")
	b.in.Selected = func(s refund.Spec) bool { return s.RefundID == "r2" }
	b.plan()
	b.reads("list o1", "list o2", "payments o2")
}

// R11: a refund in doubt that was to go again and that a guard stops holds back its parent.
func TestR11_ADoubtThatCannotBeRetriedBlocksItsParent(t *testing.T) {
	for name, c := range map[string]struct {
		guard func(*bench)
		want  []string
	}{
		"a duplicate": {func(b *bench) { b.want("o1", "r3", "10") },
			[]string{"# r1 duplicate_suspected (sent_again)", "# r2 parent_in_doubt", "# r3 duplicate_suspected"}},
		"a limit": {func(b *bench) { b.in.Accounts[0].Limits.MaxRefundAmount = money.BudgetOf(inr(b.t, "9")) },
			[]string{"# r1 budget_refund (sent_again)", "# r2 parent_in_doubt"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.remember("o1", "r1", "10", state.Intended, "")
			b.want("o1", "r1", "10")
			b.want("o1", "r2", "5")
			b.in.Proven = map[refund.Identity]bool{identity("o1", "r1"): true}
			c.guard(b)
			b.expect(c.want...)
		})
	}
}
