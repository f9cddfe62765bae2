// Package state keeps the ledger: the append-only, hash-chained record of what was sent and what became of
// it. A State is the fold of the ledger's events: what they say together about each refund.
//
// The package never calls the API, never decides what is sent, and never changes or removes a line. apply
// writes through a Session; plan, the views and the state commands read a State.
package state

import (
	"crypto/sha256"
	"slices"
	"sync"
	"time"

	"refundctl/internal/refund"
)

// State is the fold of a ledger's events. The State of a Session changes with every durable event and is
// safe for concurrent use. The zero value is the state of an empty ledger.
type State struct {
	mu            sync.RWMutex
	chains        chains
	accounts      map[string]account // by fingerprint
	bindings      map[bindingKey]stampedBinding
	latestBinding map[string]stampedBinding  // by fingerprint, replaced ones included
	byCredentials map[string]map[string]bool // fingerprints by credentials
	foldContext
	stale   bool // an acceptance changed the time of events that were already folded
	last    int64
	events  int
	refunds int
}

// account has an account's refunds by refund_id, and its parents by kind and id. R3 allows a refund_id one
// parent; in merged ledgers it may have several.
type account struct {
	refunds map[string]*record
	parents map[refund.Kind]map[string]*parent
}

type bindingKey struct{ account, environment string }

// stampedBinding is a binding and when it was made.
type stampedBinding struct {
	Binding
	stamp
}

func newState() *State {
	return &State{
		chains: chains{}, accounts: map[string]account{}, bindings: map[bindingKey]stampedBinding{}, latestBinding: map[string]stampedBinding{}, byCredentials: map[string]map[string]bool{},
		foldContext: foldContext{accepted: acceptances{}},
	}
}

// fold takes in one event. It sets the account in the event's refund to the one under which the state keeps
// it. The events of a run must come in order, each once.
func (s *State) fold(e *event, sum digest) {
	at := stamp{s.accepted.timeOf(e.Run, e.Seq, e.At.UnixNano()), sum.short()}
	s.events++
	s.last = max(s.last, at.at)
	run := s.chains[e.Run]
	switch e.Type {
	case typeBind:
		s.bind(stampedBinding{e.Binding, at})
	case typeIntent:
		r := s.recordFor(run, &e.Intent.ID)
		body := digest(sha256.Sum256(e.Intent.Request.Body))
		r.foldIntent(&e.Intent, body, at)
		r.recordClaim(run, e.Seq, e.Intent.Attempt, claim{body: body.short()})
		r.parent.learn(e.Intent.Facts, at)
		r.parent.move(run, e.Seq, at.at)
	case typeOutcome:
		r := s.recordFor(run, &e.Outcome.ID)
		r.foldOutcome(&e.Outcome, at, run)
		if !e.Outcome.Phase.Sent() {
			r.recordClaim(run, e.Seq, e.Outcome.Attempt, claim{closed: weight(e.Outcome.Phase) == 1})
		}
		if e.Outcome.How != "status" && e.Outcome.How != Missing && e.Outcome.How != Cancelling {
			r.parent.move(run, e.Seq, at.at)
		}
	case typeCancel:
		s.recordFor(run, &e.Cancel.ID).foldCancel(&e.Cancel, at)
	case typeAccept:
		s.accept(&e.Accept, e.At.UnixNano())
	}
}

// find returns the record of a refund; nil if there is none.
func (s *State) find(id refund.Identity) *record {
	r := s.accounts[id.Account].refunds[id.RefundID]
	for r != nil && r.parent.id != id.Parent {
		r = r.namesake
	}
	return r
}

func (s *State) parent(id refund.Parent) *parent {
	return s.accounts[id.Account].parents[id.Kind][id.ID]
}

// findOrAdd returns the record of a refund, and adds one if there is none.
func (s *State) findOrAdd(id refund.Identity) *record {
	if r := s.find(id); r != nil {
		return r
	}
	a, known := s.accounts[id.Account]
	if !known {
		a = account{map[string]*record{}, map[refund.Kind]map[string]*parent{}}
		s.accounts[id.Account] = a
	}
	if a.parents[id.Kind] == nil {
		a.parents[id.Kind] = map[string]*parent{}
	}
	p := a.parents[id.Kind][id.ID]
	if p == nil {
		p = &parent{id: id.Parent}
		a.parents[id.Kind][id.ID] = p
	}
	r := &record{parent: p, refundID: id.RefundID, sibling: p.refunds, namesake: a.refunds[id.RefundID]}
	p.refunds, a.refunds[id.RefundID] = r, r
	s.refunds++
	return r
}

func sortEntries(entries []Entry) []Entry {
	slices.SortFunc(entries, func(a, b Entry) int { return a.ID.Compare(b.ID) })
	return entries
}

// Entry returns what the ledger knows about one refund.
func (s *State) Entry(id refund.Identity) (Entry, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r := s.find(id)
	if r == nil {
		return Entry{}, false
	}
	return s.entry(r), true
}

// Entries returns all refunds of the ledger, sorted by identity.
func (s *State) Entries() []Entry {
	return s.filter(func(*record) bool { return true })
}

// InDoubt returns the refunds that have an intent without an outcome, sorted by identity.
func (s *State) InDoubt() []Entry {
	return s.filter(func(r *record) bool { return s.phase(r) == Intended })
}

func (s *State) filter(keep func(*record) bool) []Entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var entries []Entry
	for _, a := range s.accounts {
		for _, first := range a.refunds {
			for r := first; r != nil; r = r.namesake {
				if keep(r) {
					entries = append(entries, s.entry(r))
				}
			}
		}
	}
	return sortEntries(entries)
}

// OfParent returns the refunds of one parent, sorted by refund_id.
func (s *State) OfParent(id refund.Parent) []Entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var entries []Entry
	if p := s.parent(id); p != nil {
		for r := p.refunds; r != nil; r = r.sibling {
			entries = append(entries, s.entry(r))
		}
	}
	return sortEntries(entries)
}

// OfRefundID returns the refunds of an account (its fingerprint) with a refund_id, sorted. There are several
// if merged ledgers used it for several parents.
func (s *State) OfRefundID(account, refundID string) []Entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var entries []Entry
	for r := s.accounts[account].refunds[refundID]; r != nil; r = r.namesake {
		entries = append(entries, s.entry(r))
	}
	return sortEntries(entries)
}

// Facts returns the payment facts of a parent, from the latest intent that has them.
func (s *State) Facts(id refund.Parent) (refund.Facts, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p := s.parent(id)
	if p == nil || !p.facts.Known {
		return refund.Facts{}, false
	}
	return p.facts, true
}

// LastAt returns the latest time of any event, as it counts; zero for an empty ledger.
func (s *State) LastAt() time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return unixTime(s.last)
}

// Lineage returns the name of the ledger: the lineage of its first run, or empty if it has no run. A merge
// of a ledger that was lost and started again has two lineages; the older one counts.
func (s *State) Lineage() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var first *chain
	for _, run := range s.chains {
		if first == nil || earlier(run, first) < 0 {
			first = run
		}
	}
	if first == nil {
		return ""
	}
	return first.run.Header.Lineage
}

// Heads returns the last hashes of the runs that no other run cites, sorted.
func (s *State) Heads() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.chains.heads()
}

// Runs returns the ledger's runs, sorted by time and id.
func (s *State) Runs() []Run {
	s.mu.RLock()
	defer s.mu.RUnlock()
	runs := make([]Run, 0, len(s.chains))
	for _, run := range s.chains.sorted() {
		runs = append(runs, run.run)
	}
	return runs
}
