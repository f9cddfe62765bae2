package view_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"refundctl/apply"
	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// hostile contains what must not reach a terminal: a colour, a cleared line, an 8-bit CSI, a title, a
// bell, line ends, a tab, direction marks, invisible characters, a broken byte.
const hostile = "note \x1b[31m\x1b[2K\u009b1A\x1b]0;t\x07\r\nerror: x\t\u202e\u2066\u200b\ufeff\u3164\ufe0f\U000e0041\x7f\xff end"

var errRead = errors.New("unreachable: dial tcp: i/o timeout")

func inr(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: money.INR} }

func at(hour, minute int) time.Time { return time.Date(2026, 6, 9, hour, minute, 0, 0, refund.IST) }

// golden compares with a file of testdata; UPDATE_GOLDEN=1 writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// printed is what a view writes.
func printed(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var (
	shop   = refund.Parent{Account: "fp-shop", Kind: refund.Order, ID: "order_summer_fashion_001"}
	over   = refund.Parent{Account: "fp-shop", Kind: refund.Order, ID: "order_2"}
	abroad = refund.Parent{Account: "fp-shop", Kind: refund.Order, ID: "order_abroad"}
	quiet  = refund.Parent{Account: "fp-shop", Kind: refund.Order, ID: "order_quiet"}
	unread = refund.Parent{Account: "fp-shop", Kind: refund.Order, ID: "order_unread"}
	sub    = refund.Parent{Account: "fp-shop", Kind: refund.Subscription, ID: "sub_77"}
	paid   = refund.Parent{Account: "fp-flow", Kind: refund.Payment, ID: "pay_summer_fashion_001_upi"}
)

// wanted is a row of a manifest.
func desired(p refund.Parent, id string, a money.Amount, action plan.Action, line int) plan.Change {
	spec := &refund.Spec{Account: "shop", Kind: p.Kind, ParentID: p.ID, RefundID: id, Amount: a,
		Source: diag.Place{File: "refunds/june.refunds.yaml", Line: line, Column: 5}}
	return plan.Change{Action: action, AccountName: "shop", ID: refund.Identity{Parent: p, RefundID: id}, Amount: a, Spec: spec}
}

func create(p refund.Parent, id string, a money.Amount, line int) plan.Change {
	c := desired(p, id, a, plan.Create, line)
	request, err := c.Spec.Request()
	if err != nil {
		panic(err)
	}
	c.Request, c.Attempt, c.Key = &request, 1, refund.Key(c.ID, 1)
	return c
}

func live(c plan.Change, s refund.Status) plan.Change {
	c.Live = &refund.Live{RefundID: c.ID.RefundID, ParentID: c.ID.ID, CfRefundID: "41805719", Amount: c.Amount, Status: s,
		Type: "MERCHANT_INITIATED", CreatedAt: at(9, 0)}
	return c
}

func because(c plan.Change, reasons ...plan.Reason) plan.Change {
	c.Reasons = append(c.Reasons, reasons...)
	return c
}

// tricky has every action, long ids, three currencies, hostile texts and a superseded row.
func tricky() *plan.Plan {
	tooMuch := plan.Reason{Code: "over_refund", Message: "over-refund on order_2: captured ₹1,000.00, refunded ₹0.00, planned ₹1,000.01: ₹0.01 too much",
		Hint: "lower, hold or remove refunds until they fit the captured amount"}
	return &plan.Plan{
		CreatedAt: at(14, 3), Lineage: "lineage-1", Heads: []string{"head-1"}, Refresh: plan.Auto, Reads: 7, Estimate: 3 * time.Minute,
		Accounts: []plan.Account{
			{Name: "flow", API: "flowwise", Environment: "sandbox", BaseURL: "https://sandbox.flowwise.com/router", Fingerprint: "fp-flow"},
			{Name: "shop", API: "cashfree", Environment: "sandbox", BaseURL: "https://sandbox.cashfree.com/pg", Fingerprint: "fp-shop"},
		},
		Parents: map[refund.Parent]plan.ParentRead{
			shop: {Parent: shop, ListedAt: at(14, 0), Facts: refund.Facts{Captured: inr(12045000), Known: true}, Live: []refund.Live{
				{RefundID: "a", Amount: inr(12345), Status: refund.Success}, {RefundID: "b", Amount: inr(99), Status: refund.Cancelled}}},
			over:   {Parent: over, ListedAt: at(14, 0), Facts: refund.Facts{Captured: inr(100000), Known: true}},
			quiet:  {Parent: quiet},
			unread: {Parent: unread, ListedAt: at(14, 0), Err: errRead},
			sub:    {Parent: sub, ListedAt: at(14, 0), Partial: true},
		},
		Changes: append(trickyFlow(), append(trickyShop(), []plan.Change{
			because(desired(over, "r_over_1", inr(60000), plan.Blocked, 30), tooMuch),
			because(desired(over, "r_over_2", inr(40001), plan.Blocked, 34), tooMuch, plan.Reason{Code: "frozen", Message: "frozen: audit until Friday"}),
			create(abroad, "r_jpy", money.Amount{Minor: 1200, Currency: "JPY"}, 40),
			create(abroad, "r_bhd", money.Amount{Minor: 1500, Currency: "BHD"}, 44),
			live(desired(quiet, "r_quiet", inr(100), plan.InSync, 50), refund.Success),
			pendingUnread(), subscriptionInDoubt(),
		}...)...),
	}
}

func trickyFlow() []plan.Change {
	c := create(paid, "refund_flowwise_001", inr(114975), 60)
	c.AccountName = "flow"
	c.Attention = []plan.Reason{{Code: "not_checkable", Message: "the API lists no refunds of a payment: balance and window cannot be checked"}}
	return []plan.Change{c}
}

func trickyShop() []plan.Change {
	dead := live(desired(shop, "refund_old", inr(99), plan.Failed, 4), refund.Cancelled)
	dead.Superseded, dead.Reasons = true, []plan.Reason{{Code: "superseded", Message: "replaced by refund_summer_fashion_001_size"}}
	synced := live(desired(shop, "a", inr(12345), plan.InSync, 8), refund.Success)
	synced.Attention = []plan.Reason{{Code: "note_differs", Message: "asked with the note \"size\", live has " + hostile}}
	auto := plan.Change{Action: plan.Unmanaged, AccountName: "shop", ID: refund.Identity{Parent: shop}, Amount: inr(5000), Live: &refund.Live{
		Amount: inr(5000), Status: refund.Success, Type: "PAYMENT_AUTO_REFUND", CfRefundID: "990", Note: hostile}}
	gone := plan.Change{Action: plan.Orphaned, AccountName: "shop", ID: refund.Identity{Parent: shop, RefundID: "r_gone"}, Amount: inr(100),
		Entry: &state.Entry{Phase: state.Settled, Status: refund.Success}}
	return []plan.Change{
		dead, synced,
		create(shop, "refund_summer_fashion_001_size", inr(114975), 12),
		because(live(desired(shop, "r_conflict", inr(100), plan.Conflict, 16), refund.Success),
			plan.Reason{Code: "amount_differs", Message: "desired ₹1.00, live ₹2.00", Hint: "restore 2.00: what was sent cannot be changed; if too much was paid, ask Cashfree's support"}),
		because(live(desired(shop, "r_failed", inr(100), plan.Failed, 20), refund.Failed),
			plan.Reason{Code: "dead", Message: "the API reports it as FAILED: it will not be paid", Hint: "if the money is still owed: refundctl reissue r_failed"}),
		because(desired(shop, "refund_summer_fashion_held_until_friday", inr(123456789), plan.Held, 24), plan.Reason{Code: "hold", Message: "held in the manifest"}),
		because(auto, plan.Reason{Code: "not_in_manifest", Message: "made elsewhere; counted in the balance, never touched"}),
		because(gone, plan.Reason{Code: "not_in_manifest", Message: "in the ledger as settled, in no manifest; what was sent stays sent"}),
	}
}

// differing is a plan in which one row is another, one was added and one is gone.
func differing() view.PlanDiff {
	before, after := tricky(), tricky()
	c := create(shop, "refund_summer_fashion_001_size", inr(95000), 12)
	c.Attention = []plan.Reason{{Code: "window_closing", Message: "paid on 2026-01-01; refunds are possible until 2026-07-01"}}
	after.Changes[3] = c
	after.Changes[4] = because(live(desired(shop, "r_conflict", inr(100), plan.InSync, 16), refund.Success))
	after.Changes = append(after.Changes[:5:5], after.Changes[6:]...)
	after.Changes = append(after.Changes, create(sub, "r_more", inr(100), 70))
	return view.PlanDiff{Before: plan.Saved{Plan: before, Digest: "digest-1"}, After: plan.Saved{Plan: after, Digest: "digest-2"},
		Comparison: plan.Compare(before, after)}
}

func pendingUnread() plan.Change {
	c := desired(unread, "r_pending", inr(250), plan.Pending, 54)
	c.Entry = &state.Entry{Phase: state.Accepted, Status: refund.OnHold}
	return c
}

func subscriptionInDoubt() plan.Change {
	c := because(desired(sub, "refund_sub_77_03", inr(29900), plan.InDoubt, 58), plan.Reason{Code: "outcome_unknown",
		Message: "outcome unknown since 14:03:00 (answer lost); a read resolves it by 14:13:00",
		Hint:    "refundctl recover reads it back; until then it is not sent again"})
	c.PaymentID = "pay_77_03"
	return c
}

// settledPlan is a plan with nothing to do.
func settledPlan(n int) *plan.Plan {
	p := &plan.Plan{CreatedAt: at(14, 3), Refresh: plan.Auto, Parents: map[refund.Parent]plan.ParentRead{}}
	for i := range n {
		p.Changes = append(p.Changes, desired(quiet, fmt.Sprintf("r_%d", i), inr(100), plan.InSync, i+1))
	}
	return p
}

// large is a plan of n rows over n/2 orders, a third of them creates.
func large(n int) *plan.Plan {
	p := &plan.Plan{CreatedAt: at(14, 3), Refresh: plan.Auto, Parents: map[refund.Parent]plan.ParentRead{}}
	for i := range n {
		parent := refund.Parent{Account: "fp-shop", Kind: refund.Order, ID: fmt.Sprintf("order_%06d", i/2)}
		id, amount := fmt.Sprintf("refund_%06d", i), inr(int64(100+i))
		switch i % 3 {
		case 0:
			p.Changes = append(p.Changes, create(parent, id, amount, i))
		case 1:
			p.Changes = append(p.Changes, live(desired(parent, id, amount, plan.InSync, i), refund.Success))
		default:
			p.Changes = append(p.Changes, because(desired(parent, id, amount, plan.Blocked, i),
				plan.Reason{Code: "duplicate_suspected", Message: "refund x of ₹1.00 on the same order is planned too", Hint: "if both are intended, write not_duplicate_of: [x]"}))
		}
	}
	return p
}

func entries() []state.Entry {
	doubtful := create(shop, "r_doubt", inr(29900), 7)
	return []state.Entry{
		{AccountName: "shop", ID: refund.Identity{Parent: shop, RefundID: "refund_summer_fashion_001_size"}, Amount: inr(12045000), Phase: state.Settled,
			Status: refund.Success, CfRefundID: "41805719", ARN: "74332746182", Key: "6ba7b810-9dad-51d1-80b4-00c04fd430c8", Attempt: 1, Try: 1,
			CreatedAt: at(9, 0), TriedAt: at(9, 0), AcceptedAt: at(9, 1), UpdatedAt: at(10, 0), Source: diag.Place{File: "refunds/june.refunds.yaml", Line: 12, Column: 5},
			Splits: []refund.Split{{VendorID: "Vendor01", Amount: inr(10012)}}},
		{AccountName: "shop", ID: doubtful.ID, Amount: doubtful.Amount, Phase: state.Intended, Key: doubtful.Key, Attempt: 1, Try: 2, LastClass: "unknown",
			Message: hostile, BodyHash: [32]byte{1, 2, 3}, Request: doubtful.Request, CreatedAt: at(14, 3), TriedAt: at(14, 3), UpdatedAt: at(14, 3)},
		{AccountName: "shop", ID: refund.Identity{Parent: sub, RefundID: "r_refused"}, PaymentID: "pay_77_03", Amount: money.Amount{Minor: 1200, Currency: "JPY"},
			Phase: state.Refused, Code: "refund_post_failed", Message: "Total amount of Refunds cannot be greater than the transaction amount.",
			Key: "6ba7b811-9dad-51d1-80b4-00c04fd430c8", Attempt: 2, Try: 1, CreatedAt: at(8, 0), UpdatedAt: at(8, 0)},
	}
}

func records() []state.HistoryEvent {
	sent := create(shop, "r_doubt", inr(29900), 7)
	applied := state.Header{Actor: "asha", Command: "refundctl apply", Program: "1.2.0", Commit: "4be1ac", PlanDigest: "d1",
		Approvers: []string{"meera", "ravi"}, CIRun: "https://ci.example/runs/7"}
	return []state.HistoryEvent{
		{Run: "run-1", Seq: 2, At: at(14, 3), Header: applied, Intent: &state.Intent{AccountName: "shop", ID: sent.ID, Amount: sent.Amount,
			Key: sent.Key, Attempt: 1, Try: 1, Request: *sent.Request, Source: sent.Source(), Labels: map[string]string{"ticket": "CS-4411"}}},
		{Run: "run-1", Seq: 3, At: at(14, 4), Header: applied, Outcome: &state.Outcome{AccountName: "shop", ID: sent.ID, Amount: sent.Amount,
			Attempt: 1, Phase: state.Intended, How: "answered", Class: "unknown", HTTP: 502, Message: hostile}},
		{Run: "run-2", Seq: 2, At: at(14, 20), Header: state.Header{Actor: hostile}, Outcome: &state.Outcome{AccountName: "shop", ID: sent.ID, Amount: sent.Amount, Attempt: 1,
			Phase: state.NotSent, How: "absent", Proof: &state.Proof{FirstRead: at(14, 19), SecondRead: at(14, 20), SettledBy: "settle_after"}}},
	}
}

func diagnostics() []diag.Diagnostic {
	return []diag.Diagnostic{
		{Severity: diag.Error, Code: "amount", Message: `amount "010.50" must not begin with a zero`, Hint: "write 10.50",
			Place: diag.Place{File: "refunds/june.refunds.yaml", Line: 4, Column: 20}},
		{Severity: diag.Warning, Code: "empty_file", Message: "the file is empty", Place: diag.Place{File: "refunds/" + hostile + ".yaml"}},
		{Severity: diag.Error, Code: "syntax", Message: hostile, Hint: hostile},
	}
}

func event(kind apply.EventKind, id string, minor int64) apply.Event {
	return apply.Event{Kind: kind, At: at(14, 3), AccountName: "shop", ID: refund.Identity{Parent: shop, RefundID: id}, Amount: inr(minor), Attempt: 1, Try: 1,
		Key: "6ba7b810-9dad-51d1-80b4-00c04fd430c8"}
}

func recovered() apply.Recovered {
	settled, open := event(apply.Resolved, "r_3", 12345), event(apply.InDoubt, "r_17", 29900)
	settled.Status, settled.Message = refund.Success, "found at the API"
	open.Since, open.ResolvesAt = at(14, 3), at(14, 13)
	return apply.Recovered{Resolved: []apply.Event{settled}, Open: []apply.Event{open}}
}

func report() state.VerifyResult {
	return state.VerifyResult{Runs: 3, Events: 12, Refunds: 1, Heads: []string{"head-1"}, Notices: []state.Notice{
		{Kind: state.TornTail, Bytes: 17}, {Kind: state.OpenEnd}, {Kind: state.OpenToAll, Mode: 0o644},
		{Kind: state.FromTheFuture, Run: "run-9", Line: 7, At: at(14, 3).AddDate(10, 0, 0), By: 10 * 365 * 24 * time.Hour},
		{Kind: state.ClockSkew, Run: "run-8", Line: 8, At: at(14, 5), By: 2 * time.Minute},
		{Kind: state.TooEarly, Run: "run-7", Line: 9, At: at(14, 3).Add(-72 * time.Hour), By: 72 * time.Hour},
		{Kind: state.TimeAccepted, Run: "run-6", Line: 10, At: at(14, 3), By: 3 * time.Hour}}}
}
