package reconcile_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"refundctl/internal/money"
	. "refundctl/internal/reconcile"
	"refundctl/internal/refund"
	"refundctl/state"
)

var (
	now   = time.Date(2026, 10, 31, 12, 0, 0, 0, time.UTC)
	shop  = refund.Parent{Account: "fp", Kind: refund.Order, ID: "order_1"}
	other = refund.Parent{Account: "fp", Kind: refund.Order, ID: "order_2"}
	sub   = refund.Parent{Account: "fp", Kind: refund.Subscription, ID: "sub_1"}
)

func inr(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: money.INR} }

func spec(id string, minor int64) refund.Spec {
	return refund.Spec{Account: "default", Kind: refund.Order, ParentID: "order_1", RefundID: id, Amount: inr(minor)}
}

func entry(id string, minor int64, phase state.Phase) state.Entry {
	e := state.Entry{AccountName: "default", ID: refund.Identity{Parent: shop, RefundID: id}, Amount: inr(minor), Phase: phase, Attempt: 1,
		TriedAt: now.Add(-48 * time.Hour), CfRefundID: "cf_" + id}
	if phase.Sent() {
		e.AcceptedAt = e.TriedAt
		e.Status = map[state.Phase]refund.Status{state.Accepted: refund.Pending, state.Settled: refund.Success, state.Failed: refund.Cancelled}[phase]
	}
	return e
}

func live(id string, minor int64, status refund.Status) refund.Live {
	return refund.Live{RefundID: id, ParentID: "order_1", CfRefundID: "cf_" + id, ARN: "arn_" + id, Amount: inr(minor), Status: status, Type: "MERCHANT_INITIATED"}
}

func line(row int, id string, minor int64) Line {
	return Line{Row: row, RefundID: id, Amount: inr(minor)}
}

// world is one refund in all sources, as it should be at the end: paid.
func world() Input {
	return Input{
		Accounts: map[string]string{"default": "fp"}, SettleAfter: time.Hour, Now: now,
		Specs:   []refund.Spec{spec("r", 100)},
		Entries: []state.Entry{entry("r", 100, state.Settled)},
		Reads:   []Read{{Parent: shop, Live: []refund.Live{live("r", 100, refund.Success)}}},
		Bank:    &Bank{File: "bank.csv", Lines: []Line{line(2, "r", 100)}},
	}
}

