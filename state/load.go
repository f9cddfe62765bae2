package state

import (
	"context"
	"io"
)

// Load reads a ledger without the lock. It skips an unfinished last line, which another process may be
// writing. Damage is a *DamageError.
func Load(ctx context.Context, b Backend) (*State, []Notice, error) {
	s, t, err := load(ctx, b)
	return s, t.notices(), err
}

func load(ctx context.Context, b Backend) (*State, tail, error) {
	return loadWith(ctx, b, ownAddresses, nil)
}

// ownAddresses are the places of accounts that are all at their environment's own address.
func ownAddresses(*State) []Place { return nil }

// visit returns the function that is called for each event of a ledger, after it was folded. A nil visit sees
// nothing.
type visit func() func(*event, *State)

// loadWith loads a ledger for the given places: what was learned there counts. It reads the ledger again if
// the times in it were accepted, a merchant got another fingerprint, or an account is not at its
// environment's own address, because events that were folded before that was known have another time or
// another account. begin is called at the start of each reading.
func loadWith(ctx context.Context, b Backend, places func(*State) []Place, begin visit) (*State, tail, error) {
	for known := (foldContext{accepted: acceptances{}}); ; {
		r, err := b.Read(ctx)
		if err != nil {
			return nil, tail{}, err
		}
		s, t, err := fold(ctx, r, known, begin)
		_ = r.Close() // all that was read has been checked
		if err != nil {
			return s, t, err
		}
		at := addressesOf(places(s))
		if !s.stale && s.useAddresses(at) {
			return s, t, nil
		}
		known = foldContext{s.accepted, s.replacedFingerprints(), at}
	}
}

// foldContext is what must be known of a ledger before its first event can be folded.
type foldContext struct {
	accepted  acceptances
	replaced  map[string]string // fingerprints that were replaced, each with the merchant's latest one
	addresses map[string]string // by fingerprint, of accounts that are not at their environment's own address
}

// fold takes in a whole ledger.
func fold(ctx context.Context, r io.Reader, known foldContext, begin visit) (*State, tail, error) {
	s := newState()
	s.foldContext = known
	each := func(*event, *State) {}
	if begin != nil {
		each = begin()
	}
	l := &loader{s.chains, func(e *event, sum digest, _ []byte) {
		s.fold(e, sum)
		each(e, s)
	}}
	t, err := l.read(ctx, r)
	if err == nil {
		err = l.chains.checkHeads()
	}
	if err != nil {
		return nil, tail{}, err
	}
	return s, t, nil
}
