package state

import "slices"

// claim is what one run says about a refund: the highest attempt that its events name, and whether one of
// them closed that attempt by saying that nothing was sent.
type claim struct {
	run     *chain
	seq     int32 // of the run's last event about the attempt
	attempt int32
	closed  bool
	body    uint64 // short of the body's hash if the run tried; 0 if it did not
}

// recordClaim takes in what an event of a run says about an attempt. The caller sets closed and body of c.
func (r *record) recordClaim(run *chain, seq, attempt int, c claim) {
	c.run, c.seq, c.attempt = run, int32(seq), int32(attempt)
	for i := range r.claims {
		have := &r.claims[i]
		if have.run != run {
			continue
		}
		if c.attempt == have.attempt {
			c.seq, c.closed, c.body = max(c.seq, have.seq), c.closed || have.closed, max(c.body, have.body)
		}
		if c.attempt >= have.attempt {
			*have = c
		}
		return
	}
	r.claims = append(r.claims, c)
}

// inDoubt reports whether a run may have sent something that has no outcome.
func (r *record) inDoubt(all chains) bool {
	return slices.ContainsFunc(r.claims, func(c claim) bool { return r.unresolved(c, all) })
}

// sameBody reports whether every try in doubt has the bytes of the latest intent.
func (r *record) sameBody(all chains) bool {
	latest := r.intent.hash.short()
	return !slices.ContainsFunc(r.claims, func(c claim) bool { return c.body != 0 && c.body != latest && r.unresolved(c, all) })
}

// unresolved reports whether a claim is still in doubt. A run closes its own tries and those that were in
// its ledger when it began. It says nothing about tries that it did not know of, because it worked on
// another copy of the ledger.
func (r *record) unresolved(c claim, all chains) bool {
	return !c.closed && c.attempt > r.sentAttempt() && !slices.ContainsFunc(r.claims, func(other claim) bool {
		return other.closed && other.attempt >= c.attempt && all.saw(other.run, c.run, int(c.seq))
	})
}
