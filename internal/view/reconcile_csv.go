package view

import (
	"cmp"
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/reconcile"
)

// reconcileColumns are the columns of ReconcileCSV. New ones are added at the end.
var reconcileColumns = []string{"verdict", "account", "kind", "parent_id", "payment_id", "refund_id", "currency",
	"manifest_amount", "ledger_amount", "live_amount", "bank_amount", "ledger_phase", "refund_status",
	"cf_refund_id", "refund_arn", "bank_rows", "reasons", "manifest"}

// ReconcileCSV writes a line for each row, for spreadsheets. An amount that a source does not have is an
// empty cell. Texts that a spreadsheet would run or rewrite are marked as in ExportCSV.
func ReconcileCSV(w io.Writer, r Reconciliation) error {
	out := csv.NewWriter(w)
	_ = out.Write(reconcileColumns) // Error has the first problem
	for i := range r.Rows {
		_ = out.Write(reconcileCells(&r.Rows[i]))
	}
	out.Flush()
	return out.Error()
}

func reconcileCells(r *reconcile.Row) []string {
	c := reconcileRowOf(r)
	var manifest, ledger, phase, place, status, cf, arn string
	if c.Manifest != nil {
		manifest, place = c.Manifest.Amount, diag.Place{File: r.Spec.Source.File, Line: r.Spec.Source.Line}.String()
	}
	if c.Ledger != nil {
		ledger, phase, status, cf, arn = c.Ledger.Amount, string(c.Ledger.Phase), string(c.Ledger.Status), c.Ledger.CfRefundID, c.Ledger.ARN
	}
	var live []string
	for _, l := range c.Live {
		live = append(live, l.Amount)
		status, cf, arn = string(l.Status), l.CfRefundID, cmp.Or(l.ARN, arn)
	}
	var rows, bank, reasons []string
	for _, l := range c.Bank {
		rows = append(rows, strconv.Itoa(l.Row))
		arn = cmp.Or(arn, l.ARN)
	}
	for _, a := range r.InBank().Amounts {
		bank = append(bank, a.String())
	}
	for _, reason := range c.Reasons {
		reasons = append(reasons, reason.Code+": "+reason.Message)
	}
	cells := []string{string(c.Verdict), c.Account, string(c.Kind), c.ParentID, c.PaymentID, c.RefundID, string(c.Currency),
		manifest, ledger, strings.Join(live, " + "), strings.Join(bank, " + "), phase, status, cf, arn, strings.Join(rows, " "),
		strings.Join(reasons, "; "), place}
	for i, name := range reconcileColumns {
		if !strings.HasSuffix(name, "_amount") { // a spreadsheet is to count with these
			cells[i] = csvText(cells[i])
		}
	}
	return cells
}
