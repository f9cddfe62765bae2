package state

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"refundctl/internal/refund"
)

// What a run learned about an account counts for the address that it used, and for every fingerprint that
// the merchant has had. A State therefore keeps the refunds of an account
//
//   - under the merchant's latest fingerprint, which is known if the same credentials were bound under
//     several, and
//   - under a separate name, which no account has, if they were learned through an address other than the one
//     that counts now.
//
// Runs of formats 1 and 2 do not say which address they used: what they learned counts everywhere.

// elsewhere joins a fingerprint, which is hexadecimal, and an address that does not count now.
const elsewhere = "@"

// FingerprintOf returns the fingerprint in the account of an entry or an event.
func FingerprintOf(account string) string {
	fingerprint, _, _ := strings.Cut(account, elsewhere)
	return fingerprint
}

// Elsewhere reports whether the refund was learned through an address other than the one that counts now.
func (e Entry) Elsewhere() bool { return strings.Contains(e.ID.Account, elsewhere) }

// environment names where an account is, so that people and sums can distinguish the places.
func (s *State) environment(account string) string {
	fingerprint, place, other := strings.Cut(account, elsewhere)
	name := s.latestBinding[fingerprint].Environment
	switch {
	case !other:
		return name
	case place == "":
		return strings.TrimSpace(name + " at its own address")
	}
	return strings.TrimSpace(name + " through " + place)
}

// Places returns the addresses through which accounts were used last.
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

// recordFor sets the account in id to the one under which the state keeps the refund, and returns its record.
func (s *State) recordFor(run *chain, id *refund.Identity) *record {
	fingerprint := id.Account
	i := slices.IndexFunc(run.run.Header.Places, func(p Place) bool { return p.Fingerprint == fingerprint })
	id.Account = s.current(fingerprint)
	if i < 0 {
		return s.findOrAdd(*id)
	}
	place := run.run.Header.Places[i].BaseURL
	if place != s.addresses[id.Account] {
		id.Account += elsewhere + place
	}
	r := s.findOrAdd(*id)
	r.place = max(r.place, place)
	return r
}

// current is the fingerprint under which a merchant's refunds are kept.
func (s *State) current(fingerprint string) string {
	if now, over := s.replaced[fingerprint]; over {
		return now
	}
	return fingerprint
}

// UsePlaces makes the State use what was learned through these addresses. For an account that is not named,
// the environment's own address counts. b is the ledger of the State; it is read again if other events count
// now.
func (s *State) UsePlaces(ctx context.Context, b Backend, places []Place) error {
	at := addressesOf(places)
	if s.useAddresses(at) {
		return nil
	}
	fresh, _, err := loadWith(ctx, b, func(*State) []Place { return places }, nil)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chains, s.accounts, s.bindings, s.latestBinding, s.byCredentials = fresh.chains, fresh.accounts, fresh.bindings, fresh.latestBinding, fresh.byCredentials
	s.foldContext, s.stale, s.last, s.events, s.refunds = fresh.foldContext, fresh.stale, fresh.last, fresh.events, fresh.refunds
	return nil
}

func addressesOf(places []Place) map[string]string {
	at := map[string]string{}
	for _, p := range places {
		if p.BaseURL != "" {
			at[p.Fingerprint] = p.BaseURL
		}
	}
	return at
}

// useAddresses makes the State use these addresses. It returns false if events were folded for others.
func (s *State) useAddresses(at map[string]string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !maps.Equal(s.replaced, s.replacedFingerprints()) {
		return false
	}
	moved := func(p Place) bool { f := s.current(p.Fingerprint); return s.addresses[f] != at[f] }
	for _, run := range s.chains {
		if slices.ContainsFunc(run.run.Header.Places, moved) {
			return false
		}
	}
	s.addresses = at
	return true
}

// UsePlaces is State.UsePlaces for the ledger of this session. The header of its run then names the places, so
// it must be called before the run's first event.
func (s *Session) UsePlaces(ctx context.Context, places []Place) error {
	s.header.Places = slices.SortedFunc(slices.Values(places), func(a, b Place) int { return strings.Compare(a.Fingerprint, b.Fingerprint) })
	return s.state.UsePlaces(ctx, s.backend, places)
}

// SentElsewhere returns the refunds of an account (its fingerprint) that were sent, or may have been, through
// another address that may lead to the same API, sorted by identity. BaseURL names the address. Refunds that
// are known at the address that counts now are not among them.
func (s *State) SentElsewhere(fingerprint string) []Entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var entries []Entry
	for account, place := range s.otherAddresses(fingerprint) {
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
	return sortEntries(entries)
}

// sentHere reports whether a refund that was learned through another address is also known at the one that
// counts now.
func (s *State) sentHere(fingerprint string, r *record) bool {
	id := refund.Identity{Parent: r.parent.id, RefundID: r.refundID}
	id.Account = fingerprint
	here := s.find(id)
	return here != nil && s.phase(here).Sent()
}

// otherAddresses returns the names under which the account's refunds are kept that were learned through other
// addresses that may lead to the same API, each with its address.
func (s *State) otherAddresses(fingerprint string) map[string]string {
	if refund.OnLoopback(s.addresses[fingerprint]) {
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
