package money

import (
	"cmp"
	"slices"
)

// Tally is a count and the money of what was counted, by currency. The zero value is empty. A sum that is
// out of range is Largest of its currency and stays so.
type Tally struct {
	Count   int
	Amounts []Amount // sorted by currency, one for each
}

// Add counts one more.
func (t *Tally) Add(a Amount) {
	t.Count++
	t.put(a)
}

// Join adds another tally.
func (t *Tally) Join(o Tally) {
	t.Count += o.Count
	for _, a := range o.Amounts {
		t.put(a)
	}
}

func (t *Tally) put(a Amount) {
	i, found := slices.BinarySearchFunc(t.Amounts, a, func(x, y Amount) int {
		return cmp.Compare(x.Currency, y.Currency)
	})
	if !found {
		t.Amounts = slices.Insert(t.Amounts, i, a)
		return
	}
	t.Amounts[i] = t.Amounts[i].Plus(a)
}