// verdictCases have a way to each verdict and, where two fit, say which counts.
var verdictCases = []struct {
	name   string
	breaks func(*Input)
	want   Verdict
	code   string // of the first reason; empty for none
}{
	{"all sources agree", func(*Input) {}, Matched, ""},
	{"no bank file", func(in *Input) { in.Bank = nil }, Matched, ""},
	{"the API was not asked, the ledger knows that it was paid", func(in *Input) { in.Reads, in.Bank = nil, nil }, Matched, ""},
	{"the ledger is behind", func(in *Input) { in.Entries[0] = entry("r", 100, state.Accepted) }, Matched, "ledger_behind"},
	{"the API lists it twice", func(in *Input) { in.Reads[0].Live = append(in.Reads[0].Live, live("r", 100, refund.Success)) }, LiveTwice, "live_twice"},
	{"merged ledgers know two", func(in *Input) { in.Entries[0].Conflict = "11, 12" }, LiveTwice, "two_refunds"},
	{"the bank paid twice", func(in *Input) { in.Bank.Lines = append(in.Bank.Lines, line(3, "r", 100)) }, BankTwice, "paid_twice"},
	{"the bank paid two halves", func(in *Input) { in.Bank.Lines = []Line{line(2, "r", 50), line(3, "r", 50)} }, BankTwice, "paid_twice"},
	{"paid twice, once by the API's id", func(in *Input) {
		in.Bank.Lines = append(in.Bank.Lines, Line{Row: 3, CfRefundID: "refund_cf_r", Amount: inr(100)})
	}, BankTwice, "paid_twice"},
	{"the manifest was edited", func(in *Input) { in.Specs[0].Amount = inr(101) }, AmountDiffers, "amount_differs"},
	{"the ledger has another amount", func(in *Input) { in.Entries[0].Amount = inr(101) }, AmountDiffers, "amount_differs"},
	{"live has another amount", func(in *Input) { in.Reads[0].Live[0].Amount = inr(101) }, AmountDiffers, "amount_differs"},
	{"live has another currency", func(in *Input) { in.Reads[0].Live[0].Amount.Currency = "USD" }, AmountDiffers, "amount_differs"},
	{"edited and not read", func(in *Input) { in.Specs[0].Amount, in.Reads[0].Err = inr(101), errors.New("no") }, AmountDiffers, "amount_differs"},
	{"live on another order", func(in *Input) { in.Reads[0].Live[0].ParentID = "order_2" }, DetailsDiffer, "details_differ"},
	{"other splits", func(in *Input) { in.Reads[0].Live[0].Splits = []refund.Split{{VendorID: "v", Amount: inr(1)}} }, DetailsDiffer, "details_differ"},
	{"the manifest's splits were edited", func(in *Input) {
		in.Specs[0].Splits, in.Reads[0].Live = []refund.Split{{VendorID: "v", Amount: inr(1)}}, nil
		in.Bank = nil
	}, DetailsDiffer, "details_differ"},
	{"in doubt", func(in *Input) { in.Entries[0], in.Reads[0].Live, in.Bank = entry("r", 100, state.Intended), nil, nil }, InDoubt, ""},
	{"in doubt and unread", func(in *Input) {
		in.Entries[0], in.Reads[0].Err, in.Bank = entry("r", 100, state.Intended), errors.New("no"), nil
	}, InDoubt, ""},
	{"in doubt, and the bank has it", func(in *Input) { in.Entries[0], in.Reads[0].Live = entry("r", 100, state.Intended), nil }, InDoubt, "in_bank"},
	{"the bank paid less", func(in *Input) { in.Bank.Lines[0].Amount = inr(99) }, BankDiffers, "bank_amount"},
	{"the bank took it back", func(in *Input) {
		in.Bank.Lines = append(in.Bank.Lines, Line{Row: 3, RefundID: "r", Amount: inr(100), Back: true})
	}, BankDiffers, "bank_amount"},
	{"the bank has another of the API's ids", func(in *Input) { in.Bank.Lines[0].CfRefundID = "cf_x" }, BankDiffers, "bank_other_refund"},
	{"the bank has it for another order", func(in *Input) { in.Bank.Lines[0].ParentID = "order_2" }, BankDiffers, "bank_other_order"},
	{"the bank paid what is dead", func(in *Input) {
		in.Entries[0], in.Reads[0].Live[0].Status = entry("r", 100, state.Failed), refund.Failed
	}, BankDiffers, "bank_paid_dead"},
	{"the bank paid what was never sent", func(in *Input) { in.Entries, in.Reads[0].Live = nil, nil }, BankDiffers, "bank_unsent"},
	{"paid, and cancelled now", func(in *Input) { in.Reads[0].Live[0].Status, in.Bank = refund.Cancelled, nil }, StatusDiffers, "status_differs"},
	{"paid, and pending now", func(in *Input) { in.Reads[0].Live[0].Status = refund.Pending }, StatusDiffers, "status_differs"},
	{"dead, and paid now", func(in *Input) { in.Entries[0] = entry("r", 100, state.Failed) }, StatusDiffers, "status_differs"},
	{"gone from the API", func(in *Input) { in.Reads[0].Live, in.Bank = nil, nil }, MissingLive, "missing_live"},
	{"just sent, not listed yet", func(in *Input) {
		in.Reads[0].Live, in.Bank, in.Entries[0].AcceptedAt = nil, nil, now.Add(-time.Minute)
	}, Pending, "not_visible_yet"},
	{"made in the dashboard", func(in *Input) { in.Specs, in.Entries = nil, nil }, Unmanaged, ""},
	{"made in the dashboard, and pending", func(in *Input) {
		in.Specs, in.Entries, in.Bank, in.Reads[0].Live[0].Status = nil, nil, nil, refund.Pending
	}, Unmanaged, ""},
	{"made in the dashboard, and cancelled", func(in *Input) {
		in.Specs, in.Entries, in.Bank, in.Reads[0].Live[0].Status = nil, nil, nil, refund.Cancelled
	}, Void, ""},
	{"made by the API itself", func(in *Input) {
		in.Specs, in.Entries, in.Reads[0].Live[0].Type = nil, nil, "PAYMENT_AUTO_REFUND"
	}, Automatic, ""},
	{"the ledger is lost", func(in *Input) { in.Entries = nil }, Unrecorded, ""},
	{"sent without an answer, and live", func(in *Input) { in.Entries[0] = entry("r", 100, state.Intended) }, Unrecorded, "ledger_phase"},
	{"refused as the ledger says, and live", func(in *Input) { in.Entries[0] = entry("r", 100, state.Refused) }, Unrecorded, "ledger_phase"},
	{"refused, live, and in no manifest", func(in *Input) { in.Specs, in.Entries[0] = nil, entry("r", 100, state.Refused) }, Unrecorded, "ledger_phase"},
	{"not read", func(in *Input) { in.Reads[0].Err = &refund.ReadError{Class: refund.Unreachable, HTTP: 500} }, Unread, "unreachable"},
	{"not read, of no reason", func(in *Input) { in.Reads[0].Err = errors.New("interrupted") }, Unread, "unread"},
	{"the API does not know the order", func(in *Input) {
		in.Entries, in.Bank, in.Reads[0].Live, in.Reads[0].Err = nil, nil, nil, &refund.ReadError{Class: refund.NotFound, HTTP: 404}
	}, UnknownParent, "parent_unknown"},
	{"came up meanwhile", func(in *Input) { in.Reads = []Read{} }, Unread, "unread"},
	{"wanted, unsent and not read", func(in *Input) { in.Entries, in.Bank, in.Reads[0].Err = nil, nil, errors.New("no") }, Unread, "unread"},
	{"cancelled", func(in *Input) {
		in.Entries[0], in.Reads[0].Live[0].Status, in.Bank = entry("r", 100, state.Failed), refund.Cancelled, nil
	}, Failed, ""},
	{"cancelled, the ledger does not know yet", func(in *Input) {
		in.Entries[0], in.Reads[0].Live[0].Status, in.Bank = entry("r", 100, state.Accepted), refund.Cancelled, nil
	}, Failed, "ledger_behind"},
	{"cancelled and replaced", func(in *Input) {
		in.Entries[0], in.Reads[0].Live[0].Status, in.Bank = entry("r", 100, state.Failed), refund.Cancelled, nil
		again := spec("again", 100)
		again.Supersedes = "r"
		in.Specs = append(in.Specs, again)
	}, Void, "superseded"},
	{"cancelled, and in no manifest", func(in *Input) {
		in.Specs, in.Entries[0], in.Reads[0].Live[0].Status, in.Bank = nil, entry("r", 100, state.Failed), refund.Cancelled, nil
	}, Void, ""},
	{"refused, and in no manifest", func(in *Input) {
		in.Specs, in.Entries[0], in.Reads[0].Live, in.Bank = nil, entry("r", 100, state.Refused), nil, nil
	}, Void, ""},
	{"no manifest asks any more", func(in *Input) { in.Specs = nil }, Orphaned, ""},
	{"never sent", func(in *Input) { in.Entries, in.Reads[0].Live, in.Bank = nil, nil, nil }, NotSent, ""},
	{"refused, and wanted still", func(in *Input) { in.Entries[0], in.Reads[0].Live, in.Bank = entry("r", 100, state.Refused), nil, nil }, NotSent, ""},
	{"refused with another amount", func(in *Input) { in.Entries[0], in.Reads[0].Live, in.Bank = entry("r", 90, state.Refused), nil, nil }, NotSent, ""},
	{"the id is another order's", func(in *Input) {
		in.Entries[0].ID.Parent, in.Reads[0].Live, in.Bank = other, nil, nil
		in.Reads = append(in.Reads, Read{Parent: other, Live: []refund.Live{{RefundID: "r", Amount: inr(100), Status: refund.Success}}})
	}, NotSent, "refund_id_moved"},
	{"held", func(in *Input) { in.Entries, in.Reads[0].Live, in.Bank, in.Specs[0].Hold = nil, nil, nil, true }, Held, ""},
	{"held, and sent before", func(in *Input) { in.Specs[0].Hold = true }, Matched, ""},
	{"not in the bank file", func(in *Input) { in.Bank.Lines = nil }, MissingBank, ""},
	{"under way", func(in *Input) {
		in.Entries[0], in.Reads[0].Live[0].Status, in.Bank.Lines = entry("r", 100, state.Accepted), refund.OnHold, nil
	}, Pending, ""},
	{"under way, and the bank is quicker", func(in *Input) {
		in.Entries[0], in.Reads[0].Live[0].Status = entry("r", 100, state.Accepted), refund.Pending
	}, Pending, "in_bank"},
	{"a word that nobody knows", func(in *Input) {
		in.Entries[0], in.Reads[0].Live[0].Status = entry("r", 100, state.Accepted), "ENROUTE"
	}, Pending, "unknown_status"},
}

