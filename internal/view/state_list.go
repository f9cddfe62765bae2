package view

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"refundctl/internal/refund"
	"refundctl/internal/report"
	"refundctl/state"
)

// StateList prints a line for each refund in the ledger, in the order given, and the money by outcome. On a
// narrow screen it leaves out the last columns and prints the parent on its own line. It never cuts an id.
func StateList(w io.Writer, entries []state.Entry, s Style) error {
	out := newPrinter(w, s)
	if len(entries) == 0 {
		out.line("The ledger has no refunds.")
		return out.Flush()
	}
	l := newListing(entries)
	for _, e := range entries {
		l.measure(l.cells(e)...)
	}
	out.heads(&l.table)
	for _, e := range entries {
		out.row(&l.table, l.cells(e)...)
	}
	kept, again := report.CountOnce(entries)
	out.sumsByOutcome(kept)
	if again > 0 {
		out.wrapped(0, fmt.Sprintf("Counted once: %s that the ledger also has under an earlier binding of the account.", count(again, "refund")))
	}
	return out.Flush()
}

// listing is the table of the ledger's refunds. It keeps none of its rows: a ledger may have 100,000.
type listing struct {
	table
	accounts     bool // more than one: each is named
	environments bool // as above
	row          [6]cell
}

func newListing(entries []state.Entry) *listing {
	return &listing{accounts: manyAccounts(entries), environments: len(environmentsOf(entries)) > 1, table: table{deeper: 2, columns: []column{
		{head: "STATUS"}, {head: "AMOUNT", right: true}, {head: "REFUND_ID", fold: below}, {head: "OF", fold: below},
		{head: "UPDATED", fold: omit}, {head: "REFUND_ARN", fold: omit}}}}
}

func manyAccounts(entries []state.Entry) bool {
	for _, e := range entries {
		if e.ID.Account != entries[0].ID.Account {
			return true
		}
	}
	return false
}

// cells returns the row of a refund, valid until the next call.
func (l *listing) cells(e state.Entry) []cell {
	parent := string(e.ID.Kind) + " " + e.ID.ID
	switch {
	case l.environments:
		parent = accountOf(e.AccountName, environmentOf(e)) + ": " + parent
	case l.accounts:
		parent = e.AccountName + ": " + parent
	}
	l.row = [6]cell{{text: entryOutcome(e)}, {text: Escape(e.Amount.Human())}, {text: Escape(e.ID.RefundID)},
		{text: Escape(parent)}, {text: Time(e.UpdatedAt)}, {text: Escape(e.ARN)}}
	return l.row[:]
}

// accountOf names an account with its environment, so that environments are not confused.
func accountOf(name, environment string) string {
	if environment == "" {
		return name
	}
	return name + " (" + environment + ")"
}

// environmentOf is the environment of a refund, in words.
func environmentOf(e state.Entry) string { return cmp.Or(e.Environment, "environment not known") }

func environmentsOf(entries []state.Entry) []string {
	found := map[string]bool{}
	for _, e := range entries {
		found[environmentOf(e)] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// sumsByOutcome adds up each environment separately: what the emulator paid is nobody's money.
func (p *printer) sumsByOutcome(entries []state.Entry) {
	places := environmentsOf(entries)
	if len(places) == 1 {
		p.line("")
		p.outcomes(entries)
		return
	}
	for _, place := range places {
		p.line("")
		p.line("%s", Escape(place))
		p.outcomes(slices.DeleteFunc(slices.Clone(entries), func(e state.Entry) bool { return environmentOf(e) != place }))
	}
}

// outcomes prints the money of each outcome, from what may still move to what will not.
func (p *printer) outcomes(entries []state.Entry) {
	var rows []tallyRow
	for _, sum := range report.SumByOutcome(entries) {
		rows = append(rows, tallyRow{string(sum.Outcome), sum.Tally})
	}
	p.tallies(rows)
}

// entryJSON is a refund in the ledger, for machines. Times that are not known are null.
type entryJSON struct {
	Account     string `json:"account"`
	Environment string `json:"environment"`
	BaseURL     string `json:"base_url,omitempty"`
	refundJSON
	Phase          state.Phase   `json:"phase"`
	Status         refund.Status `json:"status"`
	CfRefundID     string        `json:"cf_refund_id"`
	ARN            string        `json:"refund_arn"`
	IdempotencyKey string        `json:"idempotency_key"`
	Attempt        int           `json:"attempt"`
	CreatedAt      *time.Time    `json:"created_at"`
	UpdatedAt      *time.Time    `json:"updated_at"`
	WasPaidAt      *time.Time    `json:"was_paid_at"`
	MissingSince   *time.Time    `json:"missing_since"`
}

func entryOf(e state.Entry) entryJSON {
	return entryJSON{
		Account: e.AccountName, Environment: e.Environment, BaseURL: e.BaseURL, refundJSON: refundOf(e.ID, e.PaymentID, e.Amount),
		Phase: e.Phase, Status: e.Status, CfRefundID: e.CfRefundID,
		ARN: e.ARN, IdempotencyKey: e.Key, Attempt: e.Attempt, CreatedAt: moment(e.CreatedAt), UpdatedAt: moment(e.UpdatedAt),
		WasPaidAt: moment(e.PaidBefore), MissingSince: moment(e.MissingSince),
	}
}

// StateListJSON prints one array, one element per line, without holding it in memory.
func StateListJSON(w io.Writer, entries []state.Entry) error {
	out := bufio.NewWriter(w)
	before := "["
	for _, e := range entries {
		line, err := encode(entryOf(e))
		if err != nil {
			return err
		}
		_, _ = out.WriteString(before + "\n" + string(line)) // Flush has the error
		before = ","
	}
	if len(entries) == 0 {
		_, _ = out.WriteString(before)
	}
	_, _ = out.WriteString("\n]\n")
	return out.Flush()
}
