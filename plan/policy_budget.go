package plan

import (
	"fmt"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// guardAccounts applies the rules that look at a whole account: the age of the ledger, the freeze and the
// budgets. Rows that are not selected count like the rest (R16).
func guardAccounts(p *Plan, in Input) {
	for _, a := range in.Accounts {
		if !in.AcceptOlder {
			p.guardLedger(a.Fingerprint, in.State)
		}
		rows := p.creates(a.Fingerprint)
		if in.Frozen != "" {
			p.freeze(a.Fingerprint, rows, in.Frozen)
			continue
		}
		for _, c := range rows {
			if reasons := a.Limits.check(c.Amount); len(reasons) > 0 {
				block([]*Change{c}, reasons...)
				p.holdBack(c)
			}
		}
		held := p.released(a.Fingerprint)
		for _, c := range held {
			c.WithoutHold.block(a.Limits.check(c.Amount)...)
		}
		rows = p.creates(a.Fingerprint)
		b := budgets{limits: a.Limits, now: p.CreatedAt, notSelected: p.sumUnselected(a.Fingerprint, in.Approval)}
		b.sent = in.State.SentOn(a.Fingerprint, p.CreatedAt, p.liveOfProject(a.Fingerprint, in.State)...)
		spent := b.sum(rows)
		for _, c := range held {
			if c.WithoutHold.Action == Create {
				c.WithoutHold.block(b.check(spent.with(c.Amount))...)
			}
		}
		block(rows, b.check(spent)...)
	}
	p.blockUncountable()
}

const frozen = "frozen"

// freeze blocks the creates, and notes on held rows that they could not be sent either.
func (p *Plan) freeze(fingerprint string, rows []*Change, why string) {
	r := Reason{frozen, "frozen: " + why, "when it is over, remove freeze from the configuration, and unset REFUNDCTL_FREEZE"}
	block(rows, r)
	for i := range p.Changes {
		if c := &p.Changes[i]; c.ID.Account == fingerprint && c.Action == Held {
			c.Reasons = append(c.Reasons, r)
			if c.WithoutHold != nil {
				c.WithoutHold.block(r)
			}
		}
	}
}

// holdBack blocks the creates on the parent of a refund that is in doubt and may not go again (R11).
func (p *Plan) holdBack(c *Change) {
	if c.Entry == nil || c.Entry.Phase != state.Intended {
		return
	}
	for i := range p.Changes {
		switch other := &p.Changes[i]; {
		case other.ID.Parent != c.ID.Parent:
		case other.Action == Create:
			block([]*Change{other}, inDoubt(*c.Entry))
		case other.WithoutHold != nil:
			other.WithoutHold.block(inDoubt(*c.Entry))
		}
	}
}

// creates returns the rows of one account that would be sent now, selected or not.
func (p *Plan) creates(fingerprint string) []*Change {
	var rows []*Change
	for i := range p.Changes {
		if c := &p.Changes[i]; c.ID.Account == fingerprint && c.Action == Create {
			rows = append(rows, c)
		}
	}
	return rows
}

// released returns the held rows of one account that this plan judges as if they were not held. The rows of a
// plan file keep what it says of them.
func (p *Plan) released(fingerprint string) []*Change {
	if p.Digest != "" {
		return nil
	}
	var rows []*Change
	for i := range p.Changes {
		if c := &p.Changes[i]; c.ID.Account == fingerprint && c.WithoutHold != nil {
			rows = append(rows, c)
		}
	}
	return rows
}

func block(rows []*Change, reasons ...Reason) {
	for _, c := range rows {
		if len(reasons) > 0 {
			c.Action = Blocked
			c.Reasons = append(c.Reasons, reasons...)
		}
	}
}

// liveOfProject returns the live refunds that are in the project's manifests or ledger.
func (p *Plan) liveOfProject(fingerprint string, st *state.State) []state.Found {
	var all []state.Found
	for _, c := range p.Changes {
		if c.ID.Account != fingerprint || c.Live == nil || c.Live.Status.Dead() {
			continue
		}
		if _, known := st.Entry(c.ID); known || c.Spec != nil {
			all = append(all, state.Found{ID: c.ID, Amount: c.Live.Amount, CreatedAt: c.Live.CreatedAt})
		}
	}
	return all
}

// blockUncountable blocks the creates of a currency whose sum over all accounts is out of range.
func (p *Plan) blockUncountable() {
	for _, sum := range p.Summary()[Create].Amounts {
		if !sum.Uncountable() {
			continue
		}
		for i := range p.Changes {
			if c := &p.Changes[i]; c.Action == Create && c.Amount.Currency == sum.Currency {
				block([]*Change{c}, Reason{"sum_too_large", fmt.Sprintf("the refunds to send in %s add up to %s, which is out of range", sum.Currency, sum.Human()),
					"check the amounts, or hold rows until the sum fits"})
			}
		}
	}
}

// check returns why one refund must not be sent: it is too large, or no budget covers its currency.
func (l Limits) check(a money.Amount) []Reason {
	var reasons []Reason
	if r, lacks := l.withoutBudget(a.Currency); lacks {
		reasons = append(reasons, r)
	}
	if l.MaxRefundAmount.Exceeded(a) {
		reasons = append(reasons, Reason{"budget_refund", fmt.Sprintf("%s is more than max_refund_amount %s", a.Human(), l.MaxRefundAmount[a.Currency].Human()),
			"lower the refund, or have the limit raised"})
	}
	return reasons
}

// budgets is what the limits on all creates of an account decide on (R16).
type budgets struct {
	limits      Limits
	now         time.Time
	notSelected Tally                           // creates that are not selected
	sent        map[money.Currency]money.Amount // on the day of now
}

// spending is what creates take from the budgets.
type spending struct{ planned, today Tally }

// sum adds up the rows and those that are not selected.
func (b budgets) sum(rows []*Change) spending {
	var s spending
	s.join(spending{b.notSelected, b.notSelected})
	for _, c := range rows {
		if c.unselected {
			continue
		}
		s.planned.Add(c.Amount)
		if sentToday := c.Entry != nil && c.Entry.Phase == state.Intended && sameDay(c.Entry.TriedAt, b.now); !sentToday {
			s.today.Add(c.Amount) // the sum that was sent includes a try of today
		}
	}
	return s
}

func (s *spending) join(o spending) {
	s.planned.Join(o.planned)
	s.today.Join(o.today)
}

// with returns the spending if this amount is sent too.
func (s spending) with(a money.Amount) spending {
	var more spending
	more.join(s)
	more.planned.Add(a)
	more.today.Add(a)
	return more
}

// check returns the limits that the spending exceeds.
func (b budgets) check(s spending) []Reason {
	planned, reasons := s.planned, []Reason(nil)
	if most := b.limits.MaxRefunds; most > 0 && planned.Count > most {
		reasons = append(reasons, Reason{"budget_count", fmt.Sprintf("%s refunds%s are more than max_refunds %s", money.Grouped(planned.Count), b.butNotSelected(money.Grouped(b.notSelected.Count)), money.Grouped(most)), budgetHint})
	}
	for _, sum := range planned.Amounts {
		if most := b.limits.MaxTotalAmount; most.Exceeded(sum) {
			reasons = append(reasons, Reason{"budget_total", fmt.Sprintf("%s in total%s is more than max_total_amount %s",
				sum.Human(), b.butNotSelected(amountIn(b.notSelected, sum.Currency).Human()), most[sum.Currency].Human()), budgetHint})
		}
	}
	return append(reasons, b.checkDay(s.today)...)
}

func (b budgets) checkDay(today Tally) []Reason {
	var reasons []Reason
	for _, sum := range today.Amounts {
		sent := money.Amount{Currency: sum.Currency}.Plus(b.sent[sum.Currency])
		day, most := sent.Plus(sum), b.limits.MaxTotalAmountPerDay
		if most.Exceeded(day) {
			reasons = append(reasons, Reason{"budget_day", fmt.Sprintf("%s today with %s already sent%s is more than max_total_amount_per_day %s",
				day.Human(), sent.Human(), b.butNotSelected(amountIn(b.notSelected, sum.Currency).Human()), most[sum.Currency].Human()), dayHint})
		}
	}
	return reasons
}

const (
	budgetHint = "hold rows until the others fit, or have the limit raised; refunds that are not selected count too"
	dayHint    = "hold rows until the others fit, wait for the next day, or have the limit raised; refunds that are not selected count too"
)

// butNotSelected says how much of a sum is not selected; it is empty if all of it is.
func (b budgets) butNotSelected(what string) string {
	if b.notSelected.Count == 0 {
		return ""
	}
	return ", " + what + " not selected,"
}

// amountIn returns the tally's money in one currency; it may be zero.
func amountIn(t Tally, c money.Currency) money.Amount {
	for _, a := range t.Amounts {
		if a.Currency == c {
			return a
		}
	}
	return money.Amount{Currency: c}
}

func sameDay(a, b time.Time) bool { return refund.Day(a).Equal(refund.Day(b)) }
