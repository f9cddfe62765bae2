package plan

import (
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// RowJSON is a change in all documents. Unknown values are null.
type RowJSON struct {
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
	WithoutHold    *releasedJSON  `json:"without_hold,omitempty"`
	Request        *RequestJSON   `json:"request"`
	Reasons        []reasonJSON   `json:"reasons"`
	Attention      []reasonJSON   `json:"attention"`
	Source         *diag.Place    `json:"source"`
	Live           *liveJSON      `json:"live"`
	Desired        *desiredJSON   `json:"wanted"`
	Ledger         *ledgerJSON    `json:"ledger"`
}

// RequestJSON has the exact bytes of the body as a string.
type RequestJSON struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Body   string `json:"body"`
}

// TallyJSON is a Tally with the money by currency.
type TallyJSON struct {
	Count   int                       `json:"count"`
	Amounts map[money.Currency]string `json:"amounts"`
}

// SplitJSON is a vendor's share.
type SplitJSON struct {
	VendorID string `json:"vendor_id"`
	Amount   string `json:"amount"`
}

type reasonJSON struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// releasedJSON is what a held row would be without its hold.
type releasedJSON struct {
	Action  string       `json:"action"`
	Reasons []reasonJSON `json:"reasons"`
}

// liveJSON has the API's field names. It omits the fields that the answer lacked.
type liveJSON struct {
	RefundID     string         `json:"refund_id,omitempty"`
	OrderID      string         `json:"order_id,omitempty"`
	PaymentID    string         `json:"payment_id,omitempty"`
	CfRefundID   string         `json:"cf_refund_id,omitempty"`
	CfPaymentID  string         `json:"cf_payment_id,omitempty"`
	Amount       string         `json:"refund_amount"`
	Currency     money.Currency `json:"refund_currency,omitempty"`
	Status       refund.Status  `json:"refund_status"`
	Type         string         `json:"refund_type,omitempty"`
	Mode         string         `json:"refund_mode,omitempty"`
	Note         string         `json:"refund_note,omitempty"`
	ARN          string         `json:"refund_arn,omitempty"`
	RefundSplits []SplitJSON    `json:"refund_splits,omitempty"`
	CreatedAt    *time.Time     `json:"created_at,omitempty"`
	ProcessedAt  *time.Time     `json:"processed_at,omitempty"`
	*DetailsJSON
}

type speedJSON struct {
	Requested string `json:"requested,omitempty"`
	Accepted  string `json:"accepted,omitempty"`
	Processed string `json:"processed,omitempty"`
	Message   string `json:"message,omitempty"`
}

// desiredJSON has the manifest's fields that the row does not have.
type desiredJSON struct {
	Note           string            `json:"refund_note"`
	Speed          string            `json:"refund_speed"`
	Type           string            `json:"refund_type"`
	Splits         []SplitJSON       `json:"refund_splits"`
	Labels         map[string]string `json:"labels"`
	Hold           bool              `json:"hold"`
	NotDuplicateOf []string          `json:"not_duplicate_of"`
	Supersedes     string            `json:"supersedes"`
}

// ledgerJSON is what the ledger had when the plan was made.
type ledgerJSON struct {
	Phase      state.Phase   `json:"phase"`
	Status     refund.Status `json:"status"`
	Attempt    int           `json:"attempt"`
	CfRefundID string        `json:"cf_refund_id"`
	ARN        string        `json:"refund_arn"`
	TriedAt    *time.Time    `json:"tried_at"`
	AcceptedAt *time.Time    `json:"accepted_at"`
	*DetailsJSON
}

// RowOf converts a change.
func RowOf(c Change) RowJSON {
	return RowJSON{
		Action: c.Action.String(), Account: c.AccountName, Kind: c.ID.Kind, ParentID: c.ID.ID, PaymentID: c.PaymentID,
		RefundID: c.ID.RefundID, Amount: c.Amount.String(), Currency: c.Amount.Currency, IdempotencyKey: c.Key, Attempt: c.Attempt,
		Superseded: c.Superseded, WithoutHold: releasedOf(c.WithoutHold), Request: RequestOf(c.Request), Reasons: reasonsOf(c.Reasons), Attention: reasonsOf(c.Attention),
		Source: placeOf(c.Source()), Live: liveOf(c.ID.Kind, c.Live), Desired: desiredOf(c.Spec), Ledger: ledgerOf(c.Entry),
	}
}

// RequestOf converts a request; none gives null.
func RequestOf(r *refund.Request) *RequestJSON {
	if r == nil {
		return nil
	}
	return &RequestJSON{r.Method, r.Path, string(r.Body)}
}

// TallyOf converts a tally.
func TallyOf(t Tally) TallyJSON {
	amounts := make(map[money.Currency]string, len(t.Amounts))
	for _, a := range t.Amounts {
		amounts[a.Currency] = a.String()
	}
	return TallyJSON{t.Count, amounts}
}

// SplitsOf converts splits; the result is never null.
func SplitsOf(splits []refund.Split) []SplitJSON {
	out := make([]SplitJSON, 0, len(splits))
	for _, s := range splits {
		out = append(out, SplitJSON{s.VendorID, s.Amount.String()})
	}
	return out
}

func reasonsOf(reasons []Reason) []reasonJSON {
	out := make([]reasonJSON, 0, len(reasons))
	for _, r := range reasons {
		out = append(out, reasonJSON(r))
	}
	return out
}

func releasedOf(r *Released) *releasedJSON {
	if r == nil {
		return nil
	}
	return &releasedJSON{r.Action.String(), reasonsOf(r.Reasons)}
}

func placeOf(p diag.Place) *diag.Place {
	if p == (diag.Place{}) {
		return nil
	}
	return &p
}

// moment converts a time; an unknown one, the zero time, gives null.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func liveOf(kind refund.Kind, l *refund.Live) *liveJSON {
	if l == nil {
		return nil
	}
	out := &liveJSON{
		RefundID: l.RefundID, PaymentID: l.PaymentID, CfRefundID: l.CfRefundID, CfPaymentID: l.CfPaymentID,
		Amount: l.Amount.String(), Currency: l.Amount.Currency, Status: l.Status, Type: l.Type,
		Mode: l.Mode, Note: l.Note, ARN: l.ARN, RefundSplits: SplitsOf(l.Splits), CreatedAt: moment(l.CreatedAt), ProcessedAt: moment(l.ProcessedAt),
	}
	if kind == refund.Order {
		out.OrderID = l.ParentID
	}
	out.DetailsJSON = DetailsOf(&l.Details)
	return out
}

func desiredOf(s *refund.Spec) *desiredJSON {
	if s == nil {
		return nil
	}
	out := &desiredJSON{Note: s.Note, Speed: s.Speed, Type: s.Type, Splits: SplitsOf(s.Splits), Labels: s.Labels, Hold: s.Hold,
		NotDuplicateOf: append([]string{}, s.NotDuplicateOf...), Supersedes: s.Supersedes}
	if out.Labels == nil {
		out.Labels = map[string]string{}
	}
	return out
}

func ledgerOf(e *state.Entry) *ledgerJSON {
	if e == nil {
		return nil
	}
	return &ledgerJSON{Phase: e.Phase, Status: e.Status, Attempt: e.Attempt, CfRefundID: e.CfRefundID, ARN: e.ARN,
		TriedAt: moment(e.TriedAt), AcceptedAt: moment(e.AcceptedAt), DetailsJSON: DetailsOf(e.Details)}
}
