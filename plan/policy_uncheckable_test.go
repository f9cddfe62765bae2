package plan_test

import (
	"testing"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
)

func ofKind(k refund.Kind) func(*refund.Spec) { return func(s *refund.Spec) { s.Kind = k } }

func speed(word string) func(*refund.Spec) { return func(s *refund.Spec) { s.Speed = word } }

func TestPlansOfKindsWithoutAListNameWhatWasNotChecked(t *testing.T) {
	b := newBench(t)
	b.in.AcceptOlder = true // r4 is not in the ledger
	b.want("pay_1", "r1", "10", ofKind(refund.Payment))
	b.want("pay_1", "r2", "20", ofKind(refund.Payment), hold)
	b.want("sub_1", "r3", "30", ofKind(refund.Subscription), speed("INSTANT"))
	b.want("sub_2", "r4", "40", ofKind(refund.Subscription))
	b.live("sub_2", "r4", "40", refund.Success)
	b.want("o1", "r5", "50", speed("INSTANT"))
	p := b.expect("+ r5", "+ r1 (not_checkable)", "h r2 hold (not_checkable)", "+ r3 (not_checkable) (speed_not_checkable)", "= r4")
	if p.Reads != 6 { // one for each refund without a list, two for the order
		t.Errorf("%d reads", p.Reads)
	}
}

func TestAParentThatTheAPIDoesNotKnowIsUnknown(t *testing.T) {
	b := newBench(t)
	b.world.none = &refund.ReadError{Class: refund.NoParent, HTTP: 404, Code: "subscription_not_found"}
	b.want("sub_1", "r1", "10", ofKind(refund.Subscription))
	b.expect("# r1 parent_unknown (not_checkable)")
	b.world.none = &refund.ReadError{Class: refund.Unreadable, HTTP: 404}
	b.expect("# r1 unread (not_checkable)")
}

// The answers name no currency, so a refund in another one would look like one of another amount.
func TestOnlyRupeesAreSentIfAnswersNameNoCurrency(t *testing.T) {
	b := newBench(t)
	dollars := func(s *refund.Spec) { s.Amount = money.Amount{Minor: 1000, Currency: "USD"} }
	b.want("pay_1", "r1", "10", ofKind(refund.Payment), dollars)
	b.want("pay_2", "r2", "10", ofKind(refund.Payment))
	p := b.expect("# r1 currency_not_checkable (not_checkable)", "+ r2 (not_checkable)")
	for _, c := range p.Rows(plan.Blocked) {
		if c.Reasons[0].Hint == "" {
			t.Error("nothing to do about it")
		}
	}
}

func TestDuplicatesInAPlanAreFoundWithoutAList(t *testing.T) {
	b := newBench(t)
	b.want("pay_1", "r1", "10", ofKind(refund.Payment))
	b.want("pay_1", "r2", "10", ofKind(refund.Payment))
	b.expect("# r1 duplicate_suspected (not_checkable)", "# r2 duplicate_suspected (not_checkable)")
}
