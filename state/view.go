package state

import (
	"context"
	"maps"
	"slices"
	"strings"

	"refundctl/internal/refund"
)

// What a run learned of an account counts for the address through which it asked, and for every
// fingerprint that the merchant had. So a State keeps the refunds of an account
//
//   - under the merchant's latest fingerprint, as credentials that were bound under several tell, and
//   - under a name of its own, which no account has, if they were learned through another address
//     than the one that counts now.
//
// Runs of formats 1 and 2 do not say where they asked: what they learned counts everywhere.

// elsewhere joins a fingerprint, which is hexadecimal, and an address that does not count now.
const elsewhere = "@"

// FingerprintOf is the fingerprint of an entry's or a record's account.
func FingerprintOf(account string) string {
	fingerprint, _, _ := strings.Cut(account, elsewhere)
	return fingerprint
}

// Elsewhere reports whether the refund was learned through another address than the one that counts now.
func (e Entry) Elsewhere() bool { return strings.Contains(e.ID.Account, elsewhere) }

// environment names where an account is, as a person and a sum must tell it apart.
func (s *State) environment(account string) string {
	fingerprint, place, other := strings.Cut(account, elsewhere)
	name := s.known[fingerprint].Environment
	switch {
	case !other:
		return name
	case place == "":
		return strings.TrimSpace(name + " at its own address")
	}
	return strings.TrimSpace(name + " through " + place)
}

// Places are the addresses through which accounts were asked last.
func (s *State) Places() []Place {
	s.mu.RLock()
	defer s.mu.RUnlock()
	at := map[string]string{}
	for _, run := range s.chains.sorted() {
		for _, p := range run.run.Header.Places {
			at[s.current(p.Fingerprint)] = p.BaseURL
		}
	}
	var places []Place
	for _, fingerprint := range slices.Sorted(maps.Keys(at)) {
		places = append(places, Place{fingerprint, at[fingerprint]})
	}
	return places
}

// placed gives the refund the account under which the state keeps it, and is its record.
func (s *State) placed(run *chain, id *refund.Identity) *record {
	fingerprint := id.Account
	i := slices.IndexFunc(run.run.Header.Places, func(p Place) bool { return p.Fingerprint == fingerprint })
	id.Account = s.current(fingerprint)
	if i < 0 {
		return s.record(*id)
	}
	place := run.run.Header.Places[i].BaseURL
	if place != s.at[id.Account] {
		id.Account += elsewhere + place
	}
	r := s.record(*id)
	r.place = max(r.place, place)
	return r
}

// current is the fingerprint that a merchant's refunds are kept under.
func (s *State) current(fingerprint string) string {
	if now, over := s.former[fingerprint]; over {
		return now
	}
	return fingerprint
}

// bind takes a binding in.
func (s *State) bind(b bound) {
	key := bindingKey{b.Account, b.Environment}
	if b.after(s.bindings[key].stamp) {
		s.bindings[key] = b
	}
	if b.after(s.known[b.Fingerprint].stamp) {
		s.known[b.Fingerprint] = b
	}
	if b.Credentials != "" {
		if s.holders[b.Credentials] == nil {
			s.holders[b.Credentials] = map[string]bool{}
		}
		s.holders[b.Credentials][b.Fingerprint] = true
	}
}

// renamed are the fingerprints that a merchant has no more, each with the one that it has. Credentials
// that were bound under two tell that these are of one merchant; so does a fingerprint that is that of
// the credentials themselves, which stood alone before a merchant_id was added.
func (s *State) renamed() map[string]string {
	merchant := map[string]string{} // any fingerprint of each merchant
	var of func(string) string
	of = func(fingerprint string) string {
		if other, joined := merchant[fingerprint]; joined {
			return of(other)
		}
		return fingerprint
	}
	for credentials, fingerprints := range s.holders {
		first := ""
		for fingerprint := range fingerprints {
			first = max(first, of(fingerprint))
		}
		if _, alone := s.known[credentials]; alone {
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
	now := map[string]bound{}
	for fingerprint, b := range s.known {
		if root := of(fingerprint); b.after(now[root].stamp) {
			now[root] = b
		}
	}
	former := map[string]string{}
	for fingerprint := range s.known {
		if b := now[of(fingerprint)]; b.Fingerprint != fingerprint {
			former[fingerprint] = b.Fingerprint
		}
	}
	return former
}

// At makes count what was learned of accounts through these addresses: of an account that is not named,
// through its environment's own. b is the ledger that the State was loaded from, and is read again if
// other events count then.
func (s *State) At(ctx context.Context, b Backend, places []Place) error {
	at := addresses(places)
	if s.counts(at) {
		return nil
	}
	fresh, _, err := loadTelling(ctx, b, func(*State) []Place { return places }, func() func(*event, *State) { return func(*event, *State) {} })
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chains, s.accounts, s.bindings, s.known, s.holders = fresh.chains, fresh.accounts, fresh.bindings, fresh.known, fresh.holders
	s.lens, s.stale, s.last, s.events, s.count = fresh.lens, fresh.stale, fresh.last, fresh.events, fresh.count
	return nil
}

func addresses(places []Place) map[string]string {
	at := map[string]string{}
	for _, p := range places {
		if p.BaseURL != "" {
			at[p.Fingerprint] = p.BaseURL
		}
	}
	return at
}

// counts makes the addresses those that count, unless events stand under others already.
func (s *State) counts(at map[string]string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !maps.Equal(s.former, s.renamed()) {
		return false
	}
	moved := func(p Place) bool { f := s.current(p.Fingerprint); return s.at[f] != at[f] }
	for _, run := range s.chains {
		if slices.ContainsFunc(run.run.Header.Places, moved) {
			return false
		}
	}
	s.at = at
	return true
}

// At is State.At for the ledger of this session, whose run then says that it asks there. It comes before
// the run's first event.
func (s *Session) At(ctx context.Context, places []Place) error {
	s.header.Places = slices.SortedFunc(slices.Values(places), func(a, b Place) int { return strings.Compare(a.Fingerprint, b.Fingerprint) })
	return s.state.At(ctx, s.backend, places)
}

func places(c codec, v *[]Place) {
	if !c.list("places", len(*v) > 0) {
		return
	}
	for i := 0; c.item(i < len(*v)); i++ {
		if i == len(*v) {
			*v = append(*v, Place{})
		}
		c.word("fingerprint", &(*v)[i].Fingerprint)
		c.word("base_url", &(*v)[i].BaseURL)
		c.close()
	}
}
