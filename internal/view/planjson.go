package view

import (
	"fmt"
	"io"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
)

// PlanFile is what only a saved plan has. The zero value is a plan that was not saved: its digest
// is empty and expires_at null.
type PlanFile struct {
	Digest    string
	ExpiresAt time.Time
}

type planJSON struct {
	FormatVersion   string               `json:"format_version"`
	CreatedAt       time.Time            `json:"created_at"`
	ExpiresAt       *time.Time           `json:"expires_at"`
	Digest          string               `json:"digest"`
	Accounts        []accountJSON        `json:"accounts"`
	State           planStateJSON        `json:"state"`
	Refresh         plan.Refresh         `json:"refresh"`
	Reads           int                  `json:"reads"`
	EstimateSeconds int64                `json:"estimate_seconds"`
	Summary         map[string]tallyJSON `json:"summary"`
	Changes         []changeJSON         `json:"changes"`
}

type accountJSON struct {
	Name        string `json:"name"`
	API         string `json:"api"`
	Environment string `json:"environment"`
	BaseURL     string `json:"base_url"`
	Fingerprint string `json:"fingerprint"`
}

type planStateJSON struct {
	Lineage string   `json:"lineage"`
	Heads   []string `json:"heads"`
}

type changeJSON struct {
	Action         string         `json:"action"`
	Account        string         `json:"account"`
	Kind           refund.Kind    `json:"kind"`
	ParentID       string         `json:"parent_id"`
	PaymentID      string         `json:"payment_id"`
	RefundID       string         `json:"refund_id"`
	Amount         string         `json:"amount"`
	Currency       money.Currency `json:"currency"`
	IdempotencyKey string         `json:"idempotency_key"`
	Attempt        int            `json:"attempt"`
	Superseded     bool           `json:"superseded"`
	Request        *requestJSON   `json:"request"`
	Reasons        []reasonJSON   `json:"reasons"`
	Attention      []reasonJSON   `json:"attention"`
	Source         *diag.Place    `json:"source"`
	Live           *liveJSON      `json:"live"`
}

type reasonJSON struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// liveJSON has the API's field names; what the answer did not hold is left out.
type liveJSON struct {
	RefundID     string         `json:"refund_id,omitempty"`
	OrderID      string         `json:"order_id,omitempty"`
	PaymentID    string         `json:"payment_id,omitempty"`
	CfRefundID   string         `json:"cf_refund_id,omitempty"`
	CfPaymentID  string         `json:"cf_payment_id,omitempty"`
	Amount       string         `json:"refund_amount"`
	Currency     money.Currency `json:"refund_currency,omitempty"`
	Status       refund.Status  `json:"refund_status"`
	Description  string         `json:"status_description,omitempty"`
	Type         string         `json:"refund_type,omitempty"`
	Mode         string         `json:"refund_mode,omitempty"`
	Note         string         `json:"refund_note,omitempty"`
	Speed        *speedJSON     `json:"refund_speed,omitempty"`
	ARN          string         `json:"refund_arn,omitempty"`
	RefundSplits []splitJSON    `json:"refund_splits,omitempty"`
	CreatedAt    *time.Time     `json:"created_at,omitempty"`
	ProcessedAt  *time.Time     `json:"processed_at,omitempty"`
}

type speedJSON struct {
	Requested string `json:"requested,omitempty"`
	Accepted  string `json:"accepted,omitempty"`
	Processed string `json:"processed,omitempty"`
	Message   string `json:"message,omitempty"`
}

// PlanJSON prints a plan as one JSON document on one line; the same plan always gives the same
// bytes. Each request's body is a string of exactly the bytes that would be sent. The error is the
// writer's, or money.ErrOverflow where the sums do not fit.
func PlanJSON(w io.Writer, p *plan.Plan, f PlanFile) error {
	totals, err := p.Summary()
	if err != nil {
		return fmt.Errorf("adding up the plan: %w", err)
	}
	doc := planJSON{
		FormatVersion: FormatVersion, CreatedAt: p.CreatedAt, ExpiresAt: moment(f.ExpiresAt), Digest: f.Digest,
		Accounts: make([]accountJSON, 0, len(p.Accounts)), State: planStateJSON{p.Lineage, append([]string{}, p.Heads...)},
		Refresh: p.Refresh, Reads: p.Reads, EstimateSeconds: int64(p.Estimate / time.Second),
		Summary: make(map[string]tallyJSON, len(plan.Actions)), Changes: make([]changeJSON, 0, len(p.Changes)),
	}
	for _, a := range p.Accounts {
		doc.Accounts = append(doc.Accounts, accountJSON{a.Name, a.API, a.Environment, a.BaseURL, a.Fingerprint})
	}
	for _, a := range plan.Actions {
		doc.Summary[a.String()] = tallyOf(totals[a])
	}
	for _, c := range p.Changes {
		doc.Changes = append(doc.Changes, changeOf(c))
	}
	return writeJSON(w, doc)
}

func changeOf(c plan.Change) changeJSON {
	return changeJSON{
		Action: c.Action.String(), Account: c.AccountName, Kind: c.ID.Kind, ParentID: c.ID.ID, PaymentID: c.PaymentID,
		RefundID: c.ID.RefundID, Amount: c.Amount.String(), Currency: c.Amount.Currency, IdempotencyKey: c.Key, Attempt: c.Attempt,
		Superseded: c.Superseded, Request: requestOf(c.Request), Reasons: reasonsOf(c.Reasons), Attention: reasonsOf(c.Attention),
		Source: placeOf(c.Source()), Live: liveOf(c.ID.Kind, c.Live),
	}
}

func reasonsOf(reasons []plan.Reason) []reasonJSON {
	out := make([]reasonJSON, 0, len(reasons))
	for _, r := range reasons {
		out = append(out, reasonJSON(r))
	}
	return out
}

func liveOf(kind refund.Kind, l *refund.Live) *liveJSON {
	if l == nil {
		return nil
	}
	out := &liveJSON{
		RefundID: l.RefundID, PaymentID: l.PaymentID, CfRefundID: l.CfRefundID, CfPaymentID: l.CfPaymentID,
		Amount: l.Amount.String(), Currency: l.Amount.Currency, Status: l.Status, Description: l.Description, Type: l.Type,
		Mode: l.Mode, Note: l.Note, ARN: l.ARN, RefundSplits: splitsOf(l.Splits), CreatedAt: moment(l.CreatedAt), ProcessedAt: moment(l.ProcessedAt),
	}
	if kind == refund.Order {
		out.OrderID = l.ParentID
	}
	if l.Speed != (refund.Speed{}) {
		speed := speedJSON(l.Speed)
		out.Speed = &speed
	}
	return out
}
