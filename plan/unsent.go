package plan

import (
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// Unsent is a refund that a manifest asks for and that was not sent, as far as the ledger knows. Reason is held,
// refused or new.
type Unsent struct {
	Account, Environment, Reason string
	Amount                       money.Amount
}

// UnsentOf returns the refunds of manifests that the ledger does not have as sent or in doubt, without reading
// anything. fingerprints and environments are those of the accounts, by name.
func UnsentOf(specs []refund.Spec, st *state.State, fingerprints, environments map[string]string) []Unsent {
	var all []Unsent
	for _, s := range specs {
		e, known := st.Entry(s.Identity(fingerprints[s.Account]))
		if known && (e.Phase.Sent() || e.Phase == state.Intended) {
			continue
		}
		u := Unsent{s.Account, environments[s.Account], "new", s.Amount}
		switch {
		case s.Hold:
			u.Reason = "held"
		case known && e.Phase == state.Refused:
			u.Reason = "refused"
		}
		all = append(all, u)
	}
	return all
}
