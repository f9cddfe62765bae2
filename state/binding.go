package state

import (
	"maps"
	"slices"
	"strings"
)

// CheckBinding reports whether the ledger already has this binding. It returns a *BindingError if the account
// has another fingerprint in the ledger or another account has this one (R15), or if the merchant of these
// credentials has another fingerprint or these credentials are new to the merchant (R21).
func (s *State) CheckBinding(b Binding) (bool, error) {
	var conflict error
	known := false
	for _, have := range s.Bindings() {
		mine := have.Account == b.Account && have.Environment == b.Environment
		switch {
		case mine && have.Fingerprint == b.Fingerprint:
			known = true
		case mine || have.Fingerprint == b.Fingerprint, have.Credentials == "" && have.Fingerprint == b.Credentials:
			conflict = &BindingError{Want: b, Have: have}
		}
	}
	if b.Credentials == "" {
		return known, conflict
	}
	bound, err := s.holdsCredentials(b)
	if err == nil {
		err = conflict
	}
	return known && bound && err == nil, err
}

// holdsCredentials reports whether the ledger has the credentials of a binding with its fingerprint. They must
// not belong to another one, and a merchant that has credentials gets new ones only by a rebind.
func (s *State) holdsCredentials(b Binding) (bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	replaced := s.replacedFingerprints()
	for fingerprint := range s.byCredentials[b.Credentials] {
		if now, over := replaced[fingerprint]; over {
			fingerprint = now
		}
		if fingerprint != b.Fingerprint {
			have := s.latestBinding[fingerprint].Binding
			have.Credentials = b.Credentials
			return false, &BindingError{Want: b, Have: have}
		}
	}
	if s.byCredentials[b.Credentials][b.Fingerprint] {
		return true, nil
	}
	for _, fingerprints := range s.byCredentials {
		if fingerprints[b.Fingerprint] {
			return false, &BindingError{Want: b, Have: s.latestBinding[b.Fingerprint].Binding}
		}
	}
	return false, nil // the ledger has an older format, without credentials
}

// Bindings returns the latest binding of each account and environment, sorted by both. Bindings of a merchant
// that now has another fingerprint or another name are not among them.
func (s *State) Bindings() []Binding {
	s.mu.RLock()
	defer s.mu.RUnlock()
	replaced := s.replacedFingerprints()
	var all []Binding
	for _, b := range s.bindings {
		if _, over := replaced[b.Fingerprint]; !over && s.latestBinding[b.Fingerprint].Account == b.Account {
			all = append(all, b.Binding)
		}
	}
	slices.SortFunc(all, func(a, b Binding) int {
		return strings.Compare(a.Account+"\x00"+a.Environment, b.Account+"\x00"+b.Environment)
	})
	return all
}

// bind takes in a binding.
func (s *State) bind(b stampedBinding) {
	key := bindingKey{b.Account, b.Environment}
	if b.after(s.bindings[key].stamp) {
		s.bindings[key] = b
	}
	if b.after(s.latestBinding[b.Fingerprint].stamp) {
		s.latestBinding[b.Fingerprint] = b
	}
	if b.Credentials != "" {
		if s.byCredentials[b.Credentials] == nil {
			s.byCredentials[b.Credentials] = map[string]bool{}
		}
		s.byCredentials[b.Credentials][b.Fingerprint] = true
	}
}

// replacedFingerprints returns the fingerprints that a merchant no longer has, each with its current one.
// Fingerprints belong to one merchant if the same credentials were bound under them. So does a fingerprint
// of the credentials themselves, which was bound before a merchant_id was added.
func (s *State) replacedFingerprints() map[string]string {
	merchant := map[string]string{} // any fingerprint of each merchant
	var of func(string) string
	of = func(fingerprint string) string {
		if other, joined := merchant[fingerprint]; joined {
			return of(other)
		}
		return fingerprint
	}
	for credentials, fingerprints := range s.byCredentials {
		first := ""
		for fingerprint := range fingerprints {
			first = max(first, of(fingerprint))
		}
		if _, alone := s.latestBinding[credentials]; alone {
			first = max(first, of(credentials))
			fingerprints = maps.Clone(fingerprints)
			fingerprints[credentials] = true
		}
		for fingerprint := range fingerprints {
			if root := of(fingerprint); root != first {
				merchant[root] = first
			}
		}
	}
	now := map[string]stampedBinding{}
	for fingerprint, b := range s.latestBinding {
		if root := of(fingerprint); b.after(now[root].stamp) {
			now[root] = b
		}
	}
	replaced := map[string]string{}
	for fingerprint := range s.latestBinding {
		if b := now[of(fingerprint)]; b.Fingerprint != fingerprint {
			replaced[fingerprint] = b.Fingerprint
		}
	}
	return replaced
}
