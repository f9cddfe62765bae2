package report

import (
	"slices"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// Outcome is what became of a refund, in the word that people read.
type Outcome string

// The outcomes, from what may still move to what will not. A cancelled refund is at the API as a refund
// that failed; for people the two differ.
const (
	InDoubt   Outcome = "in doubt"
	Pending   Outcome = "pending"
	Paid      Outcome = "paid"
	Reversed  Outcome = "reversed" // paid, and then taken back
	Failed    Outcome = "failed"
	Cancelled Outcome = "cancelled"
	Refused   Outcome = "refused"
	NotSent   Outcome = "not sent"
	Desired   Outcome = "planned" // of Planned rows only
)

// Outcomes are all of them, in order.
func Outcomes() []Outcome {
	return []Outcome{InDoubt, Pending, Paid, Reversed, Failed, Cancelled, Refused, NotSent, Desired}
}

// OutcomeOf is the outcome of a refund in this phase; status is the API's.
func OutcomeOf(p state.Phase, s refund.Status) Outcome {
	switch p {
	case state.Intended:
		return InDoubt
	case state.Accepted:
		return Pending
	case state.Settled:
		return Paid
	case state.Failed:
		switch s {
		case refund.Cancelled, refund.Cancel:
			return Cancelled
		case refund.Reversed:
			return Reversed
		}
		return Failed
	case state.Refused:
		return Refused
	case state.NotSent:
		return NotSent
	}
	return Outcome(p)
}

// EntryOutcome is the outcome of a refund in the ledger.
func EntryOutcome(e *state.Entry) Outcome {
	if e.Reversed() {
		return Reversed
	}
	return OutcomeOf(e.Phase, e.Status)
}

// OutcomeSum is the money of one outcome.
type OutcomeSum struct {
	Outcome Outcome
	money.Tally
}

// SumByOutcome adds up entries by what became of them, in the order of Outcomes, those without refunds left
// out. The entries must be of one environment: money of several is not of one kind.
func SumByOutcome(entries []state.Entry) []OutcomeSum {
	sums := map[Outcome]*money.Tally{}
	for i := range entries {
		o := EntryOutcome(&entries[i])
		if sums[o] == nil {
			sums[o] = &money.Tally{}
		}
		sums[o].Add(entries[i].Amount)
	}
	var all []OutcomeSum
	for _, o := range Outcomes() {
		if sums[o] != nil {
			all = append(all, OutcomeSum{o, *sums[o]})
		}
	}
	return all
}

// References counts bank references of paid refunds.
type References struct {
	Known int // refunds with a bank reference
	Never int // refunds of subscriptions, for which the API has no field
	Paid  int // all paid refunds
}

// Due is how many paid refunds have a reference or will get one.
func (r References) Due() int { return r.Paid - r.Never }

func (r *References) add(e *state.Entry) {
	if e.Phase != state.Settled {
		return
	}
	r.Paid++
	switch {
	case e.ARN != "":
		r.Known++
	case e.ID.Kind == refund.Subscription:
		r.Never++
	}
}

// ReferencesOf counts the bank references of the paid ones among entries.
func ReferencesOf(entries []state.Entry) References {
	var r References
	for i := range entries {
		r.add(&entries[i])
	}
	return r
}

// payout names the money of a refund, whichever binding of its account knows it.
type payout struct {
	account
	id refund.Identity
	cf string
}

func payoutOf(e *state.Entry, environment string) payout {
	p := payout{account{e.AccountName, environment}, e.ID, refund.PlainCfID(e.CfRefundID)}
	p.id.Account = ""
	return p
}

// CountOnce keeps the latest entry of each refund that the ledger knows under several bindings of its
// account, because its money moved once. again is how many entries it leaves out. An entry without the
// API's id is always kept.
func CountOnce(entries []state.Entry) (kept []state.Entry, again int) {
	if !reboundIn(entries) {
		return entries, 0
	}
	first := map[payout]int{}
	for i := range entries {
		e := entries[i]
		key := payoutOf(&e, e.Environment)
		at, known := first[key]
		switch {
		case !known || e.CfRefundID == "":
			first[key] = len(kept)
			kept = append(kept, e)
			continue
		case e.UpdatedAt.After(kept[at].UpdatedAt):
			kept[at] = e
		}
		again++
	}
	return kept, again
}

// reboundIn reports whether an account of the entries has several fingerprints.
func reboundIn(entries []state.Entry) bool {
	bound := map[account]string{}
	return slices.ContainsFunc(entries, func(e state.Entry) bool {
		of := account{e.AccountName, e.Environment}
		had, known := bound[of]
		bound[of] = e.ID.Account
		return known && had != e.ID.Account
	})
}
