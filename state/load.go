package state

import (
	"context"
	"io"
)

// Load reads a ledger without the lock. A tail that another process is writing is skipped.
// Damage is a *DamageError.
func Load(ctx context.Context, b Backend) (*State, []Notice, error) {
	s, t, err := load(ctx, b)
	return s, t.notices(), err
}

func load(ctx context.Context, b Backend) (*State, tail, error) {
	return loadAndVisit(ctx, b, func(*State) []Place { return nil }, func() func(*event, *State) { return func(*event, *State) {} })
}

// loadTelling also hands over each event, after it was taken in; what was learned at the places counts. A
// ledger is read again if times in it were accepted, a merchant got another fingerprint, or an account is
// not at its environment's own address: what was folded before that was known stands at another time or
// under another account. begin is called whenever reading begins.
func loadAndVisit(ctx context.Context, b Backend, places func(*State) []Place, begin func() func(*event, *State)) (*State, tail, error) {
	for known := (foldContext{accepted: acceptances{}}); ; {
		r, err := b.Read(ctx)
		if err != nil {
			return nil, tail{}, err
		}
		s, t, err := fold(ctx, r, known, begin())
		_ = r.Close() // what was read is checked
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

// lens is what must be known of a ledger before its first event can be folded as it counts now.
type foldContext struct {
	accepted  acceptances
	replaced  map[string]string // fingerprints that are over, each with the merchant's latest one
	addresses map[string]string // addresses by fingerprint, of accounts that are not at their environment's own
}

// fold takes a whole ledger in, with what is known of it.
func fold(ctx context.Context, r io.Reader, known foldContext, each func(*event, *State)) (*State, tail, error) {
	s := newState()
	s.foldContext = known
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
