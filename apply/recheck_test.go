package apply_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"refundctl/apply"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// lists answers a list of each order with nothing, and is throttled after room reads.
type lists struct {
	plan.Reader
	room int
	read []string
}

func (l *lists) Refunds(_ context.Context, p refund.Parent) ([]refund.Live, error) {
	if len(l.read) == l.room {
		return nil, &refund.ReadError{Class: refund.Throttled, HTTP: 429}
	}
	l.read = append(l.read, p.ID)
	return []refund.Live{{RefundID: "r", Amount: money.Amount{Minor: 100, Currency: money.INR}, Status: refund.Success}}, nil
}

// Settled refunds are read again from the one checked longest ago, only as far as the quota has room, and the one
// that is throttled ends the account's turn.
func TestARecheckReadsTheOldestChecksFirstWithinTheQuota(t *testing.T) {
	now := time.Date(2026, 6, 9, 12, 0, 0, 0, time.UTC)
	last := map[string]time.Duration{"a": 3, "b": 30, "c": 9, "d": 20, "e": 10}
	var entries []state.Entry
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		entries = append(entries, state.Entry{AccountName: "shop", Phase: state.Settled, Status: refund.Success, Amount: money.Amount{Minor: 100, Currency: money.INR},
			ID: refund.Identity{Parent: refund.Parent{Account: "fp", Kind: refund.Order, ID: name}, RefundID: "r"}, UpdatedAt: now.Add(-48 * time.Hour)})
	}
	for _, c := range []struct {
		most, used, room int
		want             string
	}{
		{5, 0, 9, "[b d e c a]"}, {3, 0, 9, "[b d e]"}, {4, 2, 9, "[b d]"}, {2, 5, 9, "[]"}, {5, 0, 2, "[b d]"}, {0, 0, 9, "[b d e c a]"},
	} {
		reader := &lists{room: c.room}
		check := apply.Recheck{Readers: map[string]plan.Reader{"fp": reader}, Most: func(string) int { return c.most }, Parallelism: 1,
			Picks: apply.SettledWithin(30*24*time.Hour, now), SettleAfter: time.Hour, Clock: func() time.Time { return now },
			Last: func(id refund.Identity) time.Time { return now.Add(-last[id.ID] * time.Hour) }}
		if err := check.Read(t.Context(), slices.Clone(entries), map[string]int{"fp": c.used}, nil); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(reader.read); got != c.want || len(check.Checked) != len(reader.read) || len(check.Missing) > 0 {
			t.Errorf("most %d, used %d, room %d: read %s, checked %d, missing %d, want %s", c.most, c.used, c.room, got, len(check.Checked), len(check.Missing), c.want)
		}
	}
}
