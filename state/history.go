package state

import (
	"context"
	"io"
	"time"
)

// Record is one event about a refund or an account, with the run that wrote it. One of Intent,
// Outcome, Cancel and Binding is set.
type Record struct {
	Run         string
	Seq         int
	At          time.Time
	Header      Header // of the run
	Environment string // of the refund's account; from History, and empty where the ledger holds no binding
	Intent      *Intent
	Outcome     *Outcome
	Cancel      *Cancel
	Binding     *Binding
}

// Account is the name and the fingerprint of the refund's account.
func (r Record) Account() (name, fingerprint string) {
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

// History gives the events about every refund with this refund_id, in the order of the ledger,
// after checking all of it.
func History(ctx context.Context, r io.Reader, refundID string) ([]Record, error) {
	var found []Record
	environments := map[string]string{}
	l := &loader{chains: chains{}}
	l.each = func(e *event, _ digest, _ []byte) {
		switch {
		case e.Type == typeBind:
			environments[e.Binding.Fingerprint] = e.Binding.Environment
		case e.refundID() == refundID:
			kept := *e
			found = append(found, kept.record(l.chains))
		}
	}
	if _, err := l.read(ctx, r); err != nil {
		return nil, err
	}
	for i := range found {
		_, fingerprint := found[i].Account()
		found[i].Environment = environments[fingerprint]
	}
	return found, l.chains.complete()
}

// Replay is Load that also hands over each event about a refund or an account, once, in the order of
// the file, which merging may change. A Record is valid during the call, but for its maps and bytes.
// Where Replay fails, what was handed over counts for nothing.
func Replay(ctx context.Context, b Backend, each func(Record)) (*State, []Notice, error) {
	r, err := b.Read(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	s, t, err := foldTelling(ctx, r, func(e *event, all chains) {
		if e.Type == typeBind || e.refundID() != "" {
			each(e.record(all))
		}
	})
	return s, t.notices(), err
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
func (e *event) record(all chains) Record {
	r := Record{Run: e.Run, Seq: e.Seq, At: e.At, Header: all[e.Run].run.Header}
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
