package report_test

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/report"
	"refundctl/state"
)

var india = refund.IST

func at(day, hour, minute int) time.Time { return time.Date(2026, 10, day, hour, minute, 0, 0, india) }

var everyPhase = []state.Phase{state.Settled, state.Accepted, state.Intended, state.Failed, state.Refused, state.NotSent, report.Planned}

// someRows draws rows of three currencies in every phase.
func someRows(t *rapid.T) []*report.Row {
	one := rapid.Custom(func(t *rapid.T) *report.Row {
		r := &report.Row{Environment: "production", SentAt: at(rapid.IntRange(1, 31).Draw(t, "day"), rapid.IntRange(0, 23).Draw(t, "hour"), 0)}
		r.AccountName = rapid.SampledFrom([]string{"shop", "market"}).Draw(t, "account")
		r.Phase = rapid.SampledFrom(everyPhase).Draw(t, "phase")
		r.Status = refund.Status(rapid.SampledFrom([]string{"", "SUCCESS", "PENDING", "NEW_WORD"}).Draw(t, "status"))
		r.Amount = money.Amount{Minor: rapid.Int64Range(1, math.MaxInt64/100).Draw(t, "minor"), Currency: rapid.SampledFrom([]money.Currency{"INR", "USD", "JPY"}).Draw(t, "currency")}
		r.Labels = rapid.MapOf(rapid.SampledFrom([]string{"ticket", "desk"}), rapid.SampledFrom([]string{"a", "b"})).Draw(t, "labels")
		return r
	})
	return rapid.SliceOfN(one, 0, 40).Draw(t, "rows")
}

var everyBy = []report.By{report.ByStatus, report.ByAccount, report.ByDay, report.ByMonth, "label:ticket", "label:none"}

// sums adds a tally to exact sums by currency, under a name.
func sums(into map[string]*big.Int, name string, t money.Tally) {
	for _, a := range t.Amounts {
		key := name + string(a.Currency)
		if into[key] == nil {
			into[key] = new(big.Int)
		}
		into[key].Add(into[key], big.NewInt(a.Minor))
	}
}

func text(sums map[string]*big.Int) string { return fmt.Sprint(sums) }

func TestTheSumsOfEveryTableAreThoseOfAllRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := someRows(t)
		r := report.Summarize(rows, everyBy, report.BySent, india)
		want := map[string]*big.Int{}
		for _, row := range rows {
			sums(want, "", money.Tally{Amounts: []money.Amount{row.Amount}})
		}
		total := map[string]*big.Int{}
		sums(total, "", r.All)
		if text(total) != text(want) || r.All.Count != len(rows) {
			t.Fatalf("all: %v, not %v", total, want)
		}
		parts := map[string]*big.Int{}
		for _, tally := range []money.Tally{r.Paid, r.Open, r.Unpaid} {
			sums(parts, "", tally)
		}
		if text(parts) != text(want) || r.Paid.Count+r.Open.Count+r.Unpaid.Count != len(rows) {
			t.Fatalf("the parts: %v, not %v", parts, want)
		}
		for _, g := range r.Groupings {
			got, all, n := map[string]*big.Int{}, map[string]*big.Int{}, 0
			sums(all, "paid", r.Paid)
			sums(all, "open", r.Open)
			sums(all, "unpaid", r.Unpaid)
			for _, one := range g.Groups {
				n += one.All.Count
				sums(got, "paid", one.Paid)
				sums(got, "open", one.Open)
				sums(got, "unpaid", one.Unpaid)
			}
			if text(got) != text(all) || n != len(rows) {
				t.Fatalf("by %s: %v, not %v", g.By, got, all)
			}
		}
	})
}

func TestR16_AReportMarksSumsThatOverflow(t *testing.T) {
	for _, phase := range everyPhase { // the other part fits, but not the sum of all
		rows := []*report.Row{{Entry: state.Entry{Phase: state.Settled, Amount: money.Amount{Minor: math.MaxInt64 - 1, Currency: "INR"}}},
			{Entry: state.Entry{Phase: phase, Amount: money.Amount{Minor: 2, Currency: "INR"}}}}
		if all := report.Summarize(rows, nil, report.BySent, india).All; all.Count != 2 || !all.Amounts[0].Uncountable() {
			t.Errorf("%s: %v", phase, all)
		}
	}
}

