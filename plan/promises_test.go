package plan_test

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

func (b *bench) finish(o state.Outcome) {
	b.t.Helper()
	o.AccountName, o.ID.Parent.Account, o.ID.Kind = "default", merchant, cmp.Or(o.ID.Kind, refund.Order)
	if err := b.sess.Finish(context.Background(), o); err != nil {
		b.t.Fatal(err)
	}
}

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

// R11: what was POSTed and is not seen is doubtful; what was seen or goes again is not.
func TestR11_ADoubtIsWhatMayHaveMovedMoneyUnseen(t *testing.T) {
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

func TestR2_TwoReadsHoldTheSameFactsOnlyWhereEveryRefundIsTheSame(t *testing.T) {
	base := []refund.Live{{RefundID: "r1", Amount: inr(t, "10"), Status: refund.Pending}, {RefundID: "", Amount: inr(t, "5"), Status: refund.Success}}
	for name, c := range map[string]struct {
		change func(l []refund.Live) []refund.Live
		want   bool
	}{
		"the same":                      {func(l []refund.Live) []refund.Live { return l }, true},
		"in another order":              {func(l []refund.Live) []refund.Live { slices.Reverse(l); return l }, true},
		"settled meanwhile":             {func(l []refund.Live) []refund.Live { l[0].Status = refund.Success; return l }, true},
		"dead meanwhile":                {func(l []refund.Live) []refund.Live { l[0].Status = refund.Cancelled; return l }, false},
		"another amount":                {func(l []refund.Live) []refund.Live { l[0].Amount.Minor++; return l }, false},
		"one more":                      {func(l []refund.Live) []refund.Live { return append(l, refund.Live{RefundID: "r2"}) }, false},
		"one less":                      {func(l []refund.Live) []refund.Live { return l[:1] }, false},
		"a second one without an id":    {func(l []refund.Live) []refund.Live { return append(l, l[1]) }, false},
		"one more that is of no matter": {func(l []refund.Live) []refund.Live { return append(l, refund.Live{RefundID: "mine"}) }, true},
	} {
		a, b := plan.ParentRead{Live: base}, plan.ParentRead{Live: c.change(slices.Clone(base))}
		mine := map[string]bool{"mine": true}
		if a.SameFacts(b, mine) != c.want || b.SameFacts(a, mine) != c.want {
			t.Errorf("%s: %v", name, a.SameFacts(b, mine))
		}
	}
}

// What is remembered is compared as if it were live.
func TestR3_WhatTheLedgerHoldsAndWhatIsWantedMustBeTheSame(t *testing.T) {
	vendor := func(amount string) []refund.Split {
		return []refund.Split{{VendorID: "v", Amount: inr(t, amount)}}
	}
	for name, c := range map[string]struct {
		setup func(*bench)
		want  []string
	}{
		"two refunds of the API under one id": {func(b *bench) {
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Settled, refund.Success)
			b.finish(state.Outcome{ID: identity("o1", "r1"), Attempt: 1, Phase: state.Settled, Amount: inr(t, "10"), CfRefundID: "1", Status: refund.Success, How: "status"})
			b.finish(state.Outcome{ID: identity("o1", "r1"), Attempt: 1, Phase: state.Settled, Amount: inr(t, "10"), CfRefundID: "2", Status: refund.Success, How: "status"})
		}, []string{"! r1 two_refunds"}},
		"an id that the API gave to another parent": {func(b *bench) {
			b.want("o1", "r1", "10")
			b.intend("o1", "r1", "10")
			b.finish(state.Outcome{ID: identity("o1", "r1"), Attempt: 1, Phase: state.Refused, Amount: inr(t, "10"), How: "absent", Code: plan.IDOnOtherParent})
		}, []string{"! r1 refund_id_on_other_parent"}},
		"splits that were not sent": {func(b *bench) {
			b.remember("o1", "r1", "10", state.Settled, refund.Success)
			b.want("o1", "r1", "10", func(s *refund.Spec) { s.Splits = vendor("4") })
		}, []string{"! r1 splits_differ"}},
		"splits that are live": {func(b *bench) {
			b.live("o1", "r1", "10", refund.Success, func(l *refund.Live) { l.Splits = vendor("4") })
			b.want("o1", "r1", "10", func(s *refund.Spec) { s.Splits = vendor("5") })
		}, []string{"! r1 splits_differ"}},
		"failed, in a word that is not the API's": {func(b *bench) {
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Failed, "REVERSED")
		}, []string{"x r1 dead"}},
		"accepted, and not read": {func(b *bench) {
			b.in.Refresh = plan.None
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Accepted, refund.Pending)
		}, []string{"… r1"}},
		"sent, live and in no manifest any more": {func(b *bench) {
			b.in.Refresh = plan.All
			b.remember("o1", "r1", "10", state.Accepted, refund.Pending)
			b.live("o1", "r1", "10", refund.Success)
		}, []string{"o r1 not_in_manifest"}},
		"tried, live and in no manifest any more": {func(b *bench) {
			b.remember("o1", "r1", "10", state.Intended, "")
			b.live("o1", "r1", "10", refund.Success)
		}, []string{"o r1 not_in_manifest"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			c.setup(b)
			b.expect(c.want...)
		})
	}
}

