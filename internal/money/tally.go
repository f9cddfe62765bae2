package money

import (
	"cmp"
	"slices"
)

// Tally is a number of things and their money by currency. The zero value is empty.
type Tally struct {
	Count   int
	Amounts []Amount // sorted by currency, one each
}

// Add counts one thing more. It returns ErrOverflow where the sum would not fit.
func (t *Tally) Add(a Amount) error {
	t.Count++
	return t.put(a)
}

// Join adds what another tally counted, under the rule of Add.
func (t *Tally) Join(o Tally) error {
	t.Count += o.Count
	for _, a := range o.Amounts {
		if err := t.put(a); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tally) put(a Amount) error {
	i, found := slices.BinarySearchFunc(t.Amounts, a, func(x, y Amount) int {
		return cmp.Compare(x.Currency, y.Currency)
	})
	if !found {
		t.Amounts = slices.Insert(t.Amounts, i, a)
		return nil
	}
	sum, err := t.Amounts[i].Add(a)
	if err != nil {
		return err
	}
	t.Amounts[i] = sum
	return nil
}
