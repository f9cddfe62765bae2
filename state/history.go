package state

import (
	"context"
	"io"
	"time"
)

// Record is one event about a refund or an account, with the run that wrote it. One of Intent,
// Outcome, Cancel and Binding is set.
type HistoryEvent struct {
	Run         string
	Seq         int
	At          time.Time // as it counts
	Stamped     time.Time // as it is written, where that was accepted and does not count
	Header      Header    // of the run
	Environment string    // of the refund's account; from History, and empty where the ledger holds no binding
	Intent      *Intent
	Outcome     *Outcome
	Cancel      *Cancel
	Binding     *Binding
}

// Account is the name and the fingerprint of the refund's account.
func (r HistoryEvent) Account() (name, fingerprint string) {
	switch {
	case r.Intent != nil:
		return r.Intent.AccountName, r.Intent.ID.Account
	case r.Outcome != nil:
		return r.Outcome.AccountName, r.Outcome.ID.Account
	case r.Cancel != nil:
		return r.Cancel.AccountName, r.Cancel.ID.Account
	}
	return "", ""
}

// BaseURL is the address through which the refund's account was asked; empty for the environment's own, or
// if the ledger does not say.
func (r HistoryEvent) BaseURL() string {
	_, account := r.Account()
	for _, p := range r.Header.Places {
		if p.Fingerprint == FingerprintOf(account) {
			return p.BaseURL
		}
	}
	return ""
}

// History gives the events about every refund with this refund_id, in the order of the ledger,
// after checking all of it.
func History(ctx context.Context, r io.Reader, refundID string) ([]HistoryEvent, error) {
	var found []HistoryEvent
	environments, accepted := map[string]string{}, acceptances{}
	l := &loader{chains: chains{}}
	l.each = func(e *event, _ digest, _ []byte) {
		switch {
		case e.Type == typeAccept:
			accepted.add(e.Accept.Run, e.At.UnixNano())
		case e.Type == typeBind:
			environments[e.Binding.Fingerprint] = e.Binding.Environment
		case e.refundID() == refundID:
			kept := *e
			found = append(found, kept.historyEvent(l.chains))
		}
	}
	if _, err := l.read(ctx, r); err != nil {
		return nil, err
	}
	for i := range found {
		_, fingerprint := found[i].Account()
		found[i].Environment = environments[fingerprint]
		found[i].useAcceptedTime(accepted)
	}
	return found, l.chains.checkHeads()
}

// Replay is Load, and At with the places that it is given, that also hands over each event about a refund or an account, once, in the order of
// the file, which merging may change. A Record is valid during the call, but for its maps and bytes.
// Reading may start again: begin is called whenever it does. What was handed over before then does not
// count, nor does anything if Replay fails.
func Replay(ctx context.Context, b Backend, places func(*State) []Place, begin func() (each func(HistoryEvent))) (*State, []Notice, error) {
	s, t, err := loadAndVisit(ctx, b, places, func() func(*event, *State) {
		each := begin()
		return func(e *event, s *State) {
			if e.Type == typeBind || e.refundID() != "" {
				r := e.historyEvent(s.chains)
				r.useAcceptedTime(s.accepted)
				each(r)
			}
		}
	})
	return s, t.notices(), err
}

// count gives the record the time as of which its event counts.
func (r *HistoryEvent) useAcceptedTime(accepted acceptances) {
	if at := accepted.timeOf(r.Run, r.Seq, r.At.UnixNano()); at != r.At.UnixNano() {
		r.At, r.Stamped = unixTime(at), r.At
	}
}

// refundID is that of the refund which the event is about; empty where it is about none.
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

// record points into the event.
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
