package state

import "slices"

// Expected is what is known of a ledger from elsewhere: the lineage that it must hold, and hashes of
// events that were seen in it. Empty fields expect nothing.
type Expected struct {
	Lineage string
	Heads   []string
}

// Lack says why a ledger is not the expected one.
type LedgerMismatch string

// The ways.
const (
	NoLedger     LedgerMismatch = "no_ledger"     // nothing was ever recorded in it
	OtherLineage LedgerMismatch = "other_lineage" // it is another ledger
	OlderLedger  LedgerMismatch = "older_ledger"  // events that were seen are not in it
)

// Lacks checks the ledger against what is expected of it (R22); empty if it holds all of that.
func (s *State) Mismatch(e Expected) LedgerMismatch {
	switch lineage := s.Lineage(); {
	case lineage == "" && (e.Lineage != "" || len(e.Heads) > 0):
		return NoLedger
	case lineage != "" && e.Lineage != "" && !s.HasLineage(e.Lineage):
		return OtherLineage
	case len(s.MissingHeads(e.Heads)) > 0:
		return OlderLedger
	}
	return ""
}

// Holds reports whether a run of the ledger is of this lineage: of a merged one any may be.
func (s *State) HasLineage(lineage string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, run := range s.chains {
		if run.run.Header.Lineage == lineage {
			return true
		}
	}
	return false
}

// Missing are those of the heads that the ledger does not hold, in their order.
func (s *State) MissingHeads(heads []string) []string {
	return slices.DeleteFunc(slices.Clone(heads), s.HasHead)
}

// EndOf is the hash of the last event that the ledger holds of the run with this id; empty for none.
func (s *State) LastHash(id string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if run := s.chains[id]; run != nil {
		return run.last.String()
	}
	return ""
}

// HasRun reports whether the ledger holds anything of the run with this id.
func (s *State) HasRun(id string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.chains[id] != nil
}
