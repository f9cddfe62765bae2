package state

import "slices"

// Expected is what is known about a ledger from another source: the lineage that it must contain, and hashes
// of events that were seen in it. Empty fields expect nothing.
type Expected struct {
	Lineage string
	Heads   []string
}

// LedgerMismatch says why a ledger is not the expected one.
type LedgerMismatch string

// The ways in which a ledger can differ from the expected one.
const (
	NoLedger     LedgerMismatch = "no_ledger"     // the ledger is empty
	OtherLineage LedgerMismatch = "other_lineage" // the ledger is a different one
	OlderLedger  LedgerMismatch = "older_ledger"  // events that were seen before are missing
)

// Mismatch compares the ledger with the expected one (R22). It is empty if the ledger has all that is expected.
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

// HasLineage reports whether a run of the ledger has this lineage. A merged ledger may have several.
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

// MissingHeads returns the heads that the ledger does not contain, in their order.
func (s *State) MissingHeads(heads []string) []string {
	return slices.DeleteFunc(slices.Clone(heads), s.HasHead)
}

// LastHash returns the hash of the run's last event in the ledger; empty if there is none.
func (s *State) LastHash(id string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if run := s.chains[id]; run != nil {
		return run.last.String()
	}
	return ""
}

// HasRun reports whether the ledger contains events of the run with this id.
func (s *State) HasRun(id string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.chains[id] != nil
}

// CommandOf returns the command of a run; empty if the ledger does not have the run.
func (s *State) CommandOf(id string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if c := s.chains[id]; c != nil {
		return c.run.Header.Command
	}
	return ""
}
