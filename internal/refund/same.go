package refund

import "refundctl/internal/money"

// Terms are what one source says of a refund: a manifest, the ledger, a request or the API. A
// source that does not know a text leaves it empty, and an empty text agrees with every other.
type Terms struct {
	Kind        Kind
	ParentID    string
	PaymentID   string
	Amount      money.Amount // always compared
	Splits      []Split
	KnowsSplits bool // Splits is complete: if it is empty, the refund has none
}

// Difference is something that two sources say differently about one refund. Its value is the code
// under which plans report it.
type Difference string

// The differences, in the order in which Differences returns them.
const (
	ParentDiffers  Difference = "parent_differs"
	PaymentDiffers Difference = "payment_differs"
	AmountDiffers  Difference = "amount_differs" // the number or the currency
	SplitsDiffer   Difference = "splits_differ"
)

// Differences compares what two sources say about one refund_id. If it returns none, they mean the
// same refund. It does not compare speed and note, which the API changes by itself, nor the status.
func Differences(a, b Terms) []Difference {
	var all []Difference
	if differ(a.ParentID, b.ParentID) || differ(string(a.Kind), string(b.Kind)) {
		all = append(all, ParentDiffers)
	}
	if differ(a.PaymentID, b.PaymentID) {
		all = append(all, PaymentDiffers)
	}
	if a.Amount != b.Amount {
		all = append(all, AmountDiffers)
	}
	if a.KnowsSplits && b.KnowsSplits && !SameSplits(a.Splits, b.Splits) {
		all = append(all, SplitsDiffer)
	}
	return all
}

func differ(a, b string) bool { return a != "" && b != "" && a != b }

// Terms are what a manifest asks for.
func (s Spec) Terms() Terms {
	return Terms{Kind: s.Kind, ParentID: s.ParentID, PaymentID: s.PaymentID, Amount: s.Amount, Splits: s.Splits, KnowsSplits: true}
}

// Terms are what the API says. Its answers omit the splits of some refunds, so no splits are not known
// to be none.
func (l Live) Terms() Terms {
	return Terms{ParentID: l.ParentID, PaymentID: l.PaymentID, Amount: l.Amount, Splits: l.Splits, KnowsSplits: len(l.Splits) > 0}
}
