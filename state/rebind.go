package state

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Rebinding describes the effect of binding an account to another merchant, or to the same one under another
// id.
type Rebinding struct {
	From Binding // zero if the ledger already has the new binding
	Same bool    // it stays the same merchant: what was sent still counts
	Old  []Entry // the refunds under From, none of them in doubt
}

// UnboundError says that the ledger has never known the account.
type UnboundError struct{ Want Binding }

// Error names the account.
func (e *UnboundError) Error() string {
	return fmt.Sprintf("the ledger does not know account %s (%s)", e.Want.Account, e.Want.Environment)
}

// AliasError says that another account of the configuration is the same merchant.
type AliasError struct{ Want, Have Binding }

// Error names both accounts.
func (e *AliasError) Error() string {
	return fmt.Sprintf("account %s (%s) is the merchant that the ledger knows as %s", e.Want.Account, e.Want.Environment, e.Have.Account)
}

// DoubtError says that a refund under the old binding is in doubt. After a rebinding it could no longer be read
// back.
type DoubtError struct{ RefundID string }

// Error names the refund.
func (e *DoubtError) Error() string {
	return fmt.Sprintf("refund %s is in doubt, so its account cannot be rebound", e.RefundID)
}

// Rebinding judges a new binding of an account. configured reports whether the configuration has the account
// of a binding. It fails with an *UnboundError, *AliasError or *DoubtError.
func (s *State) Rebinding(to Binding, configured func(Binding) bool) (Rebinding, error) {
	from, err := s.boundBefore(to, configured)
	if err != nil || from == (Binding{}) {
		return Rebinding{}, err
	}
	r := Rebinding{From: from, Same: (&BindingError{Want: to, Have: from}).SameMerchant()}
	for _, e := range s.Entries() {
		if FingerprintOf(e.ID.Account) != from.Fingerprint {
			continue
		}
		if e.Phase == Intended {
			return Rebinding{}, &DoubtError{e.ID.RefundID}
		}
		r.Old = append(r.Old, e)
	}
	return r, nil
}

// boundBefore returns how the ledger has the account, or its merchant under another name; zero if it already
// has the new binding.
func (s *State) boundBefore(to Binding, configured func(Binding) bool) (Binding, error) {
	to.Reason = ""
	known, err := s.CheckBinding(to)
	var other *BindingError
	switch errors.As(err, &other); {
	case known:
		return Binding{}, nil
	case other == nil && !s.hasBound(to):
		return Binding{}, &UnboundError{to}
	case other == nil:
		return to, nil // of an older format: only the credentials are new
	}
	for _, b := range append(s.Bindings(), other.Have) {
		same := (&BindingError{Want: to, Have: b}).SameMerchant()
		if same && b.Account != to.Account && configured(b) {
			return b, &AliasError{to, b}
		}
	}
	return other.Have, nil
}

func (s *State) hasBound(to Binding) bool {
	return slices.ContainsFunc(s.Bindings(), func(b Binding) bool { return b.Account == to.Account && b.Environment == to.Environment })
}

// Wait returns the time until the old refunds are certain to be listed: two delays after the last try, as for a
// refund that is read back. The next plan has only lists to go by.
func (r Rebinding) Wait(delay time.Duration, now time.Time) time.Duration {
	var longest time.Duration
	for _, e := range r.Old {
		longest = max(longest, 2*delay-now.Sub(e.TriedAt))
	}
	return longest
}
