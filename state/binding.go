package state

import (
	"maps"
	"slices"
	"strings"
)

// Bound reports whether the ledger holds this binding already. It returns a *BindingError if the
// account means another fingerprint, if another account has this one (R15), if the merchant of these
// credentials has another, or if these credentials are new to the merchant (R21).
func (s *State) CheckBinding(b Binding) (bool, error) {
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
	bound, err := s.holdsCredentials(b)
	if err == nil {
		err = other
	}
	return held && bound && err == nil, err
}

// credentialed reports whether the ledger holds the credentials of a binding with its fingerprint. They
// may belong to no other, and a merchant that has credentials gets new ones by a rebind alone.
func (s *State) holdsCredentials(b Binding) (bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	former := s.replacedFingerprints()
	for fingerprint := range s.byCredentials[b.Credentials] {
		if now, over := former[fingerprint]; over {
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
	return false, nil // the ledger is of a format that knew none
}

// Bindings are the latest of each account and environment, sorted by both, without those that are over:
// of a merchant that has another fingerprint or another name now.
func (s *State) Bindings() []Binding {
	s.mu.RLock()
	defer s.mu.RUnlock()
	former := s.replacedFingerprints()
	var all []Binding
	for _, b := range s.bindings {
		if _, over := former[b.Fingerprint]; !over && s.latestBinding[b.Fingerprint].Account == b.Account {
			all = append(all, b.Binding)
		}
	}
	slices.SortFunc(all, func(a, b Binding) int {
		return strings.Compare(a.Account+"\x00"+a.Environment, b.Account+"\x00"+b.Environment)
	})
	return all
}

// bind takes a binding in.
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

// renamed are the fingerprints that a merchant has no more, each with the one that it has. Credentials
// that were bound under two tell that these are of one merchant; so does a fingerprint that is that of
// the credentials themselves, which stood alone before a merchant_id was added.
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
	former := map[string]string{}
	for fingerprint := range s.latestBinding {
		if b := now[of(fingerprint)]; b.Fingerprint != fingerprint {
			former[fingerprint] = b.Fingerprint
		}
	}
	return former
}
