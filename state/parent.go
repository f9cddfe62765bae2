package state

import (
	"time"

	"refundctl/internal/refund"
)

// parent is what the fold keeps of an order, a subscription or a payment.
type parent struct {
	id      refund.Parent
	refunds *record
	facts   refund.Facts
	known   stamp // when the facts were known
	movers  []mover
}

// mover is a run that changed a parent by intents or outcomes: its last event that did, and when.
type mover struct {
	run *chain
	seq int32
	at  int64
}

func (p *parent) move(run *chain, seq int, at int64) {
	for i := range p.movers {
		if m := &p.movers[i]; m.run == run {
			m.seq, m.at = max(m.seq, int32(seq)), max(m.at, at)
			return
		}
	}
	p.movers = append(p.movers, mover{run, int32(seq), at})
}

func (p *parent) learn(f refund.Facts, s stamp) {
	if f.Known && s.after(p.known) {
		p.facts, p.known = f, s
	}
}

// Snapshot is what a ledger contained at some moment: the number of the last event of each run.
type Snapshot map[*chain]int

// SnapshotAt returns what the ledger contained when it had these heads. Heads that it does not contain are
// skipped.
func (s *State) SnapshotAt(heads []string) Snapshot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	seen, owners := Snapshot{}, s.chains.byLast()
	digests, damage := parseHeads(heads, 0)
	for damage == nil && len(digests) > 0 {
		d := digests[len(digests)-1]
		digests = digests[:len(digests)-1]
		run, n := owners[d], 0
		if run != nil {
			n = len(run.hashes)
		} else {
			run, n = s.chains.locate(d)
		}
		if run == nil || n <= seen[run] {
			continue
		}
		if seen[run] == 0 {
			digests = append(digests, run.cites...)
		}
		seen[run] = n
	}
	return seen
}

// byLast returns the runs by the hash of their last event.
func (c chains) byLast() map[digest]*chain {
	owners := make(map[digest]*chain, len(c))
	for _, run := range c {
		owners[run.last] = run
	}
	return owners
}

// MovedSince returns the time of the last intent or outcome about a parent that is not in the snapshot and
// not of a run of the plan with the digest exceptPlan; zero if there is none. A new status of a refund does
// not count. The snapshot goes by hashes: no clock can change the answer.
func (s *State) MovedSince(id refund.Parent, seen Snapshot, exceptPlan string) time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, last := s.parent(id), int64(0)
	if p == nil {
		return time.Time{}
	}
	for _, m := range p.movers {
		mine := exceptPlan != "" && m.run.run.Header.PlanDigest == exceptPlan
		if !mine && int(m.seq) > seen[m.run] {
			last = max(last, m.at)
		}
	}
	return unixTime(last)
}
