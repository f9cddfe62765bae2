package report

import (
	"maps"
	"slices"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// Age is the money that has been waiting for a span of time.
type Age struct {
	Name string // such as "1 to 3 days"; part of the report's JSON
	money.Tally
}

// ages are the spans of Ages, each up to most.
var ages = []struct {
	name string
	most time.Duration
}{
	{"less than a day", 24 * time.Hour}, {"1 to 3 days", 72 * time.Hour}, {"3 to 7 days", 168 * time.Hour},
	{"7 to 10 days", 240 * time.Hour}, {"more than 10 days", 1<<63 - 1},
}

// Ages adds up waiting refunds by how long ago the API accepted them, the youngest first. Spans without
// refunds are left out.
func Ages(waiting []state.Entry, now time.Time) []Age {
	var all []Age
	from := time.Duration(-1 << 63)
	for _, span := range ages {
		a := Age{Name: span.name}
		for i := range waiting {
			if d := now.Sub(waiting[i].AcceptedAt); from <= d && d < span.most {
				a.Add(waiting[i].Amount)
			}
		}
		if a.Count > 0 {
			all = append(all, a)
		}
		from = span.most
	}
	return all
}

// AgeName returns the name of the span that contains d.
func AgeName(d time.Duration) string {
	i := slices.IndexFunc(ages, func(span struct {
		name string
		most time.Duration
	}) bool {
		return d < span.most
	})
	return ages[max(i, 0)].name
}

// usualDays is how many working days a refund usually takes at most, by the payment's mode, as Cashfree
// tells customers.
var usualDays = map[string]int{
	"upi": 5, "card": 7, "credit_card": 7, "debit_card": 7, "prepaid_card": 7, "netbanking": 10, "net_banking": 10,
}

// UsualDays is how many working days a refund of a payment in this mode usually takes at most; 0 if that
// is not known.
func UsualDays(mode string) int { return usualDays[mode] }

// ModeWait is how the waiting refunds of one payment mode do.
type ModeWait struct {
	Mode string
	Days int // working days that a refund usually takes at most
	All  int
	Late int // waiting longer than that
}

// WaitsByMode counts waiting refunds by the mode of their payment, in the order of the modes' names. modes
// is how parents were paid. Modes for which nothing is known are left out.
func WaitsByMode(waiting []state.Entry, modes map[refund.Parent]string, now time.Time) []ModeWait {
	found := map[string]*ModeWait{}
	for i := range waiting {
		mode := modes[waiting[i].ID.Parent]
		if UsualDays(mode) == 0 {
			continue
		}
		if found[mode] == nil {
			found[mode] = &ModeWait{Mode: mode, Days: UsualDays(mode)}
		}
		found[mode].All++
		if workingDays(waiting[i].AcceptedAt, now) > UsualDays(mode) {
			found[mode].Late++
		}
	}
	var all []ModeWait
	for _, mode := range slices.Sorted(maps.Keys(found)) {
		all = append(all, *found[mode])
	}
	return all
}

// workingDays counts the whole days since from that ended on a Monday to Friday in India. It knows no
// holidays.
func workingDays(from, now time.Time) (n int) {
	for day := from.In(refund.IST).AddDate(0, 0, 1); !day.After(now); day = day.AddDate(0, 0, 1) {
		if w := day.Weekday(); w != time.Saturday && w != time.Sunday {
			n++
		}
	}
	return n
}

// OnHold adds up the refunds that Cashfree holds because an account's balance is too low, by the account's
// name. The sum is the least that the balance lacks.
func OnHold(waiting []state.Entry) map[string]money.Tally {
	lacks := map[string]money.Tally{}
	for i := range waiting {
		if e := &waiting[i]; e.Status == refund.OnHold {
			t := lacks[e.AccountName]
			t.Add(e.Amount)
			lacks[e.AccountName] = t
		}
	}
	return lacks
}
