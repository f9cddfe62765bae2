package reconcile

import "refundctl/internal/money"

// Total is a number of rows with their money in each source. Amounts counts each row once, with Row.Amount.
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

// inManifests returns the amount that a manifest asks for; it may be zero.
func (r *Row) inManifests() money.Amount {
	if r.Spec == nil {
		return money.Amount{}
	}
	return r.Spec.Amount
}

// inLedger returns the amount that the ledger has as sent or in doubt.
func (r *Row) inLedger() money.Amount {
	if !r.mayHaveMoved() {
		return money.Amount{}
	}
	return r.Entry.Amount
}

// inLive returns the amounts that the API has under the refund_id, including CANCELLED and FAILED refunds.
func (r *Row) inLive() []money.Amount {
	amounts := make([]money.Amount, 0, len(r.Live))
	for _, l := range r.Live {
		amounts = append(amounts, l.Amount)
	}
	return amounts
}

// InBank returns the money that went out in the bank file, less what came back.
func (r *Row) InBank() (net money.Tally) {
	for _, l := range r.Bank {
		net.Add(l.signed())
	}
	return net
}
