package state

import "refundctl/internal/refund"

// Forbids returns a *ForbiddenError for an intent that the ledger rules out: the refund was sent,
// the attempt is over, or the refund_id belongs to another parent (R2, R3, R7). It is a second
// lock on the door; nil is no permission.
func (s *State) Forbids(in Intent) error {
	reason := ""
	for _, e := range s.OfRefundID(in.ID.Account, in.ID.RefundID) {
		over := e.Phase == Refused || e.Phase == NotSent
		switch {
		case !e.AcceptedAt.IsZero():
			reason = "the ledger remembers it as sent"
		case e.Conflict != "":
			reason = "the ledger has two refunds of the API for it: " + e.Conflict
		case e.ID != in.ID && !over:
			reason = "another parent may hold a refund with this refund_id"
		case e.ID == in.ID && (in.Attempt < e.Attempt || in.Attempt == e.Attempt && over):
			reason = "the ledger holds a later attempt, or the end of this one"
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

// sentThrough is another address through which the refund was sent, or may have been; empty for none. A
// gateway and the environment's own address may lead to one API, but nothing does that and is loopback.
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
