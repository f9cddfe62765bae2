package report_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/report"
	"refundctl/state"
)

func paise(n int64) money.Amount { return money.Amount{Minor: n, Currency: money.INR} }

func TestACancelledRefundIsNotAFailedOne(t *testing.T) {
	for _, c := range []struct {
		phase  state.Phase
		status refund.Status
		want   report.Outcome
	}{
		{state.Intended, "", report.InDoubt}, {state.Accepted, refund.Pending, report.Pending}, {state.Accepted, refund.OnHold, report.Pending},
		{state.Settled, refund.Success, report.Paid}, {state.Failed, refund.Failed, report.Failed}, {state.Failed, refund.Cancelled, report.Cancelled},
		{state.Failed, refund.Cancel, report.Cancelled}, {state.Refused, "", report.Refused}, {state.NotSent, "", report.NotSent}, {report.Planned, "", report.Desired},
	} {
		if got := report.OutcomeOf(c.phase, c.status); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.phase, c.status, got, c.want)
		}
	}
}

func TestOutcomesAreSortedFromOpenToFinal(t *testing.T) {
	sums := report.SumByOutcome([]state.Entry{{Phase: state.Failed, Status: refund.Failed, Amount: paise(1)}, {Phase: state.Failed, Status: refund.Cancelled, Amount: paise(2)},
		{Phase: state.Settled, Amount: paise(4)}, {Phase: state.Settled, Amount: paise(8)}, {Phase: state.Intended, Amount: paise(16)}})
	var got []string
	for _, s := range sums {
		got = append(got, string(s.Outcome)+" "+s.Amounts[0].String())
	}
	if diff := cmp.Diff([]string{"in doubt 0.16", "paid 0.12", "failed 0.01", "cancelled 0.02"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestReferencesOfSubscriptionsNeverCome(t *testing.T) {
	of := func(kind refund.Kind, phase state.Phase, arn string) state.Entry {
		return state.Entry{ID: refund.Identity{Parent: refund.Parent{Kind: kind}}, Phase: phase, ARN: arn}
	}
	got := report.ReferencesOf([]state.Entry{of(refund.Order, state.Settled, "1"), of(refund.Order, state.Settled, ""), of(refund.Subscription, state.Settled, ""),
		of(refund.Subscription, state.Settled, "2"), of(refund.Order, state.Accepted, "3")})
	if want := (report.References{Known: 2, Never: 1, Paid: 4}); got != want || got.Due() != 3 {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestARefundUnderTwoBindingsIsCountedOnce(t *testing.T) {
	of := func(fingerprint, environment, cf string, day int) state.Entry {
		return state.Entry{AccountName: "shop", Environment: environment, CfRefundID: cf, UpdatedAt: at(day, 0, 0),
			ID: refund.Identity{Parent: refund.Parent{Account: fingerprint, Kind: refund.Order, ID: "order_1"}, RefundID: "r_1"}}
	}
	older, newer := of("old", "production", "7", 1), of("new", "production", "7", 2)
	for name, c := range map[string]struct {
		entries []state.Entry
		kept    []state.Entry
		again   int
	}{
		"latest last":         {[]state.Entry{older, newer}, []state.Entry{newer}, 1},
		"latest first":        {[]state.Entry{newer, older}, []state.Entry{newer}, 1},
		"one binding":         {[]state.Entry{older, older}, []state.Entry{older, older}, 0},
		"another environment": {[]state.Entry{older, of("new", "sandbox", "7", 2)}, []state.Entry{older, of("new", "sandbox", "7", 2)}, 0},
		"another refund":      {[]state.Entry{older, of("new", "production", "8", 2)}, []state.Entry{older, of("new", "production", "8", 2)}, 0},
		"no id of the API":    {[]state.Entry{of("old", "production", "", 1), of("new", "production", "", 2)}, []state.Entry{of("old", "production", "", 1), of("new", "production", "", 2)}, 0},
	} {
		kept, again := report.CountOnce(c.entries)
		if diff := cmp.Diff(c.kept, kept); diff != "" || again != c.again {
			t.Errorf("%s: %d left out\n%s", name, again, diff)
		}
	}
}

func TestAnAgeBeginsWhereTheOneBeforeEnds(t *testing.T) {
	now := at(20, 12, 0)
	const day = 24 * time.Hour
	for _, c := range []struct {
		age  time.Duration
		want string
	}{
		{-time.Hour, "less than a day"}, {0, "less than a day"}, {day - 1, "less than a day"}, {day, "1 to 3 days"}, {3*day - 1, "1 to 3 days"},
		{3 * day, "3 to 7 days"}, {7 * day, "7 to 10 days"}, {10*day - 1, "7 to 10 days"}, {10 * day, "more than 10 days"}, {10000 * day, "more than 10 days"},
	} {
		got := report.Ages([]state.Entry{{AcceptedAt: now.Add(-c.age), Amount: paise(7)}}, now)
		if len(got) != 1 || got[0].Name != c.want || got[0].Count != 1 || got[0].Amounts[0] != paise(7) {
			t.Errorf("%s: %+v, want %s", c.age, got, c.want)
		}
	}
}

// 2 October 2026 is a Friday.
func TestWorkingDaysAreMondayToFridayInIndia(t *testing.T) {
	parent := refund.Parent{Kind: refund.Order, ID: "order_1"}
	late := func(mode string, accepted, now time.Time) int {
		waits := report.WaitsByMode([]state.Entry{{ID: refund.Identity{Parent: parent}, AcceptedAt: accepted}}, map[refund.Parent]string{parent: mode}, now)
		if len(waits) == 0 {
			return -1
		}
		return waits[0].Late
	}
	for _, c := range []struct {
		mode          string
		accepted, now time.Time
		want          int
	}{
		{"upi", at(2, 10, 0), at(9, 10, 0), 0},      // the fifth working day ends
		{"upi", at(2, 10, 0), at(12, 9, 59), 0},     // over the weekend
		{"upi", at(2, 10, 0), at(12, 10, 0), 1},     // the sixth ends
		{"card", at(2, 10, 0), at(13, 10, 0), 0},    // 7 days
		{"card", at(2, 10, 0), at(14, 10, 0), 1},    // 8 days
		{"barter", at(2, 10, 0), at(30, 10, 0), -1}, // nobody knows
	} {
		if got := late(c.mode, c.accepted, c.now); got != c.want {
			t.Errorf("%s from %s to %s: %d late, want %d", c.mode, c.accepted, c.now, got, c.want)
		}
	}
}

func TestMoneyOnHoldIsSummedByAccount(t *testing.T) {
	got := report.OnHold([]state.Entry{{AccountName: "a", Status: refund.OnHold, Amount: paise(1)}, {AccountName: "a", Status: refund.OnHold, Amount: paise(2)},
		{AccountName: "b", Status: refund.Pending, Amount: paise(4)}})
	if len(got) != 1 || got["a"].Count != 2 || got["a"].Amounts[0] != paise(3) {
		t.Errorf("%v", got)
	}
}
