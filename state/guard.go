package state

import "refundctl/internal/refund"

// Forbids returns a *ForbiddenError for an intent that the ledger rules out: the refund was sent, the attempt
// is over, or the refund_id belongs to another parent (R2, R3, R7). It is a second check, after plan's; nil
// is not a permission.
func (s *State) Forbids(in Intent) error {
	reason := ""
	for _, e := range s.OfRefundID(in.ID.Account, in.ID.RefundID) {
		over := e.Phase == Refused || e.Phase == NotSent
		switch {
		case !e.AcceptedAt.IsZero():
			reason = "the ledger records it as sent"
		case e.Conflict != "":
			reason = "the ledger has two API refunds for it: " + e.Conflict
		case e.ID != in.ID && !over:
			reason = "another order or payment may have a refund with this refund_id"
		case e.ID == in.ID && (in.Attempt < e.Attempt || in.Attempt == e.Attempt && over):
			reason = "the ledger has a later attempt, or the outcome of this one"
		}
		if reason != "" {
			return &ForbiddenError{in.ID, "sent", reason}
		}
	}
	if place := s.sentThrough(in.ID); place != "" {
		return &ForbiddenError{in.ID, "sent", "it was sent, or may have been sent, through " + place + ", which may be the same API"}
	}
	return nil
}

// sentThrough is another address through which the refund was sent, or may have been; empty if there is none.
// Another address and the environment's own one may lead to the same API. A loopback address does not.
func (s *State) sentThrough(id refund.Identity) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for account, place := range s.otherAddresses(id.Account) {
		there := id
		there.Account = account
		if r := s.find(there); r != nil && weight(s.phase(r)) != 1 {
			return place
		}
	}
	return ""
}
