package state

import (
	"context"
	"io"
	"time"

	"refundctl/internal/refund"
)

// HistoryEvent is one event about a refund or an account, with the run that wrote it. One of Intent, Outcome,
// Cancel and Binding is set.
type HistoryEvent struct {
	Run         string
	Seq         int
	At          time.Time // as it counts
	Stamped     time.Time // as it is written, if a person accepted it and At counts instead
	Header      Header    // of the run
	Environment string    // of the refund's account; set by History and Histories, and empty if the ledger has no binding
	Intent      *Intent
	Outcome     *Outcome
	Cancel      *Cancel
	Binding     *Binding
}

// Account returns the name and the fingerprint of the refund's account.
func (e HistoryEvent) Account() (name, fingerprint string) {
	switch {
	case e.Intent != nil:
		name = e.Intent.AccountName
	case e.Outcome != nil:
		name = e.Outcome.AccountName
	case e.Cancel != nil:
		name = e.Cancel.AccountName
	}
	return name, e.refund().Account
}

// refund is the refund that the event is about; zero for a binding.
func (e HistoryEvent) refund() refund.Identity {
	switch {
	case e.Intent != nil:
		return e.Intent.ID
	case e.Outcome != nil:
		return e.Outcome.ID
	case e.Cancel != nil:
		return e.Cancel.ID
	}
	return refund.Identity{}
}

// BaseURL returns the address through which the refund's account was used; empty for the environment's own
// address, or if the ledger does not say.
func (e HistoryEvent) BaseURL() string {
	_, account := e.Account()
	for _, p := range e.Header.Places {
		if p.Fingerprint == FingerprintOf(account) {
			return p.BaseURL
		}
	}
	return ""
}

// History returns the events about every refund with this refund_id, in the order of the file, after checking
// the whole ledger.
func History(ctx context.Context, r io.Reader, refundID string) ([]HistoryEvent, error) {
	h, accepted := NewHistories(func(id refund.Identity) bool { return id.RefundID == refundID }), acceptances{}
	l, each := &loader{chains: chains{}}, h.Begin()
	l.each = func(e *event, _ digest, _ []byte) {
		switch {
		case e.Type == typeAccept:
			accepted.add(e.Accept.Run, e.At.UnixNano())
		case e.Type == typeBind, e.refundID() != "":
			each(e.historyEvent(l.chains))
		}
	}
	if _, err := l.read(ctx, r); err != nil {
		return nil, err
	}
	for i := range h.found {
		h.found[i].useAcceptedTime(accepted)
	}
	return h.Events(refundID), l.chains.checkHeads()
}

// Replay loads a ledger for the given places, and also hands over each event about a refund or an account,
// once, in the order of the file, which a merge may change. An event is valid only during the call, except
// for its maps and bytes. Reading may start again: begin is called at each start, and what was handed over
// before no longer counts. Nothing counts if Replay fails.
func Replay(ctx context.Context, b Backend, places func(*State) []Place, begin func() (each func(HistoryEvent))) (*State, []Notice, error) {
	s, t, err := loadWith(ctx, b, places, func() func(*event, *State) {
		each := begin()
		return func(e *event, s *State) {
			if e.Type == typeBind || e.refundID() != "" {
				h := e.historyEvent(s.chains)
				h.useAcceptedTime(s.accepted)
				each(h)
			}
		}
	})
	return s, t.notices(), err
}

// useAcceptedTime sets the time as of which the event counts.
func (e *HistoryEvent) useAcceptedTime(accepted acceptances) {
	if at := accepted.timeOf(e.Run, e.Seq, e.At.UnixNano()); at != e.At.UnixNano() {
		e.At, e.Stamped = unixTime(at), e.At
	}
}

// refundID is the refund_id of the refund that the event is about; empty if it is about none.
func (e *event) refundID() string {
	switch e.Type {
	case typeIntent:
		return e.Intent.ID.RefundID
	case typeOutcome:
		return e.Outcome.ID.RefundID
	case typeCancel:
		return e.Cancel.ID.RefundID
	}
	return ""
}

// historyEvent points into the event.
func (e *event) historyEvent(all chains) HistoryEvent {
	r := HistoryEvent{Run: e.Run, Seq: e.Seq, At: e.At, Header: all[e.Run].run.Header}
	switch e.Type {
	case typeIntent:
		r.Intent = &e.Intent
	case typeOutcome:
		r.Outcome = &e.Outcome
	case typeCancel:
		r.Cancel = &e.Cancel
	case typeBind:
		r.Binding = &e.Binding
	}
	return r
}

// Histories collects the events of some refunds while Replay reads the ledger.
type Histories struct {
	of           func(refund.Identity) bool
	found        []HistoryEvent
	environments map[string]string // by fingerprint
}

// NewHistories collects the events of the refunds for which of returns true.
func NewHistories(of func(refund.Identity) bool) *Histories { return &Histories{of: of} }

// Begin is the begin function for Replay.
func (h *Histories) Begin() (each func(HistoryEvent)) {
	h.found, h.environments = nil, map[string]string{}
	return h.take
}

func (h *Histories) take(e HistoryEvent) {
	switch { // what is kept is copied, since the event is reused
	case e.Binding != nil:
		h.environments[e.Binding.Fingerprint] = e.Binding.Environment
		return
	case e.Intent != nil && h.of(e.Intent.ID):
		kept := *e.Intent
		e.Intent = &kept
	case e.Outcome != nil && h.of(e.Outcome.ID):
		kept := *e.Outcome
		e.Outcome = &kept
	case e.Cancel != nil && h.of(e.Cancel.ID):
		kept := *e.Cancel
		e.Cancel = &kept
	default:
		return
	}
	h.found = append(h.found, e)
}

// Events returns the collected events of a refund_id, in the order of the ledger.
func (h *Histories) Events(refundID string) (events []HistoryEvent) {
	for _, e := range h.found {
		id := e.refund()
		if id.RefundID != refundID {
			continue
		}
		e.Environment = h.environments[FingerprintOf(id.Account)]
		events = append(events, e)
	}
	return events
}
