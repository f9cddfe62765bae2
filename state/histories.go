package state

import "refundctl/internal/refund"

// Histories collects the events of some refunds while Replay reads the ledger.
type Histories struct {
	of           func(refund.Identity) bool
	found        []HistoryEvent
	environments map[string]string // by fingerprint
}

// NewHistories collects the events of the refunds that of picks.
func NewHistories(of func(refund.Identity) bool) *Histories { return &Histories{of: of} }

// Begin is the begin of Replay.
func (h *Histories) Begin() func(HistoryEvent) {
	h.found, h.environments = nil, map[string]string{}
	return h.take
}

func (h *Histories) take(r HistoryEvent) {
	switch { // Replay uses the event again: what is kept is copied
	case r.Binding != nil:
		h.environments[r.Binding.Fingerprint] = r.Binding.Environment
		return
	case r.Intent != nil && h.of(r.Intent.ID):
		kept := *r.Intent
		r.Intent = &kept
	case r.Outcome != nil && h.of(r.Outcome.ID):
		kept := *r.Outcome
		r.Outcome = &kept
	case r.Cancel != nil && h.of(r.Cancel.ID):
		kept := *r.Cancel
		r.Cancel = &kept
	default:
		return
	}
	h.found = append(h.found, r)
}

// Events are the events of a refund_id, as History returns them.
func (h *Histories) Events(refundID string) (events []HistoryEvent) {
	for _, r := range h.found {
		if r.refundID() != refundID {
			continue
		}
		_, fingerprint := r.Account()
		r.Environment = h.environments[fingerprint]
		events = append(events, r)
	}
	return events
}

// refundID is the refund_id that the event is about.
func (r HistoryEvent) refundID() string {
	switch {
	case r.Intent != nil:
		return r.Intent.ID.RefundID
	case r.Outcome != nil:
		return r.Outcome.ID.RefundID
	case r.Cancel != nil:
		return r.Cancel.ID.RefundID
	}
	return ""
}
