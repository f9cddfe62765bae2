package state

import (
	"cmp"
	"slices"
	"strings"

	"refundctl/internal/refund"
)

// Bound reports whether the ledger holds this binding already. It returns a *BindingError if the
// account means another fingerprint, if another account has this one (R15), if the merchant of these
// credentials has another, or if these credentials are new to the merchant (R21).
func (s *State) Bound(b Binding) (bool, error) {
	var other error
	held := false
	for _, have := range s.Bindings() {
		mine := have.Account == b.Account && have.Environment == b.Environment
		switch {
		case mine && have.Fingerprint == b.Fingerprint:
			held = true
		case mine || have.Fingerprint == b.Fingerprint, have.Credentials == "" && have.Fingerprint == b.Credentials:
			other = &BindingError{Want: b, Have: have}
		}
	}
	if b.Credentials == "" {
		return held, other
	}
	bound, err := s.credentialed(b)
	if err == nil {
		err = other
	}
	return held && bound && err == nil, err
}

// credentialed reports whether the ledger holds the credentials of a binding with its fingerprint. They
// may belong to no other, and a merchant that has credentials gets new ones by a rebind alone.
func (s *State) credentialed(b Binding) (bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	former := s.renamed()
	for fingerprint := range s.holders[b.Credentials] {
		if now, over := former[fingerprint]; over {
			fingerprint = now
		}
		if fingerprint != b.Fingerprint {
			have := s.known[fingerprint].Binding
			have.Credentials = b.Credentials
			return false, &BindingError{Want: b, Have: have}
		}
	}
	if s.holders[b.Credentials][b.Fingerprint] {
		return true, nil
	}
	for _, fingerprints := range s.holders {
		if fingerprints[b.Fingerprint] {
			return false, &BindingError{Want: b, Have: s.known[b.Fingerprint].Binding}
		}
	}
	return false, nil // the ledger is of a format that knew none
}

// Bindings are the latest of each account and environment, sorted by both, without those that are over:
// of a merchant that has another fingerprint or another name now.
func (s *State) Bindings() []Binding {
	s.mu.RLock()
	defer s.mu.RUnlock()
	former := s.renamed()
	var all []Binding
	for _, b := range s.bindings {
		if _, over := former[b.Fingerprint]; !over && s.known[b.Fingerprint].Account == b.Account {
			all = append(all, b.Binding)
		}
	}
	slices.SortFunc(all, func(a, b Binding) int {
		return strings.Compare(a.Account+"\x00"+a.Environment, b.Account+"\x00"+b.Environment)
	})
	return all
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
	for account, place := range s.nearby(id.Account) {
		there := id
		there.Account = account
		if r := s.find(there); r != nil && weight(s.phase(r)) != 1 {
			return place
		}
	}
	return ""
}

// Nearby are the refunds of an account (its fingerprint) that were sent, or may have been, through another
// address that may lead to the same API, sorted by identity; BaseURL names the address. What is known at the
// address that counts now is not among them.
func (s *State) Nearby(fingerprint string) []Entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var entries []Entry
	for account, place := range s.nearby(fingerprint) {
		for _, first := range s.accounts[account].refunds {
			for r := first; r != nil; r = r.namesake {
				if weight(s.phase(r)) != 1 && !s.sentHere(fingerprint, r) {
					e := s.entry(r)
					e.ID.Account, e.BaseURL = fingerprint, place
					entries = append(entries, e)
				}
			}
		}
	}
	return sorted(entries)
}

// sentHere reports whether the address that counts now holds a refund that was learned through another one.
func (s *State) sentHere(fingerprint string, r *record) bool {
	id := refund.Identity{Parent: r.parent.id, RefundID: r.refundID}
	id.Account = fingerprint
	here := s.find(id)
	return here != nil && s.phase(here).Sent()
}

// nearby are the names under which the account's refunds are kept that were learned through such addresses,
// with the address.
func (s *State) nearby(fingerprint string) map[string]string {
	if refund.OnLoopback(s.at[fingerprint]) {
		return nil
	}
	names := map[string]string{}
	for account := range s.accounts {
		of, place, other := strings.Cut(account, elsewhere)
		if other && of == fingerprint && !refund.OnLoopback(place) {
			names[account] = cmp.Or(place, "the environment's own address")
		}
	}
	return names
}