func TestR3_ThePaymentOfASubscriptionIsPartOfWhatIsCompared(t *testing.T) {
	of := func(payment string) func(*refund.Spec) {
		return func(s *refund.Spec) { s.Kind, s.PaymentID = refund.Subscription, payment }
	}
	t.Run("with what is live", func(t *testing.T) {
		b := newBench(t)
		b.want("s1", "r1", "10", of("pay_2"))
		b.live("s1", "r1", "10", refund.Success, func(l *refund.Live) { l.ParentID, l.PaymentID = "", "pay_1" })
		b.expect("! r1 payment_differs")
	})
	t.Run("with what the ledger holds", func(t *testing.T) {
		b := newBench(t)
		b.want("s1", "r1", "10", of("pay_2"))
		id := refund.Identity{Parent: refund.Parent{Account: merchant, Kind: refund.Subscription, ID: "s1"}, RefundID: "r1"}
		err := b.sess.Finish(context.Background(), state.Outcome{AccountName: "default", ID: id, PaymentID: "pay_1", Attempt: 0, Phase: state.Settled,
			Amount: inr(t, "10"), Status: refund.Success, How: "adopted"})
		if err != nil {
			t.Fatal(err)
		}
		b.expect("! r1 payment_differs")
	})
	t.Run("a read that fails blocks", func(t *testing.T) {
		b := newBench(t)
		b.in.Readers = map[string]plan.Reader{merchant: failingReads{b.world}}
		b.want("s1", "r1", "10", of("pay_1"))
		b.want("s1", "r2", "20", of("pay_1"))
		b.expect("# r1 unread (not_checkable)", "# r2 unread (not_checkable)")
	})
}

type failingReads struct{ *world }

func (failingReads) Refund(context.Context, refund.Identity) (refund.Live, error) {
	return refund.Live{}, &refund.ReadError{Class: refund.Unreachable, HTTP: 502}
}

func TestWhatTheAPIChangedByItselfIsAttentionAndNoConflict(t *testing.T) {
	b := newBench(t)
	b.want("o1", "r1", "10", func(s *refund.Spec) { s.Speed, s.Note = "INSTANT", "Size exchange, June" })
	b.live("o1", "r1", "10", refund.Success, func(l *refund.Live) { l.Speed.Accepted, l.Note = "STANDARD", "Size exchange" })
	p := b.expect("= r1 (speed_differs) (note_differs)")
	if text := p.Changes[0].Attention[1].Message; !strings.HasSuffix(text, "Size exchange[-, June-]") {
		t.Error(text)
	}
}

func TestADifferenceOfTextsIsShownInOneLine(t *testing.T) {
	for _, c := range [][3]string{
		{"one two", "one two", "one two"}, {"", "new", "{+new+}"}, {"old", "", "[-old-]"}, {"ticket 17", "ticket 18", "ticket 1[-7-]{+8+}"},
	} {
		if got := plan.InLine(plan.DiffText(c[0], c[1])); got != c[2] {
			t.Errorf("%q to %q: %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestTheMessagesOfADoubtAndOfAnEarlierAttemptSayWhatTheAPISaid(t *testing.T) {
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
func TestR8_ARowAsksForADoubtOnlyWithTheSameBytesSelectedAndNotHeld(t *testing.T) {
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

func TestR11_AParentInDoubtIsPlannedAlsoWhereNothingOfItIsSelected(t *testing.T) {
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

func TestOnlyTheParentsThatAreAskedForAreLookedAt(t *testing.T) {
	b := newBench(t)
	b.paid("o2", "50", noon)
	b.want("o1", "r1", "10")
	b.want("o2", "r2", "20")
	b.in.Only = func(p refund.Parent) bool { return p.ID == "o2" }
	b.expect("+ r2")
	b.reads("list o2", "payments o2")
}

func TestARelistShowsTheParentAsItIsNow(t *testing.T) {
	b := newBench(t)
	b.live("o1", "r1", "10", refund.Pending)
	tick := noon
	clock := func() time.Time { tick = tick.Add(time.Second); return tick }
	read := plan.Relist(context.Background(), b.world, identity("o1", "r1"), clock)
	if len(read.Find("r1")) != 1 || !read.Good() || !read.ListedAt.Equal(noon.Add(time.Second)) || !read.DoneAt.Equal(noon.Add(2*time.Second)) || read.Requests != 1 {
		t.Errorf("%+v", read)
	}
	b.world.fails["o1"] = &refund.ReadError{Class: refund.Throttled, HTTP: 429}
	if read := plan.Relist(context.Background(), b.world, identity("o1", "r1"), clock); read.Good() || read.Err == nil {
		t.Errorf("a failed read is good: %+v", read)
	}
}

func TestTheSummaryCountsEachActionWithItsMoneyAndPassesOverWhatIsSuperseded(t *testing.T) {
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

func TestTheEstimateIsTheWaitingThatTheLimitCauses(t *testing.T) {
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

// R11: a refund in doubt that was to go again and that a guard stops holds back its parent.
func TestR11_ADoubtThatMayNotGoAgainHoldsBackItsParent(t *testing.T) {
	for name, c := range map[string]struct {
		guard func(*bench)
		want  []string
	}{
		"a twin": {func(b *bench) { b.want("o1", "r3", "10") },
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

func TestARowThatCannotBeRenderedIsBlockedAndNothingIsSentForIt(t *testing.T) {
	b := newBench(t)
	b.want("o1", "r1", "10", func(s *refund.Spec) { s.Kind, s.PaymentID = "gift", "" })
	p := b.plan()
	if c := p.Changes[0]; c.Action != plan.Blocked || c.Request != nil || c.Reasons[0].Code != "not_renderable" {
		t.Errorf("%c %+v", c.Action, c.Reasons)
	}
}
