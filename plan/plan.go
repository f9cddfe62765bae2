// Package plan says what would be done: it reads the parents' live refunds, compares them with the
// manifests and the ledger, lets the guards speak, and returns a Plan.
//
// It never sends anything, has no words for a terminal, and knows no HTTP: it reads through Reader.
// The command line and apply call it.
package plan

import (
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// Account is one account of the project as plan needs it.
type Account struct {
	Name        string
	API         string
	Environment string
	BaseURL     string
	Fingerprint string
	Limits      Limits
}

// Limits are one account's budgets; a zero amount or number means no limit.
type Limits struct {
	MaxRefundAmount      money.Amount
	MaxTotalAmount       money.Amount
	MaxRefunds           int
	MaxTotalAmountPerDay money.Amount
}

// Plan is what would be done, as data.
type Plan struct {
	CreatedAt time.Time
	Accounts  []Account
	Lineage   string
	Heads     []string
	Reads     int // GET requests that the plan made
	Estimate  time.Duration
	Changes   []Change // sorted by account name, kind, parent, then manifest place or refund_id
	Parents   map[refund.Parent]ParentRead
}

// Tally is a number of refunds and their money by currency.
type Tally struct {
	Count   int
	Amounts []money.Amount // sorted by currency, one each
}

// Add counts one refund more. It returns money.ErrOverflow where the sum would not fit.
func (t *Tally) Add(a money.Amount) error {
	t.Count++
	for i := range t.Amounts {
		if t.Amounts[i].Currency == a.Currency {
			sum, err := t.Amounts[i].Add(a)
			t.Amounts[i] = sum
			return err
		}
	}
	t.Amounts = append(t.Amounts, a)
	for i := len(t.Amounts) - 1; i > 0 && t.Amounts[i].Currency < t.Amounts[i-1].Currency; i-- {
		t.Amounts[i], t.Amounts[i-1] = t.Amounts[i-1], t.Amounts[i]
	}
	return nil
}

// Summary counts the rows of each action. Superseded rows are not counted.
func (p *Plan) Summary() (map[Action]Tally, error) {
	sums := map[Action]Tally{}
	for _, c := range p.Changes {
		if c.Superseded {
			continue
		}
		t := sums[c.Action]
		if err := t.Add(c.Amount); err != nil {
			return nil, err
		}
		sums[c.Action] = t
	}
	return sums, nil
}
