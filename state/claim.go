package state

import "slices"

// word is how one run left a refund: the highest attempt that its events name, and whether one of
// them closed it, saying that nothing was sent.
type claim struct {
	run     *chain
	seq     int32 // of the run's last event about that attempt
	attempt int32
	closed  bool
	body    uint64 // short of the body's hash, where the run tried; 0 where it did not
}

// say keeps what a run's event says about an attempt. What tells it apart is filled into w.
func (r *record) recordClaim(run *chain, seq, attempt int, w claim) {
	w.run, w.seq, w.attempt = run, int32(seq), int32(attempt)
	for i := range r.claims {
		have := &r.claims[i]
		if have.run != run {
			continue
		}
		if w.attempt == have.attempt {
			w.seq, w.closed, w.body = max(w.seq, have.seq), w.closed || have.closed, max(w.body, have.body)
		}
		if w.attempt >= have.attempt {
			*have = w
		}
		return
	}
	r.claims = append(r.claims, w)
}

// inDoubt tells whether a run may have sent what nobody has accounted for.
func (r *record) inDoubt(all chains) bool {
	return slices.ContainsFunc(r.claims, func(w claim) bool { return r.unresolved(w, all) })
}

// oneBody tells whether all that is in doubt are tries of the bytes that the latest intent holds.
func (r *record) sameBody(all chains) bool {
	latest := r.intent.hash.short()
	return !slices.ContainsFunc(r.claims, func(w claim) bool { return w.body != 0 && w.body != latest && r.unresolved(w, all) })
}

// open tells whether a word is still unanswered. A run closes its own tries and those that its ledger
// held when it began: what it knew nothing of, since it worked on another copy of the ledger, its no
// says nothing about.
func (r *record) unresolved(w claim, all chains) bool {
	return !w.closed && w.attempt > r.sentAttempt() && !slices.ContainsFunc(r.claims, func(no claim) bool {
		return no.closed && no.attempt >= w.attempt && all.saw(no.run, w.run, int(w.seq))
	})
}
