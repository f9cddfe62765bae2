package reconcile

import (
	"cmp"
	"fmt"
	"slices"

	"refundctl/internal/money"
)

// Sum is money by currency, sorted, one amount each.
type Sum []money.Amount

// Add takes an amount in. It returns money.ErrOverflow where the sum would not fit.
func (s *Sum) Add(a money.Amount) error {
	if a == (money.Amount{}) {
		return nil
	}
	i, found := slices.BinarySearchFunc(*s, a, func(x, y money.Amount) int { return cmp.Compare(x.Currency, y.Currency) })
	if !found {
		*s = slices.Insert(*s, i, a)
		return nil
	}
	// Currency kept: a sum that comes to zero is zero rupees, not nothing.
	sum, err := money.Amount{Minor: (*s)[i].Minor, Currency: a.Currency}.Add(a)
	if err != nil {
		return err
	}
	(*s)[i] = money.Amount{Minor: sum.Minor, Currency: a.Currency}
	return nil
}

// Total is a number of rows and their money in each source. Amounts has each row once, with Row.Amount.
type Total struct {
	Rows                                   int
	Amounts, Manifests, Ledger, Live, Bank Sum
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
	add := func(s *Sum, amounts ...money.Amount) error {
		for _, a := range amounts {
			if err := s.Add(a); err != nil {
				return err
			}
		}
		return nil
	}
	bank, err := r.InBank()
	return cmp.Or(err, add(&t.Amounts, r.Amount), add(&t.Manifests, r.InManifests()), add(&t.Ledger, r.InLedger()),
		add(&t.Live, r.InLive()...), add(&t.Bank, bank...))
}

// InManifests is what a manifest asks for; no money where none does.
func (r *Row) InManifests() money.Amount {
	if r.Spec == nil {
		return money.Amount{}
	}
	return r.Spec.Amount
}

// InLedger is what the ledger holds as sent or in doubt.
func (r *Row) InLedger() money.Amount {
	if !r.moved() {
		return money.Amount{}
	}
	return r.Entry.Amount
}

// InLive are the amounts that the API has under the refund's id, CANCELLED and FAILED ones too.
func (r *Row) InLive() []money.Amount {
	amounts := make([]money.Amount, 0, len(r.Live))
	for _, l := range r.Live {
		amounts = append(amounts, l.Amount)
	}
	return amounts
}

// InBank is what the bank file has of it, less what came back. It returns money.ErrOverflow where
// that does not fit.
func (r *Row) InBank() (Sum, error) {
	var s Sum
	for _, l := range r.Bank {
		if err := s.Add(l.signed()); err != nil {
			return nil, err
		}
	}
	return s, nil
}
