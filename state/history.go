package state

import (
	"context"
	"io"
	"time"
)

// HistoryEvent is one event about a refund or an account, with the run that wrote it. One of Intent, Outcome,
// Cancel and Binding is set.
type HistoryEvent struct {
	Run         string
	Seq         int
	At          time.Time // as it counts
	Stamped     time.Time // as it is written, if a person accepted it and At counts instead
	Header      Header    // of the run
	Environment string    // of the refund's account; set by LoadHistory, and empty if the ledger has no binding
	Intent      *Intent
	Outcome     *Outcome
	Cancel      *Cancel
	Binding     *Binding
}

// Account returns the name and the fingerprint of the refund's account.
func (e HistoryEvent) Account() (name, fingerprint string) {
	switch {
	case e.Intent != nil:
		return e.Intent.AccountName, e.Intent.ID.Account
	case e.Outcome != nil:
		return e.Outcome.AccountName, e.Outcome.ID.Account
	case e.Cancel != nil:
		return e.Cancel.AccountName, e.Cancel.ID.Account
	}
	return "", ""
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

// LoadHistory loads a ledger, and returns with its State the events about every refund with this refund_id,
// in the order of the file. It reads the ledger once, as Load does.
func LoadHistory(ctx context.Context, b Backend, refundID string) (*State, []HistoryEvent, []Notice, error) {
	var h history
	s, t, err := loadWith(ctx, b, ownAddresses, func() visitor {
		h = history{refundID: refundID, environments: map[string]string{}}
		return visitor{written: func(e *event, s *State) { h.take(e, s.chains) }}
	})
	if err != nil {
		return nil, nil, nil, err
	}
	return s, h.finish(s.accepted), t.notices(), nil
}

// History is LoadHistory without the State.
func History(ctx context.Context, r io.Reader, refundID string) ([]HistoryEvent, error) {
	h, accepted := history{refundID: refundID, environments: map[string]string{}}, acceptances{}
	l := &loader{chains: chains{}}
	l.each = func(e *event, _ digest, _ []byte) {
		if e.Type == typeAccept {
			accepted.add(e.Accept.Run, e.At.UnixNano())
		}
		h.take(e, l.chains)
	}
	if _, err := l.read(ctx, r); err != nil {
		return nil, err
	}
	return h.finish(accepted), l.chains.checkHeads()
}

// history collects the events about a refund_id.
type history struct {
	refundID     string
	environments map[string]string // by fingerprint
	events       []HistoryEvent
}

func (h *history) take(e *event, all chains) {
	switch {
	case e.Type == typeBind:
		h.environments[e.Binding.Fingerprint] = e.Binding.Environment
	case e.refundID() != "" && e.refundID() == h.refundID:
		kept := *e
		h.events = append(h.events, kept.historyEvent(all))
	}
}

// finish sets what only the whole ledger says about the events.
func (h *history) finish(accepted acceptances) []HistoryEvent {
	for i := range h.events {
		e := &h.events[i]
		_, fingerprint := e.Account()
		e.Environment = h.environments[fingerprint]
		e.useAcceptedTime(accepted)
	}
	return h.events
}

// Replay loads a ledger for the given places, and also hands over each event about a refund or an account,
// once, in the order of the file, which a merge may change. An event is valid only during the call, except
// for its maps and bytes. Reading may start again: begin is called at each start, and what was handed over
// before no longer counts. Nothing counts if Replay fails.
func Replay(ctx context.Context, b Backend, places func(*State) []Place, begin func() (each func(HistoryEvent))) (*State, []Notice, error) {
	s, t, err := loadWith(ctx, b, places, func() visitor {
		each := begin()
		return visitor{folded: func(e *event, s *State) {
			if e.Type == typeBind || e.refundID() != "" {
				h := e.historyEvent(s.chains)
				h.useAcceptedTime(s.accepted)
				each(h)
			}
		}}
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
