package plan_test

import (
	"strings"
	"testing"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Of subscriptions and payments no list shows what a ledger that was rolled back has forgotten.
func TestR22_ALedgerThatMayBeOldStopsCreatesWithoutAList(t *testing.T) {
	for _, kind := range []refund.Kind{refund.Subscription, refund.Payment} {
		b := newBench(t)
		b.want("p1", "r1", "10", ofKind(kind))
		b.live("p1", "r1", "10", refund.Success)
		b.want("p2", "r2", "20", ofKind(kind))
		b.want("o1", "r3", "30")
		p := b.expect("+ r3", "= r1", "# r2 ledger_may_be_old (not_checkable)")
		if p.Unknown != 1 {
			t.Errorf("%d unknown", p.Unknown)
		}
		for _, c := range p.Changes {
			if c.AdoptionWaits() != (c.ID.RefundID == "r1") {
				t.Errorf("%s waits: %t", c.ID.RefundID, c.AdoptionWaits())
			}
		}
		b.in.AcceptOlder = true
		for _, c := range b.expect("+ r3", "= r1", "+ r2 (not_checkable)").Changes {
			if c.AdoptionWaits() {
				t.Errorf("%s waits though a person accepted the ledger", c.ID.RefundID)
			}
		}
	}
}

func TestR22_AnOrderThatTheLedgerDoesNotKnowIsOnlyReported(t *testing.T) {
	b := newBench(t)
	b.want("o1", "r1", "10")
	b.live("o1", "r1", "10", refund.Success)
	b.want("o1", "r2", "20")
	p := b.expect("= r1", "+ r2")
	if p.Unknown != 1 || p.Changes[0].AdoptionWaits() {
		t.Errorf("%d unknown, %t", p.Unknown, p.Changes[0].AdoptionWaits())
	}
}

// Adopted now, the order would take the sign away before a person has seen it.
func TestR22_AnUnknownOrderBlocksKindsWithoutAListAndIsNotAdopted(t *testing.T) {
	b := newBench(t)
	b.want("o1", "r1", "10")
	b.live("o1", "r1", "10", refund.Success)
	b.want("p2", "r2", "20", ofKind(refund.Subscription))
	p := b.expect("= r1", "# r2 ledger_may_be_old (not_checkable)")
	if !p.Changes[0].AdoptionWaits() {
		t.Error("the order is adopted")
	}
}

func TestR22_LiveRefundsThatTheLedgerKnowsBlockNothing(t *testing.T) {
	b := newBench(t)
	b.remember("o1", "r1", "10", state.Settled, refund.Success)
	b.want("o1", "r1", "10")
	b.live("o1", "r1", "10", refund.Success)
	b.want("p2", "r2", "20", ofKind(refund.Subscription))
	if p := b.expect("= r1", "+ r2 (not_checkable)"); p.Unknown != 0 {
		t.Errorf("%d unknown", p.Unknown)
	}
}

func TestR22_ASavedPlanStillSaysThatTheLedgerMayBeOld(t *testing.T) {
	b := newBench(t)
	b.want("o1", "r1", "10")
	b.live("o1", "r1", "10", refund.Success)
	text, err := plan.Encode(b.plan(), noon.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	saved, err := plan.Decode(strings.NewReader(string(text)))
	if err != nil || saved.Unknown != 1 {
		t.Errorf("%v %d", err, saved.Unknown)
	}
}
