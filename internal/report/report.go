// Package report accounts for refunds: one row for each, with who sent it, who approved it and its bank
// reference; sums of rows, exact or an error; and how long refunds have been pending.
//
// It decides which money counts once and what counts as paid, so that views only print. It reads no file and
// has no clock: it takes the events and the fold of a ledger, and what manifests ask for. The command line
// calls it.
package report

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"refundctl/internal/refund"
	"refundctl/state"
)

// Planned is the phase of a refund that a manifest asks for and the ledger does not know. No ledger has it.
const Planned state.Phase = "planned"

// Row is one refund: what the ledger knows of it, and what its fold does not keep.
type Row struct {
	state.Entry
	Environment string // of the account: embedded, sandbox or production; empty if the ledger does not say
	Note        string
	Labels      map[string]string
	How         string        // the ledger's code for how it first knew that the refund is at the API; empty if it is not
	Run         *state.Header // of the run that sent it, or else found it; nil for Planned

	SentAt        time.Time // the latest try; zero for a refund that was only found live
	LiveCreatedAt time.Time // as the API reports it
	ProcessedAt   time.Time // as the API reports it
	SettledAt     time.Time // when the ledger first knew that it was settled
}

// DateBy selects one of a row's dates.
type DateBy string

// BySent is the latest try, or for a refund made elsewhere, its creation. ByCreated is the API's created_at,
// and ByProcessed its processed_at of what is settled. If the API did not report a date, the ledger's own
// time counts.
const (
	BySent      DateBy = "sent"
	ByCreated   DateBy = "created"
	ByProcessed DateBy = "processed"
)

// Date is the row's date of this kind; zero if there is none. Planned rows have no date, and a refund that
// is not settled is not processed.
func (r *Row) Date(by DateBy) time.Time {
	switch by {
	case ByCreated:
		return firstOf(r.LiveCreatedAt, r.SentAt, r.CreatedAt)
	case ByProcessed:
		if r.Phase != state.Settled && r.Phase != state.Failed {
			return time.Time{}
		}
		return firstOf(r.ProcessedAt, r.SettledAt)
	}
	return firstOf(r.SentAt, r.LiveCreatedAt, r.CreatedAt)
}

func firstOf(times ...time.Time) time.Time {
	i := slices.IndexFunc(times, func(t time.Time) bool { return !t.IsZero() })
	return times[max(i, 0)]
}

// Sort sorts rows by account, environment, date (none last) and identity.
func Sort(rows []*Row, by DateBy) {
	slices.SortFunc(rows, func(a, b *Row) int {
		at, bt := a.Date(by), b.Date(by)
		return cmp.Or(cmp.Compare(a.AccountName, b.AccountName), cmp.Compare(a.Environment, b.Environment),
			undated(at)-undated(bt), at.Compare(bt), a.ID.Compare(b.ID))
	})
}

func undated(t time.Time) int {
	if t.IsZero() {
		return 1
	}
	return 0
}

// Rows are the refunds of the ledger whose events the book took; st is their fold. For a refund that was
// only found live, the specs give its note, labels and place. With desired, each refund of the specs that st
// does not know gets a Planned row. environments are the accounts' environments, by name.
func (b *Book) Rows(st *state.State, specs []refund.Spec, environments map[string]string, desired bool) []*Row {
	entries := st.Entries()
	bound := map[account]string{} // as the ledger knows accounts now
	for _, to := range st.Bindings() {
		bound[account{to.Account, to.Environment}] = to.Fingerprint
	}
	asked := map[refund.Identity]refund.Spec{}
	var unknown []refund.Spec
	for _, s := range specs {
		id := s.Identity(bound[account{s.Account, environments[s.Account]}])
		if _, sent := st.Entry(id); sent {
			asked[id] = s
		} else {
			unknown = append(unknown, s)
		}
	}
	rows := make([]*Row, 0, len(entries))
	for _, e := range entries {
		rows = append(rows, b.row(e, asked))
	}
	rows = b.joined(rows)
	if desired {
		for _, s := range unknown {
			rows = append(rows, planned(s, environments[s.Account]))
		}
	}
	return rows
}

func planned(s refund.Spec, environment string) *Row {
	return &Row{Entry: state.Entry{AccountName: s.Account, ID: s.Identity(""), PaymentID: s.PaymentID, Amount: s.Amount, Splits: s.Splits,
		Phase: Planned, Source: s.Source}, Environment: environment, Note: s.Note, Labels: maps.Clone(s.Labels)}
}
