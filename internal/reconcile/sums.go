package reconcile

import (
	"cmp"
	"fmt"

	"refundctl/internal/money"
)

// Total is a number of rows and their money in each source. Amounts has each row once, with Row.Amount.
type Total struct {
	Rows                                   int
	Amounts, Manifests, Ledger, Live, Bank money.Tally
}

// addUp fills in the totals.
func (r *Result) addUp() error {
	for i := range r.Rows {
		row := &r.Rows[i]
		t := r.Totals[row.Verdict]
		if err := t.count(row); err != nil {
			return fmt.Errorf("adding up %s: %w", row.Verdict, err)
		}
		r.Totals[row.Verdict] = t
		if err := r.All.count(row); err != nil {
			return fmt.Errorf("adding up all refunds: %w", err)
		}
	}
	return nil
}

func (t *Total) count(r *Row) error {
	t.Rows++
	add := func(sum *money.Tally, amounts ...money.Amount) error {
		for _, a := range amounts {
			if a == (money.Amount{}) {
				continue
			}
			if err := sum.Add(a); err != nil {
				return err
			}
		}
		return nil
	}
	bank, err := r.InBank()
	return cmp.Or(err, add(&t.Amounts, r.Amount), add(&t.Manifests, r.inManifests()), add(&t.Ledger, r.inLedger()),
		add(&t.Live, r.inLive()...), t.Bank.Join(bank))
}

// inManifests is what a manifest asks for; no money where none does.
func (r *Row) inManifests() money.Amount {
	if r.Spec == nil {
		return money.Amount{}
	}
	return r.Spec.Amount
}

// inLedger is what the ledger holds as sent or in doubt.
func (r *Row) inLedger() money.Amount {
	if !r.moved() {
		return money.Amount{}
	}
	return r.Entry.Amount
}

// inLive are the amounts that the API has under the refund's id, CANCELLED and FAILED ones too.
func (r *Row) inLive() []money.Amount {
	amounts := make([]money.Amount, 0, len(r.Live))
	for _, l := range r.Live {
		amounts = append(amounts, l.Amount)
	}
	return amounts
}

// InBank is what the bank file has of it, less what came back. It returns money.ErrOverflow where
// that does not fit.
func (r *Row) InBank() (net money.Tally, err error) {
	for _, l := range r.Bank {
		if err := net.Add(l.signed()); err != nil {
			return money.Tally{}, err
		}
	}
	return net, nil
}
