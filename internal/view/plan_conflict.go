package view

import (
	"strings"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
)

// difference is one field of a conflict, under the API's name.
type difference struct {
	Field string
	Spans []plan.Span
}

// differences lists the fields in which a desired refund differs from the live one, or from the ledger's if
// nothing was read. Fields that the answer left out are not compared.
func differences(c plan.Change) []difference {
	if c.Action != plan.Conflict {
		return nil
	}
	var found []difference
	add := func(field string, spans []plan.Span) { found = append(found, difference{field, spans}) }
	var want refund.Spec
	if c.Spec != nil {
		want = *c.Spec
	}
	other := counterpart(c)
	desired := want.Terms()
	desired.ParentID, desired.PaymentID, desired.Amount = c.ID.ID, c.PaymentID, c.Amount
	for _, d := range refund.Differences(desired, other.Terms()) {
		switch {
		case d == refund.ParentDiffers:
			add(parentField(c.ID.Kind), whole(c.ID.ID, other.ParentID))
		case d == refund.PaymentDiffers:
			add("payment_id", whole(c.PaymentID, other.PaymentID))
		case d == refund.AmountDiffers && other.Amount != (money.Amount{}):
			add("refund_amount", whole(c.Amount.Human(), other.Amount.Human()))
		case d == refund.SplitsDiffer:
			add("refund_splits", differingShares(want.Splits, other.Splits))
		}
	}
	if want.Note != "" && other.Note != "" && other.Note != want.Note {
		add("refund_note", plan.DiffText(want.Note, other.Note))
	}
	return found
}

// counterpart is the live refund, or else what the ledger knows; zero for neither.
func counterpart(c plan.Change) refund.Live {
	switch {
	case c.Live != nil:
		return *c.Live
	case c.Entry != nil:
		return refund.Live{PaymentID: c.Entry.PaymentID, Amount: c.Entry.Amount, Splits: c.Entry.Splits}
	}
	return refund.Live{}
}

// whole compares amounts and ids as one piece: a part of them says nothing.
func whole(want, live string) []plan.Span {
	return plan.Replaced(want, live)
}

// differingShares compares splits, each share as one piece.
func differingShares(want, other []refund.Split) []plan.Span {
	return plan.DiffLists(sharesOf(want), sharesOf(other))
}

func shares(splits []refund.Split) string { return strings.Join(sharesOf(splits), ", ") }

func sharesOf(splits []refund.Split) []string {
	if len(splits) == 0 {
		return []string{"none"}
	}
	texts := make([]string, 0, len(splits))
	for _, s := range splits {
		texts = append(texts, s.VendorID+" "+s.Amount.Human())
	}
	return texts
}

func parentField(k refund.Kind) string { return string(k) + "_id" }
