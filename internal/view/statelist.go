package view

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// StateList prints a line for each refund that the ledger remembers, in the order given, and the
// money by phase. Columns for which the screen is too narrow are left out, and the parent stands on
// a line of its own; ids are never cut.
func StateList(w io.Writer, entries []state.Entry, s Style) error {
	out := newPrinter(w, s)
	if len(entries) == 0 {
		out.line("The ledger remembers no refunds.")
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
	once, again := countedOnce(entries)
	out.sumsByPhase(once)
	if again > 0 {
		out.wrapped(0, fmt.Sprintf("Added up once: %s that the ledger knows under an earlier binding of the account too.", count(again, "refund")))
	}
	return out.Flush()
}

// countedOnce leaves the latest of each refund that stands under several bindings of its account, since
// its money moved once, and says how many it left out. Where the API's id is not known nothing is left out.
func countedOnce(entries []state.Entry) (kept []state.Entry, again int) {
	type account struct{ name, environment string }
	bound, rebound := map[account]string{}, false
	for _, e := range entries {
		of := account{e.AccountName, e.Environment}
		had, known := bound[of]
		rebound = rebound || known && had != e.ID.Account
		bound[of] = e.ID.Account
	}
	if !rebound {
		return entries, 0
	}
	type money struct {
		account
		id refund.Identity
		cf string
	}
	at := map[money]int{}
	for _, e := range entries {
		key := money{account{e.AccountName, e.Environment}, e.ID, refund.PlainCfID(e.CfRefundID)}
		key.id.Account = ""
		i, known := at[key]
		if !known || e.CfRefundID == "" {
			at[key] = len(kept)
			kept = append(kept, e)
			continue
		}
		again++
		if e.UpdatedAt.After(kept[i].UpdatedAt) {
			kept[i] = e
		}
	}
	return kept, again
}

// listing is the table of the ledger's refunds. No row of it is kept: a ledger may remember 100,000.
type listing struct {
	table
	accounts     bool // more than one: each is named
	environments bool // as above
}

func newListing(entries []state.Entry) *listing {
	return &listing{accounts: manyAccounts(entries), environments: len(environmentsOf(entries)) > 1, table: table{deeper: 2, columns: []column{
		{head: "PHASE"}, {head: "STATUS"}, {head: "AMOUNT", right: true}, {head: "REFUND_ID", fold: below}, {head: "PARENT", fold: below},
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

func (l *listing) cells(e state.Entry) []cell {
	parent := string(e.ID.Kind) + " " + e.ID.ID
	switch {
	case l.environments:
		parent = accountOf(e.AccountName, environmentOf(e)) + ": " + parent
	case l.accounts:
		parent = e.AccountName + ": " + parent
	}
	return []cell{{text: Escape(string(e.Phase))}, {text: Escape(string(e.Status))}, {text: Escape(e.Amount.Human())}, {text: Escape(e.ID.RefundID)},
		{text: Escape(parent)}, {text: Time(e.UpdatedAt)}, {text: Escape(e.ARN)}}
}

// accountOf names an account where one environment may be taken for another.
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

// sumsByPhase adds up each environment for itself: what the emulator paid is nobody's money.
func (p *printer) sumsByPhase(entries []state.Entry) {
	places := environmentsOf(entries)
	if len(places) == 1 {
		p.line("")
		p.phases(entries)
		return
	}
	for _, place := range places {
		p.line("")
		p.line("%s", Escape(place))
		p.phases(slices.DeleteFunc(slices.Clone(entries), func(e state.Entry) bool { return environmentOf(e) != place }))
	}
}

// phases sums up, from what may still move to what will not.
func (p *printer) phases(entries []state.Entry) {
	tallies := map[state.Phase]*plan.Tally{}
	for _, e := range entries {
		if tallies[e.Phase] == nil {
			tallies[e.Phase] = &plan.Tally{}
		}
		tallies[e.Phase].Add(e.Amount)
	}
	var rows []tallyRow
	for _, phase := range []state.Phase{state.Intended, state.Accepted, state.Settled, state.Failed, state.Refused, state.NotSent} {
		if t := tallies[phase]; t != nil {
			rows = append(rows, tallyRow{string(phase), *t})
		}
	}
	p.tallies(rows)
}

// entryJSON is a remembered refund for machines; times are null where nothing is known.
type entryJSON struct {
	Account        string         `json:"account"`
	Environment    string         `json:"environment"`
	BaseURL        string         `json:"base_url,omitempty"`
	Kind           refund.Kind    `json:"kind"`
	ParentID       string         `json:"parent_id"`
	PaymentID      string         `json:"payment_id"`
	RefundID       string         `json:"refund_id"`
	Amount         string         `json:"amount"`
	Currency       money.Currency `json:"currency"`
	Phase          state.Phase    `json:"phase"`
	Status         refund.Status  `json:"status"`
	CfRefundID     string         `json:"cf_refund_id"`
	ARN            string         `json:"refund_arn"`
	IdempotencyKey string         `json:"idempotency_key"`
	Attempt        int            `json:"attempt"`
	CreatedAt      *time.Time     `json:"created_at"`
	UpdatedAt      *time.Time     `json:"updated_at"`
}

func entryOf(e state.Entry) entryJSON {
	return entryJSON{
		Account: e.AccountName, Environment: e.Environment, BaseURL: e.BaseURL, Kind: e.ID.Kind, ParentID: e.ID.ID, PaymentID: e.PaymentID, RefundID: e.ID.RefundID,
		Amount: e.Amount.String(), Currency: e.Amount.Currency, Phase: e.Phase, Status: e.Status, CfRefundID: e.CfRefundID,
		ARN: e.ARN, IdempotencyKey: e.Key, Attempt: e.Attempt, CreatedAt: moment(e.CreatedAt), UpdatedAt: moment(e.UpdatedAt),
	}
}

// StateListJSON prints the same as one array, an element a line, element by element.
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
