package view

import (
	"io"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
)

type differenceJSON struct {
	Change   string        `json:"change"`
	Account  string        `json:"account"`
	Kind     refund.Kind   `json:"kind"`
	ParentID string        `json:"parent_id"`
	RefundID string        `json:"refund_id"`
	Fields   []string      `json:"fields"`
	Before   *plan.RowJSON `json:"before"`
	After    *plan.RowJSON `json:"after"`
}

type comparedJSON struct {
	Digest    string         `json:"digest"`
	CreatedAt time.Time      `json:"created_at"`
	Create    plan.TallyJSON `json:"create"`
	Accounts  []payerJSON    `json:"accounts"`
	Lineage   string         `json:"lineage"`
}

type payerJSON struct {
	Name        string `json:"name"`
	API         string `json:"api"`
	Environment string `json:"environment"`
	BaseURL     string `json:"base_url"`
	Fingerprint string `json:"fingerprint"`
}

type parentDifferenceJSON struct {
	Account  string          `json:"account"`
	Kind     refund.Kind     `json:"kind"`
	ParentID string          `json:"parent_id"`
	Fields   []string        `json:"fields"`
	Before   parentFactsJSON `json:"before"`
	After    parentFactsJSON `json:"after"`
}

type parentFactsJSON struct {
	Captured string         `json:"captured"`
	Currency money.Currency `json:"currency"`
	Mode     string         `json:"mode"`
	Live     plan.TallyJSON `json:"live"`
}

// PlanDiffJSON prints {"format_version","same","fields","before","after","differences":[{change,…,fields,before,after}],"parents"}.
// fields has accounts or ledger if those differ. The before and after of a difference are rows of plan --json, or null.
func PlanDiffJSON(w io.Writer, d PlanDiff) error {
	rows := make([]differenceJSON, 0, len(d.Rows))
	for _, diff := range d.Rows {
		c := diff.Row()
		rows = append(rows, differenceJSON{howOf(diff), c.AccountName, c.ID.Kind, c.ID.ID, c.ID.RefundID,
			append([]string{}, diff.Fields...), rowOf(diff.Before), rowOf(diff.After)})
	}
	parents := make([]parentDifferenceJSON, 0, len(d.Parents))
	for _, f := range d.Parents {
		parents = append(parents, parentDifferenceJSON{f.AccountName, f.After.Parent.Kind, f.After.Parent.ID, f.Fields, parentFactsOf(f.Before), parentFactsOf(f.After)})
	}
	fields := []string{}
	if d.Accounts {
		fields = append(fields, "accounts")
	}
	if d.Ledgers {
		fields = append(fields, "ledger")
	}
	return writeJSON(w, struct {
		FormatVersion string                 `json:"format_version"`
		Same          bool                   `json:"same"`
		Fields        []string               `json:"fields"`
		Before        comparedJSON           `json:"before"`
		After         comparedJSON           `json:"after"`
		Differences   []differenceJSON       `json:"differences"`
		Parents       []parentDifferenceJSON `json:"parents"`
	}{FormatVersion, d.Same(), fields, comparedOf(d.Before), comparedOf(d.After), rows, parents})
}

func comparedOf(s plan.Saved) comparedJSON {
	out := comparedJSON{Digest: s.Digest, CreatedAt: s.CreatedAt, Create: plan.TallyOf(s.Summary()[plan.Create]), Lineage: s.Lineage,
		Accounts: make([]payerJSON, 0, len(s.Accounts))}
	for _, a := range s.Accounts {
		out.Accounts = append(out.Accounts, payerJSON{a.Name, a.API, a.Environment, a.BaseURL, a.Fingerprint})
	}
	return out
}

func parentFactsOf(read plan.ParentRead) parentFactsJSON {
	out := parentFactsJSON{Mode: read.Facts.Mode, Live: plan.TallyOf(read.LiveMoney())}
	if read.Facts.Known {
		out.Captured, out.Currency = read.Facts.Captured.String(), read.Facts.Captured.Currency
	}
	return out
}

func rowOf(c *plan.Change) *plan.RowJSON {
	if c == nil {
		return nil
	}
	row := plan.RowOf(*c)
	return &row
}
