package state

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Run is one run of the ledger.
type Run struct {
	ID     string
	At     time.Time // of the header
	Header Header
	Events int  // including the header
	End    *End // nil if the run was interrupted
}

// chain is what the fold keeps of a run so that it can be checked and cited: 8 bytes per event.
type chain struct {
	run      Run
	line     int // of the header
	lastLine int
	lastAt   int64 // the time of its last event, in Unix nanoseconds
	cites    []digest
	hashes   []uint64
	last     digest
}

// chains are the runs of a ledger, by id.
type chains map[string]*chain

// short is enough of a digest to distinguish the lines of a ledger. A collision gains an attacker nothing:
// whoever can write the file can also compute hashes.
func (d digest) short() uint64 { return binary.BigEndian.Uint64(d[:]) }

// add takes in the next line. fresh is false for a repeated line.
func (c chains) add(e *event, sum digest, line int) (fresh bool, damage *DamageError) {
	run, have := c[e.Run], 0
	if run != nil {
		have = len(run.hashes)
	}
	switch {
	case e.Seq <= have && run.hashes[e.Seq-1] == sum.short():
		return false, nil
	case e.Seq <= have:
		return false, &DamageError{line, Forked, fmt.Sprintf("event %d of run %s is already in the ledger, with other content", e.Seq, e.Run)}
	case e.Seq > have+1, have > 0 && e.Prev != run.last:
		return false, &DamageError{line, Gap, fmt.Sprintf("event %d of run %s does not follow event %d, the last one before it", e.Seq, e.Run, have)}
	case e.Seq == 1:
		run = &chain{run: Run{ID: e.Run, At: e.At, Header: e.Header}, line: line}
		if run.cites, damage = parseHeads(e.Header.Heads, line); damage != nil {
			return false, damage
		}
		c[e.Run] = run
	}
	run.hashes, run.last = append(run.hashes, sum.short()), sum
	run.lastLine, run.lastAt = line, e.At.UnixNano()
	run.run.Events++
	if e.Type == typeEnd {
		end := e.End
		run.run.End = &end
	}
	return true, nil
}

// parseHeads decodes the hashes of a header's heads.
func parseHeads(heads []string, line int) (digests []digest, damage *DamageError) {
	for _, head := range heads {
		raw, err := hex.DecodeString(head)
		if err != nil || len(raw) != len(digest{}) {
			return nil, &DamageError{line, Malformed, "a cited head is not a hash"}
		}
		digests = append(digests, digest(raw))
	}
	return digests, nil
}

// checkHeads returns a *DamageError if a cited head is not in the ledger.
func (c chains) checkHeads() error {
	missing := map[uint64]int{}
	for _, run := range c {
		for _, d := range run.cites {
			missing[d.short()] = run.line
		}
	}
	for _, run := range c {
		for _, h := range run.hashes {
			delete(missing, h)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return &DamageError{slices.Min(slices.Collect(maps.Values(missing))), MissingHead,
		"the run that begins here cites another run, which is missing"}
}

// saw reports whether the ledger that a run began with contained the first n events of the other run.
func (c chains) saw(run, other *chain, n int) bool {
	visited := map[*chain]bool{}
	var follow func(*chain) bool
	follow = func(run *chain) bool {
		visited[run] = true
		for _, head := range run.cites {
			owner, at := c.locate(head)
			if owner == other && at >= n || owner != nil && !visited[owner] && follow(owner) {
				return true
			}
		}
		return false
	}
	return follow(run)
}

// locate finds the run and the number of the event with this hash. It is usually the last one of a run.
func (c chains) locate(d digest) (run *chain, seq int) {
	for _, run := range c {
		if run.last == d {
			return run, len(run.hashes)
		}
	}
	for _, run := range c {
		if i := slices.Index(run.hashes, d.short()); i >= 0 {
			return run, i + 1
		}
	}
	return nil, 0
}

// heads returns the last hashes that no run cites, sorted.
func (c chains) heads() []string {
	heads := map[digest]bool{}
	for _, run := range c {
		heads[run.last] = true
	}
	for _, run := range c {
		for _, d := range run.cites {
			delete(heads, d)
		}
	}
	var sorted []string
	for d := range heads {
		sorted = append(sorted, d.String())
	}
	slices.Sort(sorted)
	return sorted
}

// HasHead reports whether the ledger contains the event with this hash.
func (s *State) HasHead(head string) bool {
	sum, damage := parseHeads([]string{head}, 0)
	if damage != nil {
		return false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, run := range s.chains {
		if slices.Contains(run.hashes, sum[0].short()) {
			return true
		}
	}
	return false
}

// sorted returns the runs by time, then id.
func (c chains) sorted() []*chain {
	return slices.SortedFunc(maps.Values(c), earlier)
}

func earlier(a, b *chain) int {
	return cmp.Or(a.run.At.Compare(b.run.At), strings.Compare(a.run.ID, b.run.ID))
}

// ordered returns the runs, each after those that it cites.
func (c chains) ordered() []*chain {
	owner := map[uint64]*chain{}
	for _, run := range c {
		for _, h := range run.hashes {
			owner[h] = run
		}
	}
	var order []*chain
	done := map[*chain]bool{}
	var visit func(run *chain)
	visit = func(run *chain) {
		if run == nil || done[run] {
			return
		}
		done[run] = true
		for _, d := range run.cites { // heads are sorted, so the order is always the same
			visit(owner[d.short()])
		}
		order = append(order, run)
	}
	for _, run := range c.sorted() {
		visit(run)
	}
	return order
}
