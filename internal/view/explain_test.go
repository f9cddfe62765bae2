package view_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"refundctl/apply"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// story is one refund_id wanted on several parents, so that one text has every verdict.
func story() view.Explanation {
	p := tricky()
	return view.Explanation{RefundID: "r_doubt", Plan: p, Rows: storyRows(), Records: records(), SettleAfter: 10 * time.Minute,
		Asks: func(e state.Entry) bool { return e.ID.Parent == shop }}
}

func storyRows() []plan.Change {
	doubt := entries()[1]
	inDoubt := because(desired(shop, "r_doubt", inr(29900), plan.InDoubt, 7), plan.Reason{Code: "outcome_unknown",
		Message: "outcome unknown since 2026-06-09 14:03:00 +05:30 (EOF)", Hint: "refundctl recover reads it back"})
	inDoubt.Entry = &doubt
	ofSub := doubt
	ofSub.ID.Parent = sub
	forgotten := plan.Change{Action: plan.InDoubt, AccountName: "shop", ID: refund.Identity{Parent: sub, RefundID: "r_doubt"}, Amount: inr(29900), Entry: &ofSub}
	settled := live(desired(shop, "r_settled", inr(100), plan.InSync, 9), refund.Success)
	settled.Live.ARN = "74332746182"
	failed := live(desired(shop, "r_failed", inr(100), plan.Failed, 10), refund.Failed)
	superseded := failed
	superseded.Superseded = true
	unmanaged := live(plan.Change{Action: plan.Unmanaged, AccountName: "shop", ID: refund.Identity{Parent: shop, RefundID: "dash"}, Amount: inr(100)}, refund.Success)
	return []plan.Change{
		inDoubt, forgotten, settled, failed, superseded, unmanaged, pendingUnread(), create(over, "r_new", inr(100), 11),
		live(desired(shop, "r_pending", inr(100), plan.Pending, 12), refund.Pending),
		because(live(desired(shop, "r_conflict", inr(100), plan.Conflict, 13), refund.Success), plan.Reason{Code: "amount_differs", Message: "desired ₹1.00, live ₹2.00"}),
		because(desired(quiet, "r_held", inr(100), plan.Held, 14), plan.Reason{Code: "hold", Message: "held in the manifest"}),
	}
}

func TestExplainPrintsEveryVerdictAndWhatHappensNext(t *testing.T) {
	for name, width := range map[string]int{"explain_80.txt": 80, "explain_200.txt": 200} {
		golden(t, name, printed(t, func(w io.Writer) error { return view.Explain(w, []view.Explanation{story()}, view.Style{Width: width}) }))
	}
}

func TestExplainOfARefundThatIsNeitherDesiredNorOpen(t *testing.T) {
	e := view.Explanation{RefundID: hostile, Plan: tricky()}
	out := string(printed(t, func(w io.Writer) error { return view.Explain(w, []view.Explanation{e}, view.Style{}) }))
	if !strings.HasPrefix(out, `No manifest asks for note \x1b[31m`) {
		t.Error(out)
	}
}

// standing has refunds of every phase and age.
func ledgerStatus() view.LedgerStatus {
	now := at(14, 5)
	var all []state.Entry
	add := func(id string, phase state.Phase, status refund.Status, age time.Duration, minor int64) {
		all = append(all, state.Entry{AccountName: "shop", ID: refund.Identity{Parent: shop, RefundID: id}, Amount: inr(minor), Phase: phase, Status: status,
			AcceptedAt: now.Add(-age), UpdatedAt: now})
	}
	day := 24 * time.Hour
	add("r_now", state.Accepted, refund.Pending, 20*time.Second, 100)
	add("r_minute", state.Accepted, refund.Pending, 90*time.Second, 200)
	add("r_hours", state.Accepted, refund.OnHold, 47*time.Hour, 12045000)
	add("r_5_days", state.Accepted, hostile, 5*day, 300)
	add("r_8_days", state.Accepted, refund.Pending, 8*day, 400)
	add("r_11_days", state.Accepted, refund.Pending, 11*day, 500)
	add("r_failed", state.Failed, refund.Cancelled, day, 600)
	add("r_settled", state.Settled, refund.Success, day, 700)
	all[len(all)-1].ARN = "74332746182"
	add("r_settled_2", state.Settled, refund.Success, day, 800)
	other := event(apply.InDoubt, "r_other", 29900)
	other.Since, other.ResolvesAt, other.Code, other.Message = at(14, 3), at(14, 13), "other_account", "its account is not among those of this run"
	failed := other
	failed.Code, failed.Message = "unread", "unreachable: i/o timeout"
	conflict := other
	conflict.Class, conflict.Code, conflict.Message = apply.Conflicting, "amount_differs", "another refund lives under this id: desired ₹1.00, live ₹2.00"
	rec := recovered()
	rec.Open = append(rec.Open, other, failed, conflict)
	return view.LedgerStatus{Entries: all, Recovered: rec, Now: now, Unread: []plan.ParentRead{{Parent: over, Err: errors.New(hostile)}},
		Modes: map[refund.Parent]string{shop: "upi", over: hostile}}
}

func TestStatusPrintsWhatIsPendingHowLongAndWhatWasNotRead(t *testing.T) {
	for name, width := range map[string]int{"status_80.txt": 80, "status_200.txt": 200} {
		golden(t, name, printed(t, func(w io.Writer) error { return view.Status(w, ledgerStatus(), view.Style{Width: width}) }))
	}
	golden(t, "status.json", printed(t, func(w io.Writer) error { return view.StatusJSON(w, ledgerStatus()) }))
}

func TestStatusOfNothing(t *testing.T) {
	out := string(printed(t, func(w io.Writer) error { return view.Status(w, view.LedgerStatus{}, view.Style{}) }))
	if out != "Nothing is pending, failed or in doubt.\n" {
		t.Error(out)
	}
}

// The sums of a currency that would not fit are left out; the counts stay right.
func TestStatusCountsRefundsWhoseSumOverflows(t *testing.T) {
	huge := state.Entry{ID: refund.Identity{Parent: shop, RefundID: "r_1"}, Amount: money.Amount{Minor: 1<<63 - 1, Currency: money.INR}, Phase: state.Accepted}
	st := view.LedgerStatus{Entries: []state.Entry{huge, huge}}
	out := string(printed(t, func(w io.Writer) error { return view.Status(w, st, view.Style{Width: 200}) }))
	if !strings.Contains(out, "pending  2") {
		t.Error(out)
	}
}

func TestR5_ABodyIsNeverWrapped(t *testing.T) {
	rs := records()
	rs[0].Intent.Request.Body = []byte(`{"refund_id":"r_doubt","refund_amount":299.00,"refund_note":"a note of many words that is wider than the screen"}`)
	out := string(printed(t, func(w io.Writer) error { return view.History(w, rs, view.Style{Width: 60}) }))
	if !strings.Contains(out, string(rs[0].Intent.Request.Body)+"\n") {
		t.Error(out)
	}
}
