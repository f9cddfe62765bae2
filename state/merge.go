package state

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"
)

// Report counts what a ledger holds.
type Report struct {
	Runs, Events, Refunds int
	Heads                 []string
	Notices               []Notice
}

// Verify reads a whole ledger and checks every line, chain and cited head. Damage is a *DamageError.
func Verify(ctx context.Context, r io.Reader) (Report, error) {
	s, t, err := foldAll(ctx, r)
	if err != nil {
		return Report{}, err
	}
	return Report{len(s.chains), s.events, s.count, s.chains.heads(), t.notices()}, nil
}

// Record is one event about a refund, with the run that wrote it. One of Intent, Outcome and Cancel is set.
type Record struct {
	Run         string
	Seq         int
	At          time.Time
	Header      Header // of the run
	Environment string // of the refund's account; empty where the ledger holds no binding
	Intent      *Intent
	Outcome     *Outcome
	Cancel      *Cancel
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
	places := map[string]string{}
	l := &loader{chains: chains{}}
	l.each = func(e *event, _ digest, _ []byte) {
		record := Record{Run: e.Run, Seq: e.Seq, At: e.At, Header: l.chains[e.Run].run.Header}
		switch {
		case e.Type == typeBind:
			places[e.Binding.Fingerprint] = e.Binding.Environment
			return
		case e.Type == typeIntent && e.Intent.ID.RefundID == refundID:
			in := e.Intent
			record.Intent = &in
		case e.Type == typeOutcome && e.Outcome.ID.RefundID == refundID:
			o := e.Outcome
			record.Outcome = &o
		case e.Type == typeCancel && e.Cancel.ID.RefundID == refundID:
			a := e.Cancel
			record.Cancel = &a
		default:
			return
		}
		found = append(found, record)
	}
	if _, err := l.read(ctx, r); err != nil {
		return nil, err
	}
	for i := range found {
		_, fingerprint := found[i].Account()
		found[i].Environment = places[fingerprint]
	}
	return found, l.chains.complete()
}

// Merge writes the union of two ledgers' runs to w, each run after those that it had seen, and
// otherwise by time: the same bytes whichever ledger comes first. One ledger may hold less of a
// run than the other, but not something else: that is a *DamageError, as is a cited head that
// neither holds. A torn tail of either is left out.
func Merge(ctx context.Context, a, b io.Reader, w io.Writer) error {
	lines := map[string][][]byte{}
	l := &loader{chains{}, func(e *event, _ digest, line []byte) {
		lines[e.Run] = append(lines[e.Run], append(bytes.Clone(line), '\n'))
	}}
	if _, err := l.read(ctx, a); err != nil {
		return fmt.Errorf("the first ledger: %w", err)
	}
	if _, err := l.read(ctx, b); err != nil {
		return fmt.Errorf("the second ledger: %w", err)
	}
	if err := l.chains.complete(); err != nil {
		return err
	}
	for _, run := range l.chains.ordered() {
		for _, line := range lines[run.run.ID] {
			if _, err := w.Write(line); err != nil {
				return fmt.Errorf("writing the merged ledger: %w", err)
			}
		}
	}
	return nil
}