func TestEveryVerdictHasACauseAndTheFirstMatchWins(t *testing.T) {
	seen := map[Verdict]bool{Unexplained: true} // a line's, below
	for _, c := range verdictCases {
		in := world()
		c.breaks(&in)
		result := Make(in)
		row := theRow(t, c.name, result)
		code := ""
		if len(row.Reasons) > 0 {
			code = row.Reasons[0].Code
		}
		if row.Verdict != c.want || code != c.code {
			t.Errorf("%s: %s %v, want %s %s", c.name, row.Verdict, row.Reasons, c.want, c.code)
		}
		seen[row.Verdict] = true
	}
	for _, v := range Verdicts {
		if !seen[v] {
			t.Errorf("no case comes to %s", v)
		}
	}
}

// theRow is that of r on order_1.
func theRow(t *testing.T, name string, result Result) Row {
	t.Helper()
	for _, row := range result.Rows {
		if row.ID == (refund.Identity{Parent: shop, RefundID: "r"}) {
			return row
		}
	}
	t.Fatalf("%s: r has no row: %+v", name, result.Rows)
	return Row{}
}

func TestOnlyVerdictsThatNeedNoActionDoNotDiffer(t *testing.T) {
	var calm []Verdict
	for _, v := range Verdicts {
		if !v.Differs() {
			calm = append(calm, v)
		}
	}
	if want := []Verdict{Pending, Held, Automatic, Void, Matched}; !slices.Equal(calm, want) {
		t.Errorf("%v", calm)
	}
}

