package view_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/reconcile"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/state"
)

// reconciliation has many verdicts, two currencies, crores, a hostile note of the API and of the bank,
// and a subscription.
func reconciliation(t *testing.T) view.Reconciliation {
	t.Helper()
	spec := func(id string, a money.Amount, line int) refund.Spec {
		return refund.Spec{Account: "shop", Kind: refund.Order, ParentID: over.ID, RefundID: id, Amount: a,
			Source: diag.Place{File: "refunds/june.refunds.yaml", Line: line, Column: 5}}
	}
	entry := func(id string, a money.Amount, phase state.Phase) state.Entry {
		return state.Entry{AccountName: "shop", ID: refund.Identity{Parent: over, RefundID: id}, Amount: a, Phase: phase, Status: refund.Success,
			Attempt: 1, CfRefundID: "41805719", ARN: "074332746182", TriedAt: at(9, 0), AcceptedAt: at(9, 1)}
	}
	lived := func(id string, a money.Amount) refund.Live {
		return refund.Live{RefundID: id, ParentID: over.ID, CfRefundID: "41805719", Amount: a, Status: refund.Success, Type: "MERCHANT_INITIATED", CreatedAt: at(9, 1)}
	}
	usd := money.Amount{Minor: 1999, Currency: "USD"}
	subscribed := spec("r_sub", inr(29900), 60)
	subscribed.Kind, subscribed.ParentID, subscribed.PaymentID = refund.Subscription, sub.ID, "pay_77_03"
	in := reconcile.Input{
		Accounts: map[string]string{"shop": "fp-shop"}, Now: at(14, 3), SettleAfter: 10 * time.Minute,
		Specs: []refund.Spec{spec("r_twice", inr(12045000), 6), spec("r_edited", inr(100000), 10), spec("r_new", inr(5000), 14), spec("r_paid", inr(1234567890), 18),
			spec("r_abroad", usd, 22), spec("r_unseen", inr(500), 26), subscribed},
		Entries: []state.Entry{entry("r_twice", inr(12045000), state.Settled), entry("r_edited", inr(100001), state.Settled), entry("r_paid", inr(1234567890), state.Settled),
			entry("r_abroad", usd, state.Settled), entry("r_doubt", inr(700), state.Intended)},
		Reads: []reconcile.Read{
			{Parent: over, Live: []refund.Live{lived("r_twice", inr(12045000)), lived("r_edited", inr(100001)), lived("r_paid", inr(1234567890)), lived("r_abroad", usd),
				lived("=cmd|' /C calc'!A0"+hostile, inr(49900))}},
			{Parent: sub, Err: errRead},
		},
		Bank: &reconcile.Bank{File: "october.csv", Others: 3, Unpaid: 1, Lines: []reconcile.Line{
			{Row: 2, RefundID: "r_twice", Amount: inr(12045000), Date: "2026-10-01"}, {Row: 5, RefundID: "r_twice", Amount: inr(12045000)},
			{Row: 3, RefundID: "r_paid", Amount: inr(1234567890)}, {Row: 4, RefundID: "r_abroad", Amount: usd}, {Row: 9, ARN: hostile, Amount: inr(100), Back: true}}},
	}
	result := reconcile.Make(in)
	return view.Reconciliation{Result: result, Asked: true, Parents: 2, Reads: 2, Failed: in.Reads[1:], Partial: true, Bank: in.Bank}
}

func TestAReconciliationIsTheGoldenOneAtEveryWidth(t *testing.T) {
	r := reconciliation(t)
	for _, s := range []view.Style{{Width: 200}, {Width: 80}, {Width: 40}, {Width: 200, Color: true}} {
		name := fmt.Sprintf("reconcile_%d.txt", s.Width)
		if s.Color {
			name = "reconcile_color.txt"
		}
		text := printed(t, func(w io.Writer) error {
			return view.Reconcile(w, r, view.ReconcileOptions{Style: s, Verbose: s.Width == 200})
		})
		golden(t, name, text)
		for line := range strings.Lines(string(text)) {
			if strings.ContainsFunc(line, func(c rune) bool {
				return c < ' ' && c != '\n' && c != '\x1b' || c == '\x1b' && !s.Color || c == '\u202e'
			}) {
				t.Errorf("%s: foreign text reaches the terminal: %q", name, line)
			}
		}
	}
}

func TestAReconciliationForMachinesIsTheGoldenOne(t *testing.T) {
	r := reconciliation(t)
	document := printed(t, func(w io.Writer) error { return view.ReconcileJSON(w, r) })
	var indented bytes.Buffer
	if err := json.Indent(&indented, document, "", "  "); err != nil {
		t.Fatal(err)
	}
	golden(t, "reconcile.json", indented.Bytes())
	golden(t, "reconcile.csv", printed(t, func(w io.Writer) error { return view.ReconcileCSV(w, r) }))
}

func TestNoCellOfAReconciliationIsAFormulaAndNoLongNumberIsRounded(t *testing.T) {
	r := reconciliation(t)
	rows, err := csv.NewReader(bytes.NewReader(printed(t, func(w io.Writer) error { return view.ReconcileCSV(w, r) }))).ReadAll()
	if err != nil || len(rows) != len(r.Rows)+1 {
		t.Fatalf("%d lines for %d rows, %v", len(rows), len(r.Rows), err)
	}
	for _, cells := range rows[1:] {
		for i, c := range cells {
			amount := strings.HasSuffix(rows[0][i], "_amount")
			switch {
			case c == "" || c[0] == '\'':
			case strings.ContainsAny(c[:1], "=+-@\t\r") && !amount:
				t.Errorf("%s: %q is a formula", rows[0][i], c)
			case !amount && strings.Trim(c, "0123456789") == "" && (len(c) > 11 || len(c) > 1 && c[0] == '0'):
				t.Errorf("%s: %q is rounded", rows[0][i], c)
			}
		}
	}
	if !slices.Contains(rows[len(rows)-1], "'074332746182") {
		t.Errorf("the arn is not kept: %q", rows[len(rows)-1])
	}
}

func TestTheIdsOfAReconciliationSurviveASpreadsheet(t *testing.T) {
	for _, id := range []string{"1E10", "2026-10-01", "MAR-1", "00123", "1-2", "743327461829"} {
		s := refund.Spec{Account: "shop", Kind: refund.Order, ParentID: id, RefundID: id, Amount: inr(100)}
		result := reconcile.Make(reconcile.Input{Accounts: map[string]string{"shop": "fp-shop"}, Specs: []refund.Spec{s}, Now: at(14, 3)})
		text := string(printed(t, func(w io.Writer) error { return view.ReconcileCSV(w, view.Reconciliation{Result: result}) }))
		if want := ",'" + id + ",,'" + id + ",INR,1.00,"; !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

func TestAReconciliationOfNothingSaysSo(t *testing.T) {
	got := string(printed(t, func(w io.Writer) error { return view.Reconcile(w, view.Reconciliation{}, view.ReconcileOptions{}) }))
	if want := "Nothing to reconcile.\nThe API was not read: only manifests and ledger are compared.\n"; got != want {
		t.Errorf("%q", got)
	}
}

func TestALongReadIsAnnounced(t *testing.T) {
	got := string(printed(t, func(w io.Writer) error { return view.LongRead(w, 4, 90*time.Minute, view.Style{}) }))
	if want := "Reading 4 orders, subscriptions and payments, oldest first: with the API's\n  limits, this takes at least 1h30m.\n"; got != want {
		t.Errorf("%q", got)
	}
}
