package view

import (
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/plan"
)

// split divides a list, in its order, into what meets the condition and the rest.
func split[T any](all []T, meets func(T) bool) (with, without []T) {
	for _, one := range all {
		if meets(one) {
			with = append(with, one)
		} else {
			without = append(without, one)
		}
	}
	return with, without
}

// lookFirst says how many refunds are pressing; empty for none.
func lookFirst(changes []plan.Change) string {
	n, outside := 0, false
	for i := range changes {
		if changes[i].Pressing() {
			n++
			outside = outside || changes[i].Outside()
		}
	}
	switch {
	case n == 0:
		return ""
	case n == 1 && outside:
		return "1 refund cannot be sent now"
	case n == 1:
		return "1 refund needs a person or is in doubt"
	case outside:
		return count(n, "refund") + " need a person, are in doubt or cannot be sent now"
	}
	return count(n, "refund") + " need a person or are in doubt"
}

// totalsOrder begins with what would be sent, because a reviewer looks for that.
func totalsOrder() []plan.Action {
	others := slices.DeleteFunc(slices.Clone(plan.Actions), func(a plan.Action) bool { return a == plan.Create })
	return append([]plan.Action{plan.Create}, others...)
}

// label is an action's sign and name, which are always printed together.
func label(a plan.Action) string { return string(a) + " " + a.String() }

func rowID(c plan.Change) string {
	if c.ID.RefundID == "" {
		return "(no refund_id)"
	}
	return Escape(c.ID.RefundID)
}

func where(place diag.Place) string {
	return diag.Place{File: place.File, Line: place.Line}.String()
}

// reasonsWithoutHold says why a held row would be blocked without its hold.
func reasonsWithoutHold(c plan.Change) []plan.Reason {
	if c.WithoutHold == nil {
		return nil
	}
	return c.WithoutHold.Reasons
}

// ownReasons are a row's reasons, without a hold that the row's word says already.
func ownReasons(c plan.Change) []plan.Reason {
	if c.WithoutHold == nil {
		return c.Reasons
	}
	return slices.DeleteFunc(slices.Clone(c.Reasons), func(r plan.Reason) bool { return r.Code == "hold" })
}

// fact is one field of a refund, under the API's or the manifest's name.
type fact struct{ Name, Value string }

// identifying are the facts that tell a row from others.
func identifying(c plan.Change) []fact {
	var facts []fact
	if c.ID.Kind == refund.Subscription {
		facts = append(facts, fact{"payment_id", c.PaymentID})
	}
	if c.Action == plan.Unmanaged && c.Live != nil {
		facts = append(facts, fact{"cf_refund_id", c.Live.CfRefundID}, fact{"refund_type", c.Live.Type}, fact{"refund_note", c.Live.Note})
	}
	return withValue(facts)
}

// requestedFacts are what a reviewer checks: what the manifest asks for.
func requestedFacts(c plan.Change) []fact {
	facts := identifying(c)
	if s := c.Spec; s != nil {
		facts = append(facts, fact{"refund_note", s.Note}, fact{"refund_speed", s.Speed}, fact{"refund_type", s.Type},
			fact{"not_duplicate_of", strings.Join(s.NotDuplicateOf, ", ")}, fact{"supersedes", s.Supersedes})
		if len(s.Splits) > 0 {
			facts = append(facts, fact{"refund_splits", shares(s.Splits)})
		}
	}
	return withValue(facts)
}

// reviewed are the facts that the text prints with a row: of a row to send, now or later, all that is sent and
// its labels.
func reviewed(c plan.Change) []fact {
	if c.Action != plan.Create && c.Action != plan.Held {
		return identifying(c)
	}
	return withValue(append(requestedFacts(c), fact{"labels", strings.Join(rowLabels(c), ", ")}))
}

// withValue drops facts without a value.
func withValue(facts []fact) []fact {
	return slices.DeleteFunc(facts, func(f fact) bool { return f.Value == "" })
}

// parents yields the rows of one parent after the other.
func parents(changes []*plan.Change) func(yield func([]*plan.Change) bool) {
	return func(yield func([]*plan.Change) bool) {
		for start := 0; start < len(changes); {
			end := start + 1
			for end < len(changes) && changes[end].ID.Parent == changes[start].ID.Parent {
				end++
			}
			if !yield(changes[start:end:end]) {
				return
			}
			start = end
		}
	}
}

// parentFacts says what is known about a parent's money: "captured ₹1,000.00", "live refunds ₹10.00".
func parentFacts(read plan.ParentRead) []string {
	var texts []string
	switch {
	case !read.Facts.Known:
	case read.Facts.Captured.Minor == 0: // in no currency
		texts = append(texts, "nothing captured")
	default:
		texts = append(texts, "captured "+read.Facts.Captured.Human())
	}
	switch {
	case read.Unknown():
		texts = append(texts, "unknown to the API")
	case read.Err != nil:
		texts = append(texts, "not read: "+read.Err.Error())
	case read.Partial:
		texts = append(texts, "refunds made elsewhere are not visible")
	case read.Good():
		texts = append(texts, liveMoney(read))
	}
	return texts
}

// liveMoney says how much money of a parent is live.
func liveMoney(read plan.ParentRead) string {
	sum := read.LiveMoney()
	if sum.Count == 0 {
		return "no live refunds"
	}
	return "live refunds " + sums(sum)
}