func TestStatusesAreSortedFromPaidToNeverSentWithTheEmptyWordLast(t *testing.T) {
	var rows []*report.Row
	for i, p := range slices.Backward(everyPhase) {
		r := &report.Row{Entry: state.Entry{Phase: p, Amount: money.Amount{Minor: 1, Currency: "INR"}}}
		if i%2 == 0 {
			r.Labels = map[string]string{"ticket": fmt.Sprint(i)}
		}
		rows = append(rows, r)
	}
	made := report.Summarize(rows, []report.By{report.ByStatus, "label:ticket"}, report.BySent, india)
	var words [2][]string
	for i, g := range made.Groupings {
		for _, one := range g.Groups {
			words[i] = append(words[i], one.Word)
		}
	}
	want := [2][]string{{"settled", "accepted", "intended", "failed", "refused", "not_sent", "planned"}, {"0", "2", "4", "6", ""}}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Error(diff)
	}
}

// The day begins at midnight in India: 18:30 UTC of the day before.
func TestAMonthBeginsAndEndsInIndia(t *testing.T) {
	october := refund.Period{From: at(1, 0, 0), Until: at(32, 0, 0)}
	for when, want := range map[time.Time]bool{
		time.Date(2026, 9, 30, 18, 29, 59, 0, time.UTC): false, time.Date(2026, 9, 30, 18, 30, 0, 0, time.UTC): true,
		time.Date(2026, 10, 31, 18, 29, 59, 0, time.UTC): true, time.Date(2026, 10, 31, 18, 30, 0, 0, time.UTC): false,
	} {
		r := &report.Row{SentAt: when, Entry: state.Entry{Amount: money.Amount{Minor: 1, Currency: "INR"}}}
		if got := (report.Filter{Date: report.BySent, Period: october}).Keeps(r); got != want {
			t.Errorf("%s: %v", when, got)
		}
		made := report.Summarize([]*report.Row{r}, []report.By{report.ByMonth}, report.BySent, india)
		if (made.Groupings[0].Groups[0].Word == "2026-10") != want {
			t.Errorf("%s is of %s", when, made.Groupings[0].Groups[0].Word)
		}
	}
}

func TestTheDateOfARow(t *testing.T) {
	sent, created, processed, settled, known := at(2, 1, 0), at(2, 1, 1), at(5, 0, 0), at(6, 0, 0), at(7, 0, 0)
	full := report.Row{SentAt: sent, LiveCreatedAt: created, ProcessedAt: processed, SettledAt: settled, Entry: state.Entry{Phase: state.Settled, CreatedAt: known}}
	found := report.Row{LiveCreatedAt: created, SettledAt: settled, Entry: state.Entry{Phase: state.Failed, CreatedAt: known}}
	open := report.Row{ProcessedAt: processed, Entry: state.Entry{Phase: state.Accepted, CreatedAt: known}}
	planned := report.Row{Entry: state.Entry{Phase: report.Planned}}
	for _, c := range []struct {
		name string
		row  report.Row
		by   report.DateBy
		want time.Time
	}{
		{"sent", full, report.BySent, sent}, {"created", full, report.ByCreated, created}, {"processed", full, report.ByProcessed, processed},
		{"found live", found, report.BySent, created}, {"found live, processed", found, report.ByProcessed, settled},
		{"nothing but the ledger", open, report.BySent, known}, {"created by nobody's word", open, report.ByCreated, known},
		{"not settled", open, report.ByProcessed, time.Time{}}, {"planned", planned, report.BySent, time.Time{}},
	} {
		if got := c.row.Date(c.by); !got.Equal(c.want) {
			t.Errorf("%s: %s, not %s", c.name, got, c.want)
		}
	}
}

