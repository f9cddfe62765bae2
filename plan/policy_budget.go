package plan

import (
	"fmt"
	"time"

	"refundctl/internal/money"
	"refundctl/state"
)

// guardAccounts lets the guards speak that look at a whole account: its budgets, and the freeze.
func guardAccounts(p *Plan, in Input) {
	for _, a := range in.Accounts {
		rows := p.creates(a.Fingerprint)
		if in.Frozen != "" {
			p.freeze(a.Fingerprint, rows, in.Frozen)
			continue
		}
		for _, c := range rows {
			if most := a.Limits.MaxRefundAmount; over(c.Amount, most) {
				block([]*Change{c}, Reason{"budget_refund", fmt.Sprintf("%s is more than max_refund_amount %s", c.Amount.Human(), most.Human()),
					"lower the refund, or have the limit raised"})
				p.holdBack(c)
			}
		}
		rows = p.creates(a.Fingerprint)
		for _, r := range budgets(a.Limits, rows, in.State, a.Fingerprint, p.CreatedAt) {
			block(rows, r)
		}
	}
}

const frozen = "frozen"

// freeze blocks what would be sent, and says of what is held that it could not be sent either.
func (p *Plan) freeze(fingerprint string, rows []*Change, why string) {
	r := Reason{frozen, "frozen: " + why, "remove freeze from the configuration when it is over"}
	block(rows, r)
	for i := range p.Changes {
		if c := &p.Changes[i]; c.ID.Account == fingerprint && c.Action == Held {
			c.Reasons = append(c.Reasons, r)
		}
	}
}

// holdBack blocks what would be new on the parent of a refund that is in doubt and may not go again (R11).
func (p *Plan) holdBack(c *Change) {
	for _, other := range p.creates(c.ID.Account) {
		if c.Entry != nil && c.Entry.Phase == state.Intended && other.ID.Parent == c.ID.Parent {
			block([]*Change{other}, inDoubt(*c.Entry))
		}
	}
}

// creates are the rows of one account that would be sent now.
func (p *Plan) creates(fingerprint string) []*Change {
	var rows []*Change
	for i := range p.Changes {
		if c := &p.Changes[i]; c.ID.Account == fingerprint && c.Action == Create && !c.unselected {
			rows = append(rows, c)
		}
	}
	return rows
}

func block(rows []*Change, r Reason) {
	for _, c := range rows {
		c.Action = Blocked
		c.Reasons = append(c.Reasons, r)
	}
}

// budgets are the three limits that stop every create of the account (R16).
func budgets(l Limits, rows []*Change, st *state.State, fingerprint string, now time.Time) []Reason {
	if len(rows) == 0 {
		return nil
	}
	var reasons []Reason
	const hint = "send fewer at once with --target, or have the limit raised"
	if l.MaxRefunds > 0 && len(rows) > l.MaxRefunds {
		reasons = append(reasons, Reason{"budget_count", fmt.Sprintf("%s refunds are more than max_refunds %s", money.Grouped(len(rows)), money.Grouped(l.MaxRefunds)), hint})
	}
	planned, err := total(rows, l.MaxTotalAmount.Currency, money.Amount{}, time.Time{})
	if err != nil || over(planned, l.MaxTotalAmount) {
		reasons = append(reasons, Reason{"budget_total", fmt.Sprintf("%s in all are more than max_total_amount %s", planned.Human(), l.MaxTotalAmount.Human()), hint})
	}
	most := l.MaxTotalAmountPerDay
	sent := st.SentOn(fingerprint, now)[most.Currency]
	sent.Currency = most.Currency // also where nothing was sent yet
	day, err := total(rows, most.Currency, sent, now)
	if err != nil || over(day, most) {
		reasons = append(reasons, Reason{"budget_day", fmt.Sprintf("%s today with %s already sent are more than max_total_amount_per_day %s",
			day.Human(), sent.Human(), most.Human()), hint})
	}
	return reasons
}

// over tells whether an amount exceeds a limit of its own currency.
func over(a, most money.Amount) bool {
	return most.Minor > 0 && a.Currency == most.Currency && a.Minor > most.Minor
}

// total adds the rows of one currency to sum. With a day, rows whose try of that day is in sum
// already are passed over.
func total(rows []*Change, currency money.Currency, sum money.Amount, day time.Time) (money.Amount, error) {
	var err error
	for _, c := range rows {
		counted := !day.IsZero() && c.Entry != nil && c.Entry.Phase == state.Intended && sameDay(c.Entry.TriedAt, day)
		if c.Amount.Currency == currency && !counted && err == nil {
			sum, err = sum.Add(c.Amount)
		}
	}
	return sum, err
}

func sameDay(a, b time.Time) bool { return date(a) == date(b) }
