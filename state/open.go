package state

import "refundctl/internal/refund"

// Open reports whether the refund has no final status yet, as far as the ledger knows: it is in doubt, or
// accepted and pending.
func (e Entry) Open() bool { return e.Phase == Accepted || e.Phase == Intended }

// TurnedFailed returns the refunds that were open before and are failed now, except those that the merchant
// asked to cancel: the other failures are unexpected, so a person must look at them.
func TurnedFailed(before, now []Entry) (failed []Entry) {
	expected := map[refund.Identity]bool{}
	for _, e := range before {
		expected[e.ID] = e.Open() && e.CancelSent.IsZero()
	}
	for _, e := range now {
		if expected[e.ID] && e.Phase == Failed {
			failed = append(failed, e)
		}
	}
	return failed
}