func TestAPeriodContainsNothingWithoutADate(t *testing.T) {
	r := &report.Row{Entry: state.Entry{Phase: state.Accepted, Amount: money.Amount{Minor: 1, Currency: "INR"}}}
	f := report.Filter{Date: report.ByProcessed, Period: refund.Period{Until: at(31, 0, 0)}}
	c := report.Choose([]*report.Row{r}, f)
	if len(c.Rows) != 0 || c.Undated != 1 {
		t.Errorf("%d rows, %d undated", len(c.Rows), c.Undated)
	}
	f.Period = refund.Period{}
	if c := report.Choose([]*report.Row{r}, f); len(c.Rows) != 1 || c.Undated != 0 {
		t.Errorf("without a period: %d rows, %d undated", len(c.Rows), c.Undated)
	}
}

func TestMoneyOfTwoEnvironmentsIsNeverMixed(t *testing.T) {
	row := func(environment string, day int) *report.Row {
		return &report.Row{Environment: environment, SentAt: at(day, 0, 0)}
	}
	rehearsed := row("embedded", 1)
	rehearsed.AccountName = "rehearsed"
	rows := []*report.Row{rehearsed, row("sandbox", 1), row("sandbox", 2), row("production", 20)}
	first := refund.Period{From: at(1, 0, 0), Until: at(3, 0, 0)}
	for _, c := range []struct {
		filter    report.Filter
		rows      int
		chosen    string
		elsewhere map[string]int
	}{
		{report.Filter{}, 1, "production", map[string]int{"embedded": 1, "sandbox": 2}},
		{report.Filter{Period: first}, 0, "production", map[string]int{"embedded": 1, "sandbox": 2}},
		{report.Filter{Account: "rehearsed"}, 1, "embedded", map[string]int{}},
		{report.Filter{Environment: "sandbox"}, 2, "sandbox", map[string]int{}},
	} {
		got := report.Choose(rows, c.filter)
		if len(got.Rows) != c.rows || got.Filter.Environment != c.chosen || !cmp.Equal(got.Elsewhere, c.elsewhere) {
			t.Errorf("%+v: %d rows of %s, elsewhere %v", c.filter, len(got.Rows), got.Filter.Environment, got.Elsewhere)
		}
	}
}

func TestAFilterReportsWhatNoRefundHas(t *testing.T) {
	rows := []*report.Row{{Labels: map[string]string{"ticket": "CS-1"}, Entry: state.Entry{Phase: state.Accepted, Status: "NEW_WORD"}}}
	f := report.Filter{Words: []string{"success", "Settled", "new_word", "SUCESS"},
		Labels: []report.Label{{Name: "ticket", Value: "CS-1"}, {Name: "ticket", Any: true}, {Name: "ticket", Value: "CS-2"}, {Name: "tikcet", Any: true}}}
	words, labels := f.Unmatched(rows)
	if !slices.Equal(words, []string{"SUCESS"}) || !slices.Equal(labels, f.Labels[2:]) {
		t.Errorf("%v, %v", words, labels)
	}
}

// A label that never repeats groups nothing. It is named with its number of values.
func TestDefaultGroupings_ALabelMustRepeat(t *testing.T) {
	var rows []*report.Row
	for i := range 4 {
		rows = append(rows, &report.Row{Labels: map[string]string{"row": fmt.Sprint(i), "sheet": "june.csv", "ticket": fmt.Sprint(i / 2)}})
	}
	by, unlisted := report.DefaultGroupings(rows, report.BySent)
	if !slices.Contains(by, report.ByLabel+"sheet") || !slices.Contains(by, report.ByLabel+"ticket") || slices.Contains(by, report.ByLabel+"row") || unlisted["row"] != 4 {
		t.Errorf("grouped by %v, unlisted %v", by, unlisted)
	}
	if by, _ := report.DefaultGroupings(rows[:1], report.BySent); !slices.Contains(by, report.ByLabel+"row") {
		t.Errorf("a single refund is grouped by %v", by)
	}
}
