package reconcile

import "refundctl/internal/money"

// Total is a number of rows and their money in each source. Amounts has each row once, with Row.Amount.
type Total struct {
	Rows                                   int
	Amounts, Manifests, Ledger, Live, Bank money.Tally
}

// addUp fills in the totals.
func (r *Result) addUp() {
	for i := range r.Rows {
		row := &r.Rows[i]
		t := r.Totals[row.Verdict]
		t.count(row)
		r.Totals[row.Verdict] = t
		r.All.count(row)
	}
}

func (t *Total) count(r *Row) {
	t.Rows++
	add := func(sum *money.Tally, amounts ...money.Amount) {
		for _, a := range amounts {
			if a != (money.Amount{}) {
				sum.Add(a)
			}
		}
	}
	add(&t.Amounts, r.Amount)
	add(&t.Manifests, r.inManifests())
	add(&t.Ledger, r.inLedger())
	add(&t.Live, r.inLive()...)
	t.Bank.Join(r.InBank())
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

// InBank is what the bank file has of it, less what came back.
func (r *Row) InBank() (net money.Tally) {
	for _, l := range r.Bank {
		net.Add(l.signed())
	}
	return net
}
