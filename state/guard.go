package state

// Bound tells whether the ledger holds this binding already. It returns a *BindingError where the
// account means another fingerprint, or another account has this one (R15).
func (s *State) Bound(b Binding) (bool, error) {
	var other error
	for _, have := range s.Bindings() {
		switch mine := have.Account == b.Account && have.Environment == b.Environment; {
		case mine && have.Fingerprint == b.Fingerprint:
			return true, nil
		case mine || have.Fingerprint == b.Fingerprint:
			other = &BindingError{Want: b, Have: have}
		}
	}
	return false, other
}

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
			reason = "the ledger contradicts itself about it: " + e.Conflict
		case e.ID != in.ID && !over:
			reason = "another parent may hold a refund with this refund_id"
		case e.ID == in.ID && (in.Attempt < e.Attempt || in.Attempt == e.Attempt && over):
			reason = "the ledger holds a later attempt, or the end of this one"
		}
		if reason != "" {
			return &ForbiddenError{in.ID, "sent", reason}
		}
	}
	return nil
}
