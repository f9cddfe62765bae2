package report

import (
	"cmp"
	"encoding/json"
	"time"

	"refundctl/internal/refund"
	"refundctl/state"
)

// Book collects from a ledger's events what a Row needs beside the fold. The result does not depend on the
// order of the runs in the file. The zero value is empty.
type Book struct {
	refunds map[refund.Identity]*noted
	runs    map[string]*state.Header // by id
	names   map[account]string       // a fingerprint of each
	rebound bool                     // an account and environment had several
}

type account struct{ name, environment string }

// noted is what the book keeps of one refund.
type noted struct {
	attempts []attempt // in no order; nearly always one

	created, processed, settled, failed time.Time
}

// attempt is what the book keeps of one attempt. Number 0 is that of a refund that was found live.
type attempt struct {
	number int
	tried  stamp // the latest try
	note   string
	labels map[string]string
	held   stamp // the first outcome that shows it at the API
	how    string
}

// stamp is the time of an event and its run, which distinguishes events of the same instant.
type stamp struct {
	at     time.Time
	run    string
	header *state.Header
}

func (s stamp) after(t stamp) bool { return s.at.After(t.at) || s.at.Equal(t.at) && s.run > t.run }

// Begin empties the book and returns Take. state.Replay calls it first.
func (b *Book) Begin() func(state.HistoryEvent) {
	*b = Book{}
	return b.Take
}

// Take takes one event; state.Replay calls it.
func (b *Book) Take(r state.HistoryEvent) {
	if b.refunds == nil {
		b.refunds = map[refund.Identity]*noted{}
		b.runs, b.names = map[string]*state.Header{}, map[account]string{}
	}
	switch {
	case r.Binding != nil:
		b.bind(*r.Binding)
	case r.Intent != nil:
		b.intend(r)
	case r.Outcome != nil:
		b.end(r)
	}
}

func (b *Book) bind(to state.Binding) {
	at := account{to.Account, to.Environment}
	if had, known := b.names[at]; known && had != to.Fingerprint {
		b.rebound = true
	}
	b.names[at] = to.Fingerprint
}

func (b *Book) intend(r state.HistoryEvent) {
	a := b.of(r.Intent.ID).attempt(r.Intent.Attempt)
	if s := b.stamp(r); s.after(a.tried) {
		a.tried, a.note, a.labels = s, noteOf(r.Intent.Request.Body), r.Intent.Labels
	}
}

// noteOf is the note in a request; empty if it has none.
func noteOf(body []byte) string {
	var asked struct {
		Note string `json:"refund_note"`
	}
	_ = json.Unmarshal(body, &asked) // the program's own bytes; what cannot be read has no note
	return asked.Note
}

func (b *Book) end(r state.HistoryEvent) {
	n, o := b.of(r.Outcome.ID), r.Outcome
	switch o.Phase {
	case state.Settled:
		n.settled = earlier(n.settled, r.At)
	case state.Failed:
		n.failed = earlier(n.failed, r.At)
	}
	if !o.Phase.Sent() {
		return
	}
	n.created = earlier(n.created, o.CreatedAt)
	if o.ProcessedAt.After(n.processed) {
		n.processed = o.ProcessedAt
	}
	a := n.attempt(o.Attempt)
	if s := b.stamp(r); a.how == "" || a.held.after(s) {
		a.held, a.how = s, o.How
	}
}

// earlier is the first of two times; zero is no time.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (b *Book) of(id refund.Identity) *noted {
	n := b.refunds[id]
	if n == nil {
		n = new(noted)
		b.refunds[id] = n
	}
	return n
}

func (n *noted) attempt(number int) *attempt {
	for i := range n.attempts {
		if n.attempts[i].number == number {
			return &n.attempts[i]
		}
	}
	n.attempts = append(n.attempts, attempt{number: number})
	return &n.attempts[len(n.attempts)-1]
}

func (b *Book) stamp(r state.HistoryEvent) stamp {
	h := b.runs[r.Run]
	if h == nil {
		header := r.Header
		h = &header
		b.runs[r.Run] = h
	}
	return stamp{r.At, r.Run, h}
}

// row joins an entry with what was noted of its attempt, and for a refund that was only found live, with
// what a manifest says.
func (b *Book) row(e state.Entry, asked map[refund.Identity]refund.Spec) *Row {
	r := &Row{Entry: e, Environment: e.Environment}
	n := b.refunds[e.ID]
	if n == nil {
		return r
	}
	r.LiveCreatedAt, r.ProcessedAt = n.created, n.processed
	switch e.Phase {
	case state.Settled:
		r.SettledAt = n.settled
	case state.Failed:
		r.SettledAt = n.failed
	}
	a := n.attempt(e.Attempt)
	r.How, r.Run, r.SentAt, r.Note, r.Labels = a.how, a.tried.header, a.tried.at, a.note, a.labels
	if s, known := asked[e.ID]; known && r.Run == nil {
		r.Note, r.Labels, r.Source = s.Note, s.Labels, s.Source
	}
	if r.Run == nil {
		r.Run = a.held.header
	}
	return r
}

// joined makes one row of a refund that the ledger knows under several bindings of one account, because its
// money moved once. The latest row says what became of it, the row with the try who sent it.
func (b *Book) joined(rows []*Row) []*Row {
	if !b.rebound {
		return rows
	}
	first := map[payout]int{}
	kept := rows[:0]
	for _, r := range rows {
		key := payoutOf(&r.Entry, r.Environment)
		i, known := first[key]
		if !known || r.CfRefundID == "" {
			first[key] = len(kept)
			kept = append(kept, r)
			continue
		}
		kept[i] = join(kept[i], r)
	}
	return kept
}

func join(a, b *Row) *Row {
	if b.UpdatedAt.After(a.UpdatedAt) {
		a, b = b, a
	}
	if a.SentAt.IsZero() && !b.SentAt.IsZero() {
		a.SentAt, a.Run, a.How, a.Note, a.Labels, a.Source = b.SentAt, b.Run, b.How, b.Note, b.Labels, b.Source
	}
	a.CreatedAt, a.AcceptedAt = earlier(a.CreatedAt, b.CreatedAt), earlier(a.AcceptedAt, b.AcceptedAt)
	a.LiveCreatedAt, a.SettledAt = earlier(a.LiveCreatedAt, b.LiveCreatedAt), earlier(a.SettledAt, b.SettledAt)
	a.ProcessedAt, a.ARN = firstOf(a.ProcessedAt, b.ProcessedAt), cmp.Or(a.ARN, b.ARN)
	return a
}
