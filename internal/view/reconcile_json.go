package view

import (
	"io"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/reconcile"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// ReconcileJSON prints
// {"format_version","asked","parents","reads","unread":[…],"bank","period","left_out","summary":{VERDICT:TOTAL},"total":TOTAL,"rows":[…]}.
// A TOTAL has a count and the money by currency: amounts with each row once, and what manifests, ledger,
// live and bank have of it.
func ReconcileJSON(w io.Writer, r Reconciliation) error {
	doc := reconcileJSON{
		FormatVersion: FormatVersion, Asked: r.Asked, Parents: r.Parents, Reads: r.Reads, Unread: []unreadJSON{},
		LeftOut: reconcileLeftOutJSON{r.Outside, r.Elsewhere}, Summary: map[reconcile.Verdict]reconcileTotalJSON{},
		Total: reconcileTotalOf(r.All), Rows: make([]reconcileRowJSON, 0, len(r.Rows)),
	}
	for _, f := range r.Failed {
		doc.Unread = append(doc.Unread, unreadJSON{f.Parent.Kind, f.Parent.ID, f.Err.Error()})
	}
	if r.Bank != nil {
		doc.Bank = &bankJSON{r.Bank.File, len(r.Bank.Lines), r.Bank.Others, r.Bank.Unpaid}
	}
	if !r.Period.Open() {
		days := periodOf(r.Period)
		doc.Period = &days
	}
	for v, t := range r.Totals {
		doc.Summary[v] = reconcileTotalOf(t)
	}
	for i := range r.Rows {
		doc.Rows = append(doc.Rows, reconcileRowOf(&r.Rows[i]))
	}
	return writeJSON(w, doc)
}

type reconcileJSON struct {
	FormatVersion string                                   `json:"format_version"`
	Asked         bool                                     `json:"asked"`
	Parents       int                                      `json:"parents"`
	Reads         int                                      `json:"reads"`
	Unread        []unreadJSON                             `json:"unread"`
	Bank          *bankJSON                                `json:"bank"`
	Period        *periodJSON                              `json:"period"`
	LeftOut       reconcileLeftOutJSON                     `json:"left_out"`
	Summary       map[reconcile.Verdict]reconcileTotalJSON `json:"summary"`
	Total         reconcileTotalJSON                       `json:"total"`
	Rows          []reconcileRowJSON                       `json:"rows"`
}

type bankJSON struct {
	File        string `json:"file"`
	Rows        int    `json:"rows"`
	OtherEvents int    `json:"other_events"`
	NotPaid     int    `json:"not_paid"`
}

type reconcileLeftOutJSON struct {
	OtherDays     int `json:"other_days"`
	OtherAccounts int `json:"other_accounts"`
}

type reconcileTotalJSON struct {
	Count     int                       `json:"count"`
	Amounts   map[money.Currency]string `json:"amounts"`
	Manifests map[money.Currency]string `json:"manifests"`
	Ledger    map[money.Currency]string `json:"ledger"`
	Live      map[money.Currency]string `json:"live"`
	Bank      map[money.Currency]string `json:"bank"`
}

func reconcileTotalOf(t reconcile.Total) reconcileTotalJSON {
	of := func(t money.Tally) map[money.Currency]string { return plan.TallyOf(t).Amounts }
	return reconcileTotalJSON{t.Rows, of(t.Amounts), of(t.Manifests), of(t.Ledger), of(t.Live), of(t.Bank)}
}

// reconcileRowJSON is a row. A source without the refund is null or empty. The ids are empty for a line of
// the bank file that matches no refund.
type reconcileRowJSON struct {
	Verdict reconcile.Verdict `json:"verdict"`
	Account string            `json:"account"`
	refundJSON
	Manifest *manifestHoldsJSON    `json:"manifest"`
	Ledger   *ledgerHoldsJSON      `json:"ledger"`
	Live     []liveHoldsJSON       `json:"live"`
	Bank     []bankLineJSON        `json:"bank"`
	Reasons  []reconcileReasonJSON `json:"reasons"`
}

type manifestHoldsJSON struct {
	moneyJSON
	Source *diag.Place `json:"source"`
}

type ledgerHoldsJSON struct {
	moneyJSON
	Phase      state.Phase   `json:"phase"`
	Status     refund.Status `json:"status"`
	CfRefundID string        `json:"cf_refund_id"`
	ARN        string        `json:"refund_arn"`
	TriedAt    *time.Time    `json:"tried_at"`
	AcceptedAt *time.Time    `json:"accepted_at"`
}

type liveHoldsJSON struct {
	moneyJSON
	Status      refund.Status `json:"refund_status"`
	Type        string        `json:"refund_type"`
	CfRefundID  string        `json:"cf_refund_id"`
	ARN         string        `json:"refund_arn"`
	CreatedAt   *time.Time    `json:"created_at"`
	ProcessedAt *time.Time    `json:"processed_at"`
}

type bankLineJSON struct {
	Row int `json:"row"`
	moneyJSON
	CameBack   bool   `json:"came_back"`
	RefundID   string `json:"refund_id"`
	CfRefundID string `json:"cf_refund_id"`
	EventID    string `json:"event_id"`
	ARN        string `json:"refund_arn"`
	Date       string `json:"date"`
}

type reconcileReasonJSON struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func reconcileRowOf(r *reconcile.Row) reconcileRowJSON {
	out := reconcileRowJSON{
		Verdict: r.Verdict, Account: r.Account, refundJSON: refundOf(r.ID, r.PaymentID(), r.Amount),
		Live: []liveHoldsJSON{}, Bank: []bankLineJSON{}, Reasons: []reconcileReasonJSON{},
	}
	if s := r.Spec; s != nil {
		out.Manifest = &manifestHoldsJSON{moneyOf(s.Amount), placeOf(s.Source)}
	}
	if e := r.Entry; e != nil {
		out.Ledger = &ledgerHoldsJSON{moneyOf(e.Amount), e.Phase, e.Status, e.CfRefundID, e.ARN, moment(e.TriedAt), moment(e.AcceptedAt)}
	}
	for _, l := range r.Live {
		out.Live = append(out.Live, liveHoldsJSON{moneyOf(l.Amount), l.Status, l.Type, l.CfRefundID, l.ARN, moment(l.CreatedAt), moment(l.ProcessedAt)})
	}
	for _, l := range r.Bank {
		out.Bank = append(out.Bank, bankLineJSON{l.Row, moneyOf(l.Amount), l.Back, l.RefundID, l.CfRefundID, l.EventID, l.ARN, l.Date})
	}
	for _, reason := range r.Reasons {
		out.Reasons = append(out.Reasons, reconcileReasonJSON(reason))
	}
	return out
}
