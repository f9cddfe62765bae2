package state

// word is how one run left a refund: the highest attempt that its events name, and whether one of
// them closed it, saying that nothing was sent.
type word struct {
	run     *chain
	seq     int32 // of the run's last event about that attempt
	attempt int32
	closed  bool
}

// say keeps what a run's event says about an attempt.
func (r *record) say(run *chain, seq, attempt int, closes bool) {
	w := word{run, int32(seq), int32(attempt), closes}
	for i := range r.words {
		have := &r.words[i]
		if have.run != run {
			continue
		}
		if w.attempt == have.attempt {
			w.seq, w.closed = max(w.seq, have.seq), w.closed || have.closed
		}
		if w.attempt >= have.attempt {
			*have = w
		}
		return
	}
	r.words = append(r.words, w)
}

// inDoubt tells whether a run may have sent what nobody has accounted for. A run closes its own
// tries and those that its ledger held when it began: what it knew nothing of, since it worked on
// another copy of the ledger, its no says nothing about.
func (r *record) inDoubt(all chains) bool {
	for _, open := range r.words {
		if open.closed || open.attempt <= r.sentAttempt() {
			continue
		}
		answered := false
		for _, w := range r.words {
			answered = answered || w.closed && w.attempt >= open.attempt && all.saw(w.run, open.run, int(open.seq))
		}
		if !answered {
			return true
		}
	}
	return false
}
