package state

import (
	"math"
	"testing"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

func TestR16_TheDaysSumIncludesRefundsThatMayHaveBeenSent(t *testing.T) {
	var events []*event
	for i, p := range []Phase{Intended, Accepted, Settled, Failed, Refused, NotSent} {
		in := someIntent(i + 1)
		in.Amount = inr([]int64{1, 10, 100, 1000, 10000, 100000}[i])
		events = append(events, intents(in))
		if p != Intended {
			events = append(events, outcomes(outcomeOf(in, p)))
		}
	}
	s := folded(t, run(t, runID(1), Header{}, ticking(0), events...))
	account := someIntent(1).ID.Account
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, refund.IST)
	for at, want := range map[time.Time]int64{
		day: 1111, day.Add(24*time.Hour - 1): 1111, day.Add(-1): 0, day.Add(24 * time.Hour): 0,
	} {
		if got := s.SentOn(account, at)[money.INR].Minor; got != want {
			t.Errorf("at %v: %d, want %d", at, got, want)
		}
	}
	if got := s.SentOn("another", day); len(got) != 0 {
		t.Errorf("another account has sent %v", got)
	}
}

func TestR16_AnAdoptedRefundCountsOnTheDayItWasCreated(t *testing.T) {
	for name, c := range map[string]struct {
		phase Phase
		born  time.Time
		want  int64
	}{
		"the day's first instant":        {Accepted, today, 1},
		"the instant before it":          {Accepted, today.Add(-1), 0},
		"without a time":                 {Settled, time.Time{}, 1},
		"a time of no refund":            {Settled, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 1},
		"of a clock that is a day ahead": {Settled, today.AddDate(0, 0, 1), 1},
		"dead":                           {Failed, today, 0},
	} {
		in := someIntent(1)
		adopted := outcomeOf(in, c.phase)
		adopted.Attempt, adopted.How, adopted.Amount, adopted.CreatedAt = 0, "adopted", inr(1), c.born
		now := run(t, runID(2), Header{}, ticking(0), outcomes(adopted))
		refused := run(t, runID(1), Header{}, ticking(-48*time.Hour), intents(in), outcomes(outcomeOf(in, Refused)))
		for what, s := range map[string]*State{"unknown before": folded(t, now), "refused before": folded(t, append(refused, now...))} {
			if got := s.SentOn(in.ID.Account, today.Add(time.Hour))[money.INR].Minor; got != c.want {
				t.Errorf("%s, %s: %d, want %d", name, what, got, c.want)
			}
		}
	}
}

func TestR16_AFoundRefundCountsIfTheLedgerDoesNotCountIt(t *testing.T) {
	old, fresh := someIntent(1), someIntent(2)
	sent := outcomeOf(old, Accepted)
	sent.CreatedAt = time.Time{}
	old.Amount, fresh.Amount = inr(1000), inr(100)
	s := folded(t, append(run(t, runID(1), Header{}, ticking(-48*time.Hour), intents(old), outcomes(sent)),
		run(t, runID(2), Header{}, ticking(0), intents(fresh))...))
	stranger := someIntent(3).ID
	elsewhere := refund.Identity{Parent: refund.Parent{Account: "another"}, RefundID: "x"}
	for name, c := range map[string]struct {
		found Found
		want  int64
	}{
		"on the day":               {Found{stranger, inr(1), today}, 101},
		"before it":                {Found{stranger, inr(1), today.Add(-1)}, 100},
		"without a time":           {Found{stranger, inr(1), time.Time{}}, 101},
		"sent before":              {Found{old.ID, inr(1), time.Time{}}, 100},
		"sent before, made anew":   {Found{old.ID, inr(1), today}, 101},
		"tried on the day already": {Found{fresh.ID, inr(100), today}, 100},
		"of another account":       {Found{elsewhere, inr(1), today}, 100},
	} {
		if got := s.SentOn(old.ID.Account, today.Add(time.Hour), c.found)[money.INR].Minor; got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestR16_ASumThatOverflowsIsOverEveryLimit(t *testing.T) {
	a, b := someIntent(1), someIntent(2)
	a.Amount, b.Amount = inr(math.MaxInt64), inr(1)
	s := folded(t, run(t, runID(1), Header{}, ticking(0), intents(a), intents(b)))
	if got := s.SentOn(a.ID.Account, start)[money.INR]; got != inr(math.MaxInt64) {
		t.Errorf("the sum is %v", got)
	}
}
