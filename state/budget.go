package state

import (
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// Found is a refund that a read of the API showed. CreatedAt is zero if the answer has none.
type Found struct {
	ID        refund.Identity
	Amount    money.Amount
	CreatedAt time.Time
}

// SentOn sums up, by currency, what the account (its fingerprint) may have sent on the day of this time in
// India (+05:30), for budgets (R16). It counts
//
//   - every refund whose last try was on that day, unless it was refused or not sent, and
//   - every refund that the API made on that day, as the ledger recorded it or as it was just found.
//
// A refund found without a time counts as of that day, unless the ledger had it before. Refunds sent through
// another address that may lead to the same API count too. No refund counts twice, and one that is dead and
// was never tried does not count. A sum that does not fit is money.Largest.
func (s *State) SentOn(account string, day time.Time, found ...Found) map[money.Currency]money.Amount {
	s.mu.RLock()
	defer s.mu.RUnlock()
	begin := refund.Day(day).UnixNano()
	sums := map[money.Currency]money.Amount{}
	add := func(a money.Amount) { sums[a.Currency] = sums[a.Currency].Plus(a) }
	counted := map[refund.Identity]bool{}
	count := func(account string) {
		for _, first := range s.accounts[account].refunds {
			for r := first; r != nil; r = r.namesake {
				id := refund.Identity{Parent: r.parent.id, RefundID: r.refundID}
				id.Account = FingerprintOf(id.Account)
				if s.countsOn(r, begin) && !counted[id] {
					counted[id] = true
					add(s.entry(r).Amount)
				}
			}
		}
	}
	count(account)
	for other := range s.otherAddresses(account) {
		count(other)
	}
	for _, f := range found {
		if f.ID.Account == account && !counted[f.ID] && s.foundCountsOn(f, begin) {
			add(f.Amount)
		}
	}
	return sums
}

const dayLong = int64(24 * time.Hour)

// countsOn reports whether, going by the ledger, a refund may have been sent on the day.
func (s *State) countsOn(r *record, begin int64) bool {
	phase := s.phase(r)
	if weight(phase) == 1 {
		return false
	}
	if begin <= r.intent.at && r.intent.at < begin+dayLong {
		return true
	}
	if !phase.Sent() || phase == Failed {
		return false
	}
	live, attempt, _ := r.atAPI()
	at := live.accepted // it was made by then
	switch {
	case live.createdAt > 0:
		at = min(at, live.createdAt)
	case !r.adopted(attempt):
		return false
	}
	return begin <= at && at < begin+dayLong
}

// adopted reports whether the ledger has no intent for the attempt that the API has.
func (r *record) adopted(attempt int32) bool { return attempt != r.attempt || r.intent.at == 0 }

// foundCountsOn reports whether a found refund counts on the day, although the ledger does not say so.
func (s *State) foundCountsOn(f Found, begin int64) bool {
	r, created := s.find(f.ID), apiNanos(f.CreatedAt)
	if created == 0 {
		return r == nil || !s.phase(r).Sent()
	}
	return created >= begin
}

// apiNanos is a time that the API gave, in Unix nanoseconds; zero for a time that no refund can have.
func apiNanos(t time.Time) int64 {
	if t.Year() < 1971 || t.Year() > 2261 {
		return 0
	}
	return t.UnixNano()
}
