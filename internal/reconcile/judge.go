package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"refundctl/internal/refund"
	"refundctl/state"
)

// rules are the verdicts of refunds in their order. The first that fits counts; Matched fits all.
var rules = []struct {
	verdict Verdict
	fits    func(*facts) bool
}{
	{LiveTwice, (*facts).liveTwice},
	{BankTwice, func(f *facts) bool { return f.debits() > 1 }},
	{AmountDiffers, (*facts).amountDiffers},
	{DetailsDiffer, (*facts).detailsDiffer},
	{InDoubt, func(f *facts) bool { return f.Doubtful() }},
	{BankDiffers, (*facts).bankDiffers},
	{StatusDiffers, (*facts).statusDiffers},
	{MissingLive, (*facts).missingLive},
	{Unmanaged, func(f *facts) bool { return f.unknown() && !f.dead() && !f.automatic() }},
	{Unrecorded, func(f *facts) bool { return f.live() != nil && !f.sent() && !f.unknown() && !f.dead() }},
	{UnknownParent, (*facts).parentUnknown},
	{Unread, (*facts).unread},
	{Failed, func(f *facts) bool { return f.dead() && f.Spec != nil && f.replaced == "" }},
	{Orphaned, func(f *facts) bool { return f.sent() && f.Spec == nil && !f.dead() }},
	{NotSent, func(f *facts) bool { return f.notSent() && !f.Spec.Hold }},
	{Held, (*facts).notSent},
	{MissingBank, func(f *facts) bool { return f.paid() && f.in.Bank != nil && len(f.Bank) == 0 && !f.unknown() }},
	{Automatic, func(f *facts) bool { return f.unknown() && f.automatic() }},
	{Void, func(f *facts) bool { return f.dead() || f.live() == nil && !f.sent() }},
	{Pending, func(f *facts) bool { return !f.paid() }},
	{Matched, func(*facts) bool { return true }},
}

func (f *facts) judge() {
	for _, r := range rules {
		if r.fits(f) {
			f.Verdict = r.verdict
			break
		}
	}
	f.Reasons = f.reasons()
}

func (f *facts) liveTwice() bool {
	return len(f.Live) > 1 || f.Entry != nil && f.Entry.Conflict != ""
}

func (f *facts) amountDiffers() bool {
	for _, a := range f.amounts() {
		if a != f.Amount {
			return true
		}
	}
	return false
}

func (f *facts) detailsDiffer() bool { return f.details() != "" }

// details says what differs beside the amount; empty for nothing.
func (f *facts) details() string {
	l, s := f.live(), f.Spec
	switch {
	case l != nil && differ(refund.Terms{ParentID: f.ID.ID}, l.Terms(), refund.ParentDiffers):
		return fmt.Sprintf("expected on %s, the API has it on %s", f.ID.ID, l.ParentID)
	case f.ID.Kind == refund.Subscription && f.payments() != "":
		return f.payments()
	case s == nil:
	case l != nil && differ(s.Terms(), l.Terms(), refund.SplitsDiffer):
		return "the API has other refund_splits than the manifest"
	case l == nil && f.mayHaveMoved() && differ(s.Terms(), f.Entry.Terms(), refund.SplitsDiffer):
		return "the ledger has other refund_splits than the manifest"
	}
	return ""
}

func differ(a, b refund.Terms, in refund.Difference) bool {
	return slices.Contains(refund.Differences(a, b), in)
}

// payments says which source has which payment of a subscription, if they differ. A source without a
// payment agrees with all.
func (f *facts) payments() string {
	var said []string
	ids := map[string]bool{}
	add := func(who, id string) {
		if id != "" {
			said, ids[id] = append(said, who+" has payment "+id), true
		}
	}
	if f.Spec != nil {
		add("the manifest", f.Spec.PaymentID)
	}
	if f.mayHaveMoved() {
		add("the ledger", f.Entry.PaymentID)
	}
	if l := f.live(); l != nil {
		add("the API", l.PaymentID)
	}
	if len(ids) < 2 {
		return ""
	}
	return strings.Join(said, ", ")
}

// statusDiffers: a final status in the ledger must stay. A live status that is further on is no difference.
func (f *facts) statusDiffers() bool {
	l := f.live()
	if l == nil || f.Entry == nil {
		return false
	}
	return f.Entry.Phase == state.Settled && l.Status != refund.Success || f.Entry.Phase == state.Failed && !l.Status.Dead()
}

func (f *facts) missingLive() bool {
	return f.absent() && f.sent() && f.Entry.MustBeListed(f.in.Now, f.in.SettleAfter)
}

// absent reports whether a good read did not show it.
func (f *facts) absent() bool {
	return f.in.Reads != nil && f.read != nil && f.read.Err == nil && f.live() == nil
}

func (f *facts) unread() bool { return f.in.Reads != nil && (f.read == nil || f.read.Err != nil) }

func (f *facts) parentUnknown() bool { return f.read != nil && refund.ParentUnknown(f.read.Err) }

// unknown reports whether only the API knows it.
func (f *facts) unknown() bool { return f.live() != nil && f.Spec == nil && f.Entry == nil }

func (f *facts) automatic() bool {
	l := f.live()
	return l != nil && !l.ByMerchant()
}

func (f *facts) notSent() bool { return f.Spec != nil && f.live() == nil && !f.sent() }

// dead reports whether its money will not move.
func (f *facts) dead() bool {
	if l := f.live(); l != nil {
		return l.Status.Dead()
	}
	return f.Entry != nil && f.Entry.Phase == state.Failed
}

// paid reports whether the API says so or, if the API was not read, the ledger.
func (f *facts) paid() bool {
	if l := f.live(); l != nil {
		return l.Status == refund.Success
	}
	return f.in.Reads == nil && f.Entry != nil && f.Entry.Phase == state.Settled
}