func TestALineOfNoRefundIsARowWithItsReason(t *testing.T) {
	in := world()
	in.Bank.Lines = append(in.Bank.Lines, Line{Row: 9, Amount: inr(7)}, Line{Row: 4, RefundID: "nobody", Amount: inr(8)},
		Line{Row: 5, ARN: "7.43327E+11", Amount: inr(9)})
	result := Make(in)
	var told []string
	for _, row := range result.Rows {
		if row.Verdict == Unexplained {
			told = append(told, fmt.Sprint(row.Bank[0].Row, " ", row.Reasons[0].Code))
		}
	}
	if want := []string{"4 unknown_id", "5 id_rounded", "9 no_id"}; !slices.Equal(told, want) {
		t.Errorf("%v", told)
	}
	if got := result.Totals[Unexplained]; got.Rows != 3 || !slices.Equal(got.Bank.Amounts, []money.Amount{inr(24)}) {
		t.Errorf("%+v", got)
	}
}

func TestALineFindsItsRefundByItsMostReliableID(t *testing.T) {
	for name, l := range map[string]Line{
		"refund_id":                         {RefundID: "r"},
		"refund_id before the API's id":     {RefundID: "r", EventID: "cf_s"},
		"the API's id before an event":      {CfRefundID: "cf_r", EventID: "cf_s"},
		"refund_id before the arn":          {RefundID: "r", ARN: "arn_s"},
		"the API's id":                      {CfRefundID: "cf_r"},
		"the API's id of an old version":    {CfRefundID: "refund_cf_r"},
		"the API's id as refund_id":         {RefundID: "cf_r"},
		"an unknown id, then the API's":     {RefundID: "x", CfRefundID: "cf_r"},
		"a settlement's event":              {EventID: "cf_r"},
		"the arn":                           {ARN: "arn_r"},
		"an event that an id rules out":     {RefundID: "x", EventID: "cf_s", ARN: "arn_r"},
		"an arn of two, then the order":     {ARN: "arn_shared", ParentID: "order_2"},
		"an id of two orders, then the arn": {RefundID: "twin", ARN: "arn_twin"},
	} {
		in := world()
		in.Reads[0].Live = append(in.Reads[0].Live, live("s", 100, refund.Success), live("t", 100, refund.Success), live("twin", 100, refund.Success))
		in.Reads[0].Live[2].ARN = "arn_shared"
		second := live("u", 100, refund.Success)
		second.ARN, second.ParentID = "arn_shared", "order_2"
		in.Reads = append(in.Reads, Read{Parent: other, Live: []refund.Live{second}})
		in.Specs = append(in.Specs, refund.Spec{Account: "default", Kind: refund.Order, ParentID: "order_2", RefundID: "twin", Amount: inr(100)})
		l.Row, l.Amount = 2, inr(100)
		in.Bank.Lines = []Line{l}
		want := refund.Identity{Parent: shop, RefundID: "r"}
		switch {
		case l.ParentID != "":
			want = refund.Identity{Parent: other, RefundID: "u"}
		case l.RefundID == "twin":
			want.RefundID = "twin"
		}
		result := Make(in)
		var got []refund.Identity
		for _, row := range result.Rows {
			if len(row.Bank) > 0 {
				got = append(got, row.ID)
			}
		}
		if !slices.Equal(got, []refund.Identity{want}) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestALineOfTwoPossibleRefundsIsReportedAndCountsOnce(t *testing.T) {
	in := world()
	in.Reads[0].Live = append(in.Reads[0].Live, live("s", 100, refund.Success))
	in.Reads[0].Live[0].ARN, in.Reads[0].Live[1].ARN = "batch", "batch"
	in.Bank.Lines = []Line{{Row: 2, ARN: "batch", Amount: inr(100)}}
	result := Make(in)
	first := result.Rows[0]
	if first.Verdict != BankTwice || !strings.Contains(first.Reasons[0].Message, "r (order order_1), s (order order_1)") {
		t.Errorf("%+v", first)
	}
	if row := theRow(t, "r", result); row.Verdict != MissingBank || row.Reasons[0].Code != "maybe_in_bank" {
		t.Errorf("%+v", row)
	}
	if !slices.Equal(result.All.Bank.Amounts, []money.Amount{inr(100)}) {
		t.Errorf("%v", result.All.Bank)
	}
}

func TestEachAutomaticRefundWithoutAnIDIsARow(t *testing.T) {
	in := world()
	for _, cf := range []string{"b", "a"} {
		in.Reads[0].Live = append(in.Reads[0].Live, refund.Live{CfRefundID: cf, Amount: inr(5), Status: refund.Success, Type: "UNRECONCILED_AUTO_REFUND"})
	}
	result := Make(in)
	if result.Totals[Automatic].Rows != 2 || result.Totals[LiveTwice].Rows != 0 || result.Differs() {
		t.Errorf("%+v", result.Rows)
	}
}

func TestAPaymentOfASubscriptionMustBeTheSameInAllSources(t *testing.T) {
	in := Input{Accounts: map[string]string{"default": "fp"}, Now: now,
		Specs:   []refund.Spec{{Account: "default", Kind: refund.Subscription, ParentID: "sub_1", PaymentID: "p1", RefundID: "r", Amount: inr(1)}},
		Entries: []state.Entry{{ID: refund.Identity{Parent: sub, RefundID: "r"}, PaymentID: "p1", Amount: inr(1), Phase: state.Settled, Attempt: 1}},
		Reads:   []Read{{Parent: sub, Live: []refund.Live{{RefundID: "r", PaymentID: "", Amount: inr(1), Status: refund.Success}}}}}
	for payment, want := range map[string]Verdict{"": Matched, "p1": Matched, "p2": DetailsDiffer} {
		in.Reads[0].Live[0].PaymentID = payment
		if result := Make(in); result.Rows[0].Verdict != want {
			t.Errorf("%q: %+v", payment, result.Rows)
		}
	}
}

func TestAPeriodNeverHidesADoubtOrALineOfTheBankFile(t *testing.T) {
	october := refund.Period{From: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	september := october.From.Add(-time.Second)
	for _, c := range []struct {
		name   string
		breaks func(*Input)
		shown  bool
	}{
		{"paid in it", func(in *Input) { in.Reads[0].Live[0].ProcessedAt = october.From }, true},
		{"paid before", func(in *Input) { in.Reads[0].Live[0].ProcessedAt = september }, false},
		{"paid behind it", func(in *Input) { in.Reads[0].Live[0].ProcessedAt = october.Until }, false},
		{"made before, paid in it", func(in *Input) {
			in.Reads[0].Live[0].CreatedAt, in.Reads[0].Live[0].ProcessedAt = september, october.From
		}, true},
		{"paid before, and in the bank file", func(in *Input) {
			in.Reads[0].Live[0].ProcessedAt, in.Bank = september, &Bank{Lines: []Line{line(2, "r", 100)}}
		}, true},
		{"in doubt since before", func(in *Input) {
			in.Entries[0], in.Reads[0].Live = entry("r", 100, state.Intended), nil
			in.Entries[0].TriedAt = september
		}, true},
		{"never sent", func(in *Input) { in.Entries, in.Reads[0].Live = nil, nil }, true},
	} {
		in := world()
		in.Period, in.Bank = october, nil
		c.breaks(&in)
		result := Make(in)
		if (len(result.Rows) == 1) != c.shown || result.Outside == 1 == c.shown {
			t.Errorf("%s: %d rows, %d outside", c.name, len(result.Rows), result.Outside)
		}
	}
}

func TestUnavailableAccountsAreCountedAndOmitted(t *testing.T) {
	in := world()
	in.Specs = append(in.Specs, refund.Spec{Account: "market", Kind: refund.Order, ParentID: "order_1", RefundID: "m", Amount: inr(1)})
	in.Entries = append(in.Entries, state.Entry{ID: refund.Identity{Parent: refund.Parent{Account: "fp_of_the_sandbox"}, RefundID: "r"}, Phase: state.Settled})
	result := Make(in)
	if len(result.Rows) != 1 || result.Elsewhere != 2 {
		t.Errorf("%d rows, %d elsewhere", len(result.Rows), result.Elsewhere)
	}
}

func TestR16_SumsThatOverflowAreMarkedAndNeverWrong(t *testing.T) {
	in := world()
	for i, id := range []string{"a", "b"} {
		in.Specs = append(in.Specs, spec(id, math.MaxInt64-1-int64(i)))
	}
	if all := Make(in).All.Manifests.Amounts; len(all) != 1 || !all[0].Uncountable() {
		t.Errorf("manifests: %v", all)
	}
	in = world()
	in.Bank.Lines = []Line{line(2, "x", math.MaxInt64), line(3, "y", math.MaxInt64)}
	if all := Make(in).All.Bank.Amounts; len(all) != 1 || !all[0].Uncountable() {
		t.Errorf("bank: %v", all)
	}
	in = world()
	in.Bank.Lines = []Line{line(2, "r", math.MaxInt64), line(3, "r", math.MaxInt64)}
	if all := Make(in).All.Bank.Amounts; len(all) != 1 || !all[0].Uncountable() {
		t.Errorf("lines of one refund: %v", all)
	}
}

// verdicts are those of a result's refunds.
func verdicts(r Result) map[refund.Identity]Verdict {
	all := map[refund.Identity]Verdict{}
	for _, row := range r.Rows {
		if row.ID.RefundID != "" {
			all[row.ID] = row.Verdict
		}
	}
	return all
}

func TestThePaymentComesFromTheFirstSourceThatHasIt(t *testing.T) {
	r := Row{Spec: &refund.Spec{PaymentID: "desired"}, Entry: &state.Entry{PaymentID: "sent"}, Live: []refund.Live{{PaymentID: "live"}}}
	for _, want := range []string{"desired", "sent", "live", ""} {
		if got := r.PaymentID(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		switch want {
		case "desired":
			r.Spec.PaymentID = "" // a manifest without it
		case "sent":
			r.Entry = nil
		case "live":
			r.Live = nil
		}
	}
}

func TestOnlyRowsThatNeedAPersonDiffer(t *testing.T) {
	in := world()
	if r := Make(in); r.Differing() != 0 || r.Differs() {
		t.Errorf("%d rows of %+v differ", r.Differing(), r.Totals)
	}
	in.Specs[0].Amount = inr(101)
	in.Bank.Lines = append(in.Bank.Lines, line(3, "nobody", 5))
	in.Entries = append(in.Entries, entry("later", 7, state.Accepted))
	in.Specs = append(in.Specs, spec("later", 7))
	in.Reads[0].Live = append(in.Reads[0].Live, live("later", 7, refund.Pending))
	if r := Make(in); r.Differing() != 2 || !r.Differs() || len(r.Rows) != 3 {
		t.Errorf("%d rows of %+v differ", r.Differing(), r.Totals)
	}
}
